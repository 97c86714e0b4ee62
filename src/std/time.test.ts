import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { systemClock } from "./time.ts";

test("a timer may wait longer than Node's do, and can be stopped on the way", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    const longest = 2 ** 31 - 1;
    let ran = 0;
    systemClock.timer(2 * longest + 5, () => ran++);
    const stop = systemClock.timer(longest + 1, () => (ran += 100));
    mock.timers.tick(longest);
    stop();
    mock.timers.tick(longest);
    assert.equal(ran, 0);
    mock.timers.tick(5);
    assert.equal(ran, 1);
  } finally {
    mock.timers.reset();
  }
});
