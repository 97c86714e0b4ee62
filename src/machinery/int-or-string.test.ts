import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError } from "./api-error.ts";
import { scaledValue } from "./int-or-string.ts";

for (const { value, total, up, down } of [
  { value: 3, total: 10, up: 3, down: 3 },
  { value: "25%", total: 10, up: 3, down: 2 },
  { value: "50%", total: 10, up: 5, down: 5 },
  { value: "0%", total: 10, up: 0, down: 0 },
  { value: "100%", total: 0, up: 0, down: 0 },
]) {
  test(`${value} of ${total}`, () => {
    assert.equal(scaledValue(value, total, "up"), up);
    assert.equal(scaledValue(value, total, "down"), down);
  });
}

test("a text that is no percentage is refused", () => {
  for (const value of ["5", "x%", "%", "1.5%"]) {
    assert.throws(
      () => scaledValue(value, 10, "up"),
      (error) => error instanceof ApiError && error.message.endsWith("invalid type: string is not a percentage"),
    );
  }
});
