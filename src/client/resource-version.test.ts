import assert from "node:assert/strict";
import { test } from "node:test";
import { isOlderVersion } from "./resource-version.ts";

for (const { left, right, older } of [
  { left: "9", right: "10", older: true },
  { left: "10", right: "9", older: false },
  { left: "18446744073709551614", right: "18446744073709551615", older: true },
  { left: "7", right: "7", older: false },
  { left: "abc", right: "abd", older: false },
  { left: "", right: "5", older: false },
  { left: "05", right: "123", older: false },
]) {
  test(`resource version: ${JSON.stringify(left)} is ${older ? "" : "not "}older than ${right}`, () => {
    assert.equal(isOlderVersion(left, right), older);
  });
}
