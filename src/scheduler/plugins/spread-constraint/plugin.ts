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
    const lacking = (placement.spreadConstraints ?? []).find(({ spreadByField = "" }) => missing.has(spreadByField));
    if (lacking === undefined) return fits;
    const property = lacking.spreadByField === "zone" ? "zones" : (lacking.spreadByField ?? "");
    return rejects(`cluster(s) did not have ${property} property`);
  },
});
