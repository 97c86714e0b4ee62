import assert from "node:assert/strict";
import { test } from "node:test";
import { formatTime } from "#std/time.ts";
import { testNow, testPod, testReplicaSet } from "../testing.ts";
import { planReplicaSet, replicaSetStatus } from "./decide.ts";

const set = testReplicaSet({ image: "a", size: 2 });

for (const { name, replicas = 2, pods, create = 0, remove = [] } of [
  { name: "creates what is missing", pods: [testPod({ name: "a" })], create: 1 },
  {
    name: "does not count pods that have ended or are to go",
    pods: [testPod({ phase: "Failed" }), testPod({ deleting: true })],
    create: 2,
  },
  { name: "creates at most 500 at once", replicas: 2000, pods: [], create: 500 },
  {
    name: "removes pods without a node first",
    replicas: 1,
    pods: [testPod({ name: "a", node: "n" }), testPod({ name: "b" })],
    remove: ["b"],
  },
  {
    name: "removes pods that wait first",
    replicas: 1,
    pods: [testPod({ name: "a" }), testPod({ name: "b", phase: "Pending" })],
    remove: ["b"],
  },
  {
    name: "removes pods that are not ready first",
    replicas: 1,
    pods: [testPod({ name: "a", readyFor: 1000 }), testPod({ name: "b" })],
    remove: ["b"],
  },
  {
    name: "removes cheap pods first",
    replicas: 1,
    pods: [
      testPod({ name: "a", readyFor: 0, annotations: { "controller.kubernetes.io/pod-deletion-cost": "5" } }),
      testPod({ name: "b", readyFor: 9000 }),
    ],
    remove: ["b"],
  },
  {
    name: "removes those that are ready for the shortest time first",
    replicas: 1,
    pods: [testPod({ name: "a", readyFor: 9000 }), testPod({ name: "b", readyFor: 1000 })],
    remove: ["b"],
  },
]) {
  test(name, () => {
    const plan = planReplicaSet({ ...set, spec: { ...set.spec, replicas } }, pods, testNow);
    assert.deepEqual(
      { create: plan.create, remove: plan.remove.map(({ metadata }) => metadata.name) },
      { create, remove },
    );
  });
}

test("a set that is being deleted is left alone", () => {
  const deleted = { ...set, metadata: { ...set.metadata, deletionTimestamp: formatTime(testNow) } };
  assert.deepEqual(planReplicaSet(deleted, [], testNow), { create: 0, remove: [], wakeAt: undefined });
});

test("a ready pod becomes available after minReadySeconds", () => {
  const slow = { ...set, spec: { ...set.spec, minReadySeconds: 10 } };
  const pods = [testPod({ name: "a", readyFor: 4000 }), testPod({ name: "b", readyFor: 20_000 })];
  assert.equal(planReplicaSet(slow, pods, testNow).wakeAt, testNow + 6000);
  const { replicas, readyReplicas, availableReplicas } = replicaSetStatus(slow, pods, undefined, testNow);
  assert.deepEqual(
    { replicas, readyReplicas, availableReplicas },
    { replicas: 2, readyReplicas: 2, availableReplicas: 1 },
  );
});

test("the status has no zeros, tells of failures, and stays the same when nothing changes", () => {
  const failure = { reason: "FailedCreate", message: "quota" } as const;
  const status = replicaSetStatus(set, [testPod()], failure, testNow);
  assert.deepEqual(status, {
    replicas: 1,
    observedGeneration: 1,
    conditions: [{ type: "ReplicaFailure", status: "True", ...failure, lastTransitionTime: formatTime(testNow) }],
  });
  assert.equal(replicaSetStatus({ ...set, status }, [testPod()], failure, testNow + 5000), status);
  assert.equal(replicaSetStatus({ ...set, status }, [testPod()], undefined, testNow).conditions, undefined);
});
