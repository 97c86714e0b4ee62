// A resource does not go back to a cluster that it is just leaving. Upstream: .../plugins/clustereviction.
import { definePlugin, fits, rejects } from "../../framework/plugin.ts";

export const clusterEviction = definePlugin({
  name: "ClusterEviction",
  filter({ cluster, spec }) {
    const leaving = (spec.gracefulEvictionTasks ?? []).some(({ fromCluster }) => fromCluster === cluster.metadata.name);
    return leaving ? rejects("cluster(s) is in the process of eviction") : fits;
  },
});
