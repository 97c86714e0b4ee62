import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { deepFreeze } from "../equality.ts";
import { applyMergePatch } from "./merge-patch.ts";
import { createThreeWayMergePatch } from "./three-way.ts";

for (const { name, lastApplied, modified, current, patch } of [
  { name: "sets what is new", lastApplied: {}, modified: { a: 1 }, current: { b: 2 }, patch: { a: 1 } },
  {
    name: "deletes what was applied before",
    lastApplied: { a: 1, b: 1 },
    modified: { a: 1 },
    current: { a: 1, b: 1 },
    patch: { b: null },
  },
  {
    name: "keeps what others set",
    lastApplied: { a: 1 },
    modified: { a: 1 },
    current: { a: 1, c: { d: 1 } },
    patch: {},
  },
  {
    name: "puts drift right",
    lastApplied: { a: { b: 1 } },
    modified: { a: { b: 1 } },
    current: { a: { b: 2, c: 1 } },
    patch: { a: { b: 1 } },
  },
  { name: "replaces lists", lastApplied: { l: [1] }, modified: { l: [2] }, current: { l: [1, 3] }, patch: { l: [2] } },
  { name: "sets an empty map", lastApplied: {}, modified: { a: {} }, current: {}, patch: { a: {} } },
]) {
  test(`three-way merge ${name}`, () => {
    assert.deepEqual(
      createThreeWayMergePatch(deepFreeze(lastApplied), deepFreeze(modified), deepFreeze(current)),
      patch,
    );
  });
}

test("property: the result has all of the new and none of the dropped", () => {
  const flat = fc.dictionary(fc.constantFrom("a", "b", "c", "d"), fc.integer({ min: 0, max: 2 }), {
    noNullPrototype: true,
  });
  fc.assert(
    fc.property(flat, flat, flat, (lastApplied, modified, current) => {
      const result = applyMergePatch(current, createThreeWayMergePatch(lastApplied, modified, current));
      for (const key of ["a", "b", "c", "d"]) {
        const isOthers = !Object.hasOwn(modified, key) && !Object.hasOwn(lastApplied, key);
        assert.equal(result[key], isOthers ? current[key] : modified[key]);
      }
    }),
  );
});
