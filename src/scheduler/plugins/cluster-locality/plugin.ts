// Clusters that have the resource are preferred, so that it does not move without need. Upstream: .../plugins/clusterlocality.
import { definePlugin } from "../../framework/plugin.ts";

const scoreMax = 100;

export const clusterLocality = definePlugin({
  name: "ClusterLocality",
  score: ({ cluster, previousTargets }) => (previousTargets.has(cluster.metadata.name) ? scoreMax : 0),
});
