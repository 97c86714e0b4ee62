// Priorities among policies, and preemption.
import assert from "node:assert/strict";
import { test } from "node:test";
import { clusterPolicyWith, deploymentWith, policyWith } from "../testing.ts";
import { bestPolicy, preemptingPolicy } from "./match.ts";

const template = deploymentWith({ labels: { app: "nginx" } });
const base = { apiVersion: "apps/v1", kind: "Deployment" };
const byName = [{ ...base, name: "nginx" }];
const byLabel = [{ ...base, labelSelector: { matchLabels: { app: "nginx" } } }];

for (const { name, policies, best } of [
  { name: "no policy", policies: [], best: undefined },
  {
    name: "the highest priority",
    policies: [policyWith({ resourceSelectors: byName }, { name: "a" }), policyWith({ priority: 1 }, { name: "b" })],
    best: "b",
  },
  {
    name: "then a name before labels before all",
    policies: [
      policyWith({}, { name: "a" }),
      policyWith({ resourceSelectors: byLabel }, { name: "b" }),
      policyWith({ resourceSelectors: byName }, { name: "c" }),
    ],
    best: "c",
  },
  {
    name: "then the smaller name",
    policies: [policyWith({}, { name: "b" }), policyWith({}, { name: "a" })],
    best: "a",
  },
  {
    name: "a negative priority goes after none",
    policies: [policyWith({ priority: -1, resourceSelectors: byName }, { name: "a" }), policyWith({}, { name: "b" })],
    best: "b",
  },
  {
    name: "never one that is being deleted",
    policies: [policyWith({}, { name: "a", deletionTimestamp: "2024-01-01T00:00:00Z" })],
    best: undefined,
  },
  {
    name: "never one that selects another kind",
    policies: [policyWith({ resourceSelectors: [{ ...base, kind: "Job" }] })],
    best: undefined,
  },
]) {
  test(`best policy: ${name}`, () => {
    assert.equal(bestPolicy(template, policies)?.metadata.name, best);
  });
}

const always = { preemption: "Always" as const, resourceSelectors: byName };

for (const { name, claimedBy, policies, winner } of [
  {
    name: "a higher priority preempts",
    claimedBy: policyWith({ priority: 1 }),
    policies: [policyWith({ ...always, priority: 2 }, { name: "high" })],
    winner: "high",
  },
  {
    name: "an equal one does not",
    claimedBy: policyWith({ priority: 1 }),
    policies: [policyWith({ ...always, priority: 1 }, { name: "high" })],
    winner: undefined,
  },
  {
    name: "nor does one that must not",
    claimedBy: policyWith(),
    policies: [policyWith({ ...always, preemption: "Never", priority: 2 }, { name: "high" })],
    winner: undefined,
  },
  {
    name: "a namespaced policy preempts any cluster-wide one",
    claimedBy: clusterPolicyWith({ priority: 9 }),
    policies: [policyWith(always, { name: "mine" }), clusterPolicyWith({ ...always, priority: 10 }, { name: "x" })],
    winner: "mine",
  },
  {
    name: "a cluster-wide one preempts a lower cluster-wide one",
    claimedBy: clusterPolicyWith({ priority: 1 }),
    policies: [clusterPolicyWith({ ...always, priority: 2 }, { name: "high" })],
    winner: "high",
  },
  {
    name: "but no namespaced one",
    claimedBy: policyWith({ priority: -5 }),
    policies: [clusterPolicyWith({ ...always, priority: 2 }, { name: "high" })],
    winner: undefined,
  },
  {
    name: "only templates selected by name are preempted",
    claimedBy: policyWith({ priority: 1 }),
    policies: [policyWith({ ...always, resourceSelectors: byLabel, priority: 2 }, { name: "high" })],
    winner: undefined,
  },
]) {
  test(`preemption: ${name}`, () => {
    assert.equal(preemptingPolicy(template, claimedBy, policies)?.metadata.name, winner);
  });
}

test("preemption: not of templates that are being deleted", () => {
  const leaving = deploymentWith({ deletionTimestamp: "2024-01-01T00:00:00Z" });
  assert.equal(preemptingPolicy(leaving, policyWith(), [policyWith({ ...always, priority: 2 })]), undefined);
});
