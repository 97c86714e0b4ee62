import assert from "node:assert/strict";
import { test } from "node:test";
import { bindingWith, clusterWith } from "#api/testing/builders.ts";
import type { PluginInput } from "../../framework/plugin.ts";
import { taintToleration } from "./plugin.ts";

const base: PluginInput = {
  cluster: clusterWith("m1"),
  spec: bindingWith().spec,
  placement: {},
  tier: 0,
  previousTargets: new Set(),
  neighbours: { together: [], apart: new Set() },
};

const tainted = (effect: string): PluginInput => ({
  ...base,
  cluster: clusterWith("m1", { spec: { taints: [{ key: "k", value: "v", effect }] } }),
});
const reason = (effect: string): string => `cluster(s) had untolerated taint {k=v:${effect}}`;

for (const { name, input, expected } of [
  { name: "no taint", input: base, expected: undefined },
  { name: "NoSchedule", input: tainted("NoSchedule"), expected: reason("NoSchedule") },
  { name: "NoExecute", input: tainted("NoExecute"), expected: reason("NoExecute") },
  { name: "PreferNoSchedule is no obstacle", input: tainted("PreferNoSchedule"), expected: undefined },
  {
    name: "tolerated",
    input: { ...tainted("NoSchedule"), placement: { clusterTolerations: [{ key: "k", value: "v" }] } },
    expected: undefined,
  },
  {
    name: "tolerated with another value",
    input: { ...tainted("NoSchedule"), placement: { clusterTolerations: [{ key: "k", value: "w" }] } },
    expected: reason("NoSchedule"),
  },
  { name: "there already", input: { ...tainted("NoExecute"), previousTargets: new Set(["m1"]) }, expected: undefined },
]) {
  test(`TaintToleration: ${name}`, () => {
    const verdict = taintToleration.filter?.(input);
    assert.equal(verdict?.kind === "rejected" ? verdict.reason : undefined, expected);
  });
}
