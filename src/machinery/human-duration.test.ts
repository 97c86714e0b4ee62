import assert from "node:assert/strict";
import { test } from "node:test";
import { humanAge, humanDuration } from "./human-duration.ts";

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

for (const [milliseconds, text] of [
  [-2 * second, "<invalid>"],
  [-second, "0s"],
  [-1, "0s"],
  [0, "0s"],
  [999, "0s"],
  [119 * second, "119s"],
  [120 * second, "2m"],
  [121 * second, "2m1s"],
  [605 * second, "10m"],
  [179 * minute, "179m"],
  [3 * hour + 5 * minute, "3h5m"],
  [3 * hour, "3h"],
  [8 * hour + 5 * minute, "8h"],
  [50 * hour, "2d2h"],
  [48 * hour, "2d"],
  [9 * day, "9d"],
  [729 * day, "729d"],
  [800 * day, "2y70d"],
  [3 * 365 * day, "3y"],
  [8 * 365 * day + 5 * day, "8y"],
] as const) {
  test(`humanDuration(${milliseconds}) is ${text}`, () => {
    assert.equal(humanDuration(milliseconds), text);
  });
}

test("humanAge counts from a time", () => {
  assert.equal(humanAge("2026-01-01T00:00:00Z", Date.UTC(2026, 0, 1, 0, 5)), "5m");
  assert.equal(humanAge(undefined, 0), "<unknown>");
});
