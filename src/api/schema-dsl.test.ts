import assert from "node:assert/strict";
import test from "node:test";
import { t, type TypeOf } from "./schema-dsl.ts";

const Sample = t.object(
  {
    name: t.string({ minLength: 1, doc: "The name." }),
    mode: t.optional(t.enum(["a", "b"], { default: "a" }), "Which one."),
    list: t.optional(t.array(t.int32({ minimum: 1 }), { minItems: 1, listType: "set" })),
    labels: t.optional(t.map(t.string())),
    size: t.optional(t.quantity()),
    any: t.optional(t.json()),
  },
  { doc: "A sample.", mapType: "atomic" },
);

test("an object's schema has its fields, and those required that are not optional", () => {
  assert.deepEqual(Sample.schema, {
    type: "object",
    description: "A sample.",
    properties: {
      name: { type: "string", description: "The name.", minLength: 1 },
      mode: { type: "string", description: "Which one.", default: "a", enum: ["a", "b"] },
      list: {
        type: "array",
        items: { type: "integer", format: "int32", minimum: 1 },
        minItems: 1,
        "x-kubernetes-list-type": "set",
      },
      labels: { type: "object", additionalProperties: { type: "string" } },
      size: {
        anyOf: [{ type: "integer" }, { type: "string" }],
        "x-kubernetes-int-or-string": true,
        pattern: t.quantity().schema.pattern,
      },
      any: { "x-kubernetes-preserve-unknown-fields": true },
    },
    required: ["name"],
    "x-kubernetes-map-type": "atomic",
  });
});

test("types follow from schemas", () => {
  // What this test checks is that it compiles.
  const whole: TypeOf<typeof Sample> = {
    name: "x",
    mode: "b",
    list: [1],
    labels: { a: "b" },
    size: "4Gi",
    any: [null],
  };
  const least: TypeOf<typeof Sample> = { name: "x" };
  // @ts-expect-error the name is missing
  const nameless: TypeOf<typeof Sample> = {};
  // @ts-expect-error not one of the set
  const other: TypeOf<typeof Sample> = { name: "x", mode: "c" };
  const edit = (sample: TypeOf<typeof Sample>): void => {
    // @ts-expect-error fields are readonly
    sample.name = "y";
  };
  assert.equal([whole, least, nameless, other, edit].length, 5);
});

test("a type used twice keeps its own description where none is given", () => {
  const Inner = t.object({}, { doc: "Inner." });
  const { properties = {} } = t.object({ one: t.optional(Inner), two: t.optional(Inner, "Second.") }).schema;
  assert.equal(properties["one"]?.description, "Inner.");
  assert.equal(properties["two"]?.description, "Second.");
});
