// A cluster must belong to one of the groups of this try. Upstream: .../plugins/clusteraffinity.
import { clusterMatches } from "#api/policy/cluster-affinity.ts";
import { definePlugin, fits, rejects } from "../../framework/plugin.ts";

export const clusterAffinity = definePlugin({
  name: "ClusterAffinity",
  filter({ cluster, affinities }) {
    const chosen = affinities.length === 0 || affinities.some((affinity) => clusterMatches(affinity, cluster));
    return chosen ? fits : rejects("cluster(s) did not match the placement cluster affinity constraint");
  },
  score: () => 0,
});
