import assert from "node:assert/strict";
import { test } from "node:test";
import { bindingWith, clusterWith } from "#api/testing/builders.ts";
import type { PluginInput } from "../../framework/plugin.ts";
import { clusterAffinity } from "./plugin.ts";

const base: PluginInput = {
  cluster: clusterWith("m1"),
  spec: bindingWith().spec,
  placement: {},
  affinities: [],
  previousTargets: new Set(),
};

for (const { name, affinities, fits } of [
  { name: "no affinity", affinities: [], fits: true },
  { name: "named", affinities: [{ clusterNames: ["m1"] }], fits: true },
  { name: "excluded, though there", affinities: [{ exclude: ["m1"] }], fits: false },
  { name: "in an overflow group", affinities: [{ clusterNames: ["m2"] }, { clusterNames: ["m1"] }], fits: true },
]) {
  test(`ClusterAffinity: ${name}`, () => {
    const verdict = clusterAffinity.filter?.({ ...base, affinities, previousTargets: new Set(["m1"]) });
    assert.equal(verdict?.kind, fits ? "fits" : "rejected");
  });
}
