import assert from "node:assert/strict";
import test from "node:test";
import { fnv32a, safeEncode, safeHash } from "./hash.ts";

test("fnv32a gives the published test vectors", () => {
  for (const [text, hash] of [
    ["", 0x811c9dc5],
    ["a", 0xe40c292c],
    ["foobar", 0xbf9cf968],
  ] as const) {
    assert.equal(fnv32a(text), hash);
  }
});

test("safeEncode maps the ten digits", () => {
  assert.equal(safeEncode("0123456789"), "456789bcdf");
});

test("safeHash hashes UTF-8 bytes", () => {
  assert.equal(safeHash("żółw-clusterrole"), "67d585bc45");
});
