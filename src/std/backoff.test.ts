import assert from "node:assert/strict";
import { test } from "node:test";
import { backoffDelay } from "./backoff.ts";
import type { Random } from "./random.ts";

const half: Random = { uint32: () => 2 ** 31, uuid: () => "" };

for (const { attempt, jitter, delay } of [
  { attempt: 1, jitter: 0, delay: 100 },
  { attempt: 2, jitter: 0, delay: 200 },
  { attempt: 4, jitter: 0, delay: 800 },
  { attempt: 5, jitter: 0, delay: 1000 },
  { attempt: 5000, jitter: 0, delay: 1000 },
  { attempt: 1, jitter: 1, delay: 150 },
  { attempt: 0, jitter: 0, delay: 100 },
]) {
  test(`backoff: after ${attempt} failures with jitter ${jitter} waits ${delay} ms`, () => {
    assert.equal(backoffDelay({ firstMilliseconds: 100, maxMilliseconds: 1000, jitter }, attempt, half), delay);
  });
}
