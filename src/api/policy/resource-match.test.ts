// Ranks of matches, selector by selector.
import assert from "node:assert/strict";
import { test } from "node:test";
import { matchRanks, resourceMatchRank } from "./resource-match.ts";

const deployment = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "nginx", namespace: "default", labels: { app: "nginx" } },
};
const base = { apiVersion: "apps/v1", kind: "Deployment" };

for (const { name, selectors, rank } of [
  { name: "no selector", selectors: [], rank: matchRanks.none },
  { name: "kind alone", selectors: [base], rank: matchRanks.all },
  { name: "another kind", selectors: [{ ...base, kind: "StatefulSet" }], rank: matchRanks.none },
  { name: "another version", selectors: [{ ...base, apiVersion: "apps/v1beta1" }], rank: matchRanks.none },
  { name: "its namespace", selectors: [{ ...base, namespace: "default" }], rank: matchRanks.all },
  { name: "another namespace", selectors: [{ ...base, namespace: "x", name: "nginx" }], rank: matchRanks.none },
  { name: "its name", selectors: [{ ...base, name: "nginx" }], rank: matchRanks.name },
  { name: "another name", selectors: [{ ...base, name: "x" }], rank: matchRanks.none },
  {
    name: "its labels",
    selectors: [{ ...base, labelSelector: { matchLabels: { app: "nginx" } } }],
    rank: matchRanks.labels,
  },
  { name: "an empty label selector", selectors: [{ ...base, labelSelector: {} }], rank: matchRanks.labels },
  {
    name: "other labels",
    selectors: [{ ...base, labelSelector: { matchExpressions: [{ key: "app", operator: "DoesNotExist" }] } }],
    rank: matchRanks.none,
  },
  {
    name: "a label selector that cannot be understood",
    selectors: [{ ...base, labelSelector: { matchExpressions: [{ key: "app", operator: "Like" }] } }],
    rank: matchRanks.none,
  },
  {
    name: "a name makes the label selector irrelevant",
    selectors: [{ ...base, name: "nginx", labelSelector: { matchLabels: { app: "x" } } }],
    rank: matchRanks.name,
  },
  {
    name: "the best of several",
    selectors: [base, { ...base, name: "x" }, { ...base, name: "nginx" }, { ...base, labelSelector: {} }],
    rank: matchRanks.name,
  },
]) {
  test(name, () => {
    assert.equal(resourceMatchRank(deployment, selectors), rank);
  });
}
