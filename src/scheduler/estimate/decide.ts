// How many further replicas of a workload fit into a cluster, by what the cluster's status says of its capacity.
// Upstream: karmada pkg/estimator/client/general.go.
import type { Cluster, ResourceSummary } from "#api/cluster/cluster.ts";
import type { BindingSpec } from "#api/work/binding.ts";
import { milli } from "#machinery/milli.ts";
import { replicasByModels, setsByModels } from "./by-models.ts";
import { type Amounts, freeOf, requestsOf, requestsOfSet } from "./free.ts";

/** As many as anyone could ask for: MaxInt32. */
const replicasUnlimited = 2_147_483_647;

/** What is on its way to a cluster and not in its summary yet: thousandths by resource, `pods` among them. */
export type AssumedIn = (cluster: string) => Amounts;

const nothing: Amounts = new Map();
export const nothingAssumed: AssumedIn = () => nothing;

/** Tells how much more of one workload fits into a cluster; what it asks for is read once for all clusters. */
export function estimatorFor(spec: BindingSpec, assumedIn = nothingAssumed): (cluster: Cluster) => number {
  const components = spec.components ?? [];
  if (components.length > 0) return setEstimator(components, assumedIn);
  if ((spec.replicas ?? 0) === 0) return () => replicasUnlimited;
  const requests = requestsOf(spec.replicaRequirements?.resourceRequest);
  return (cluster) => {
    // 0 when nothing is known of the capacity: replicas are not sent where they may not fit.
    const summary = cluster.status?.resourceSummary;
    if (summary === undefined) return 0;
    const assumed = assumedIn(cluster.metadata.name);
    const pods = podsFree(summary, assumed);
    // Without requests only the number of pods counts: nodes' sizes say nothing.
    if (pods === 0 || requests.size === 0) return pods;
    const byModels = replicasByModels(cluster, requests);
    // The models tell of nodes as they are: what is on its way is only known by its sum.
    const bySum = byModels === undefined || assumed.size > 0 ? fitting(summary, requests, assumed) : byModels;
    return Math.max(0, Math.min(pods, bySum, byModels ?? bySum));
  };
}

/** Of a workload of several parts whole sets are counted. */
function setEstimator(
  components: NonNullable<BindingSpec["components"]>,
  assumedIn: AssumedIn,
): (cluster: Cluster) => number {
  const podsPerSet = components.reduce((sum, { replicas }) => sum + replicas, 0);
  const requests = requestsOfSet(components);
  return (cluster) => {
    const summary = cluster.status?.resourceSummary;
    if (podsPerSet === 0) return replicasUnlimited;
    if (summary === undefined) return 0;
    const assumed = assumedIn(cluster.metadata.name);
    const bound = Math.min(Math.floor(podsFree(summary, assumed) / podsPerSet), fitting(summary, requests, assumed));
    if (bound <= 0) return 0;
    return Math.min(bound, setsByModels(cluster, components, bound) ?? bound);
  };
}

function podsFree(summary: ResourceSummary, assumed: Amounts): number {
  return Math.max(0, Math.floor(left(summary, "pods", assumed) / milli));
}

function fitting(summary: ResourceSummary, requests: Amounts, assumed: Amounts): number {
  const each = [...requests].map(([name, asked]) => Math.floor(left(summary, name, assumed) / asked));
  return Math.max(0, Math.min(replicasUnlimited, ...each));
}

function left(summary: ResourceSummary, name: string, assumed: Amounts): number {
  return (freeOf(summary, name) ?? 0) - (assumed.get(name) ?? 0);
}
