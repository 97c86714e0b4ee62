import assert from "node:assert/strict";
import { test } from "node:test";
import { createDecoder } from "./schema-decode.ts";
import type { Schema, SchemaResolver } from "./schema.ts";

const objectMeta: Schema = {
  type: "object",
  "x-go-type": "v1.ObjectMeta",
  properties: {
    name: { type: "string", "x-go-presence": "nonzero" },
    labels: { type: "object", additionalProperties: { type: "string" }, "x-go-presence": "nonzero" },
  },
};
const resolve: SchemaResolver = () => objectMeta;

function decodeCustom(spec: Schema, value: Record<string, unknown>): { value: unknown; messages: string[] } {
  const schema: Schema = { type: "object", properties: { spec } };
  const findings = createDecoder(schema, resolve, { custom: true })(value);
  return { value, messages: findings.map(({ message }) => message) };
}

const spec: Schema = {
  type: "object",
  properties: {
    size: { type: "integer", default: 1 },
    mode: { type: "string", nullable: true },
    tags: { type: "array", items: { type: "string" } },
    box: { type: "object", default: {}, properties: { lid: { type: "string", default: "shut" } } },
    free: { type: "object", "x-kubernetes-preserve-unknown-fields": true, properties: { in: { type: "object" } } },
    map: { type: "object", additionalProperties: { type: "object", properties: { a: { type: "string" } } } },
    template: { type: "object", "x-kubernetes-embedded-resource": true, properties: { spec: { type: "object" } } },
    list: { type: "array", items: { type: "object", properties: { n: { type: "integer", default: 7 } } } },
    port: { "x-kubernetes-int-or-string": true },
  },
};

for (const { name, given, want, messages } of [
  {
    name: "the worked example: prune, drop nulls, default",
    given: { mode: null, tags: null, x: 5 },
    want: { mode: null, size: 1, box: { lid: "shut" } },
    messages: ['unknown field "spec.x"'],
  },
  {
    name: "null with a default becomes the default",
    given: { size: null },
    want: { size: 1, box: { lid: "shut" } },
    messages: [],
  },
  {
    name: "preserved fields stay, their named parts are pruned",
    given: { size: 2, box: {}, free: { x: { y: null }, in: { z: 1 } } },
    want: { size: 2, box: { lid: "shut" }, free: { x: { y: null }, in: {} } },
    messages: ['unknown field "spec.free.in.z"'],
  },
  {
    name: "values of maps and items of lists are pruned and defaulted; findings are sorted",
    given: { size: 2, box: {}, map: { k: { b: 1, a: "x" } }, list: [{ q: 1 }, { n: 2 }] },
    want: { size: 2, box: { lid: "shut" }, map: { k: { a: "x" } }, list: [{ n: 7 }, { n: 2 }] },
    messages: ['unknown field "spec.list[0].q"', 'unknown field "spec.map.k.b"'],
  },
  {
    name: "an embedded resource keeps apiVersion, kind and the known part of metadata",
    given: {
      size: 2,
      box: {},
      template: { apiVersion: "v1", kind: "X", metadata: { name: "n", bad: 1 }, spec: { c: 1 } },
    },
    want: {
      size: 2,
      box: { lid: "shut" },
      template: { apiVersion: "v1", kind: "X", metadata: { name: "n" }, spec: {} },
    },
    messages: ['unknown field "spec.template.metadata.bad"', 'unknown field "spec.template.spec.c"'],
  },
]) {
  test(`custom objects: ${name}`, () => {
    const result = decodeCustom(spec, { apiVersion: "a/v1", kind: "K", metadata: { name: "x" }, spec: given });
    assert.deepEqual(result.value, { apiVersion: "a/v1", kind: "K", metadata: { name: "x" }, spec: want });
    assert.deepEqual(result.messages, messages);
  });
}

test("custom objects: metadata findings come first, wrong metadata is a type finding", () => {
  const result = decodeCustom(spec, { metadata: { name: "x", zzz: 1 }, aaa: 1 });
  assert.deepEqual(result.messages, ['unknown field "metadata.zzz"', 'unknown field "aaa"']);
  const wrong = decodeCustom(spec, { metadata: { name: 5 } });
  assert.deepEqual(wrong.messages, [
    "json: cannot unmarshal number into Go struct field ObjectMeta.name of type string",
  ]);
});

test("custom objects: without a parent there is no default", () => {
  const result = decodeCustom(spec, { metadata: { name: "x" } });
  assert.deepEqual(result.value, { metadata: { name: "x" } });
});

test("custom objects: a default is not shared between objects", () => {
  const first: Record<string, unknown> = { spec: {} };
  const second: Record<string, unknown> = { spec: {} };
  const decode = createDecoder({ type: "object", properties: { spec } }, resolve, { custom: true });
  decode(first);
  decode(second);
  assert.deepEqual(first, second);
  assert.notEqual(
    (first["spec"] as Record<string, unknown>)["box"],
    (second["spec"] as Record<string, unknown>)["box"],
  );
});

test("custom objects: a key __proto__ is pruned like any other and pollutes nothing", () => {
  const result = decodeCustom(
    spec,
    JSON.parse('{"spec":{"__proto__":{"x":1},"size":1,"box":{"lid":"a"}}}') as Record<string, unknown>,
  );
  assert.deepEqual(result.messages, ['unknown field "spec.__proto__"']);
  assert.equal(({} as Record<string, unknown>)["x"], undefined);
});
