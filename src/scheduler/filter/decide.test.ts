import assert from "node:assert/strict";
import { test } from "node:test";
import { bindingWith, clusterWith } from "#api/testing/builders.ts";
import { definePlugin, fits, rejects } from "../framework/plugin.ts";
import { noNeighbours } from "../neighbours/decide.ts";
import { filterClusters, noClusterFitMessage } from "./decide.ts";

const notM1 = definePlugin({
  name: "NotM1",
  filter: ({ cluster }) => (cluster.metadata.name === "m1" ? rejects("cluster(s) were m1") : fits),
});
const nobody = definePlugin({ name: "Nobody", filter: () => rejects("cluster(s) were clusters") });
const asked = {
  spec: bindingWith().spec,
  placement: {},
  tierOf: () => 0,
  previousTargets: new Set<string>(),
  neighbours: noNeighbours,
};

test("the first plugin that rejects is the reason; clusters that are going away have none", () => {
  const clusters = [clusterWith("m1"), clusterWith("m2"), clusterWith("m3", { deleting: true })];
  const some = filterClusters([notM1], clusters, asked);
  assert.deepEqual(
    some.fitting.map(({ metadata }) => metadata.name),
    ["m2"],
  );
  const none = filterClusters([notM1, nobody], clusters, asked);
  assert.deepEqual(none.fitting, []);
  assert.deepEqual(
    [...none.rejected].map(([name, { plugin }]) => [name, plugin]),
    [
      ["m1", "NotM1"],
      ["m2", "Nobody"],
    ],
  );
  assert.equal(
    noClusterFitMessage(3, none.rejected),
    "0/3 clusters are available: 1 cluster(s) were clusters, 1 cluster(s) were m1.",
  );
});
