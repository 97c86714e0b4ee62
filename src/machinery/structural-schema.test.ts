import assert from "node:assert/strict";
import { test } from "node:test";
import { fieldErrorText } from "./field-error.ts";
import type { Schema } from "./schema.ts";
import { checkStructural } from "./structural-schema.ts";

function errors(schema: Record<string, unknown>): string[] {
  return checkStructural(schema as Schema, () => ({}), "s").map(fieldErrorText);
}

const text = { type: "string" };

for (const { name, schema, want } of [
  { name: "a plain schema", schema: { type: "object", properties: { spec: { type: "object" } } }, want: [] },
  {
    name: "int-or-string as controller-gen writes it",
    schema: {
      type: "object",
      properties: {
        a: { anyOf: [{ type: "integer" }, { type: "string" }], "x-kubernetes-int-or-string": true },
        b: {
          allOf: [{ anyOf: [{ type: "integer" }, { type: "string" }] }, { pattern: "^a" }],
          "x-kubernetes-int-or-string": true,
        },
      },
    },
    want: [],
  },
  {
    name: "missing types",
    schema: { properties: { a: {}, l: { type: "array", items: {} }, m: { type: "array" } } },
    want: [
      "s.properties[a].type: Required value: must not be empty for specified object fields",
      "s.properties[l].items.type: Required value: must not be empty for specified array items",
      "s.properties[m].items: Required value: must be specified",
      "s.type: Required value: must not be empty at the root",
    ],
  },
  {
    name: "structure under a junctor",
    schema: {
      type: "object",
      properties: { a: text },
      anyOf: [{ properties: { a: { type: "string", description: "x" }, b: {} } }],
    },
    want: [
      "s.anyOf[0].properties[a].description: Forbidden: must be empty to be structural",
      "s.anyOf[0].properties[a].type: Forbidden: must be empty to be structural",
      "s.properties[b]: Required value: because it is defined in s.anyOf[0].properties[b]",
    ],
  },
  {
    name: "metadata beyond the names",
    schema: {
      type: "object",
      properties: { metadata: { type: "object", properties: { labels: { type: "object" } } } },
    },
    want: [
      "s.properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified",
    ],
  },
  {
    name: "unsupported keywords",
    schema: {
      type: "object",
      properties: { a: { $ref: "#/x" }, b: { type: "array", items: text, uniqueItems: true }, c: { type: "null" } },
    },
    want: [
      "s.properties[a].$ref: Forbidden: $ref is not supported",
      "s.properties[b].uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic",
      's.properties[c].type: Unsupported value: "null": supported values: "array", "boolean", "integer", "number", "object", "string"',
      "s.properties[c].type: Forbidden: type cannot be set to null, use nullable as an alternative",
    ],
  },
  {
    name: "map lists",
    schema: {
      type: "object",
      properties: {
        l: {
          type: "array",
          items: { type: "object", properties: { k: text } },
          "x-kubernetes-list-type": "map",
          "x-kubernetes-list-map-keys": ["k", "z"],
        },
      },
    },
    want: [
      "s.properties[l].items.properties[k].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property",
      's.properties[l].x-kubernetes-list-map-keys: Invalid value: ["k","z"]: entries must all be names of item properties',
    ],
  },
  {
    name: "a pattern that is none",
    schema: { type: "object", properties: { a: { type: "string", pattern: "a(" } } },
    want: [
      's.properties[a].pattern: Invalid value: "a(": must be a valid regular expression, but isn\'t: error parsing regexp: missing closing ): `a(`',
    ],
  },
  {
    name: "defaults must be valid and pruned",
    schema: {
      type: "object",
      properties: {
        a: { type: "integer", default: "x" },
        b: { type: "object", properties: { c: { type: "string", default: "y" } }, default: { d: 1 } },
        e: { type: "object", properties: { c: { type: "string", default: "y" } }, default: {} },
      },
    },
    want: [
      's.properties[a].default: Invalid value: "string": s.properties[a].default in body must be of type integer: "string"',
      's.properties[b].default: Invalid value: {"d":1}: must not have unknown fields',
    ],
  },
  {
    name: "embedded resources",
    schema: { type: "object", properties: { a: { type: "object", "x-kubernetes-embedded-resource": true } } },
    want: [
      "s.properties[a].properties: Required value: must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields",
    ],
  },
]) {
  test(`structural schemas: ${name}`, () => {
    assert.deepEqual(errors(schema), want);
  });
}
