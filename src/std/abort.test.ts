import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { abortable, deadlineSignal, DeadlineError, untilAborted } from "./abort.ts";
import type { Clock } from "./time.ts";

/** A clock that moves when told to. */
function handClock() {
  const timers = new Map<() => void, number>();
  let now = 0;
  const clock: Clock = {
    now: () => now,
    monotonic: () => now,
    sleep: () => Promise.resolve(),
    timer(milliseconds, run) {
      timers.set(run, now + milliseconds);
      return () => {
        timers.delete(run);
      };
    },
    yield: () => Promise.resolve(),
  };
  const advance = (milliseconds: number): void => {
    now += milliseconds;
    for (const [run, at] of timers) {
      if (at > now) continue;
      timers.delete(run);
      run();
    }
  };
  return { clock, advance, timers };
}

test("a deadline aborts with a DeadlineError when its time is over", () => {
  const { clock, advance } = handClock();
  const parent = new AbortController();
  const signal = deadlineSignal(clock, 100, parent.signal);
  advance(99);
  assert.equal(signal.aborted, false);
  advance(1);
  assert.ok(signal.reason instanceof DeadlineError);
  assert.equal(signal.reason.message, "not done within 100 ms");
  assert.equal(getEventListeners(parent.signal, "abort").length, 0);
});

test("a deadline aborts with its parent and then holds no timer", () => {
  const { clock, timers } = handClock();
  const parent = new AbortController();
  const signal = deadlineSignal(clock, 100, parent.signal);
  const reason = new Error("shutting down");
  parent.abort(reason);
  assert.equal(signal.reason, reason);
  assert.equal(timers.size, 0);
  assert.equal(deadlineSignal(clock, 100, parent.signal).reason, reason);
  assert.equal(timers.size, 0);
});

test("a disposed deadline lets go of timer and parent", () => {
  const { clock, timers } = handClock();
  const parent = new AbortController();
  {
    using signal = deadlineSignal(clock, 100, parent.signal);
    assert.equal(signal.aborted, false);
    assert.equal(timers.size, 1);
  }
  assert.equal(timers.size, 0);
  assert.equal(getEventListeners(parent.signal, "abort").length, 0);
});

test("abortable passes results through and rejects at the abort", async () => {
  const controller = new AbortController();
  assert.equal(await abortable(Promise.resolve(7), controller.signal), 7);
  await assert.rejects(abortable(Promise.reject(new Error("no")), controller.signal), /no/);
  assert.equal(getEventListeners(controller.signal, "abort").length, 0);
  const never = abortable(new Promise(() => undefined), controller.signal);
  controller.abort("a text");
  await assert.rejects(never, { message: "aborted", cause: "a text" });
  await assert.rejects(abortable(Promise.reject(new Error("unseen")), controller.signal), { message: "aborted" });
  await untilAborted(controller.signal);
});
