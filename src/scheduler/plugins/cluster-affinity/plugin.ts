// A cluster must belong to one of the groups of this try. Upstream: .../plugins/clusteraffinity.
import { definePlugin, fits, rejects } from "../../framework/plugin.ts";

export const clusterAffinity = definePlugin({
  name: "ClusterAffinity",
  filter: ({ tier }) =>
    tier === undefined ? rejects("cluster(s) did not match the placement cluster affinity constraint") : fits,
  score: () => 0,
});
