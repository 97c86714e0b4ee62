// Taints by health, and how they are told.
import assert from "node:assert/strict";
import { test } from "node:test";
import { bindingWith } from "#api/testing/builders.ts";
import { clusterWith, conditionWith } from "../testing.ts";
import { taintsByHealth, taintsText, withoutTarget } from "./decide.ts";

const notReady = { key: "cluster.karmada.io/not-ready", effect: "NoSchedule" };
const unreachable = { key: "cluster.karmada.io/unreachable", effect: "NoSchedule" };
const mine = { key: "mine", value: "1", effect: "NoExecute" };

for (const { name, ready, taints, result } of [
  { name: "no condition yet", ready: undefined, taints: [], result: [notReady] },
  { name: "not ready", ready: "False" as const, taints: [mine, unreachable], result: [mine, notReady] },
  { name: "unknown", ready: "Unknown" as const, taints: [notReady], result: [unreachable] },
  { name: "ready", ready: "True" as const, taints: [notReady, mine, unreachable], result: [mine] },
  { name: "ready already", ready: "True" as const, taints: [mine], result: undefined },
  { name: "not ready already", ready: "False" as const, taints: [notReady], result: undefined },
  {
    name: "the same key with another effect is someone else's",
    ready: "True" as const,
    taints: [{ ...notReady, effect: "NoExecute" }],
    result: undefined,
  },
]) {
  test(name, () => {
    const status = ready === undefined ? undefined : { conditions: [conditionWith("Ready", ready)] };
    assert.deepEqual(taintsByHealth(clusterWith("m1", { taints }, status)), result);
  });
}

test("taints as text", () => {
  assert.equal(taintsText([]), "cluster now does not have taints");
  assert.equal(
    taintsText([notReady, mine]),
    "cluster now has taints([{Key:cluster.karmada.io/not-ready,Effect:NoSchedule},{Key:mine,Value:1,Effect:NoExecute}])",
  );
});

test("a binding leaves a cluster that it is scheduled to, and keeps the others", () => {
  const both = bindingWith({ spec: { clusters: [{ name: "m1", replicas: 2 }, { name: "m2" }] } });
  assert.deepEqual(withoutTarget(both, "m1").spec.clusters, [{ name: "m2" }]);
  assert.equal(withoutTarget(both, "m3"), both);
  assert.equal("clusters" in withoutTarget(withoutTarget(both, "m1"), "m2").spec, false);
});
