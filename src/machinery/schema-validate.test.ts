import assert from "node:assert/strict";
import { test } from "node:test";
import { fieldErrorText } from "./field-error.ts";
import { createValidator } from "./schema-validate.ts";
import { hasFormat, isKnownFormat } from "./schema-formats.ts";
import type { Schema } from "./schema.ts";

function errors(spec: Schema, value: unknown, old?: unknown): string[] {
  const schema: Schema = { type: "object", properties: { spec } };
  const validate = createValidator(schema, () => ({}));
  const found = validate({ spec: value }, old === undefined ? undefined : { spec: old });
  return found.map(fieldErrorText);
}

for (const { name, schema, value, want } of [
  {
    name: "wrong type",
    schema: { type: "object", properties: { replicas: { type: "integer" } } },
    value: { replicas: "3" },
    want: ['spec.replicas: Invalid value: "string": spec.replicas in body must be of type integer: "string"'],
  },
  {
    name: "a fraction is no integer, a whole number is",
    schema: { type: "object", properties: { a: { type: "integer" }, b: { type: "integer" }, c: { type: "number" } } },
    value: { a: 1.5, b: 2.0, c: 3 },
    want: ['spec.a: Invalid value: "number": spec.a in body must be of type integer: "number"'],
  },
  {
    name: "null where it is not allowed, and where it is",
    schema: { type: "object", properties: { a: { type: "string" }, b: { type: "string", nullable: true } } },
    value: { a: null, b: null },
    want: ['spec.a: Invalid value: "null": spec.a in body must be of type string: "null"'],
  },
  {
    name: "required",
    schema: { type: "object", required: ["a", "b"], properties: { a: { type: "string" } } },
    value: { b: 1 },
    want: ["spec.a: Required value"],
  },
  {
    name: "enum",
    schema: { type: "object", properties: { c: { type: "string", enum: ["a", "b"] } } },
    value: { c: "z" },
    want: ['spec.c: Unsupported value: "z": supported values: "a", "b"'],
  },
  {
    name: "bounds",
    schema: {
      type: "object",
      properties: {
        n: { type: "integer", minimum: 1 },
        m: { type: "integer", maximum: 5, exclusiveMaximum: true },
        k: { type: "number", multipleOf: 3 },
      },
    },
    value: { n: 0, m: 5, k: 4 },
    want: [
      "spec.n: Invalid value: 0: spec.n in body should be greater than or equal to 1",
      "spec.m: Invalid value: 5: spec.m in body should be less than 5",
      "spec.k: Invalid value: 4: spec.k in body should be a multiple of 3",
    ],
  },
  {
    name: "texts",
    schema: {
      type: "object",
      properties: {
        p: { type: "string", pattern: "^a$" },
        s: { type: "string", maxLength: 3 },
        t: { type: "string", minLength: 2 },
        u: { type: "string", maxLength: 2 },
        f: { type: "string", format: "date-time" },
      },
    },
    value: { p: "x", s: "four", t: "x", u: "😀😀", f: "soon" },
    want: [
      "spec.p: Invalid value: \"x\": spec.p in body should match '^a$'",
      "spec.s: Too long: may not be more than 3 bytes",
      'spec.t: Invalid value: "x": spec.t in body should be at least 2 chars long',
      'spec.f: Invalid value: "soon": spec.f in body must be of type date-time: "soon"',
    ],
  },
  {
    name: "lists",
    schema: {
      type: "object",
      properties: {
        l: { type: "array", maxItems: 3, items: { type: "integer" } },
        m: { type: "array", minItems: 1, items: { type: "integer" } },
        s: { type: "array", items: { type: "string" }, "x-kubernetes-list-type": "set" },
        k: {
          type: "array",
          items: { type: "object", properties: { k: { type: "string" } } },
          "x-kubernetes-list-type": "map",
          "x-kubernetes-list-map-keys": ["k"],
        },
      },
    },
    value: { l: [1, 2, "x", 4], m: [], s: ["a", "b", "a", "a"], k: [{ k: "v", x: 1 }, { k: "v" }] },
    want: [
      "spec.l: Too many: 4: must have at most 3 items",
      'spec.l[2]: Invalid value: "string": spec.l[2] in body must be of type integer: "string"',
      "spec.m: Invalid value: 0: spec.m in body should have at least 1 items",
      'spec.s[2]: Duplicate value: "a"',
      'spec.k[1]: Duplicate value: {"k":"v"}',
    ],
  },
  {
    name: "maps",
    schema: { type: "object", maxProperties: 1, additionalProperties: { type: "string" } },
    value: { a: 1, b: "x" },
    want: [
      "spec: Too many: 2: must have at most 1 items",
      'spec.a: Invalid value: "integer": spec.a in body must be of type string: "integer"',
    ],
  },
  {
    name: "int-or-string",
    schema: {
      type: "object",
      properties: { a: { "x-kubernetes-int-or-string": true }, b: { "x-kubernetes-int-or-string": true } },
    },
    value: { a: 1, b: {} },
    want: ['spec.b: Invalid value: "object": spec.b in body must be of type integer,string: "object"'],
  },
  {
    name: "one of",
    schema: { type: "object", oneOf: [{ required: ["a"] }, { required: ["b"] }], properties: {} },
    value: { a: 1, b: 1 },
    want: [
      '<nil>: Invalid value: "": "spec" must validate one and only one schema (oneOf). Found 2 valid alternatives',
    ],
  },
  {
    name: "any of, all of, not",
    schema: {
      type: "object",
      anyOf: [{ required: ["a"] }],
      allOf: [{ required: ["c"] }, {}],
      not: { required: ["z"] },
    },
    value: { z: 1 },
    want: [
      '<nil>: Invalid value: "": "spec" must validate at least one schema (anyOf)',
      "spec.a: Required value",
      "spec.c: Required value",
      '<nil>: Invalid value: "": "spec" must validate all the schemas (allOf). 1 validated',
      '<nil>: Invalid value: "": "spec" must not validate the schema (not)',
    ],
  },
] satisfies { name: string; schema: Schema; value: unknown; want: string[] }[]) {
  test(`validation: ${name}`, () => {
    assert.deepEqual(errors(schema, value), want);
  });
}

const ratchet: Schema = {
  type: "object",
  required: ["must"],
  properties: {
    n: { type: "integer", minimum: 5 },
    m: { type: "integer", minimum: 5 },
    list: {
      type: "array",
      items: { type: "object", properties: { k: { type: "string" }, n: { type: "integer", minimum: 5 } } },
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["k"],
    },
    atomic: { type: "array", items: { type: "integer", minimum: 5 } },
    set: { type: "array", items: { type: "string" }, "x-kubernetes-list-type": "set" },
  },
};

for (const { name, value, old, want } of [
  { name: "an unchanged value may stay wrong", value: { must: 1, n: 1, m: 6 }, old: { must: 1, n: 1, m: 7 }, want: [] },
  {
    name: "an unchanged parent may stay wrong, a changed one not",
    value: { n: 1, m: 6 },
    old: { n: 1, m: 7 },
    want: ["spec.must: Required value"],
  },
  {
    name: "items of map lists are known by their key",
    value: {
      must: 1,
      list: [
        { k: "b", n: 1 },
        { k: "a", n: 2 },
      ],
    },
    old: {
      must: 1,
      list: [
        { k: "a", n: 1 },
        { k: "b", n: 1 },
      ],
    },
    want: ["spec.list[1].n: Invalid value: 2: spec.list[1].n in body should be greater than or equal to 5"],
  },
  {
    name: "items of other lists are new with every change",
    value: { must: 1, atomic: [1, 9] },
    old: { must: 1, atomic: [1] },
    want: ["spec.atomic[0]: Invalid value: 1: spec.atomic[0] in body should be greater than or equal to 5"],
  },
  {
    name: "duplicates that were there may stay",
    value: { must: 1, set: ["a", "a", "b"] },
    old: { must: 1, set: ["a", "a"] },
    want: [],
  },
]) {
  test(`ratcheting: ${name}`, () => {
    assert.deepEqual(errors(ratchet, value, old), want);
  });
}

test("formats", () => {
  for (const [format, yes, no] of [
    ["ipv4", "10.0.0.1", "10.0.0.256"],
    ["ipv6", "fe80::1", "fe80:::1"],
    ["ipv6", "::ffff:1.2.3.4", "1:2:3:4:5:6:7"],
    ["cidr", "10.0.0.0/8", "10.0.0.0/33"],
    ["email", "a@example.com", "a@"],
    ["uri", "https://example.com/x", "no uri"],
    ["hostname", "a.example.com", "-a"],
    ["uuid", "123e4567-e89b-12d3-a456-426614174000", "123"],
    ["byte", "aGk=", "aGk"],
    ["date", "2026-02-28", "2026-02-30"],
    ["date-time", "2026-02-28T12:00:00.5+01:00", "2026-02-28"],
    ["duration", "1h30m", "soon"],
    ["mac", "01:23:45:67:89:ab", "01:23"],
  ] as const) {
    assert.ok(hasFormat(format, yes), `${format} ${yes}`);
    assert.ok(!hasFormat(format, no), `${format} ${no}`);
  }
  assert.ok(hasFormat("whatever", "x"));
  assert.ok(isKnownFormat("int64") && !isKnownFormat("whatever"));
});
