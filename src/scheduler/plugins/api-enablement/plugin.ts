// A cluster must serve the resource's API; one that has the resource already is not asked.
// Upstream: karmada pkg/scheduler/framework/plugins/apienablement.
import { definePlugin, fits, rejects } from "../../framework/plugin.ts";

export const apiEnablement = definePlugin({
  name: "APIEnablement",
  filter({ cluster, spec, previousTargets }) {
    if (previousTargets.has(cluster.metadata.name)) return fits;
    const { apiVersion, kind } = spec.resource;
    const enabled = (cluster.status?.apiEnablements ?? []).some(
      ({ groupVersion, resources = [] }) =>
        groupVersion === apiVersion && resources.some((resource) => resource.kind === kind),
    );
    return enabled ? fits : rejects("cluster(s) did not have the API resource");
  },
});
