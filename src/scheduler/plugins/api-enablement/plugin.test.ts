import assert from "node:assert/strict";
import { test } from "node:test";
import { bindingWith, clusterWith } from "#api/testing/builders.ts";
import type { PluginInput } from "../../framework/plugin.ts";
import { apiEnablement } from "./plugin.ts";

const base: PluginInput = {
  cluster: clusterWith("m1"),
  spec: bindingWith().spec,
  placement: {},
  tier: 0,
  previousTargets: new Set(),
  neighbours: { together: [], apart: new Set() },
};

for (const { name, input, reason } of [
  { name: "serves it", input: base, reason: undefined },
  {
    name: "does not serve it",
    input: { ...base, cluster: clusterWith("m1", { status: { apiEnablements: [] } }) },
    reason: "cluster(s) did not have the API resource",
  },
  {
    name: "has the resource already",
    input: { ...base, cluster: clusterWith("m1", { status: {} }), previousTargets: new Set(["m1"]) },
    reason: undefined,
  },
]) {
  test(`APIEnablement: ${name}`, () => {
    const verdict = apiEnablement.filter?.(input);
    assert.equal(verdict?.kind === "rejected" ? verdict.reason : undefined, reason);
  });
}
