import assert from "node:assert/strict";
import { test } from "node:test";
import { bindingWith, clusterWith } from "#api/testing/builders.ts";
import type { PluginInput } from "../../framework/plugin.ts";
import { clusterEviction } from "./plugin.ts";

const base: PluginInput = {
  cluster: clusterWith("m1"),
  spec: bindingWith().spec,
  placement: {},
  tier: 0,
  previousTargets: new Set(),
  neighbours: { together: [], apart: new Set() },
};

for (const { from, kind } of [
  { from: "m1", kind: "rejected" },
  { from: "m2", kind: "fits" },
]) {
  test(`ClusterEviction: leaving ${from}`, () => {
    const task = { fromCluster: from, reason: "TaintUntolerated", producer: "TaintManager" };
    const { spec } = bindingWith({ spec: { gracefulEvictionTasks: [task] } });
    assert.equal(clusterEviction.filter?.({ ...base, spec }).kind, kind);
  });
}
