import assert from "node:assert/strict";
import { test } from "node:test";
import type { PodDisruptionBudget } from "#api/kinds.ts";
import { testNow, testPod } from "../testing.ts";
import { budgetStatus } from "./decide.ts";

function budgetWith(spec: PodDisruptionBudget["spec"], status?: PodDisruptionBudget["status"]): PodDisruptionBudget {
  const metadata = { name: "web", namespace: "ns", generation: 1 };
  return { apiVersion: "policy/v1", kind: "PodDisruptionBudget", metadata, spec, ...(status && { status }) };
}

const ready = (name: string): ReturnType<typeof testPod> => testPod({ name, readyFor: 1000 });
const pods = [ready("a"), ready("b"), ready("c"), testPod({ name: "d" }), testPod({ name: "e", phase: "Failed" })];

for (const { spec, wanted = 4, want } of [
  { spec: { minAvailable: 2 }, want: [4, 2, 3, 1] },
  { spec: { minAvailable: 3 }, want: [4, 3, 3, 0] },
  { spec: { minAvailable: "50%" }, wanted: 5, want: [5, 3, 3, 0] },
  { spec: { maxUnavailable: 2 }, want: [4, 2, 3, 1] },
  { spec: { maxUnavailable: "25%" }, want: [4, 3, 3, 0] },
  { spec: { maxUnavailable: 1 }, wanted: 0, want: [0, 0, 3, 0] },
]) {
  test(`a budget of ${JSON.stringify(spec)} with ${wanted} wanted`, () => {
    const status = budgetStatus({ budget: budgetWith(spec), pods, wanted, now: testNow });
    const { expectedPods, desiredHealthy, currentHealthy, disruptionsAllowed } = status;
    assert.deepEqual([expectedPods, desiredHealthy, currentHealthy, disruptionsAllowed], want);
    const [, , , allowed = 0] = want;
    assert.equal(status.conditions?.[0]?.reason, allowed > 0 ? "SufficientPods" : "InsufficientPods");
    const again = budgetStatus({ budget: budgetWith(spec, status), pods, wanted, now: testNow + 5000 });
    assert.equal(again, status);
  });
}
