import assert from "node:assert/strict";
import { test } from "node:test";
import { bindingWith, clusterWith } from "#api/testing/builders.ts";
import { placementText } from "../writes/decide.ts";
import { concerns, isMine, triggerOf } from "./decide.ts";

const placement = { replicaScheduling: { replicaSchedulingType: "Divided" as const } };
const applied = { annotations: { "policy.karmada.io/applied-placement": placementText(placement) } };
const clusters = new Map([["m1", clusterWith("m1")]]);
const settled = { placement, replicas: 2, clusters: [{ name: "m1", replicas: 2 }] };

for (const { name, binding, trigger } of [
  { name: "never scheduled", binding: bindingWith({ spec: settled }), trigger: "placement" },
  { name: "settled", binding: bindingWith({ metadata: applied, spec: settled }), trigger: undefined },
  {
    name: "another placement",
    binding: bindingWith({ metadata: applied, spec: { ...settled, placement: { ...placement, clusterAffinity: {} } } }),
    trigger: "placement",
  },
  {
    name: "scaled",
    binding: bindingWith({ metadata: applied, spec: { ...settled, replicas: 3 } }),
    trigger: "replicas",
  },
  {
    name: "asked to be scheduled anew",
    binding: bindingWith({
      metadata: applied,
      spec: { ...settled, rescheduleTriggeredAt: "2026-01-01T00:00:02Z" },
      status: { lastScheduledTime: "2026-01-01T00:00:01Z" },
    }),
    trigger: "rescheduling",
  },
  {
    name: "no workload",
    binding: bindingWith({
      metadata: { annotations: { "policy.karmada.io/applied-placement": "{}" } },
      spec: { placement: {}, clusters: [{ name: "m1" }] },
    }),
    trigger: "always",
  },
]) {
  test(`trigger: ${name}`, () => {
    assert.equal(triggerOf(binding, clusters), trigger);
  });
}

test("trigger: a target that is going away", () => {
  const leaving = new Map([["m1", clusterWith("m1", { deleting: true })]]);
  assert.equal(triggerOf(bindingWith({ metadata: applied, spec: settled }), leaving), "terminating-cluster");
});

for (const { name, binding, mine } of [
  { name: "claimed", binding: bindingWith(), mine: true },
  { name: "of another scheduler", binding: bindingWith({ spec: { schedulerName: "other" } }), mine: false },
  { name: "suspended", binding: bindingWith({ spec: { suspension: { scheduling: true } } }), mine: false },
  { name: "attached, not claimed", binding: bindingWith({ metadata: { labels: {} } }), mine: false },
]) {
  test(`isMine: ${name}`, () => {
    assert.equal(isMine(binding, "default-scheduler"), mine);
  });
}

for (const { name, spec, expected } of [
  { name: "no affinity", spec: {}, expected: true },
  { name: "another cluster", spec: { placement: { clusterAffinity: { clusterNames: ["m2"] } } }, expected: false },
  {
    name: "a target, whatever the affinity",
    spec: { clusters: [{ name: "m1" }], placement: { clusterAffinity: { clusterNames: ["m2"] } } },
    expected: true,
  },
  {
    name: "an overflow group",
    spec: {
      placement: {
        clusterAffinities: [
          {
            affinityName: "a",
            clusterNames: ["m2"],
            overflowAffinities: [{ affinityName: "b", clusterNames: ["m1"] }],
          },
        ],
      },
    },
    expected: true,
  },
]) {
  test(`concerns: ${name}`, () => {
    assert.equal(concerns(bindingWith({ spec }), clusterWith("m1")), expected);
  });
}
