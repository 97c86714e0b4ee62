// Which eviction tasks of a binding are done, which are held and why, and when to look again. Pure: the time is an argument.
// Upstream: karmada pkg/controllers/gracefuleviction/evictiontask.go, which is the mode `compatible`.
import type { Binding, GracefulEvictionTask, TargetCluster } from "#api/work/binding.ts";
import { formatTime, parseTime } from "#std/time.ts";
import { isPurgedDirectly, sharesReplicas, targetsOf } from "../binding/decide.ts";
import type { EvictionMode } from "../eviction-mode.ts";
import { tellAfterMilliseconds } from "../failover/history.ts";
import { type Hold, type MemberHealth, missingReplacement } from "./replacement.ts";

export interface EvictionRules {
  readonly mode: EvictionMode;
  /** For tasks that name no grace period of their own. */
  readonly timeoutSeconds: number;
  /** For how long a member must have been ready before what it reported is believed: it may be from before its absence. */
  readonly settleSeconds: number;
  /** For how long what was moved stays where it is, whatever happens there. Strict mode only. 0: not at all. */
  readonly stabilizationSeconds: number;
}

export interface EvictionInput {
  readonly binding: Binding;
  readonly members: MemberHealth;
  /** Wall time, milliseconds. */
  readonly now: number;
  readonly rules: EvictionRules;
}

export interface EvictionJudgement {
  /** What is left of the tasks; the same list where nothing changes. */
  readonly tasks: readonly GracefulEvictionTask[];
  /** Where the resource goes: more than before where a cluster takes its copy back. */
  readonly clusters: readonly TargetCluster[];
  /** Clusters whose copies may go. */
  readonly dropped: readonly string[];
  /** Clusters whose evictions are called off. */
  readonly restored: readonly string[];
  /** Why tasks are still there; undefined where none has waited for a replacement for a while. */
  readonly hold: Hold | undefined;
  /** When to look again, even if nothing happens (milliseconds of wall time). */
  readonly next: number | undefined;
}

type Verdict =
  | { readonly kind: "drop" | "keep" | "restore" }
  | { readonly kind: "stamp"; readonly task: GracefulEvictionTask; readonly until: number }
  | { readonly kind: "hold"; readonly hold: Hold; readonly since: number; readonly until: number | undefined };

/** Judges every task of a binding. */
export function judgeTasks(input: EvictionInput): EvictionJudgement {
  const { spec } = input.binding;
  const before = spec.gracefulEvictionTasks ?? [];
  const judged = before.map((task) => ({ task, verdict: judge(task, input) }));
  const named = (kind: Verdict["kind"]) =>
    judged.filter(({ verdict }) => verdict.kind === kind).map(({ task }) => task);
  const restored = named("restore");
  const tasks = judged.flatMap(({ task, verdict }) => {
    if (verdict.kind === "drop" || verdict.kind === "restore") return [];
    return verdict.kind === "stamp" ? [verdict.task] : [task];
  });
  const changed = tasks.length !== before.length || tasks.some((task, index) => task !== before[index]);
  const held = judged.flatMap(({ verdict }) => (verdict.kind === "hold" ? [verdict] : []));
  // That a replacement takes a moment is no news.
  const tellAt = ({ since }: { readonly since: number }): number => since + tellAfterMilliseconds;
  const untils = [
    ...judged.flatMap(({ verdict }) => ("until" in verdict && verdict.until !== undefined ? [verdict.until] : [])),
    ...held.map(tellAt).filter((at) => at > input.now),
  ];
  return {
    tasks: changed ? tasks : before,
    clusters: [...(spec.clusters ?? []), ...restored.map(targetOf)],
    dropped: named("drop").map(({ fromCluster }) => fromCluster),
    restored: restored.map(({ fromCluster }) => fromCluster),
    hold: held.find((verdict) => tellAt(verdict) <= input.now)?.hold,
    next: untils.length === 0 ? undefined : Math.min(...untils),
  };
}

function targetOf({ fromCluster, replicas }: GracefulEvictionTask): TargetCluster {
  return replicas === undefined ? { name: fromCluster } : { name: fromCluster, replicas };
}

function judge(task: GracefulEvictionTask, input: EvictionInput): Verdict {
  const { now, rules } = input;
  const graceMilliseconds = (task.gracePeriodSeconds ?? rules.timeoutSeconds) * 1000;
  const created = parseTime(task.creationTimestamp);
  if (created === undefined) {
    return { kind: "stamp", task: { ...task, creationTimestamp: formatTime(now) }, until: now + graceMilliseconds };
  }
  if (task.suppressDeletion === true) return { kind: "keep" };
  // The task is the user's word: it stays for as long as there is a copy that it speaks of.
  if (task.suppressDeletion === false) return { kind: isListed(task, input) ? "keep" : "drop" };
  const graceEnd = created + graceMilliseconds;
  return rules.mode === "strict"
    ? judgeStrictly(task, created, graceEnd, input)
    : judgeAsKarmada(created, graceEnd, input);
}

function isListed({ fromCluster }: GracefulEvictionTask, { binding: { status } }: EvictionInput): boolean {
  return status?.aggregatedStatus?.some(({ clusterName }) => clusterName === fromCluster) === true;
}

/** A time-out tells, and takes nothing away. */
function judgeStrictly(task: GracefulEvictionTask, since: number, graceEnd: number, input: EvictionInput): Verdict {
  const { binding, members, now, rules } = input;
  const missing = missingReplacement(binding, members, now - rules.settleSeconds * 1000);
  if (missing === undefined) return { kind: "drop" };
  if (mayReturn(task, input)) return { kind: "restore" };
  if (now > graceEnd && mayExpire(task, binding)) return { kind: "drop" };
  const settled = missing.readySince === undefined ? undefined : missing.readySince + rules.settleSeconds * 1000;
  const soonest = Math.min(graceEnd + 1, settled ?? graceEnd + 1);
  if (now <= graceEnd) return { kind: "hold", hold: missing, since, until: soonest };
  const message = `${missing.message}; its grace period is over`;
  return { kind: "hold", hold: { ...missing, message, isOverdue: true }, since, until: settled };
}

/**
 * The copy of a task that purges went at once, so there is nothing to hold but its cluster, which may be all that is
 * left to go to. The latest stays: the state it carries is the last good one.
 */
function mayExpire(task: GracefulEvictionTask, { spec: { gracefulEvictionTasks = [] } }: Binding): boolean {
  return isPurgedDirectly(task) && (task.preservedLabelState === undefined || task !== gracefulEvictionTasks.at(-1));
}

/**
 * Nothing else took the replicas over and the cluster is well again: its copy, which never went, is the one to keep.
 * Where the application itself had failed, its copy must be seen to be healthy again: it would else fail there again.
 */
function mayReturn(task: GracefulEvictionTask, { binding: { spec, status }, members }: EvictionInput): boolean {
  if (isPurgedDirectly(task)) return false;
  const copy = status?.aggregatedStatus?.find(({ clusterName }) => clusterName === task.fromCluster);
  if (task.reason !== "TaintUntolerated" && copy?.health !== "Healthy") return false;
  const targets = targetsOf(spec);
  if (targets.some(({ name }) => name === task.fromCluster)) return false;
  if (!members.accepts(task.fromCluster, spec)) return false;
  if (targets.length === 0) return true;
  const assigned = targets.reduce((sum, { replicas = 0 }) => sum + replicas, 0);
  return sharesReplicas(spec) && (task.replicas ?? 0) > 0 && assigned + (task.replicas ?? 0) <= (spec.replicas ?? 0);
}

function judgeAsKarmada(since: number, graceEnd: number, { binding, now }: EvictionInput): Verdict {
  const { spec, status, metadata } = binding;
  if (now > graceEnd) return { kind: "drop" };
  const healthOf = new Map(status?.aggregatedStatus?.map(({ clusterName, health }) => [clusterName, health]));
  const isScheduled = status?.schedulerObservedGeneration === metadata.generation;
  if (isScheduled && (spec.clusters ?? []).every(({ name }) => healthOf.get(name) === "Healthy"))
    return { kind: "drop" };
  const hold = {
    reason: "ReplacementNotHealthy",
    message: "not all clusters that the resource goes to report it healthy",
  };
  return { kind: "hold", hold, since, until: graceEnd + 1 };
}
