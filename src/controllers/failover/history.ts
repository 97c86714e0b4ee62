// The failovers of a binding, kept after their eviction tasks have gone. Pure: the time is an argument.
// Karmada has none; asked for in karmada pull request 5251.
import { eventReasons } from "#api/karmada-constants.ts";
import type { Binding, FailoverRecord, GracefulEvictionTask } from "#api/work/binding.ts";
import { deepEqual } from "#machinery/equality.ts";
import { defined } from "#std/defined.ts";
import { formatTime, parseTime } from "#std/time.ts";
import type { BindingEvent } from "../binding-events.ts";
import { targetsOf } from "../binding/decide.ts";

/** Records per binding; the oldest go. */
export const failoverRecordsMax = 10;
/** What most failovers are through with in less than this is not worth a write for each of them. */
export const tellAfterMilliseconds = 5_000;

/** The history as it is now: it follows from the eviction tasks, the targets and itself. The same list where nothing is new. */
export function recordFailovers(binding: Binding, now: number): readonly FailoverRecord[] {
  const before = binding.status?.failoverHistory ?? [];
  const tasks = (binding.spec.gracefulEvictionTasks ?? []).filter((task) => task.creationTimestamp !== undefined);
  const known = new Set(before.map(keyOf));
  const begun = tasks.filter((task) => !known.has(keyOf(task))).map((task) => begin(task, binding));
  const records = [...before, ...begun].map((record) => goOn(record, tasks, binding, now));
  if (begun.length === 0 && records.every((record, index) => record === before[index])) return before;
  const sorted = records.sort((left, right) => (keyOf(left) < keyOf(right) ? -1 : 1)).slice(-failoverRecordsMax);
  const isSame = sorted.length === before.length && sorted.every((record, index) => record === before[index]);
  return isSame ? before : sorted;
}

/** What is to be told of the difference between two states of a history. */
export function failoverEvents(
  before: readonly FailoverRecord[],
  after: readonly FailoverRecord[],
): readonly BindingEvent[] {
  const outcomes = new Map(before.map((record) => [keyOf(record), record.outcome]));
  return after.flatMap((record): readonly BindingEvent[] => {
    const known = outcomes.get(keyOf(record));
    const begun: BindingEvent = {
      type: "Normal",
      reason: eventReasons.failoverStarted,
      message: `Leaves cluster ${record.fromCluster}: ${record.reason}${stateText(record)}.`,
    };
    const first = known === undefined ? [begun] : [];
    if (record.outcome === "InProgress" || record.outcome === known) return first;
    const isGood = record.outcome === "Replaced" || record.outcome === "Cancelled";
    const { toClusters = [] } = record;
    const way = toClusters.length === 0 ? "" : ` to ${toClusters.join(", ")}`;
    const message = `Failover from cluster ${record.fromCluster}${way}: ${record.outcome}.`;
    return [...first, { type: isGood ? "Normal" : "Warning", reason: eventReasons.failoverEnded, message }];
  });
}

function stateText({ preservedLabelState = {} }: FailoverRecord): string {
  const pairs = Object.entries(preservedLabelState).map(([label, value]) => `${label}=${value}`);
  return pairs.length === 0 ? "" : `, with ${pairs.sort().join(", ")}`;
}

/** Whether the history has a record that is to be brought to its end. */
export function isFailingOver({ status }: Binding): boolean {
  return (status?.failoverHistory ?? []).some(({ outcome }) => outcome === "InProgress");
}

/**
 * Until when a copy stays where a failover has brought or left it (milliseconds of wall time); undefined: it may go. So
 * nothing moves more than once per window.
 */
export function settledUntil(binding: Binding, cluster: string, windowSeconds: number): number | undefined {
  const starts = (binding.status?.failoverHistory ?? []).flatMap(({ fromCluster, toClusters = [], startTime }) => {
    const concerns = fromCluster === cluster || toClusters.includes(cluster);
    return concerns ? [parseTime(startTime) ?? 0] : [];
  });
  return starts.length === 0 || windowSeconds <= 0 ? undefined : Math.max(...starts) + windowSeconds * 1000;
}

/** Times are written in whole seconds of one form, so they sort as texts; a task is known by its cluster and time. */
function keyOf(item: {
  readonly fromCluster: string;
  readonly startTime?: string;
  readonly creationTimestamp?: string;
}) {
  return `${item.startTime ?? item.creationTimestamp ?? ""} ${item.fromCluster}`;
}

function begin(task: GracefulEvictionTask, { spec, status }: Binding): FailoverRecord {
  const { fromCluster, reason, preservedLabelState, creationTimestamp = "", clustersBeforeFailover } = task;
  const targets = new Set([fromCluster, ...targetsOf(spec).map(({ name }) => name)]);
  const reporting = (status?.aggregatedStatus ?? []).map(({ clusterName }) => clusterName);
  const clustersBefore = [...(clustersBeforeFailover ?? reporting.filter((name) => targets.has(name)))].sort();
  return defined({
    fromCluster,
    clustersBefore,
    reason,
    preservedLabelState,
    startTime: creationTimestamp,
    outcome: "InProgress" as const,
  });
}

function goOn(
  record: FailoverRecord,
  tasks: readonly GracefulEvictionTask[],
  binding: Binding,
  now: number,
): FailoverRecord {
  if (record.outcome !== "InProgress") return record;
  const leaving = new Set(tasks.map(({ fromCluster }) => fromCluster));
  const { toClusters: went = [] } = record;
  if (went.length > 0 && went.every((name) => leaving.has(name))) return ended(record, "Failed", now);
  const arrived = arrivals(record, binding);
  // Most have ended before long, and then it is told once.
  const isYoung = now < (parseTime(record.startTime) ?? 0) + tellAfterMilliseconds;
  const isOpen = tasks.some((task) => keyOf(task) === keyOf(record));
  if (isOpen && isYoung) return record;
  const current = arrived.length === 0 || deepEqual(arrived, went) ? record : { ...record, toClusters: arrived };
  if (isOpen) return current;
  const targets = targetsOf(binding.spec);
  if (targets.some(({ name }) => name === record.fromCluster)) return ended(record, "Cancelled", now);
  const healthOf = new Map(binding.status?.aggregatedStatus?.map((item) => [item.clusterName, item.health]));
  const isHealthy = targets.length > 0 && targets.every(({ name }) => healthOf.get(name) === "Healthy");
  return ended(current, isHealthy ? "Replaced" : "Ended", now);
}

/** Clusters that it did not run in before; where it is divided and there are none, those that took the share over. */
function arrivals({ fromCluster, clustersBefore = [] }: FailoverRecord, { spec }: Binding): readonly string[] {
  const targets = targetsOf(spec)
    .map(({ name }) => name)
    .filter((name) => name !== fromCluster)
    .sort();
  const fresh = targets.filter((name) => !clustersBefore.includes(name));
  const isDivided = spec.placement?.replicaScheduling?.replicaSchedulingType === "Divided";
  return fresh.length === 0 && isDivided ? targets : fresh;
}

function ended(record: FailoverRecord, outcome: FailoverRecord["outcome"], now: number): FailoverRecord {
  return { ...record, endTime: formatTime(now), outcome };
}
