import assert from "node:assert/strict";
import { test } from "node:test";
import { bindingWith, clusterWith } from "#api/testing/builders.ts";
import type { PluginInput } from "../../framework/plugin.ts";
import { workloadAffinity } from "./plugin.ts";

const base: PluginInput = {
  cluster: clusterWith("m1"),
  spec: bindingWith().spec,
  placement: {},
  tier: 0,
  previousTargets: new Set(),
  neighbours: { together: [], apart: new Set() },
};

for (const { name, together, previous = [], reason } of [
  { name: "nobody scheduled yet", together: [], reason: undefined },
  { name: "all are here", together: [["m1", "m2"], ["m1"]], reason: undefined },
  {
    name: "one is not here",
    together: [["m1"], ["m2"]],
    reason: "ResourceBinding with the same affinity group does not target this cluster",
  },
  { name: "what is here stays", together: [["m2"]], previous: ["m1"], reason: undefined },
]) {
  test(`WorkloadAffinity: ${name}`, () => {
    const neighbours = { together: together.map((places) => new Set(places)), apart: new Set<string>() };
    const verdict = workloadAffinity.filter?.({ ...base, neighbours, previousTargets: new Set(previous) });
    assert.equal(verdict?.kind === "rejected" ? verdict.reason : undefined, reason);
  });
}
