// How many further replicas of a workload fit into a cluster, by what the cluster's status says of its capacity.
// Upstream: karmada pkg/estimator/client/general.go.
import type { Cluster, ResourceSummary } from "#api/cluster/cluster.ts";
import type { BindingSpec } from "#api/work/binding.ts";
import { replicasByModels, setsByModels } from "./by-models.ts";
import { type Amounts, freeOf, milli, requestsOf, requestsOfSet } from "./free.ts";

/** As many as anyone could ask for: MaxInt32. */
const replicasUnlimited = 2_147_483_647;

/** Tells how much more of one workload fits into a cluster; what it asks for is read once for all clusters. */
export function estimatorFor(spec: BindingSpec): (cluster: Cluster) => number {
  const components = spec.components ?? [];
  if (components.length > 0) return setEstimator(components);
  if ((spec.replicas ?? 0) === 0) return () => replicasUnlimited;
  const requests = requestsOf(spec.replicaRequirements?.resourceRequest);
  return (cluster) => {
    // 0 when nothing is known of the capacity: replicas are not sent where they may not fit.
    const summary = cluster.status?.resourceSummary;
    if (summary === undefined) return 0;
    const pods = podsFree(summary);
    // Without requests only the number of pods counts: nodes' sizes say nothing.
    if (pods === 0 || requests.size === 0) return pods;
    const byModels = replicasByModels(cluster, requests);
    return Math.max(0, Math.min(pods, byModels ?? fitting(summary, requests)));
  };
}

/** Of a workload of several parts whole sets are counted. */
function setEstimator(components: NonNullable<BindingSpec["components"]>): (cluster: Cluster) => number {
  const podsPerSet = components.reduce((sum, { replicas }) => sum + replicas, 0);
  const requests = requestsOfSet(components);
  return (cluster) => {
    const summary = cluster.status?.resourceSummary;
    if (podsPerSet === 0) return replicasUnlimited;
    if (summary === undefined) return 0;
    const bound = Math.min(Math.floor(podsFree(summary) / podsPerSet), fitting(summary, requests));
    if (bound <= 0) return 0;
    return Math.min(bound, setsByModels(cluster, components, bound) ?? bound);
  };
}

function podsFree(summary: ResourceSummary): number {
  return Math.max(0, Math.floor((freeOf(summary, "pods") ?? 0) / milli));
}

function fitting(summary: ResourceSummary, requests: Amounts): number {
  const each = [...requests].map(([name, asked]) => Math.floor((freeOf(summary, name) ?? 0) / asked));
  return Math.max(0, Math.min(replicasUnlimited, ...each));
}
