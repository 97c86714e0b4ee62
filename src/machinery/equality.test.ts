import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { cloneJson, deepEqual, deepFreeze, semanticEqual } from "./equality.ts";

const table: { left: unknown; right: unknown; deep: boolean; semantic: boolean }[] = [
  { left: { a: 1, b: [1, 2] }, right: { b: [1, 2], a: 1 }, deep: true, semantic: true },
  { left: { a: 1, b: undefined }, right: { a: 1 }, deep: true, semantic: true },
  { left: { a: 1 }, right: { a: 1, b: undefined }, deep: true, semantic: true },
  { left: { a: 1 }, right: { b: 1 }, deep: false, semantic: false },
  { left: { a: 1, b: undefined }, right: { a: 1, c: 1 }, deep: false, semantic: false },
  { left: { a: null }, right: {}, deep: false, semantic: true },
  { left: { a: [] }, right: {}, deep: false, semantic: true },
  { left: { a: { b: {} } }, right: { a: {} }, deep: false, semantic: true },
  { left: { a: { b: [{}] } }, right: { a: {} }, deep: false, semantic: false },
  { left: { a: 0 }, right: {}, deep: false, semantic: false },
  { left: { a: "" }, right: {}, deep: false, semantic: false },
  { left: [], right: null, deep: false, semantic: true },
  { left: [1, 2], right: [2, 1], deep: false, semantic: false },
  { left: [1], right: [1, 2], deep: false, semantic: false },
  { left: [], right: {}, deep: false, semantic: true },
  { left: { toString: 1 }, right: { a: 1 }, deep: false, semantic: false },
  { left: JSON.parse('{"__proto__":{}}'), right: { b: 1 }, deep: false, semantic: false },
  { left: JSON.parse('{"__proto__":{"a":1}}'), right: JSON.parse('{"__proto__":{"a":1}}'), deep: true, semantic: true },
  { left: 5n, right: 5, deep: true, semantic: true },
  { left: 5, right: 5.5, deep: false, semantic: false },
  { left: 5n, right: Infinity, deep: false, semantic: false },
  { left: "1", right: 1, deep: false, semantic: false },
];
for (const { left, right, deep, semantic } of table) {
  test(`deepEqual and semanticEqual compare ${inspect(left)} with ${inspect(right)}`, () => {
    assert.equal(deepEqual(left, right), deep);
    assert.equal(deepEqual(right, left), deep);
    assert.equal(semanticEqual(left, right), semantic);
    assert.equal(semanticEqual(right, left), semantic);
  });
}

function inspect(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => (typeof item === "bigint" ? String(item) : item));
}

test("property: a clone is equal and shares nothing", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const copy = cloneJson(value);
      assert.deepEqual(copy, value);
      assert.ok(deepEqual(copy, value));
      assert.ok(semanticEqual(copy, value));
      if (typeof value === "object" && value !== null) assert.notEqual(copy, value);
    }),
  );
});

test("property: deepEqual is what the texts with sorted keys say", () => {
  const small = fc.oneof(fc.constantFrom(0, 1, "a", null), fc.array(fc.constantFrom(0, 1), { maxLength: 2 }));
  const record = fc.dictionary(fc.constantFrom("a", "b", "c"), small, { maxKeys: 3 });
  fc.assert(
    fc.property(record, record, (left, right) => {
      const text = (value: Record<string, unknown>): string => JSON.stringify(Object.entries(value).sort());
      assert.equal(deepEqual(left, right), text(left) === text(right));
    }),
  );
});

test("cloneJson keeps a key __proto__ as a plain key", () => {
  const source: unknown = JSON.parse('{"a":{"__proto__":{"x":1}}}');
  const copy = cloneJson(source);
  assert.equal(JSON.stringify(copy), '{"a":{"__proto__":{"x":1}}}');
  assert.equal(Object.hasOwn(Object.prototype, "x"), false);
});

test("cloneJson drops undefined fields", () => {
  assert.deepEqual(Object.keys(cloneJson({ a: undefined, b: 1 })), ["b"]);
});

test("deepFreeze freezes everything and gives the value back", () => {
  const value = { a: [{ b: 1 }], c: { d: {} } };
  assert.equal(deepFreeze(value), value);
  for (const part of [value, value.a, value.a[0], value.c, value.c.d]) assert.ok(Object.isFrozen(part));
});
