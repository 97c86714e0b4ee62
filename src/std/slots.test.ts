import assert from "node:assert/strict";
import { test } from "node:test";
import { Slots } from "./slots.ts";

test("no more than there are slots, in the order in which they came, and all in the end", async () => {
  const slots = new Slots(2);
  const begun: number[] = [];
  let [now, most] = [0, 0];
  const work = async (index: number): Promise<void> => {
    using _slot = await slots.take();
    begun.push(index);
    most = Math.max(most, ++now);
    await Promise.resolve();
    now--;
    if (index === 1) throw new Error("a failure gives its slot back, too");
  };
  await Promise.allSettled([0, 1, 2, 3, 4].map(work));
  assert.deepEqual(begun, [0, 1, 2, 3, 4]);
  assert.equal(most, 2);
  using slot = await slots.take();
  assert.ok(slot);
});
