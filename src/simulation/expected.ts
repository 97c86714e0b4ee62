// Where a template must be and may be in a calm world: a plain reading of policies and clusters, without the scheduler's
// ways. What it leaves open is what Karmada leaves open.
import { Cluster } from "#api/cluster/cluster.ts";
import { karmadaAnnotations, karmadaLabels, karmadaValues } from "#api/karmada-constants.ts";
import { PropagationPolicy } from "#api/policy/propagation-policy.ts";
import { ResourceBinding } from "#api/work/binding.ts";
import type { KubeObject } from "#machinery/object.ts";
import { isConditionTrue } from "#machinery/conditions.ts";
import type { Mirror } from "./mirror.ts";
import { controlPlane } from "./parts.ts";
import { bindingRefOf, goldLabel, goldPolicy, kindOf, namespace, refOf } from "./workload/objects.ts";
import { templateNames } from "./workload/system-plan.ts";

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
  const isGold = template.metadata.labels?.[goldLabel] === "gold";
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
  const {
    clusterAffinity,
    clusterTolerations = [],
    replicaScheduling,
    spreadConstraints = [],
  } = policy.spec.placement ?? {};
  const evicting = new Set((binding.spec.gracefulEvictionTasks ?? []).map(({ fromCluster }) => fromCluster));
  const named = new Set(clusterAffinity?.clusterNames ?? []);
  const joined = mirror
    .list(controlPlane, Cluster)
    .filter((cluster) => isLive(cluster) && named.has(cluster.metadata.name));
  const isDivided = replicaScheduling?.replicaSchedulingType === "Divided";
  const isChosen = spreadConstraints.length > 0; // which of them it is is the scheduler's business
  const must = joined.filter(
    ({ metadata, spec, status }) =>
      !isDivided &&
      !isChosen &&
      (clusterTolerations.length > 0 || (spec.taints ?? []).length === 0) &&
      isConditionTrue(status?.conditions, "Ready") &&
      !evicting.has(metadata.name),
  );
  return { must: namesOf(must), may: namesOf(joined) };
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
