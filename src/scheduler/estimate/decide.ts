// How many further replicas of a workload fit into a cluster, by what the cluster's status says of its capacity.
// Upstream: karmada pkg/estimator/client/general.go (without resource models).
import type { Cluster, ResourceSummary } from "#api/cluster/cluster.ts";
import type { BindingSpec } from "#api/work/binding.ts";
import { parseQuantity, type Quantity, quantityMilliValue, subtractQuantities } from "#machinery/quantity.ts";

/** As many as anyone could ask for: MaxInt32. */
const replicasUnlimited = 2_147_483_647;

/** 0 when nothing is known of the cluster's capacity: replicas are not sent where they may not fit. */
export function estimateReplicas(cluster: Cluster, spec: BindingSpec): number {
  const replicas = spec.replicas ?? 0;
  if (replicas === 0 && (spec.components ?? []).length === 0) return replicasUnlimited;
  const summary = cluster.status?.resourceSummary;
  if (summary === undefined) return 0;
  const room = Math.min(roomForPods(summary), ...roomByRequests(summary, spec));
  return Math.max(0, room);
}

function roomForPods(summary: ResourceSummary): number {
  const free = freeOf(summary, "pods");
  return free === undefined ? 0 : Math.floor(quantityMilliValue(free) / 1000);
}

function roomByRequests(summary: ResourceSummary, spec: BindingSpec): number[] {
  const requests = Object.entries(spec.replicaRequirements?.resourceRequest ?? {});
  return requests.flatMap(([resource, text]) => {
    const asked = quantityMilliValue(parseQuantity(String(text)));
    if (asked <= 0) return [];
    const free = freeOf(summary, resource);
    return [free === undefined ? 0 : Math.floor(quantityMilliValue(free) / asked)];
  });
}

/** allocatable - allocated - allocating; undefined when the cluster has no such resource. */
function freeOf({ allocatable, allocated, allocating }: ResourceSummary, resource: string): Quantity | undefined {
  const all = allocatable?.[resource];
  if (all === undefined) return undefined;
  const used = [allocated?.[resource], allocating?.[resource]].flatMap((text) =>
    text === undefined ? [] : [parseQuantity(String(text))],
  );
  return used.reduce(subtractQuantities, parseQuantity(String(all)));
}
