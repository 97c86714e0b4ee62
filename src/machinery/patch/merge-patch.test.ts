import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { cloneJson, deepFreeze } from "../equality.ts";
import { applyMergePatch, createMergePatch } from "./merge-patch.ts";

type JsonRecord = Record<string, unknown>;

const rows: readonly { target: JsonRecord; patch: JsonRecord; result: JsonRecord }[] = [
  { target: { a: "b" }, patch: { a: "c" }, result: { a: "c" } },
  { target: { a: "b" }, patch: { b: "c" }, result: { a: "b", b: "c" } },
  { target: { a: "b" }, patch: { a: null }, result: {} },
  { target: { a: "b", b: 1 }, patch: { a: null, x: null }, result: { b: 1 } },
  { target: { a: ["b"] }, patch: { a: "c" }, result: { a: "c" } },
  { target: { a: "c" }, patch: { a: ["b"] }, result: { a: ["b"] } },
  { target: { a: { b: "c" } }, patch: { a: { b: "d", c: null } }, result: { a: { b: "d" } } },
  { target: { a: [{ b: "c" }] }, patch: { a: [1] }, result: { a: [1] } },
  { target: { e: null }, patch: { a: 1 }, result: { e: null, a: 1 } },
  { target: {}, patch: { a: { bb: { ccc: null } } }, result: { a: { bb: {} } } },
  { target: { a: 1 }, patch: { a: {} }, result: { a: {} } },
  { target: {}, patch: { a: [{ b: null, c: 1 }, null] }, result: { a: [{ c: 1 }, null] } },
];
for (const { target, patch, result } of rows) {
  test(`merge patch ${JSON.stringify(patch)} on ${JSON.stringify(target)}`, () => {
    const before = cloneJson(target);
    assert.deepEqual(applyMergePatch(deepFreeze(target), deepFreeze(patch)), result);
    assert.deepEqual(target, before);
  });
}

test("a merge patch that changes nothing gives the target itself", () => {
  const target = deepFreeze({ a: { b: [1, { c: 2 }] }, d: 1 });
  assert.equal(applyMergePatch(target, { a: { b: [1, { c: 2 }], x: null }, d: 1 }), target);
});

test("unchanged parts are shared", () => {
  const target = { a: { b: 1 }, c: { d: 1 } };
  assert.equal(applyMergePatch(target, { c: { d: 2 } })["a"], target.a);
});

test("a key __proto__ sets no prototype", () => {
  const patch: unknown = JSON.parse('{"a":{"__proto__":{"polluted":1}}}');
  const result = applyMergePatch({}, cloneJson(patch) as JsonRecord);
  assert.equal(JSON.stringify(result), '{"a":{"__proto__":{"polluted":1}}}');
  assert.equal(Object.hasOwn(Object.prototype, "polluted"), false);
});

for (const { from, to, patch } of [
  { from: { a: 1 }, to: { a: 1 }, patch: {} },
  { from: { a: 1, b: 2 }, to: { a: 2 }, patch: { a: 2, b: null } },
  { from: { a: { b: 1, c: 1 } }, to: { a: { b: 1 } }, patch: { a: { c: null } } },
  { from: { a: [1, 2] }, to: { a: [1] }, patch: { a: [1] } },
  { from: { a: [1] }, to: { a: { b: 1 } }, patch: { a: { b: 1 } } },
  { from: {}, to: { a: {} }, patch: { a: {} } },
]) {
  test(`the merge patch from ${JSON.stringify(from)} to ${JSON.stringify(to)}`, () => {
    assert.deepEqual(createMergePatch(from, to), patch);
  });
}

const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(1, "x", true),
    fc.array(tie("value"), { maxLength: 2 }),
    fc.dictionary(fc.constantFrom("a", "b", "c"), tie("value"), { noNullPrototype: true }),
  ),
}));
const record = fc.dictionary(fc.constantFrom("a", "b", "c"), value, { noNullPrototype: true });

test("property: applying the difference gives the other one, and edits nothing", () => {
  fc.assert(
    fc.property(record, record, (from, to) => {
      const patch = createMergePatch(deepFreeze(from), deepFreeze(to));
      assert.deepEqual(applyMergePatch(from, deepFreeze(patch)), to);
      assert.deepEqual(createMergePatch(from, from), {});
    }),
  );
});
