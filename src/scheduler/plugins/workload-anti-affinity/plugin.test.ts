import assert from "node:assert/strict";
import { test } from "node:test";
import { bindingWith, clusterWith } from "#api/testing/builders.ts";
import type { PluginInput } from "../../framework/plugin.ts";
import { workloadAntiAffinity } from "./plugin.ts";

const base: PluginInput = {
  cluster: clusterWith("m1"),
  spec: bindingWith().spec,
  placement: {},
  tier: 0,
  previousTargets: new Set(),
  neighbours: { together: [], apart: new Set() },
};

for (const { name, apart, previous = [], reason } of [
  { name: "nobody here", apart: ["m2"], reason: undefined },
  { name: "one is here", apart: ["m1"], reason: "cluster already has workload with the same anti-affinity group" },
  { name: "what is here stays", apart: ["m1"], previous: ["m1"], reason: undefined },
]) {
  test(`WorkloadAntiAffinity: ${name}`, () => {
    const neighbours = { together: [], apart: new Set(apart) };
    const verdict = workloadAntiAffinity.filter?.({ ...base, neighbours, previousTargets: new Set(previous) });
    assert.equal(verdict?.kind === "rejected" ? verdict.reason : undefined, reason);
  });
}
