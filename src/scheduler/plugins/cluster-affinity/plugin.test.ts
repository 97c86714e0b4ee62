import assert from "node:assert/strict";
import { test } from "node:test";
import { bindingWith, clusterWith } from "#api/testing/builders.ts";
import type { PluginInput } from "../../framework/plugin.ts";
import { clusterAffinity } from "./plugin.ts";

const base: PluginInput = {
  cluster: clusterWith("m1"),
  spec: bindingWith().spec,
  placement: {},
  tier: 0,
  previousTargets: new Set(),
  neighbours: { together: [], apart: new Set() },
};

for (const { name, tier, fits } of [
  { name: "in the group of this try", tier: 0, fits: true },
  { name: "in an overflow group", tier: 1, fits: true },
  { name: "in none, though it has the resource", tier: undefined, fits: false },
]) {
  test(`ClusterAffinity: ${name}`, () => {
    const verdict = clusterAffinity.filter?.({ ...base, tier, previousTargets: new Set(["m1"]) });
    assert.equal(verdict?.kind, fits ? "fits" : "rejected");
  });
}
