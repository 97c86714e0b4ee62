// Invariant: a binding that cannot be placed says so, and is placed once it can be. In a calm world each binding with a
// policy has been looked at by the scheduler as it is; one that says that it has no place has none indeed: no cluster that is
// open to it, not enough room for its replicas together, or no second region where it asks for two; and one that says
// that it has a place is in as many regions as it asks for, if each has all of its replicas: those that are divided may be
// too few for all clusters that were chosen. And each has the priority that its policy names.
import { Cluster } from "#api/cluster/cluster.ts";
import { clusterMatches } from "#api/policy/cluster-affinity.ts";
import type { Placement } from "#api/policy/placement.ts";
import type { ResourceBinding } from "#api/work/binding.ts";
import { findCondition } from "#machinery/conditions.ts";
import { affinitiesOf, isDivided, isLive, isOpenTo, type Propagated, propagated } from "../expected.ts";
import { isByRoom, roomSaid } from "../room.ts";
import { urgentClass } from "../workload/objects.ts";
import type { Checker, Observed } from "./checker.ts";

export function placedWhenPossible({ mirror, controlPlane }: Observed): Checker {
  return {
    unsettled() {
      const clusters = mirror.list(controlPlane, Cluster).filter(isLive);
      for (const each of propagated(mirror)) {
        const what = typeof each === "string" ? each : misplaced(each, clusters);
        if (what !== undefined) return what;
      }
      return undefined;
    },
  };
}

function misplaced({ name, policy, binding }: Propagated, clusters: readonly Cluster[]): string | undefined {
  const placement = policy.spec.placement ?? {};
  const { status, spec, metadata } = binding;
  const [wanted, found] = [policy.spec.schedulePriority === undefined ? 0 : urgentClass.value, priorityOf(binding)];
  if (found !== wanted) return `${name}: it has priority ${found} instead of ${wanted}`;
  const scheduled = findCondition(status?.conditions, "Scheduled");
  if (scheduled === undefined) return `${name}: the scheduler says nothing of it`;
  if (scheduled.status === "False") {
    if (scheduled.message === "") return `${name}: it has no place, and the scheduler does not say why`;
    return hasPlace(placement, binding, clusters)
      ? `${name}: the scheduler finds no place for it, and there is one: ${scheduled.message}`
      : undefined;
  }
  if (status?.schedulerObservedGeneration !== metadata.generation)
    return `${name}: the scheduler has not looked at its generation ${metadata.generation}`;
  const targets = new Set((spec.clusters ?? []).map((target) => target.name));
  if (targets.size === 0 && (spec.replicas ?? 0) > 0) return `${name}: it is said to be placed, and is nowhere`;
  const regions = regionsOf(clusters.filter((cluster) => targets.has(cluster.metadata.name)));
  const asked = isDivided(placement) ? 0 : regionsWanted(placement);
  return regions < asked ? `${name}: it is in ${regions} regions, and asks for ${asked}` : undefined;
}

function priorityOf({ spec }: ResourceBinding): number {
  return spec.schedulePriority?.priority ?? 0;
}

/** Whether there is a place beyond doubt: how it would be divided over regions is the scheduler's business. */
function hasPlace(placement: Placement, binding: ResourceBinding, clusters: readonly Cluster[]): boolean {
  const { replicas = 0 } = binding.spec;
  return affinitiesOf(placement, binding).some((affinity) => {
    const open = clusters.filter(
      (cluster) => clusterMatches(affinity, cluster) && isOpenTo(cluster, placement, binding),
    );
    const rooms = open.map(roomSaid);
    const isSpread = regionsWanted(placement) > 1;
    const room = isSpread ? Math.min(...rooms) : rooms.reduce((sum, each) => sum + each, 0);
    return open.length > 0 && regionsOf(open) >= regionsWanted(placement) && (!isByRoom(placement) || room >= replicas);
  });
}

function regionsOf(clusters: readonly Cluster[]): number {
  return new Set(clusters.map(({ spec }) => spec.region)).size;
}

/** Static weights choose for themselves. */
function regionsWanted({ spreadConstraints = [], replicaScheduling }: Placement): number {
  if (replicaScheduling?.weightPreference?.staticWeightList !== undefined) return 1;
  return spreadConstraints.find(({ spreadByField }) => spreadByField === "region")?.minGroups ?? 1;
}
