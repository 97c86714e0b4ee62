import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ApiError } from "../api-error.ts";
import { cloneJson, deepFreeze } from "../equality.ts";
import type { Schema } from "../schema.ts";
import { applyStrategicMergePatch } from "./strategic-merge-patch.ts";

type JsonRecord = Record<string, unknown>;

const text: Schema = { type: "string" };
const keyed = (mergeKey: string, items: Schema, strategy = "merge"): Schema => ({
  type: "array",
  items,
  "x-kubernetes-patch-strategy": strategy,
  "x-kubernetes-patch-merge-key": mergeKey,
});
const definitions: Readonly<Record<string, Schema>> = {
  Container: {
    type: "object",
    properties: {
      name: text,
      image: text,
      args: { type: "array", items: text },
      env: keyed("name", { type: "object", properties: { name: text, value: text, valueFrom: { type: "object" } } }),
      ports: keyed("containerPort", { type: "object" }),
    },
  },
  PodSpec: {
    type: "object",
    properties: {
      containers: keyed("name", { $ref: "Container" }),
      volumes: keyed("name", { type: "object" }, "merge,retainKeys"),
      tolerations: { type: "array", items: { type: "object" } },
      nodeSelector: { type: "object", additionalProperties: text },
    },
  },
};
const schema: Schema = {
  type: "object",
  properties: {
    metadata: {
      type: "object",
      properties: {
        labels: { type: "object", additionalProperties: text },
        finalizers: { type: "array", items: text, "x-kubernetes-patch-strategy": "merge" },
      },
    },
    strategy: { type: "object", "x-kubernetes-patch-strategy": "retainKeys" },
    whole: { type: "object", "x-kubernetes-patch-strategy": "replace" },
    unkeyed: { type: "array", items: { type: "object" }, "x-kubernetes-patch-strategy": "merge" },
    spec: { allOf: [{ $ref: "PodSpec" }] },
  },
};

function resolve(reference: string): Schema {
  return definitions[reference] ?? assert.fail(`unknown reference ${reference}`);
}

function apply(live: JsonRecord, patch: JsonRecord): JsonRecord {
  const before = cloneJson(live);
  const result = applyStrategicMergePatch(deepFreeze(live), deepFreeze(patch), schema, resolve);
  assert.deepEqual(live, before);
  return result;
}

const app = { name: "app", image: "app:1" };
const sidecar = { name: "sidecar", image: "s:1" };
const injected = { name: "injected", image: "i:1" };
const live = { spec: { containers: [app, sidecar, injected] } };
const containers = (...list: readonly JsonRecord[]): JsonRecord => ({ spec: { containers: list } });

// The worked examples of the wire format, and what upstream does in corners.
const rows: readonly { name: string; live: JsonRecord; patch: JsonRecord; result: JsonRecord }[] = [
  {
    name: "changes an element and the order",
    live,
    patch: {
      spec: {
        "$setElementOrder/containers": [{ name: "sidecar" }, { name: "app" }],
        containers: [{ name: "app", image: "app:2" }],
      },
    },
    result: containers(sidecar, { name: "app", image: "app:2" }, injected),
  },
  {
    name: "removes an element",
    live,
    patch: {
      spec: {
        "$setElementOrder/containers": [{ name: "app" }],
        containers: [{ $patch: "delete", name: "sidecar" }],
      },
    },
    result: containers(app, injected),
  },
  {
    name: "replaces a whole list",
    live,
    patch: { spec: { containers: [{ $patch: "replace" }, { name: "only", image: "o:1" }] } },
    result: containers({ name: "only", image: "o:1" }),
  },
  {
    name: "merges, deletes from and orders primitive lists",
    live: { metadata: { finalizers: ["a", "b", "c"] } },
    patch: {
      metadata: {
        "$deleteFromPrimitiveList/finalizers": ["b"],
        "$setElementOrder/finalizers": ["a", "d"],
        finalizers: ["d"],
      },
    },
    result: { metadata: { finalizers: ["a", "d", "c"] } },
  },
  {
    name: "drops keys that $retainKeys does not name",
    live: { strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1 } } },
    patch: { strategy: { $retainKeys: ["type"], type: "Recreate" } },
    result: { strategy: { type: "Recreate" } },
  },
  {
    name: "replaces a map",
    live: { spec: { nodeSelector: { a: "1" } } },
    patch: { spec: { nodeSelector: { $patch: "replace", disk: "ssd" } } },
    result: { spec: { nodeSelector: { disk: "ssd" } } },
  },
  {
    name: "empties a map",
    live: { spec: { nodeSelector: { a: "1" } } },
    patch: { spec: { nodeSelector: { $patch: "delete" } } },
    result: { spec: { nodeSelector: {} } },
  },
  {
    name: "deletes a map that is absent",
    live: {},
    patch: { spec: { nodeSelector: { $patch: "delete" } } },
    result: { spec: {} },
  },
  {
    name: "adds and removes keys",
    live: { metadata: { labels: { old: "1", kept: "1" } } },
    patch: { metadata: { labels: { old: null, new: "1", never: null } } },
    result: { metadata: { labels: { kept: "1", new: "1" } } },
  },
  {
    name: "replaces lists that do not merge",
    live: { spec: { tolerations: [{ key: "a" }] } },
    patch: { spec: { tolerations: [] } },
    result: { spec: { tolerations: [] } },
  },
  {
    name: "replaces maps that do not merge",
    live: { whole: { a: 1 } },
    patch: { whole: { b: 1 } },
    result: { whole: { b: 1 } },
  },
  {
    name: "swaps fields of an element in place",
    live: containers({ name: "app", env: [{ name: "O" }, { name: "P", value: "1" }] }),
    patch: containers({ name: "app", env: [{ name: "P", value: null, valueFrom: { secretKeyRef: { name: "s" } } }] }),
    result: containers({
      name: "app",
      env: [{ name: "O" }, { name: "P", valueFrom: { secretKeyRef: { name: "s" } } }],
    }),
  },
  {
    name: "puts new elements before the live ones that follow",
    live: containers(app, sidecar),
    patch: containers(injected),
    result: containers(injected, app, sidecar),
  },
  {
    name: "interleaves by the live order",
    live: { metadata: { finalizers: ["a", "b", "c"] } },
    patch: { metadata: { finalizers: ["b", "d"] } },
    result: { metadata: { finalizers: ["a", "b", "d", "c"] } },
  },
  {
    name: "only reorders",
    live: { metadata: { finalizers: ["a", "b", "c"] } },
    patch: { metadata: { "$setElementOrder/finalizers": ["c", "a"] } },
    result: { metadata: { finalizers: ["b", "c", "a"] } },
  },
  {
    name: "ignores an order for a list that is nowhere",
    live: {},
    patch: { metadata: { "$setElementOrder/finalizers": ["c", "a"], labels: {} } },
    result: { metadata: { "$setElementOrder/finalizers": ["c", "a"], labels: {} } },
  },
  {
    name: "compares merge keys as JSON",
    live: { spec: { containers: [{ name: "a", ports: [{ containerPort: 80 }] }] } },
    patch: { spec: { containers: [{ name: "a", ports: [{ containerPort: "80" }] }] } },
    result: { spec: { containers: [{ name: "a", ports: [{ containerPort: "80" }, { containerPort: 80 }] }] } },
  },
  {
    name: "drops nulls deep in new values",
    live: {},
    patch: { spec: { nodeSelector: { a: null, b: "1" }, tolerations: [{ key: null, value: "1" }] } },
    result: { spec: { nodeSelector: { b: "1" }, tolerations: [{ value: "1" }] } },
  },
  {
    name: "replaces a value of another type",
    live: { spec: { nodeSelector: "x" } },
    patch: { spec: { nodeSelector: { a: "1" } } },
    result: { spec: { nodeSelector: { a: "1" } } },
  },
  {
    name: "merges what the schema does not know as plain JSON",
    live: { other: { a: { b: 1 }, list: [1, 2] } },
    patch: { other: { a: { c: 1 }, list: [3] } },
    result: { other: { a: { b: 1, c: 1 }, list: [3] } },
  },
];
for (const row of rows) {
  test(`strategic merge ${row.name}`, () => {
    assert.deepEqual(apply(cloneJson(row.live), cloneJson(row.patch)), row.result);
  });
}

const generic = "the server rejected our request due to an error in our request";
const refusals: readonly (readonly [
  name: string,
  live: JsonRecord,
  patch: JsonRecord,
  code: number,
  message: string,
])[] = [
  ["an unknown directive", {}, { $patch: "x", a: 1 }, 500, "unknown patch type: x in map: map[$patch:x a:1]"],
  [
    "merge in a list",
    live,
    containers({ $patch: "merge", name: "a" }),
    500,
    "merging lists cannot yet be specified in the patch",
  ],
  [
    "an element without merge key",
    live,
    containers({ image: "x" }),
    500,
    "map: map[image:x] does not contain declared merge key: name",
  ],
  [
    "a list without merge key",
    { unkeyed: [{ a: 1 }] },
    { unkeyed: [{ b: 1 }] },
    500,
    "cannot merge lists without merge key for unkeyed",
  ],
  ["a bad delete directive", {}, { $deleteFromPrimitiveList: [] }, 400, "invalid patch format of primitive list"],
  ["a bad order directive", {}, { $setElementOrder: [] }, 400, "invalid patch format of setElementOrder list"],
  ["retained keys that are no list", {}, { $retainKeys: "x" }, 400, "invalid patch format of retainKeys"],
  ["a key that is not retained", {}, { $retainKeys: ["a"], b: 1 }, 400, "invalid patch format of retainKeys"],
  [
    "an order that contradicts",
    { metadata: { finalizers: [] } },
    { metadata: { finalizers: ["a", "b"], "$setElementOrder/finalizers": ["b", "a"] } },
    500,
    "The order in patch list:\n[a b]\n doesn't match $setElementOrder list:\n[b a]\n",
  ],
  ["lists of lists", { metadata: { finalizers: [[]] } }, { metadata: { finalizers: ["a"] } }, 422, generic],
  [
    "mixed lists",
    { metadata: { finalizers: ["a"] } },
    { metadata: { finalizers: [1] } },
    500,
    "list element types are not identical: [[a] [1]]",
  ],
];
for (const [name, current, patch, code, message] of refusals) {
  test(`strategic merge refuses ${name}`, () => {
    assert.throws(
      () => apply(cloneJson(current), cloneJson(patch)),
      (error) => error instanceof ApiError && error.code === code && error.message === message,
    );
  });
}

test("a key __proto__ sets no prototype", () => {
  const patch: JsonRecord = JSON.parse('{"spec":{"nodeSelector":{"__proto__":{"polluted":"1"}}}}') as JsonRecord;
  assert.equal(JSON.stringify(apply({ spec: { nodeSelector: {} } }, patch)), JSON.stringify(patch));
  assert.equal(Object.hasOwn(Object.prototype, "polluted"), false);
});

test("unchanged parts are shared", () => {
  const current = { metadata: { labels: { a: "1" } }, spec: { nodeSelector: { b: "1" } } };
  assert.equal(apply(current, { spec: { nodeSelector: { c: "1" } } })["metadata"], current.metadata);
});

test("property: lists merge as sets, listed ones in their order, the others in theirs", () => {
  const list = fc.uniqueArray(fc.constantFrom<string>("a", "b", "c", "d", "e", "f"), { minLength: 1 });
  fc.assert(
    fc.property(list, list, (old, change) => {
      const result = apply({ metadata: { finalizers: old } }, { metadata: { finalizers: change } });
      const merged = (result["metadata"] as JsonRecord)["finalizers"] as string[];
      assert.deepEqual(merged.toSorted(), [...new Set([...old, ...change])].sort());
      assert.deepEqual(
        merged.filter((item) => change.includes(item)),
        change,
      );
      assert.deepEqual(
        merged.filter((item) => !change.includes(item)),
        old.filter((item) => !change.includes(item)),
      );
    }),
  );
});
