import assert from "node:assert/strict";
import { test } from "node:test";
import type { ObservedWorkload, WorkloadRebalancer } from "#api/apps/workload-rebalancer.ts";
import { type Answer, statusWith, timeLeft, workloadsToObserve } from "./decide.ts";

const workload = (name: string) => ({ apiVersion: "apps/v1", kind: "Deployment", namespace: "default", name });
const rebalancer = (
  names: readonly string[],
  status?: WorkloadRebalancer["status"],
  ttlSecondsAfterFinished?: number,
): WorkloadRebalancer => ({
  apiVersion: "apps.karmada.io/v1alpha1",
  kind: "WorkloadRebalancer",
  metadata: { name: "r", generation: 2 },
  spec: {
    workloads: names.map(workload),
    ...(ttlSecondsAfterFinished === undefined ? {} : { ttlSecondsAfterFinished }),
  },
  ...(status === undefined ? {} : { status }),
});
const successful = (name: string): ObservedWorkload => ({ workload: workload(name), result: "Successful" });
const failed = (name: string): ObservedWorkload => ({
  workload: workload(name),
  result: "Failed",
  reason: "ReferencedBindingNotFound",
});

test("observed: what is asked for and what was done before; failures no longer asked for are dropped", () => {
  const before = { observedWorkloads: [failed("gone"), successful("a"), failed("b")] };
  const items = workloadsToObserve(rebalancer(["c", "b"], before));
  assert.deepEqual(items, [successful("a"), failed("b"), { workload: workload("c") }]);
});

for (const { name, answer, item, finishTime } of [
  { name: "done", answer: "triggered", item: successful("a"), finishTime: "1970-01-01T00:00:05Z" },
  { name: "no binding", answer: "notFound", item: failed("a"), finishTime: "1970-01-01T00:00:05Z" },
  { name: "to be tried again", answer: "failed", item: { workload: workload("a") }, finishTime: undefined },
] as const) {
  test(`status: ${name}`, () => {
    const asked = rebalancer(["a"]);
    const items = workloadsToObserve(asked);
    const answers = new Map(items.map((each): [ObservedWorkload, Answer] => [each, answer]));
    const status = statusWith(asked, items, answers, 5_000);
    assert.deepEqual(status.observedWorkloads, [item]);
    assert.equal(status.finishTime, finishTime);
    assert.equal(status.observedGeneration, 2);
    const again = rebalancer(["a"], status);
    assert.deepEqual(statusWith(again, workloadsToObserve(again), new Map(), 9_000), status);
  });
}

for (const { name, ttl, finishTime, left } of [
  { name: "no time to live", ttl: undefined, finishTime: "1970-01-01T00:00:05Z", left: undefined },
  { name: "not finished", ttl: 10, finishTime: undefined, left: undefined },
  { name: "some time left", ttl: 10, finishTime: "1970-01-01T00:00:05Z", left: 8_000 },
  { name: "at once", ttl: 0, finishTime: "1970-01-01T00:00:05Z", left: 0 },
]) {
  test(`time left: ${name}`, () => {
    const status = {
      observedWorkloads: [successful("a")],
      ...(finishTime === undefined ? {} : { finishTime }),
    };
    assert.equal(timeLeft(rebalancer(["a"], status, ttl), status, 7_000), left);
  });
}
