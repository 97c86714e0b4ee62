// What Works say, word for word, and when saying it again is no change.
import assert from "node:assert/strict";
import { test } from "node:test";
import { conditionWith, workWith } from "../testing.ts";
import { conditionsAfter, isDispatchingTold } from "./conditions.ts";

const now = Date.UTC(2026, 0, 2);
const time = "2026-01-02T00:00:00Z";
const dispatching = {
  type: "Dispatching",
  status: "True",
  reason: "Dispatching",
  message: "Work is being dispatched to member clusters.",
  lastTransitionTime: time,
};

test("both conditions in one go", () => {
  assert.deepEqual(conditionsAfter(workWith("m1"), { kind: "applied" }, now), [
    dispatching,
    {
      type: "Applied",
      status: "True",
      reason: "AppliedSuccessful",
      message: "Manifest has been successfully applied",
      lastTransitionTime: time,
    },
  ]);
});

test("a failure says how many went through and why not", () => {
  const conditions = conditionsAfter(workWith("m1"), { kind: "failed", applied: 0, total: 1, reason: "no room" }, now);
  assert.deepEqual(conditions[1], {
    type: "Applied",
    status: "False",
    reason: "AppliedFailed",
    message: "Failed to apply all manifests (0/1): no room",
    lastTransitionTime: time,
  });
  const long = conditionsAfter(
    workWith("m1"),
    { kind: "failed", applied: 0, total: 1, reason: "x".repeat(40_000) },
    now,
  );
  assert.equal(long[1]?.message.length, 32_768);
});

test("suspension is told, and what was applied stays said", () => {
  const applied = conditionWith("Applied", "True");
  const work = workWith(
    "m1",
    { suspendDispatching: true },
    { conditions: [conditionWith("Dispatching", "True"), applied] },
  );
  assert.equal(isDispatchingTold(work), false);
  assert.deepEqual(conditionsAfter(work, undefined, now), [
    {
      type: "Dispatching",
      status: "False",
      reason: "SuspendDispatching",
      message: "Work dispatching is in a suspended state.",
      lastTransitionTime: time,
    },
    applied,
  ]);
});

test("the same again is the same list; another reason of the same status keeps its time", () => {
  const first = conditionsAfter(workWith("m1"), { kind: "failed", applied: 0, total: 1, reason: "a" }, now);
  const work = workWith("m1", {}, { conditions: first });
  assert.equal(conditionsAfter(work, { kind: "failed", applied: 0, total: 1, reason: "a" }, now + 1000), first);
  assert.equal(conditionsAfter(work, undefined, now + 1000), first);
  const second = conditionsAfter(work, { kind: "failed", applied: 0, total: 1, reason: "b" }, now + 1000);
  assert.equal(second[1]?.lastTransitionTime, time);
  const third = conditionsAfter(work, { kind: "applied" }, now + 1000);
  assert.equal(third[1]?.lastTransitionTime, "2026-01-02T00:00:01Z");
});
