import assert from "node:assert/strict";
import { test } from "node:test";
import { type Condition, findCondition, isConditionTrue, setCondition } from "./conditions.ts";

const then = "2026-01-01T00:00:00Z";
const now = Date.UTC(2026, 0, 2);
const ready = { type: "Ready", status: "True", reason: "Ok", message: "fine", lastTransitionTime: then };

for (const { name, condition, expected } of [
  {
    name: "a flip moves the time",
    condition: { type: "Ready", status: "False", reason: "Down", message: "" },
    expected: [
      { type: "Ready", status: "False", reason: "Down", message: "", lastTransitionTime: "2026-01-02T00:00:00Z" },
    ],
  },
  {
    name: "a new message keeps the time",
    condition: { type: "Ready", status: "True", reason: "Ok", message: "better" },
    expected: [{ ...ready, message: "better" }],
  },
  {
    name: "a new condition comes last",
    condition: { type: "Synced", status: "True" },
    expected: [ready, { type: "Synced", status: "True", lastTransitionTime: "2026-01-02T00:00:00Z" }],
  },
  {
    name: "a time given with a flip is kept",
    condition: { type: "Ready", status: "False", lastTransitionTime: "2026-01-03T00:00:00Z" },
    expected: [{ ...ready, status: "False", lastTransitionTime: "2026-01-03T00:00:00Z" }],
  },
]) {
  test(`setCondition: ${name}`, () => {
    const before: readonly Condition[] = [ready];
    assert.deepEqual(setCondition(before, condition, now), expected);
    assert.deepEqual(before, [ready]);
  });
}

test("setCondition gives the same list back if nothing changes", () => {
  const list = [ready];
  assert.equal(setCondition(list, { ...ready, lastTransitionTime: "2026-01-09T00:00:00Z" }, now), list);
  assert.equal(setCondition(undefined, ready, now).length, 1);
});

test("conditions are found and asked", () => {
  const list = [ready];
  assert.equal(findCondition(list, "Ready"), ready);
  assert.equal(findCondition(undefined, "Ready"), undefined);
  assert.ok(isConditionTrue(list, "Ready"));
  assert.ok(!isConditionTrue(list, "Synced"));
});
