import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ApiError } from "../api-error.ts";
import { cloneJson, deepFreeze } from "../equality.ts";
import { applyJsonPatch, decodeJsonPatch } from "./json-patch.ts";

// Every row was compared with the library that Kubernetes uses.
for (const { name, document, patch, result } of [
  { name: "add a key", document: { a: 1 }, patch: [{ op: "add", path: "/b", value: 2 }], result: { a: 1, b: 2 } },
  { name: "add without value", document: {}, patch: [{ op: "add", path: "/b" }], result: { b: null } },
  { name: "add replaces", document: { a: 1 }, patch: [{ op: "add", path: "/a", value: 2 }], result: { a: 2 } },
  { name: "insert", document: { a: [1, 3] }, patch: [{ op: "add", path: "/a/1", value: 2 }], result: { a: [1, 2, 3] } },
  { name: "append", document: { a: [1] }, patch: [{ op: "add", path: "/a/-", value: 2 }], result: { a: [1, 2] } },
  {
    name: "append by index",
    document: { a: [1] },
    patch: [{ op: "add", path: "/a/1", value: 2 }],
    result: { a: [1, 2] },
  },
  {
    name: "insert from the end",
    document: { a: [1] },
    patch: [{ op: "add", path: "/a/-1", value: 2 }],
    result: { a: [1, 2] },
  },
  {
    name: "remove",
    document: { a: [1, 2], b: 1 },
    patch: [
      { op: "remove", path: "/a/-1" },
      { op: "remove", path: "/b" },
    ],
    result: { a: [1] },
  },
  { name: "replace a missing key", document: {}, patch: [{ op: "replace", path: "/a", value: 1 }], result: { a: 1 } },
  {
    name: "replace an element",
    document: { a: [1, 2] },
    patch: [{ op: "replace", path: "/a/01", value: 3 }],
    result: { a: [1, 3] },
  },
  { name: "replace all", document: { a: 1 }, patch: [{ op: "replace", path: "", value: { b: 1 } }], result: { b: 1 } },
  {
    name: "move",
    document: { a: { b: [1] } },
    patch: [{ op: "move", from: "/a/b", path: "/c" }],
    result: { a: {}, c: [1] },
  },
  {
    name: "copy",
    document: { a: [1] },
    patch: [
      { op: "copy", from: "/a", path: "/b" },
      { op: "add", path: "/a/-", value: 2 },
    ],
    result: { a: [1, 2], b: [1] },
  },
  { name: "copy what is missing", document: {}, patch: [{ op: "copy", from: "/a", path: "/b" }], result: { b: null } },
  {
    name: "test",
    document: { a: { x: 1, y: 2 } },
    patch: [{ op: "test", path: "/a", value: { y: 2, x: 1 } }],
    result: { a: { x: 1, y: 2 } },
  },
  { name: "test what is absent", document: {}, patch: [{ op: "test", path: "/a", value: null }], result: {} },
  { name: "test all", document: { a: 1 }, patch: [{ op: "test", path: "", value: { a: 1 } }], result: { a: 1 } },
  {
    name: "escapes",
    document: { "a/b": { "c~d": 1 } },
    patch: [{ op: "replace", path: "/a~1b/c~0d", value: 2 }],
    result: { "a/b": { "c~d": 2 } },
  },
]) {
  test(`JSON patch: ${name}`, () => {
    const before = deepFreeze(cloneJson(document));
    assert.deepEqual(applyJsonPatch(before, decodeJsonPatch(deepFreeze(patch))), result);
    assert.deepEqual(before, document);
  });
}

for (const [name, document, patch, cause] of [
  ["a failed test", { a: 1 }, [{ op: "test", path: "/a", value: 2 }], "testing value /a failed: test failed"],
  [
    "a missing parent",
    {},
    [{ op: "add", path: "/a/b", value: 1 }],
    'add operation does not apply: doc is missing path: "/a/b": missing value',
  ],
  [
    "a null parent",
    { a: null },
    [{ op: "add", path: "/a/b", value: 1 }],
    'add operation does not apply: doc is missing path: "/a/b": missing value',
  ],
  ["a missing key", {}, [{ op: "remove", path: "/a" }], "Unable to remove nonexistent key: a: missing value"],
  [
    "an index too large",
    { a: [1] },
    [{ op: "add", path: "/a/3", value: 1 }],
    "Unable to access invalid index: 3: invalid index",
  ],
  [
    "an index too small",
    { a: [1] },
    [{ op: "remove", path: "/a/-2" }],
    "Unable to access invalid index: -2: invalid index",
  ],
  [
    "a key in a list",
    { a: [1] },
    [{ op: "replace", path: "/a/x", value: 1 }],
    "value was not a proper array index: 'x'",
  ],
  [
    "the root",
    { a: 1 },
    [{ op: "remove", path: "" }],
    'remove operation does not apply: doc is missing path: "": missing value',
  ],
  ["an unknown operation", {}, [{ op: "frob", path: "/a" }], "Unexpected kind: frob"],
  ["no path", {}, [{ op: "remove" }], "operation missing path field: missing value"],
  ["no from", {}, [{ op: "copy", path: "/a" }], "operation missing from field: missing value"],
] as const) {
  test(`JSON patch: ${name} is a 422`, () => {
    assert.throws(
      () => applyJsonPatch(document, decodeJsonPatch(patch)),
      (error) => {
        assert.ok(error instanceof ApiError);
        assert.equal(error.code, 422);
        assert.equal(error.reason, "Invalid");
        assert.equal(error.message, "the server rejected our request due to an error in our request");
        assert.deepEqual(error.details, {});
        assert.ok(error.cause instanceof Error);
        assert.equal(error.cause.message, cause);
        return true;
      },
    );
  });
}

test("JSON patch: what is no list of objects is a 400", () => {
  for (const patch of [{}, "x", null, [1]]) {
    assert.throws(() => decodeJsonPatch(patch), /^ApiError: error decoding patch: /);
  }
});

test("JSON patch: no path sets a prototype", () => {
  for (const path of ["/__proto__", "/__proto__/polluted", "/a/__proto__", "/constructor/prototype/polluted"]) {
    assert.throws(() => applyJsonPatch({ a: {} }, [{ op: "add", path, value: { polluted: 1 } }]), ApiError);
  }
  assert.equal(Object.hasOwn(Object.prototype, "polluted"), false);
});

test("JSON patch: copies are bounded", () => {
  const operations = Array.from({ length: 30 }, () => ({ op: "copy", from: "", path: "/a/-" }));
  const doubling = Array.from({ length: 40 }, () => ({ op: "copy", from: "/a", path: "/a/-" }));
  assert.throws(() => applyJsonPatch({ a: [] }, decodeJsonPatch(operations)), ApiError);
  assert.throws(() => applyJsonPatch({ a: [1] }, decodeJsonPatch(doubling)), ApiError);
});

test("JSON patch: unchanged parts are shared", () => {
  const document = { a: { x: 1 }, b: { y: [1] } };
  const result = applyJsonPatch(document, [{ op: "add", path: "/b/z", value: 1 }]);
  assert.ok(typeof result === "object" && result !== null && "a" in result);
  assert.equal(result.a, document.a);
});

test("property: ten thousand appends take one copy of the list", () => {
  const operations = decodeJsonPatch(
    Array.from({ length: 10_000 }, (_, value) => ({ op: "add", path: "/a/-", value })),
  );
  const document = deepFreeze({ a: [] });
  assert.deepEqual(applyJsonPatch(document, operations), { a: Array.from({ length: 10_000 }, (_, value) => value) });
});

test("property: adding and removing again gives the same document", () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom("a", "b"), fc.jsonValue(), { noNullPrototype: true }),
      fc.jsonValue(),
      (document, value) => {
        const operations = [
          { op: "add", path: "/new", value },
          { op: "test", path: "/new", value },
          { op: "remove", path: "/new" },
        ];
        assert.deepEqual(applyJsonPatch(deepFreeze(document), decodeJsonPatch(operations)), document);
      },
    ),
  );
});
