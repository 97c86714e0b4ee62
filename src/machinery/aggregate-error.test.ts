// One error as it is, several as a list.
import assert from "node:assert/strict";
import { test } from "node:test";
import { errorsText, throwErrors } from "./aggregate-error.ts";

test("texts", () => {
  assert.equal(errorsText([new Error("a")]), "a");
  assert.equal(errorsText([new Error("a"), new Error("a")]), "a");
  assert.equal(errorsText([new Error("a"), "b"]), "[a, b]");
});

test("throws the only one as it is, several as one, and none not at all", () => {
  const only = new Error("a");
  throwErrors([]);
  assert.throws(
    () => {
      throwErrors([only]);
    },
    (error) => error === only,
  );
  assert.throws(() => {
    throwErrors([only, new Error("b")]);
  }, /^Error: \[a, b\]$/);
});
