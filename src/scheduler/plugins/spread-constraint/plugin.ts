// To be spread by a property, a cluster must have it. Upstream: .../plugins/spreadconstraint.
import { definePlugin, fits, rejects } from "../../framework/plugin.ts";

export const spreadConstraint = definePlugin({
  name: "SpreadConstraint",
  filter({ cluster, placement }) {
    const { provider = "", region = "", zones = [] } = cluster.spec;
    const missing = new Set<string>();
    if (provider === "") missing.add("provider");
    if (region === "") missing.add("region");
    if (zones.length === 0) missing.add("zone");
    const { labels = {} } = cluster.metadata;
    for (const { spreadByField, spreadByLabel = "" } of placement.spreadConstraints ?? []) {
      if (spreadByField !== undefined && missing.has(spreadByField)) {
        return rejects(`cluster(s) did not have ${spreadByField === "zone" ? "zones" : spreadByField} property`);
      }
      if (spreadByLabel !== "" && !Object.hasOwn(labels, spreadByLabel)) {
        return rejects(`cluster(s) did not have ${spreadByLabel} label`);
      }
    }
    return fits;
  },
});
