// A cluster must have no other workload of the group. Upstream: .../plugins/workloadantiaffinity.
import { definePlugin, fits, rejects } from "../../framework/plugin.ts";

export const workloadAntiAffinity = definePlugin({
  name: "WorkloadAntiAffinity",
  filter({ cluster: { metadata }, previousTargets, neighbours }) {
    if (previousTargets.has(metadata.name)) return fits;
    return neighbours.apart.has(metadata.name)
      ? rejects("cluster already has workload with the same anti-affinity group")
      : fits;
  },
});
