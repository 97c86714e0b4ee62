// A cluster must have every other scheduled workload of the group. Upstream: .../plugins/workloadaffinity.
import { definePlugin, fits, rejects } from "../../framework/plugin.ts";

export const workloadAffinity = definePlugin({
  name: "WorkloadAffinity",
  filter({ cluster: { metadata }, previousTargets, neighbours }) {
    // What is there stays: this is about where to go, not about leaving.
    if (previousTargets.has(metadata.name)) return fits;
    return neighbours.together.every((places) => places.has(metadata.name))
      ? fits
      : rejects("ResourceBinding with the same affinity group does not target this cluster");
  },
});
