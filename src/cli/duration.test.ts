import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDuration } from "./duration.ts";

for (const { text, expected } of [
  { text: "60s", expected: 60_000 },
  { text: "1m0s", expected: 60_000 },
  { text: "1.5h", expected: 5_400_000 },
  { text: "250ms", expected: 250 },
  { text: "0", expected: 0 },
  { text: "10", expected: undefined },
  { text: "-1s", expected: undefined },
  { text: "s", expected: undefined },
]) {
  test(`duration ${text}`, () => {
    assert.equal(parseDuration(text), expected);
  });
}
