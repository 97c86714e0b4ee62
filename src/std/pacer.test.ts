import assert from "node:assert/strict";
import { test } from "node:test";
import { createPacer } from "./pacer.ts";
import { systemClock } from "./time.ts";

test("pacer: yields only when the turn has been held long enough", async () => {
  let now = 0;
  let yields = 0;
  const clock = { ...systemClock, monotonic: () => now, yield: () => ((yields += 1), Promise.resolve()) };
  const pacer = createPacer(clock, 5);
  assert.equal(pacer.pause(), undefined);
  now = 4;
  assert.equal(pacer.pause(), undefined);
  now = 5;
  await pacer.pause();
  assert.equal(yields, 1);
  assert.equal(pacer.pause(), undefined);
});
