import assert from "node:assert/strict";
import test from "node:test";
import type { FieldOverrider } from "#api/policy/override-policy.ts";
import { DocumentMemo } from "./document-memo.ts";

test("one rule on one text is applied once; another rule, text or copy of the rule is another matter", () => {
  const memo = new DocumentMemo();
  const rule: FieldOverrider = { fieldPath: "/data/f", yaml: [] };
  let patches = 0;
  const patched = (text: string, overrider: FieldOverrider): string =>
    memo.patched(text, overrider, () => {
      patches++;
      return `${text}!`;
    });
  assert.equal(patched("a", rule), "a!");
  assert.equal(patched("a", rule), "a!");
  assert.equal(patches, 1);
  assert.equal(patched("b", rule), "b!");
  assert.equal(patched("a", { ...rule }), "a!");
  assert.equal(patches, 3);
  assert.equal(patched("a", rule), "a!");
  assert.equal(patches, 3);
});

test("a failure is not remembered", () => {
  const memo = new DocumentMemo();
  const rule: FieldOverrider = { fieldPath: "/data/f", yaml: [] };
  const fail = (): string => {
    throw new Error("no");
  };
  assert.throws(() => memo.patched("a", rule, fail));
  assert.equal(
    memo.patched("a", rule, () => "b"),
    "b",
  );
});
