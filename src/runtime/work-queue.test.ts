import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ManualClock } from "#std/manual-clock.ts";
import type { Random } from "#std/random.ts";
import { DelayHeap } from "./delay-heap.ts";
import { WorkQueue } from "./work-queue.ts";

const noChance: Random = { uint32: () => 0, uuid: () => "" };

function setUp() {
  const clock = new ManualClock();
  const queue = new WorkQueue<string>({ clock, random: noChance, keyOf: (item) => item });
  /** Takes everything that waits. */
  const drain = async (): Promise<string[]> => {
    const taken: string[] = [];
    while (queue.figures().depth > 0) {
      const item = (await queue.take()) ?? "";
      taken.push(item);
      queue.done(item);
    }
    return taken;
  };
  return { clock, queue, drain };
}

test("work queue: first come, first served; twice is once", async () => {
  const { queue, drain } = setUp();
  for (const item of ["a", "b", "a", "c", "b"]) queue.add(item);
  assert.deepEqual(await drain(), ["a", "b", "c"]);
});

test("work queue: a key added while it is worked on waits again, and is never worked on twice at a time", async () => {
  const { queue } = setUp();
  queue.add("a");
  assert.equal(await queue.take(), "a");
  queue.add("a");
  queue.add("b");
  assert.equal(await queue.take(), "b");
  const next = queue.take();
  queue.done("b");
  queue.done("a");
  assert.equal(await next, "a");
  queue.done("a");
  assert.deepEqual([queue.figures().depth, queue.figures().active], [0, 0]);
});

test("work queue: what users do now overtakes the backlog, which still moves", async () => {
  const { queue, drain } = setUp();
  for (let index = 0; index < 4; index++) queue.add(`old-${index}`, { priority: "low" });
  for (let index = 0; index < 10; index++) queue.add(`new-${index}`);
  queue.add("old-3"); // changed now
  const taken = await drain();
  assert.deepEqual(taken.slice(0, 8), [...Array.from({ length: 7 }, (_, index) => `new-${index}`), "old-0"]);
  assert.equal(taken.indexOf("old-3") < taken.indexOf("old-1"), true);
  assert.equal(taken.length, 14);
});

test("work queue: a higher rank goes first, whatever its lane; a key that waits changes its rank with what it is", async () => {
  const ranks = new Map([
    ["a", 0],
    ["b", 5],
    ["c", 5],
    ["d", -1],
    ["e", 9],
  ]);
  const queue = new WorkQueue<string>({
    clock: new ManualClock(),
    random: noChance,
    keyOf: (item) => item,
    rankOf: (item) => ranks.get(item) ?? 0,
  });
  for (const item of ["d", "a", "b", "c"]) queue.add(item);
  queue.add("e", { priority: "low" });
  ranks.set("a", 7);
  queue.add("a");
  const taken: (string | undefined)[] = [];
  for (let index = 0; index < 5; index++) taken.push(await queue.take());
  assert.deepEqual(taken, ["e", "a", "b", "c", "d"]);
  assert.equal(queue.figures().depth, 0);
});

test("work queue: delayed keys come at their time, at the earlier of two", async () => {
  const { clock, queue, drain } = setUp();
  queue.add("late", { afterMilliseconds: 1000 });
  queue.add("soon", { afterMilliseconds: 100 });
  queue.add("late", { afterMilliseconds: 500 });
  queue.add("late", { afterMilliseconds: 800 });
  assert.equal(queue.figures().delayed, 2);
  await clock.advance(100);
  assert.deepEqual(await drain(), ["soon"]);
  await clock.advance(399);
  assert.deepEqual(await drain(), []);
  await clock.advance(1);
  assert.deepEqual(await drain(), ["late"]);
  assert.equal(clock.pending, 0);
});

test("work queue: failures wait 5 ms, doubling to 1,000 s; success starts over", async () => {
  const { clock, queue, drain } = setUp();
  const waits: number[] = [];
  for (let failure = 0; failure < 20; failure++) {
    queue.retry("a");
    const from = clock.monotonic();
    await clock.until(() => queue.figures().depth === 1);
    waits.push(clock.monotonic() - from);
    await drain();
  }
  assert.deepEqual(waits.slice(0, 5), [5, 10, 20, 40, 80]);
  assert.deepEqual(waits.slice(-2), [1_000_000, 1_000_000]);
  queue.forget("a");
  assert.equal(queue.retry("a"), 1);
});

test("work queue: success on the way drops the retry, not a look that was asked for", async () => {
  const { clock, queue, drain } = setUp();
  queue.retry("a");
  queue.forget("a");
  queue.retry("b");
  queue.add("b", { afterMilliseconds: 50 });
  queue.forget("b");
  await clock.advance(1000);
  assert.deepEqual(await drain(), ["b"]);
});

test("work queue: closing lets takers go and leaves no timer", async () => {
  const { clock, queue } = setUp();
  const taker = queue.take();
  queue.add("later", { afterMilliseconds: 1000 });
  queue.close();
  assert.equal(await taker, undefined);
  assert.equal(await queue.take(), undefined);
  queue.add("a");
  queue.retry("a");
  assert.equal(clock.pending, 0);
});

test("work queue: every key added is taken, whatever the order of adding, taking and finishing", async () => {
  const key = fc.constantFrom("a", "b", "c", "d", "e");
  const step = fc.record({ kind: fc.constantFrom("add", "low", "take", "done", "retry", "forget", "wait"), key });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
      const { clock, queue, drain } = setUp();
      const active = new Set<string>();
      const owed = new Set<string>();
      for (const { kind, key: item } of steps) {
        if (kind === "add" || kind === "low") {
          queue.add(item, { priority: kind === "low" ? "low" : "normal" });
          owed.add(item);
        } else if (kind === "take" && queue.figures().depth > 0) {
          const taken = (await queue.take()) ?? "";
          assert.equal(active.has(taken), false, "worked on twice at a time");
          active.add(taken);
          owed.delete(taken);
        } else if (kind === "done" && active.delete(item)) queue.done(item);
        else if (kind === "retry") queue.retry(item);
        else if (kind === "forget") queue.forget(item);
        else if (kind === "wait") await clock.advance(7);
        assert.equal(queue.figures().active, active.size);
      }
      for (const item of active) queue.done(item);
      const rest = await drain();
      assert.equal(new Set(rest).size, rest.length);
      for (const item of owed) assert.ok(rest.includes(item), `${item} is lost`);
      queue.close();
      assert.equal(clock.pending, 0);
    }),
    { numRuns: 200 },
  );
});

test("work queue: 100,000 keys go through in linear time", async () => {
  const { queue, drain } = setUp();
  for (let index = 0; index < 100_000; index++) queue.add(`default/web-${index}`);
  assert.equal((await drain()).length, 100_000);
});

test("delay heap: gives keys in order of their earliest time", () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ key: fc.nat({ max: 30 }), at: fc.nat({ max: 100 }) }), { maxLength: 300 }),
      (adds) => {
        const heap = new DelayHeap();
        const expected = new Map<string, number>();
        for (const { key, at } of adds) {
          heap.add(String(key), at);
          expected.set(String(key), Math.min(at, expected.get(String(key)) ?? Infinity));
        }
        const dropped = [...expected.keys()][0];
        if (dropped !== undefined) {
          heap.delete(dropped);
          expected.delete(dropped);
        }
        assert.equal(heap.size, expected.size);
        const times: number[] = [];
        for (let at = heap.next(); at !== undefined; at = heap.next()) {
          assert.equal(heap.take(at - 1), undefined);
          const key = heap.take(at) ?? "";
          assert.equal(at, expected.get(key));
          times.push(at);
        }
        assert.deepEqual(
          times,
          [...expected.values()].sort((left, right) => left - right),
        );
      },
    ),
  );
});
