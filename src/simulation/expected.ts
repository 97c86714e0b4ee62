// Where a template must be and may be in a calm world: a plain reading of policies and clusters, without the scheduler's
// ways. What it leaves open is what Karmada leaves open.
import { Cluster } from "#api/cluster/cluster.ts";
import { karmadaAnnotations, karmadaLabels, karmadaValues } from "#api/karmada-constants.ts";
import { type ClusterAffinity, clusterMatches } from "#api/policy/cluster-affinity.ts";
import type { Placement } from "#api/policy/placement.ts";
import { PropagationPolicy } from "#api/policy/propagation-policy.ts";
import { type Binding, type GracefulEvictionTask, ResourceBinding } from "#api/work/binding.ts";
import type { KubeObject } from "#machinery/object.ts";
import { findCondition, isConditionTrue } from "#machinery/conditions.ts";
import type { Mirror } from "./mirror.ts";
import { controlPlane } from "./parts.ts";
import { bindingRefOf, goldLabel, goldPolicy, isJob, kindOf, namespace, refOf } from "./workload/objects.ts";
import { templateNames, workloadNames } from "./workload/system-plan.ts";

/** A template that a policy has, with all that says where it goes. */
export interface Propagated {
  readonly name: string;
  readonly template: KubeObject;
  readonly policy: PropagationPolicy;
  readonly binding: ResourceBinding;
}

export function isLive(object: KubeObject | undefined): object is KubeObject {
  return object !== undefined && object.metadata.deletionTimestamp === undefined;
}

export function isManaged({ metadata }: KubeObject): boolean {
  return metadata.labels?.[karmadaLabels.managed] === karmadaValues.managed;
}

export function templateIn(mirror: Mirror, name: string): KubeObject | undefined {
  const template = mirror.find(controlPlane, kindOf(name), refOf(name));
  return isLive(template) ? template : undefined;
}

export function bindingIn(mirror: Mirror, name: string): ResourceBinding | undefined {
  return mirror.find(controlPlane, ResourceBinding, bindingRefOf(name));
}

/** Each template that is propagated; or a sentence for one that is not and should be, or that is and should not be. */
export function* propagated(mirror: Mirror): Generator<Propagated | string, undefined> {
  for (const name of templateNames) {
    const template = templateIn(mirror, name);
    if (template === undefined) continue;
    const claim = template.metadata.annotations?.[karmadaAnnotations.propagationPolicyName];
    const selecting = policiesFor(mirror, name, template);
    if (claim === undefined) {
      if (selecting[0] !== undefined) yield `${name}: ${selecting[0].metadata.name} selects it, and it is not claimed`;
      continue;
    }
    const policy = selecting.find(({ metadata }) => metadata.name === claim);
    const binding = bindingIn(mirror, name);
    if (policy === undefined) yield `${name}: it is claimed by ${claim}, which does not select it`;
    else if (!isLive(binding)) yield `${name}: it has no binding`;
    else yield { name, template, policy, binding };
  }
  return undefined;
}

function policiesFor(mirror: Mirror, name: string, template: KubeObject): readonly PropagationPolicy[] {
  const isGold = !isJob(name) && template.metadata.labels?.[goldLabel] === "gold";
  return [`${name}-pp`, ...(isGold ? [`${goldPolicy}-pp`] : [])].flatMap((policy) => {
    const found = mirror.find(controlPlane, PropagationPolicy, { namespace, name: policy });
    return found !== undefined && isLive(found) ? [found] : [];
  });
}

/** Clusters where it must be, and where it may be beside them. */
export function clustersFor(
  mirror: Mirror,
  { policy, binding }: Propagated,
): { readonly must: ReadonlySet<string>; readonly may: ReadonlySet<string> } {
  const placement = policy.spec.placement ?? {};
  const all = mirror.list(controlPlane, Cluster);
  if (staysWhereItIs(binding)) return { must: new Set(), may: namesOf(all) };
  const live = all.filter(isLive);
  const affinity = affinitiesOf(placement, binding)[0];
  const meant = live.filter((cluster) => affinity === undefined || clusterMatches(affinity, cluster));
  // Which of several it is is the scheduler's business; what is divided leaves a cluster only when it has a reason to.
  const isShared = isDivided(placement);
  const isChosen = (placement.spreadConstraints ?? []).length > 0;
  const isLabelled = affinity?.labelSelector !== undefined;
  const must = isShared || isChosen ? [] : meant.filter((cluster) => isOpenTo(cluster, placement, binding));
  return { must: namesOf(must.filter(isReady)), may: namesOf(isShared && isLabelled ? live : meant) };
}

/** What it may still choose among: its affinity, or the groups from the one in use on. */
export function affinitiesOf(
  { clusterAffinity, clusterAffinities = [] }: Placement,
  { status }: ResourceBinding,
): readonly ClusterAffinity[] {
  if (clusterAffinities.length === 0) return clusterAffinity === undefined ? [] : [clusterAffinity];
  const inUse = clusterAffinities.findIndex(
    ({ affinityName }) => affinityName === status?.schedulerObservingAffinityName,
  );
  return clusterAffinities.slice(Math.max(0, inUse));
}

/** Whether it may go there where it is not yet. */
export function isOpenTo({ metadata, spec }: Cluster, placement: Placement, binding: ResourceBinding): boolean {
  return (
    !evictedFrom(binding).has(metadata.name) &&
    ((placement.clusterTolerations ?? []).length > 0 || (spec.taints ?? []).length === 0)
  );
}

/** Whether clusters share its replicas. */
export function isDivided(placement: Placement | undefined): boolean {
  return placement?.replicaScheduling?.replicaSchedulingType === "Divided";
}

/** The clusters that it is leaving. */
export function evictedFrom({ spec }: Binding): ReadonlySet<string> {
  return new Set((spec.gracefulEvictionTasks ?? []).map(({ fromCluster }) => fromCluster));
}

/** Whether the user has said that the copy goes before another comes. Immediately is the older name. */
export function isAtOnce({ purgeMode }: GracefulEvictionTask): boolean {
  return purgeMode === "Directly" || purgeMode === "Immediately";
}

/** Of all its clusters together. */
export function replicasOf({ spec }: Binding): number {
  return (spec.clusters ?? []).reduce((sum, { replicas = 0 }) => sum + replicas, 0);
}

function isReady({ status }: Cluster): boolean {
  return isConditionTrue(status?.conditions, "Ready");
}

/** What finds no room, or no second region, stays where it is, and says so: also in a cluster that is to leave. */
export function staysWhereItIs({ spec, status }: ResourceBinding): boolean {
  return findCondition(status?.conditions, "Scheduled")?.status === "False" && (spec.clusters ?? []).length > 0;
}

function namesOf(clusters: readonly Cluster[]): ReadonlySet<string> {
  return new Set(clusters.map(({ metadata }) => metadata.name));
}

/** Whether nothing is sent to a cluster for the time being. */
export function isSuspended({ spec: { suspension } }: ResourceBinding, cluster: string): boolean {
  return (
    suspension?.dispatching === true || suspension?.dispatchingOnClusters?.clusterNames?.includes(cluster) === true
  );
}

/** Clusters where a binding is because others that need it are there. */
export function clustersOfReferrers({ spec: { requiredBy = [] } }: ResourceBinding): ReadonlySet<string> {
  return new Set(requiredBy.flatMap(({ clusters = [] }) => clusters.map(({ name }) => name)));
}

/** Whether a workload that needs it still has a copy in a member: it is not taken away from under that. */
export function isNeededIn(mirror: Mirror, { spec: { requiredBy = [] } }: ResourceBinding, member: string): boolean {
  return workloadNames.some((name) => {
    const copy = mirror.find(member, kindOf(name), refOf(name));
    return isLive(copy) && requiredBy.some((entry) => entry.name === bindingRefOf(name).name);
  });
}
