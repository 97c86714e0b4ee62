import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ApiError } from "../api-error.ts";
import { deepFreeze } from "../equality.ts";
import type { Schema } from "../schema.ts";
import { createThreeWayStrategicPatch } from "./strategic-diff.ts";
import { applyStrategicMergePatch } from "./strategic-merge-patch.ts";

type JsonRecord = Record<string, unknown>;

const keyed = (items: Schema, strategy = "merge"): Schema => ({
  type: "array",
  items,
  "x-kubernetes-patch-strategy": strategy,
  "x-kubernetes-patch-merge-key": "name",
});
const container: Schema = {
  type: "object",
  properties: { env: keyed({ type: "object" }), args: { type: "array" } },
};
const schema: Schema = {
  type: "object",
  properties: {
    containers: keyed(container),
    volumes: keyed({ type: "object" }, "merge,retainKeys"),
    finalizers: { type: "array", "x-kubernetes-patch-strategy": "merge" },
    strategy: { type: "object", "x-kubernetes-patch-strategy": "retainKeys" },
    whole: { type: "object", "x-kubernetes-patch-strategy": "replace" },
  },
};

function resolve(reference: string): Schema {
  return assert.fail(`unknown reference ${reference}`);
}

function diff(lastApplied: JsonRecord, modified: JsonRecord, current: JsonRecord): JsonRecord {
  return createThreeWayStrategicPatch(
    deepFreeze(lastApplied),
    deepFreeze(modified),
    deepFreeze(current),
    schema,
    resolve,
  );
}

const app = { name: "app", image: "a:1" };
const sidecar = { name: "sidecar", image: "s:1" };

const rows: readonly { name: string; last: JsonRecord; next: JsonRecord; live: JsonRecord; patch: JsonRecord }[] = [
  { name: "nothing", last: { a: 1 }, next: { a: 1 }, live: { a: 1, status: 1 }, patch: {} },
  { name: "a dropped field", last: { a: 1, b: 1 }, next: { a: 1 }, live: { a: 1, b: 1 }, patch: { b: null } },
  { name: "drift", last: { a: 1 }, next: { a: 1 }, live: { a: 2 }, patch: { a: 1 } },
  {
    name: "a changed element",
    last: { containers: [app] },
    next: { containers: [{ name: "app", image: "a:2" }] },
    live: { containers: [app, sidecar] },
    patch: { "$setElementOrder/containers": [{ name: "app" }], containers: [{ name: "app", image: "a:2" }] },
  },
  {
    name: "an element that others added",
    last: { containers: [app] },
    next: { containers: [app] },
    live: { containers: [sidecar, app] },
    patch: {},
  },
  {
    name: "a removed element",
    last: { containers: [app, sidecar] },
    next: { containers: [app] },
    live: { containers: [app, sidecar] },
    patch: {
      "$setElementOrder/containers": [{ name: "app" }],
      containers: [{ $patch: "delete", name: "sidecar" }],
    },
  },
  {
    name: "another order",
    last: { containers: [app, sidecar] },
    next: { containers: [sidecar, app] },
    live: { containers: [app, sidecar] },
    patch: { "$setElementOrder/containers": [{ name: "sidecar" }, { name: "app" }] },
  },
  {
    name: "a list inside an element",
    last: { containers: [{ name: "app", env: [{ name: "A", value: "1" }, { name: "B" }] }] },
    next: { containers: [{ name: "app", env: [{ name: "A", value: "2" }] }] },
    live: { containers: [{ name: "app", env: [{ name: "A", value: "1" }, { name: "B" }] }] },
    patch: {
      "$setElementOrder/containers": [{ name: "app" }],
      containers: [
        {
          name: "app",
          "$setElementOrder/env": [{ name: "A" }],
          env: [
            { name: "A", value: "2" },
            { $patch: "delete", name: "B" },
          ],
        },
      ],
    },
  },
  {
    name: "primitive lists",
    last: { finalizers: ["a", "b"] },
    next: { finalizers: ["a", "c"] },
    live: { finalizers: ["a", "b", "x"] },
    patch: {
      finalizers: ["c"],
      "$deleteFromPrimitiveList/finalizers": ["b"],
      "$setElementOrder/finalizers": ["a", "c"],
    },
  },
  {
    name: "retained keys",
    last: { strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1 } } },
    next: { strategy: { type: "Recreate" } },
    live: { strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1 } } },
    patch: { strategy: { $retainKeys: ["type"], type: "Recreate", rollingUpdate: null } },
  },
  {
    name: "keys that the server filled in beside retained ones",
    last: {},
    next: { volumes: [{ name: "v", hostPath: { path: "/" } }] },
    live: { volumes: [{ name: "v", emptyDir: {} }] },
    patch: {
      "$setElementOrder/volumes": [{ name: "v" }],
      volumes: [{ $retainKeys: ["hostPath", "name"], name: "v", hostPath: { path: "/" } }],
    },
  },
  {
    name: "whole lists and maps",
    last: {},
    next: { other: [1], whole: { a: 1 } },
    live: { other: [2], whole: { a: 1, b: 1 } },
    patch: { other: [1], whole: { a: 1 } },
  },
];
for (const { name, last, next, live, patch } of rows) {
  test(`the strategic patch for ${name}`, () => {
    assert.deepEqual(diff(last, next, live), patch);
  });
}

test("an element without merge key is refused", () => {
  assert.throws(
    () => diff({}, { containers: [{ image: "x" }] }, { containers: [] }),
    (error) => error instanceof ApiError && error.message.endsWith("does not contain declared merge key: name"),
  );
});

const name = fc.constantFrom("a", "b", "c", "d");
const value = fc.constantFrom("1", "2");
const named = <T extends { name: string }>(item: fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
  fc.uniqueArray(item, { maxLength: 4, selector: (element) => element.name });
const record = { noNullPrototype: true } as const;
const object = fc.record(
  {
    containers: named(
      fc.record(
        { name, image: value, args: fc.array(value), env: named(fc.record({ name, value }, record)) },
        { requiredKeys: ["name"], ...record },
      ),
    ),
    volumes: named(
      fc.record(
        { name, emptyDir: fc.constant({}), hostPath: fc.record({ path: value }, record) },
        { requiredKeys: ["name"], ...record },
      ),
    ),
    finalizers: fc.uniqueArray(name),
    strategy: fc.record(
      { type: value, rollingUpdate: fc.record({ maxSurge: value }, record) },
      { requiredKeys: [], ...record },
    ),
    whole: fc.dictionary(name, value, record),
    labels: fc.dictionary(name, value, record),
  },
  { requiredKeys: [], ...record },
);

test("property: from the applied object to the new one there is nothing left of the old", () => {
  fc.assert(
    fc.property(object, object, (from, to) => {
      assert.deepEqual(applyStrategicMergePatch(from, diff(from, to, from), schema, resolve), to);
      assert.deepEqual(diff(from, from, from), {});
    }),
    { numRuns: 300 },
  );
});

test("property: applying twice changes nothing more", () => {
  fc.assert(
    fc.property(object, object, object, (last, next, live) => {
      const once = applyStrategicMergePatch(live, diff(last, next, live), schema, resolve);
      assert.deepEqual(applyStrategicMergePatch(once, diff(next, next, once), schema, resolve), once);
    }),
    { numRuns: 300 },
  );
});
