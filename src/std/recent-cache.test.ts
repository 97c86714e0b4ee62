import assert from "node:assert/strict";
import { test } from "node:test";
import { RecentCache } from "./recent-cache.ts";

test("what is used stays, what is not goes, and the number is bounded", () => {
  const cache = new RecentCache<number, number>(10);
  for (let key = 0; key < 100; key++) {
    cache.set(key, key);
    assert.equal(cache.get(0), 0, "it is asked for all the time");
  }
  const kept = Array.from({ length: 100 }, (_, key) => cache.peek(key)).filter((value) => value !== undefined);
  assert.ok(kept.length <= 20, `kept ${String(kept.length)}`);
  assert.equal(cache.peek(99), 99);
  assert.equal(cache.peek(50), undefined);
});
