import assert from "node:assert/strict";
import { test } from "node:test";
import { bindingWith, clusterWith } from "#api/testing/builders.ts";
import type { PluginInput } from "../../framework/plugin.ts";
import { spreadConstraint } from "./plugin.ts";

const base: PluginInput = {
  cluster: clusterWith("m1"),
  spec: bindingWith().spec,
  placement: {},
  tier: 0,
  previousTargets: new Set(),
  neighbours: { together: [], apart: new Set() },
};

for (const { field, has, reason } of [
  { field: "cluster", has: {}, reason: undefined },
  { field: "provider", has: {}, reason: "cluster(s) did not have provider property" },
  { field: "region", has: { provider: "p" }, reason: "cluster(s) did not have region property" },
  { field: "zone", has: { region: "r" }, reason: "cluster(s) did not have zones property" },
  { field: "zone", has: { zones: ["z"] }, reason: undefined },
] as const) {
  test(`SpreadConstraint: ${field} with ${JSON.stringify(has)}`, () => {
    const placement = { spreadConstraints: [{ spreadByField: field }] };
    const verdict = spreadConstraint.filter?.({ ...base, placement, cluster: clusterWith("m1", { spec: has }) });
    assert.equal(verdict?.kind === "rejected" ? verdict.reason : undefined, reason);
  });
}

test("SpreadConstraint: by a label that the cluster has not", () => {
  const placement = { spreadConstraints: [{ spreadByLabel: "tier" }] };
  const ask = (labels: Record<string, string>) =>
    spreadConstraint.filter?.({ ...base, placement, cluster: clusterWith("m1", { labels }) });
  assert.deepEqual(ask({}), { kind: "rejected", reason: "cluster(s) did not have tier label" });
  assert.deepEqual(ask({ tier: "" }), { kind: "fits" });
});
