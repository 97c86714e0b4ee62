import assert from "node:assert/strict";
import { test } from "node:test";
import { AsyncQueue } from "./async-queue.ts";

async function collect<T>(queue: AsyncQueue<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of queue) items.push(item);
  return items;
}

test("hands items over in order, waiting or not, until the end", async () => {
  const queue = new AsyncQueue<number>({ weightMax: 10 });
  queue.push(1);
  const all = collect(queue);
  queue.push(2);
  await Promise.resolve();
  queue.push(3);
  queue.end();
  assert.equal(queue.push(4), false);
  assert.deepEqual(await all, [1, 2, 3]);
});

test("refuses what is too much, but lets one heavy item through", () => {
  const queue = new AsyncQueue<string>({ weightMax: 3 });
  assert.equal(queue.push("heavy", 5), true);
  assert.equal(queue.push("light"), false);
  const other = new AsyncQueue<string>({ weightMax: 3 });
  assert.deepEqual([other.push("a", 2), other.push("b", 1), other.push("c", 1)], [true, true, false]);
  assert.equal(other.length, 2);
});

test("room comes back as items are taken", async () => {
  const queue = new AsyncQueue<number>({ weightMax: 2 });
  for (let round = 0; round < 3000; round++) {
    assert.equal(queue.push(round), true);
    assert.deepEqual(await queue.next(), { done: false, value: round });
  }
  assert.equal(queue.length, 0);
});

test("an error comes after what waits, once; a cut drops what waits", async () => {
  const queue = new AsyncQueue<number>({ weightMax: 10 });
  queue.push(1);
  queue.end(new Error("broken"));
  assert.deepEqual(await queue.next(), { done: false, value: 1 });
  await assert.rejects(queue.next(), /broken/);
  assert.deepEqual(await queue.next(), { done: true, value: undefined });
  const cut = new AsyncQueue<number>({ weightMax: 10 });
  cut.push(1);
  cut.cut(new Error("too slow"));
  await assert.rejects(cut.next(), /too slow/);
});

test("tells of the close once, however the consumer leaves", async () => {
  const closes: string[] = [];
  const left = new AsyncQueue<number>({ weightMax: 10, onClose: () => closes.push("left") });
  left.push(1);
  left.push(2);
  for await (const item of left) {
    assert.equal(item, 1);
    break;
  }
  await left.return();
  assert.equal(left.push(3), false);
  const waiting = new AsyncQueue<number>({ weightMax: 10, onClose: () => closes.push("waiting") });
  const next = waiting.next();
  await waiting.return();
  assert.deepEqual(await next, { done: true, value: undefined });
  const failed = new AsyncQueue<number>({ weightMax: 10, onClose: () => closes.push("failed") });
  failed.end(new Error("x"));
  assert.deepEqual(closes, ["left", "waiting"]);
  await assert.rejects(failed.next());
  assert.deepEqual(closes, ["left", "waiting", "failed"]);
});

test("a second consumer is a programmer's error", () => {
  const queue = new AsyncQueue<number>({ weightMax: 10 });
  void queue.next();
  assert.throws(() => queue.next(), /one consumer/);
});
