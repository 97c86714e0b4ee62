// A cluster's NoSchedule and NoExecute taints must be tolerated. Upstream: .../plugins/tainttoleration.
import { isTolerated } from "#api/policy/taints.ts";
import { definePlugin, fits, rejects } from "../../framework/plugin.ts";

export const taintToleration = definePlugin({
  name: "TaintToleration",
  filter({ cluster, placement, previousTargets }) {
    // Moving workloads out is the taint manager's duty.
    if (previousTargets.has(cluster.metadata.name)) return fits;
    const tolerations = placement.clusterTolerations ?? [];
    const taint = (cluster.spec.taints ?? []).find(
      (each) => (each.effect === "NoSchedule" || each.effect === "NoExecute") && !isTolerated(each, tolerations),
    );
    if (taint === undefined) return fits;
    const { key, value = "", effect } = taint;
    return rejects(`cluster(s) had untolerated taint {${key}=${value}:${effect}}`);
  },
});
