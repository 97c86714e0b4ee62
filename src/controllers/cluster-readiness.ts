// Whether a member counts as ready: its Cluster says so. Upstream: karmada pkg/util/cluster.go (IsClusterReady).
import type { Cluster } from "#api/cluster/cluster.ts";
import { conditionTypes } from "#api/karmada-constants.ts";
import { isConditionTrue } from "#machinery/conditions.ts";

export function isClusterReady(cluster: Cluster): boolean {
  return isConditionTrue(cluster.status?.conditions, conditionTypes.clusterReady);
}
