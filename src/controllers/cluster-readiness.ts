// Whether a member counts as ready: its Cluster says so. Upstream: karmada pkg/util/cluster.go (IsClusterReady).
import { Cluster } from "#api/cluster/cluster.ts";
import { conditionTypes } from "#api/karmada-constants.ts";
import type { InformerFactory } from "#client/informer.ts";
import { isConditionTrue } from "#machinery/conditions.ts";

export function isClusterReady(cluster: Cluster): boolean {
  return isConditionTrue(cluster.status?.conditions, conditionTypes.clusterReady);
}

/** Tells by name whether a member is there and ready, as the local copy has it. */
export function readiness(informers: InformerFactory): (cluster: string) => boolean {
  return (name) => {
    const cluster = informers.for(Cluster).get({ name });
    return cluster !== undefined && isClusterReady(cluster);
  };
}
