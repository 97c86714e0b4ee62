import assert from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "./manual-clock.ts";

test("manual clock: timers fire in order of time, then of making", async () => {
  const clock = new ManualClock();
  const fired: string[] = [];
  clock.timer(20, () => fired.push("c"));
  clock.timer(10, () => fired.push("a"));
  clock.timer(10, () => fired.push("b"));
  const cancel = clock.timer(5, () => fired.push("never"));
  cancel();
  await clock.advance(10);
  assert.deepEqual(fired, ["a", "b"]);
  await clock.until(() => fired.length === 3);
  assert.equal(clock.monotonic(), 20);
  assert.equal(clock.pending, 0);
});

test("manual clock: a sleep ends with its time or its signal", async () => {
  const clock = new ManualClock();
  const controller = new AbortController();
  const first = clock.sleep(10);
  const second = clock.sleep(10, controller.signal);
  controller.abort(new Error("enough"));
  await assert.rejects(second, { message: "enough" });
  await clock.advance(10);
  await first;
  await assert.rejects(
    clock.until(() => false, 10),
    /does not hold/,
  );
});
