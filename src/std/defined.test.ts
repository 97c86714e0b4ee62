// Undefined fields go, everything else stays.
import assert from "node:assert/strict";
import { test } from "node:test";
import { defined } from "./defined.ts";

test("leaves undefined fields out, and only those", () => {
  const maybe: string | undefined = [undefined, "x"][0];
  const result: { a: number; b?: string; c: null } = defined({ a: 0, b: maybe, c: null });
  assert.deepEqual(Object.keys(result), ["a", "c"]);
});
