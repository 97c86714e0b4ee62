// News waits for more, writes keep apart.
import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "#std/time.ts";
import { Spacing } from "./spacing.ts";

function fixture() {
  const time = { now: 0 };
  const clock = { ...systemClock, monotonic: () => time.now };
  return { time, spacing: new Spacing(clock, { settleMilliseconds: 20, apartMilliseconds: 100 }) };
}

test("the first news waits for more, once", () => {
  const { time, spacing } = fixture();
  assert.equal(spacing.waitMilliseconds("a"), 20);
  time.now = 15;
  assert.equal(spacing.waitMilliseconds("a"), 5, "later news does not put it off");
  assert.equal(spacing.waitMilliseconds("b"), 20);
  time.now = 20;
  assert.equal(spacing.waitMilliseconds("a"), 0);
});

test("after a write the next keeps its distance; news that changed nothing leaves none", () => {
  const { time, spacing } = fixture();
  spacing.settle("a", true);
  assert.equal(spacing.waitMilliseconds("a"), 100);
  time.now = 100;
  assert.equal(spacing.waitMilliseconds("a"), 0);
  spacing.settle("a", false);
  assert.equal(spacing.waitMilliseconds("a"), 20);
});
