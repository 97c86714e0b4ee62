// Which clusters a placement names.
import assert from "node:assert/strict";
import test from "node:test";
import type { Cluster } from "../cluster/cluster.ts";
import { placementNames } from "./placement.ts";

const cluster: Cluster = {
  apiVersion: "cluster.karmada.io/v1alpha1",
  kind: "Cluster",
  metadata: { name: "m1" },
  spec: { syncMode: "Push" },
};

for (const { name, placement, named } of [
  { name: "no affinity", placement: {}, named: true },
  { name: "its name", placement: { clusterAffinity: { clusterNames: ["m1"] } }, named: true },
  { name: "another's name", placement: { clusterAffinity: { clusterNames: ["m2"] } }, named: false },
  {
    name: "one of the groups",
    placement: {
      clusterAffinities: [
        { affinityName: "first", clusterNames: ["m2"] },
        { affinityName: "second", clusterNames: ["m1"] },
      ],
    },
    named: true,
  },
  { name: "no group", placement: { clusterAffinities: [{ affinityName: "a", clusterNames: ["m2"] }] }, named: false },
  {
    name: "a group that others flow over into",
    placement: {
      clusterAffinities: [
        {
          affinityName: "a",
          clusterNames: ["m2"],
          overflowAffinities: [{ affinityName: "b", clusterNames: ["m1"] }],
        },
      ],
    },
    named: true,
  },
]) {
  test(`a placement ${named ? "names" : "does not name"} the cluster: ${name}`, () => {
    assert.equal(placementNames(placement, cluster), named);
  });
}
