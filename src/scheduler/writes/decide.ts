// What the scheduler writes into a binding: one patch of annotation and targets, one of the status; nothing when equal.
// Upstream: karmada pkg/scheduler/scheduler.go (patchScheduleResultForResourceBinding, patchBindingStatus…).
import type { Cluster } from "#api/cluster/cluster.ts";
import { karmadaAnnotations } from "#api/karmada-constants.ts";
import { clusterMatches } from "#api/policy/cluster-affinity.ts";
import type { Placement } from "#api/policy/placement.ts";
import type { Binding, BindingStatus, TargetCluster } from "#api/work/binding.ts";
import type { Condition } from "#api/meta-types.ts";
import { deepEqual } from "#machinery/equality.ts";
import { isRecord } from "#machinery/guards.ts";
import { formatTime, parseTime } from "#std/time.ts";
import type { Outcome } from "../decide.ts";
import { isFresh } from "../trigger/decide.ts";

const conditionScheduled = "Scheduled";
/** What the API's times are told in, in milliseconds. */
const second = 1_000;

/** The merge patch of the main object, or undefined when it says what it should. */
export function resultPatch(binding: Binding, outcome: Outcome): Readonly<Record<string, unknown>> | undefined {
  const targets = targetsToWrite(binding, outcome);
  if (targets === undefined) return undefined;
  const annotation = placementText(binding.spec.placement ?? {});
  const sameAnnotation = binding.metadata.annotations?.[karmadaAnnotations.appliedPlacement] === annotation;
  const sameTargets = deepEqual(binding.spec.clusters ?? [], targets);
  if (sameAnnotation && sameTargets) return undefined;
  return {
    ...(sameAnnotation ? {} : { metadata: { annotations: { [karmadaAnnotations.appliedPlacement]: annotation } } }),
    ...(sameTargets ? {} : { spec: { clusters: targets.length === 0 ? null : targets } }),
  };
}

/**
 * The success that a binding does not tell, though it has been scheduled as it asks to be: the targets had been
 * written, and the status met another writer or a crash. Undefined where nothing is missing. Which affinity term was
 * taken is read from the targets, or scheduling would begin again at a term that it has left.
 */
export function untoldOutcome(
  { metadata, spec: { clusters: targets = [], placement = {} }, status = {} }: Binding,
  clusters: ReadonlyMap<string, Cluster>,
): Outcome | undefined {
  if (targets.length === 0) return undefined;
  const { schedulerObservingAffinityName: observed, schedulerObservedGeneration: seen = 0, conditions = [] } = status;
  const isTold = conditions.some(({ type, status }) => type === conditionScheduled && status === "True");
  const isSeen = isTold && seen >= (metadata.generation ?? 0);
  const affinityName = isSeen ? observed : termTaken(placement, targets, { observed, clusters });
  if (isTold && (affinityName === undefined || affinityName === observed)) return undefined;
  return { kind: "scheduled", targets, affinityName: affinityName ?? "", attempts: [] };
}

/** The first affinity term, from the one in use on, that has all the targets. */
function termTaken(
  { clusterAffinities = [] }: Placement,
  targets: readonly TargetCluster[],
  { observed, clusters }: { readonly observed: string | undefined; readonly clusters: ReadonlyMap<string, Cluster> },
): string | undefined {
  const start = clusterAffinities.findIndex(({ affinityName }) => affinityName === observed);
  return clusterAffinities.slice(Math.max(0, start)).find((term) => {
    const affinities = [term, ...(term.overflowAffinities ?? [])];
    return targets.every(({ name }) => {
      const cluster = clusters.get(name);
      return cluster !== undefined && affinities.some((affinity) => clusterMatches(affinity, cluster));
    });
  })?.affinityName;
}

/** The status after this pass; the same object as before when nothing is to be said. */
export function statusAfter(
  binding: Binding,
  outcome: Outcome | undefined,
  observed: { readonly generation: number; readonly now: number; readonly changed: boolean },
): BindingStatus {
  const before: BindingStatus = binding.status ?? {};
  if (outcome === undefined) return { ...before, schedulerObservedGeneration: observed.generation };
  const condition = conditionOf(outcome);
  const known = (before.conditions ?? []).find(({ type }) => type === conditionScheduled);
  const conditions = withCondition(before.conditions ?? [], condition, known, observed.now);
  if (outcome.kind === "failed") return { ...before, conditions };
  const affinity = outcome.affinityName === "" ? {} : { schedulerObservingAffinityName: outcome.affinityName };
  const fresh = isFresh(binding);
  const news = observed.changed || fresh || known?.status !== "True" || before.lastScheduledTime === undefined;
  return {
    ...before,
    ...affinity,
    conditions,
    schedulerObservedGeneration: observed.generation,
    ...(news ? { lastScheduledTime: scheduledTime(binding, fresh, observed.now) } : {}),
  };
}

/** The patch for this very binding: the next of its name asks for something else, and is to be scheduled as it asks. */
export function ofThisLife(
  { metadata: { uid } }: Binding,
  patch: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const { metadata } = patch;
  return uid === undefined ? patch : { ...patch, metadata: { ...(isRecord(metadata) ? metadata : {}), uid } };
}

/**
 * Which generation has been scheduled: the one after our own patch, whose targets are those just decided, unless
 * someone else has meanwhile changed what they were decided on.
 */
export function generationDecided(decidedOn: Binding, written: Binding): number {
  const [{ clusters: _before, ...before }, { clusters: _after, ...after }] = [decidedOn.spec, written.spec];
  return (deepEqual(before, after) ? written : decidedOn).metadata.generation ?? 0;
}

/** Later than what asked for it, even within the second, so that it has been heard once and for all. */
function scheduledTime({ spec }: Binding, fresh: boolean, now: number): string {
  const asked = fresh ? parseTime(spec.rescheduleTriggeredAt) : undefined;
  return formatTime(asked === undefined ? now : Math.max(now, asked + second));
}

/**
 * The merge patch of the status: what differs and nothing else, for others write there too. Conditions are one list, so
 * a patch of them holds only for the version that they were read from; undefined when there is nothing to say.
 */
export function statusPatch(binding: Binding, after: BindingStatus): Readonly<Record<string, unknown>> | undefined {
  const before: Readonly<Record<string, unknown>> = binding.status ?? {};
  const news = Object.entries(after).filter(([field, value]) => !deepEqual(before[field], value));
  if (news.length === 0) return undefined;
  const { resourceVersion } = binding.metadata;
  const guarded = resourceVersion !== undefined && news.some(([field]) => field === "conditions");
  return { ...(guarded ? { metadata: { resourceVersion } } : {}), status: Object.fromEntries(news) };
}

/** Whether a patch of the status says more than that a generation has been looked at: only that is worth an event. */
export function isNews(patch: Readonly<Record<string, unknown>>): boolean {
  return Object.keys(isRecord(patch["status"]) ? patch["status"] : {}).some(
    (field) => field !== "schedulerObservedGeneration",
  );
}

/** The text of the applied-placement annotation: Go's field order and HTML escaping, so that either scheduler reads the other's. */
export function placementText(placement: Placement): string {
  const {
    clusterAffinity,
    clusterAffinities,
    clusterTolerations,
    spreadConstraints,
    replicaScheduling,
    workloadAffinity,
  } = placement;
  const ordered = {
    clusterAffinity,
    clusterAffinities,
    clusterTolerations,
    spreadConstraints,
    replicaScheduling,
    workloadAffinity,
  };
  return JSON.stringify(ordered).replace(
    /[<>&\u2028\u2029]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Undefined: leave the targets as they are. A failed filter clears them; other failures keep the last good result. */
function targetsToWrite(binding: Binding, outcome: Outcome): readonly TargetCluster[] | undefined {
  if (outcome.kind === "scheduled") return outcome.targets;
  return outcome.reason === "NoClusterFit" && binding.spec.placement !== undefined ? [] : undefined;
}

function conditionOf(outcome: Outcome): Omit<Condition, "lastTransitionTime"> {
  if (outcome.kind === "failed") {
    return { type: conditionScheduled, status: "False", reason: outcome.reason, message: outcome.message };
  }
  const message = "Binding has been scheduled successfully.";
  return { type: conditionScheduled, status: "True", reason: "Success", message };
}

function withCondition(
  conditions: readonly Condition[],
  condition: Omit<Condition, "lastTransitionTime">,
  known: Condition | undefined,
  now: number,
): readonly Condition[] {
  const lastTransitionTime = known?.status === condition.status ? known.lastTransitionTime : formatTime(now);
  const next = { ...condition, lastTransitionTime };
  if (known === undefined) return [...conditions, next];
  return deepEqual(known, next) ? conditions : conditions.map((each) => (each === known ? next : each));
}

/** `{member1:2, member2:1}`, as events tell the result. */
export function resultText(targets: readonly TargetCluster[]): string {
  return `{${targets.map(({ name, replicas }) => `${name}:${replicas ?? 0}`).join(", ")}}`;
}
