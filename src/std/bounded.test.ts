// No more than the limit at once, all items done, errors gathered.
import assert from "node:assert/strict";
import { test } from "node:test";
import { forEachBounded } from "./bounded.ts";
import { systemClock } from "./time.ts";

test("keeps to the limit, does everything and gathers errors", async () => {
  let active = 0;
  let most = 0;
  const done: number[] = [];
  const errors = await forEachBounded([1, 2, 3, 4, 5, 6, 7], 3, async (item) => {
    most = Math.max(most, ++active);
    await systemClock.yield();
    active--;
    if (item % 3 === 0) throw new Error(`no ${item}`);
    done.push(item);
  });
  assert.equal(most, 3);
  assert.deepEqual(done.sort(), [1, 2, 4, 5, 7]);
  assert.deepEqual(errors.map(String), ["Error: no 3", "Error: no 6"]);
});

test("nothing to do", async () => {
  assert.deepEqual(await forEachBounded([], 3, () => Promise.reject(new Error("never"))), []);
});
