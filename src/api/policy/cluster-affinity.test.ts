import assert from "node:assert/strict";
import test from "node:test";
import type { Cluster } from "../cluster/cluster.ts";
import { type ClusterAffinity, clusterMatcherOf, clusterMatches } from "./cluster-affinity.ts";

const member1: Cluster = {
  apiVersion: "cluster.karmada.io/v1alpha1",
  kind: "Cluster",
  metadata: { name: "member1", labels: { env: "test", tier: "1" } },
  spec: { syncMode: "Push", provider: "p1", region: "r1", zones: ["z1", "z2"] },
};
const bare: Cluster = { ...member1, metadata: { name: "bare" }, spec: { syncMode: "Push" } };

function field(key: string, operator: string, ...values: string[]): ClusterAffinity {
  return { fieldSelector: { matchExpressions: [{ key, operator, values }] } };
}

for (const { name, affinity, cluster = member1, matches } of [
  { name: "an empty affinity means every cluster", affinity: {}, matches: true },
  { name: "a name in the list", affinity: { clusterNames: ["member1", "x"] }, matches: true },
  { name: "a name not in the list", affinity: { clusterNames: ["x"] }, matches: false },
  { name: "an empty list of names means all", affinity: { clusterNames: [] }, matches: true },
  { name: "exclude wins over names", affinity: { clusterNames: ["member1"], exclude: ["member1"] }, matches: false },
  { name: "others are not excluded", affinity: { exclude: ["x"] }, matches: true },
  { name: "labels that are there", affinity: { labelSelector: { matchLabels: { env: "test" } } }, matches: true },
  { name: "labels that differ", affinity: { labelSelector: { matchLabels: { env: "prod" } } }, matches: false },
  {
    name: "label expressions",
    affinity: { labelSelector: { matchExpressions: [{ key: "tier", operator: "In", values: ["1", "2"] }] } },
    matches: true,
  },
  {
    name: "all conditions must hold",
    affinity: { clusterNames: ["member1"], labelSelector: { matchLabels: { env: "prod" } } },
    matches: false,
  },
  { name: "provider in", affinity: field("provider", "In", "p1", "p2"), matches: true },
  { name: "provider not in", affinity: field("provider", "NotIn", "p1"), matches: false },
  { name: "region in", affinity: field("region", "In", "r2"), matches: false },
  { name: "no region: In fails", affinity: field("region", "In", "r1"), cluster: bare, matches: false },
  { name: "no region: NotIn holds", affinity: field("region", "NotIn", "r1"), cluster: bare, matches: true },
  { name: "one zone in common is enough", affinity: field("zone", "In", "z2", "z3"), matches: true },
  { name: "no zone in common", affinity: field("zone", "In", "z3"), matches: false },
  { name: "zone NotIn with one in common", affinity: field("zone", "NotIn", "z1"), matches: false },
  { name: "zone NotIn with none in common", affinity: field("zone", "NotIn", "z3"), matches: true },
  { name: "no zones: In fails", affinity: field("zone", "In", "z1"), cluster: bare, matches: false },
  { name: "no zones: NotIn holds", affinity: field("zone", "NotIn", "z1"), cluster: bare, matches: true },
  { name: "zone Exists", affinity: field("zone", "Exists"), matches: true },
  { name: "provider DoesNotExist", affinity: field("provider", "DoesNotExist"), cluster: bare, matches: true },
  { name: "an operator that is none", affinity: field("region", "Like", "r1"), matches: false },
  {
    name: "a label operator that is none",
    affinity: { labelSelector: { matchExpressions: [{ key: "env", operator: "Like" }] } },
    matches: false,
  },
  { name: "a field selector without expressions", affinity: { fieldSelector: {} }, matches: true },
] satisfies readonly { name: string; affinity: ClusterAffinity; cluster?: Cluster; matches: boolean }[]) {
  test(`clusterMatches: ${name}`, () => {
    assert.equal(clusterMatches(affinity, cluster), matches);
  });
}

test("clusterMatcherOf: one affinity, many clusters", () => {
  const matches = clusterMatcherOf({ fieldSelector: { matchExpressions: [{ key: "region", operator: "Exists" }] } });
  assert.deepEqual([member1, bare].filter(matches), [member1]);
});
