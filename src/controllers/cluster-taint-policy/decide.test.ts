// Which taints policies put on a cluster, and take from it.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ClusterTaintPolicy } from "#api/policy/cluster-taint-policy.ts";
import { clusterWith, conditionWith } from "../testing.ts";
import { taintsByPolicies } from "./decide.ts";

const down = { key: "down", effect: "NoExecute" };
const added = { ...down, timeAdded: "1970-01-01T00:01:00Z" };
const is = (operator: string, ...statusValues: string[]) => [{ conditionType: "Ready", operator, statusValues }];

function policy(spec: Partial<ClusterTaintPolicy["spec"]>, name = "p", creationTimestamp = ""): ClusterTaintPolicy {
  return {
    apiVersion: "policy.karmada.io/v1alpha1",
    kind: "ClusterTaintPolicy",
    metadata: { name, creationTimestamp },
    spec: { taints: [down], ...spec },
  };
}

const add = policy({ addOnConditions: is("In", "False", "Unknown"), removeOnConditions: is("In", "True") });
for (const { name, ready, taints = [], policies, result } of [
  { name: "the condition holds", ready: "False" as const, policies: [add], result: [added] },
  { name: "it is there already", ready: "False" as const, taints: [{ ...down, value: "x" }], policies: [add] },
  { name: "the condition to remove holds", ready: "True" as const, taints: [added], policies: [add], result: [] },
  { name: "a condition that is missing never holds", policies: [policy({ addOnConditions: is("NotIn", "True") })] },
  {
    name: "NotIn",
    ready: "Unknown" as const,
    policies: [policy({ addOnConditions: is("NotIn", "True") })],
    result: [added],
  },
  { name: "no conditions never hold", ready: "False" as const, policies: [policy({ addOnConditions: [] })] },
  {
    name: "another cluster's policy",
    ready: "False" as const,
    policies: [policy({ addOnConditions: is("In", "False"), targetClusters: { clusterNames: ["m2"] } })],
  },
  {
    name: "the younger policy has the last word",
    ready: "False" as const,
    policies: [
      policy({ removeOnConditions: is("In", "False") }, "a", "2024-01-02T00:00:00Z"),
      policy({ addOnConditions: is("In", "False") }, "b", "2024-01-01T00:00:00Z"),
    ],
  },
]) {
  test(`taint policies: ${name}`, () => {
    const status = ready === undefined ? {} : { conditions: [conditionWith("Ready", ready)] };
    assert.deepEqual(taintsByPolicies(clusterWith("m1", { taints }, status), policies, 60_000), result);
  });
}
