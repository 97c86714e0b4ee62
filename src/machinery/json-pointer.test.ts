import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { formatJsonPointer, parseJsonPointer } from "./json-pointer.ts";

for (const { text, tokens } of [
  { text: "", tokens: [] },
  { text: "/", tokens: [""] },
  { text: "/a/0/-", tokens: ["a", "0", "-"] },
  { text: "/example.com~1key/m~0n", tokens: ["example.com/key", "m~n"] },
  { text: "/~01", tokens: ["~1"] },
  { text: "a/b", tokens: undefined },
  { text: "/a~2", tokens: undefined },
  { text: "/a~", tokens: undefined },
]) {
  test(`parseJsonPointer: ${JSON.stringify(text)}`, () => {
    assert.deepEqual(parseJsonPointer(text), tokens);
  });
}

test("a pointer that was formatted reads as it was", () => {
  fc.assert(
    fc.property(fc.array(fc.string()), (tokens) => {
      assert.deepEqual(parseJsonPointer(formatJsonPointer(tokens)), tokens);
    }),
  );
});
