// What a binding asks for: which clusters get a Work, which Works are orphans, what each Work says. Pure.
// Upstream: karmada pkg/controllers/binding/common.go, pkg/util/helper/binding.go.
import { conditionTypes, karmadaAnnotations, karmadaValues } from "#api/karmada-constants.ts";
import { clusterOfExecutionNamespace } from "#api/karmada-names.ts";
import type { BindingSpec, GracefulEvictionTask, TargetCluster } from "#api/work/binding.ts";
import type { Work } from "#api/work/work.ts";
import { findCondition, isConditionTrue } from "#machinery/conditions.ts";
import type { KubeObject } from "#machinery/object.ts";
import { divideByWebster } from "#machinery/webster.ts";

/** Clusters that get a Work: the scheduler's, then those of bindings that need this one, each with its own number. */
export function targetsOf(spec: BindingSpec): readonly TargetCluster[] {
  const targets = new Map((spec.clusters ?? []).map((target) => [target.name, target]));
  for (const { clusters = [] } of spec.requiredBy ?? []) {
    for (const target of clusters) if (!targets.has(target.name)) targets.set(target.name, target);
  }
  return [...targets.values()];
}

/** Clusters whose Works stay: the targets, and those that the resource is leaving but has not left yet. */
export function clustersToKeep(spec: BindingSpec): ReadonlySet<string> {
  const leaving = (spec.gracefulEvictionTasks ?? []).filter((task) => !goesAtOnce(task));
  return new Set([...targetsOf(spec).map(({ name }) => name), ...leaving.map(({ fromCluster }) => fromCluster)]);
}

/** Immediately is the older name. */
export function isPurgedDirectly({ purgeMode }: GracefulEvictionTask): boolean {
  return purgeMode === "Directly" || purgeMode === "Immediately";
}

/** The user said so: by the purge mode, or of the very task. */
export function goesAtOnce(task: GracefulEvictionTask): boolean {
  return isPurgedDirectly(task) || task.suppressDeletion === false;
}

export interface WorksVerdict {
  /** Works in clusters that the resource has no business in. */
  readonly orphans: readonly Work[];
  /** Works that would be orphans, but are not replaced yet: they stay until others are healthy. Strict mode only. */
  readonly lastCopies: readonly Work[];
  /** Works in clusters that must be left before anything else is done: an application that may not run twice. */
  readonly mustGoFirst: readonly Work[];
}

export interface WorksFacts {
  /** Whether what a member last reported is still to be believed; `undefined` in compatible mode, which keeps no last copies. */
  readonly isReady: ((cluster: string) => boolean) | undefined;
  /** Clusters in which what refers to the resource still is. */
  readonly alsoKept?: ReadonlySet<string>;
}

/** Sorts a binding's Works. `works` are those that carry its id, in whatever namespace. */
export function judgeWorks(spec: BindingSpec, works: readonly Work[], { isReady, alsoKept }: WorksFacts): WorksVerdict {
  const kept = clustersToKeep(spec).union(alsoKept ?? new Set());
  const tasks = spec.gracefulEvictionTasks ?? [];
  const left = works.filter((work) => !kept.has(clusterOfWork(work)));
  if (left.length === 0) return { orphans: [], lastCopies: [], mustGoFirst: [] };
  const mayGo = clustersOf(tasks.filter(goesAtOnce));
  const purged = clustersOf(tasks.filter(isPurgedDirectly));
  // What is only attached goes where its referrers go, and is never the last copy of anything.
  const isReplaced = isReady === undefined || spec.placement === undefined || areHealthy(spec, works, isReady);
  const lastCopies = isReplaced ? [] : left.filter((work) => !mayGo.has(clusterOfWork(work)) && mayBeThere(work));
  return {
    orphans: left.filter((work) => !lastCopies.includes(work)),
    lastCopies,
    mustGoFirst: left.filter((work) => purged.has(clusterOfWork(work))),
  };
}

function clustersOf(tasks: readonly GracefulEvictionTask[]): ReadonlySet<string> {
  return new Set(tasks.map(({ fromCluster }) => fromCluster));
}

/** Whether the targets are seen to run what others may give up: all of them where they share the replicas, else any. */
function areHealthy(spec: BindingSpec, works: readonly Work[], isReady: (cluster: string) => boolean): boolean {
  const healthy = new Set(works.filter(isSeenHealthy).map(clusterOfWork));
  const targets = targetsOf(spec).map(({ name }) => isReady(name) && healthy.has(name));
  return sharesReplicas(spec) ? targets.length > 0 && targets.every(Boolean) : targets.some(Boolean);
}

/** The cluster that a Work is for; empty where it is in no execution namespace. */
export function clusterOfWork({ metadata }: Work): string {
  return clusterOfExecutionNamespace(metadata.namespace ?? "") ?? "";
}

function isSeenHealthy({ metadata, status }: Work): boolean {
  const [reported] = status?.manifestStatuses ?? [];
  if (metadata.deletionTimestamp !== undefined || reported === undefined) return false;
  return isConditionTrue(status?.conditions, conditionTypes.workApplied) && reported.health === "Healthy";
}

/**
 * What is not known to have never been applied: of what nobody has said anything yet the copy may be running, and only
 * word of it under way; what is unhealthy may have a replica missing, and serve. One that is being deleted cannot be
 * kept.
 */
function mayBeThere(work: Work): boolean {
  const { metadata, status } = work;
  if (metadata.deletionTimestamp !== undefined || clusterOfWork(work) === "") return false;
  if (status?.manifestStatuses?.[0] !== undefined) return true;
  const applied = findCondition(status?.conditions, conditionTypes.workApplied);
  return applied === undefined ? !isHeldBack(work) : applied.status === "True";
}

/** Told not to be dispatched, and the executor has said that it is not. */
function isHeldBack({ spec, status }: Work): boolean {
  const dispatching = findCondition(status?.conditions, conditionTypes.workDispatching);
  return spec.suspendDispatching === true && dispatching?.status === "False";
}

/** Whether replicas mean anything for this binding. */
export function isWorkload({ replicas = 0, replicaRequirements, components = [] }: BindingSpec): boolean {
  return replicas > 0 || replicaRequirements !== undefined || components.length > 0;
}

/** Whether the clusters have a part of the replicas each, and not all of them. */
export function sharesReplicas({ placement, replicas = 0 }: BindingSpec): boolean {
  return placement?.replicaScheduling?.replicaSchedulingType === "Divided" && replicas > 0;
}

export function isDispatchingSuspended({ suspension }: BindingSpec, cluster: string): boolean {
  if (suspension?.dispatching === true) return true;
  return suspension?.dispatchingOnClusters?.clusterNames?.includes(cluster) ?? false;
}

/** The template's own word, if it is one of the two, else the policy's. */
export function conflictResolutionOf(template: KubeObject, spec: BindingSpec): string {
  const own = template.metadata.annotations?.[karmadaAnnotations.conflictResolution];
  if (own === karmadaValues.conflictOverwrite || own === karmadaValues.conflictAbort) return own;
  return spec.conflictResolution === "Overwrite" ? karmadaValues.conflictOverwrite : karmadaValues.conflictAbort;
}

/**
 * How the completions of a divided Job are divided, by cluster and as its replicas are; undefined where they are not:
 * work-queue Jobs leave `completions` out, and so do their copies.
 */
export function divideCompletions(
  template: KubeObject,
  spec: BindingSpec,
  targets: readonly TargetCluster[],
): ReadonlyMap<string, number> | undefined {
  const completions = completionsOf(template);
  if (completions === undefined || !sharesReplicas(spec)) return undefined;
  const weights = targets.map(({ name, replicas = 0 }) => ({ name, votes: replicas, seats: 0 }));
  if (weights.every(({ votes }) => votes === 0)) return undefined;
  const shares = divideByWebster(completions, weights, template.metadata.uid);
  return new Map(shares.map(({ name, seats }) => [name, seats]));
}

function completionsOf({ kind, ...object }: KubeObject): number | undefined {
  const spec = object["spec"];
  if (kind !== "Job" || typeof spec !== "object" || spec === null || !("completions" in spec)) return undefined;
  return typeof spec.completions === "number" ? spec.completions : undefined;
}

/** State of a stateful application that moved: labels for its new place, if this is the one place it moved to. */
export function preservedLabels(
  { gracefulEvictionTasks = [] }: BindingSpec,
  targets: readonly TargetCluster[],
  cluster: string,
): Readonly<Record<string, string>> {
  const task = gracefulEvictionTasks.at(-1);
  if (targets.length > 1 || task === undefined || !isPurgedDirectly(task)) return {};
  return task.clustersBeforeFailover?.includes(cluster) === true ? {} : (task.preservedLabelState ?? {});
}
