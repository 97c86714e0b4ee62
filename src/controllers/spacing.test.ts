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

test("keys that come up late make later ones wait longer, up to a bound; keys in time end that", () => {
  const { time, spacing } = fixture();
  const dealWith = (milliseconds: number): void => {
    time.now += spacing.waitMilliseconds("a") + milliseconds;
    assert.equal(spacing.waitMilliseconds("a"), 0);
    spacing.settle("a", false);
  };
  dealWith(4);
  assert.equal(spacing.waitMilliseconds("b"), 20, "one that is a bit late makes no difference");
  for (let count = 0; count < 100; count++) dealWith(20);
  assert.equal(Math.round(spacing.waitMilliseconds("c")), 1_000);
  spacing.settle("d", true);
  assert.equal(Math.round(spacing.waitMilliseconds("d")), 1_000, "after a write as well");
  for (let count = 0; count < 100; count++) dealWith(500);
  assert.equal(spacing.waitMilliseconds("e"), 3_000);
  for (let count = 0; count < 100; count++) dealWith(0);
  assert.equal(spacing.waitMilliseconds("f"), 20);
});

test("news that is due keeps its turn while others are dealt with, but not for ever", () => {
  const { time, spacing } = fixture();
  spacing.waitMilliseconds("late");
  spacing.waitMilliseconds("gone");
  time.now = 1_000;
  spacing.settle("other", true);
  assert.equal(spacing.waitMilliseconds("late"), 0);
  time.now = 70_000;
  spacing.settle("other", true);
  assert.ok(spacing.waitMilliseconds("gone") > 0, "it begins anew");
});
