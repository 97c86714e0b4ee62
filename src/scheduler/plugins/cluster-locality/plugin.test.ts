import assert from "node:assert/strict";
import { test } from "node:test";
import { bindingWith, clusterWith } from "#api/testing/builders.ts";
import type { PluginInput } from "../../framework/plugin.ts";
import { clusterLocality } from "./plugin.ts";

const base: PluginInput = {
  cluster: clusterWith("m1"),
  spec: bindingWith().spec,
  placement: {},
  tier: 0,
  previousTargets: new Set(),
  neighbours: { together: [], apart: new Set() },
};

test("ClusterLocality prefers where the resource is", () => {
  assert.ok(clusterLocality.score !== undefined);
  assert.equal(clusterLocality.score(base), 0);
  assert.equal(clusterLocality.score({ ...base, previousTargets: new Set(["m1"]) }), 100);
});
