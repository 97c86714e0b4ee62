// Definitions of custom resources from strangers, and objects made to hurt them: what is accepted is evaluated within a
// second, whatever stands in patterns, rules, columns, lists and defaults.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { testCrd, testVersion } from "#apiserver/crd/testing.ts";
import { call, type TestAnswer } from "#apiserver/testing.ts";
import { startTestPlane, type TestPlane } from "#kubecontrollers/testing.ts";
import type { Schema } from "#machinery/schema.ts";
import { eventually } from "#std/testing.ts";

const secondsMax = 1;
const many = 10_000;
const definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const repeated = "a".repeat(many);
const items = (of: (index: number) => unknown): readonly unknown[] =>
  Array.from({ length: many }, (_, index) => of(index));

function nested(depth: number): unknown {
  let value: unknown = "leaf";
  for (let level = 0; level < depth; level++) value = { a: value, b: [level] };
  return value;
}

/** Schemas of `spec`, with a value made for each. */
const cases: readonly {
  readonly name: string;
  readonly schema: Schema;
  readonly value: unknown;
  readonly column?: string;
}[] = [
  { name: "patterns that go back and back", schema: { type: "string", pattern: "^(a+)+$" }, value: `${repeated}!` },
  { name: "patterns with choices", schema: { type: "string", pattern: "^(a|a)*b$" }, value: repeated },
  {
    name: "rules that loop",
    schema: {
      type: "array",
      maxItems: 40,
      items: { type: "integer" },
      "x-kubernetes-validations": [{ rule: "self.all(x, self.all(y, self.exists(z, x + y == z || true)))" }],
    },
    value: Array.from({ length: 40 }, (_, index) => index),
  },
  {
    name: "rules with patterns",
    schema: { type: "string", maxLength: many, "x-kubernetes-validations": [{ rule: "self.matches('^(a+)+$')" }] },
    value: `${repeated}!`,
  },
  {
    name: "sets",
    schema: { type: "array", items: { type: "string" }, "x-kubernetes-list-type": "set" },
    value: items((index) => `item-${String(index)}`),
  },
  {
    name: "lists by key",
    schema: {
      type: "array",
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["name"],
      items: { type: "object", required: ["name"], properties: { name: { type: "string" } } },
    },
    value: items((index) => ({ name: `item-${String(index)}` })),
  },
  {
    name: "enums",
    schema: { type: "string", enum: items((index) => `value-${String(index)}`) },
    value: "value-9999",
  },
  {
    name: "keys that mean something",
    schema: { type: "object", additionalProperties: { type: "string" } },
    value: JSON.parse('{"constructor":"x","toString":"y"}'),
  },
  { name: "depth", schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true }, value: nested(2_000) },
  {
    name: "columns that look everywhere",
    schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
    value: nested(100),
    column: `.spec${"..a".repeat(30)}`,
  },
];

describe("hostile definitions", () => {
  let plane: TestPlane;
  before(async () => {
    plane = await startTestPlane([]);
  });
  after(() => plane.stop());

  async function timed(
    ...[method, path, body]: readonly [method: "GET" | "POST", path: string, body?: unknown]
  ): Promise<TestAnswer> {
    const startedAt = process.cpuUsage();
    const accept = "application/json;as=Table;v=v1;g=meta.k8s.io";
    const headers: Record<string, string> = method === "GET" ? { accept } : {};
    const answer = await call(plane, method, path, { headers, ...(body === undefined ? {} : { body }) });
    const { user, system } = process.cpuUsage(startedAt);
    assert.ok((user + system) / 1e6 < secondsMax, `${method} ${path} took ${String((user + system) / 1e6)} s`);
    assert.ok(answer.status < 500, answer.text.slice(0, 300));
    assert.equal(Reflect.get({}, "polluted"), undefined);
    return answer;
  }

  for (const [index, { name, schema, value, column }] of cases.entries()) {
    test(name, async () => {
      const plural = `widgets${String(index)}`;
      const names = {
        plural,
        singular: plural,
        kind: `Widget${String(index)}`,
        listKind: `Widget${String(index)}List`,
      };
      const openAPIV3Schema: Schema = { type: "object", properties: { spec: schema } };
      const columns =
        column === undefined ? {} : { additionalPrinterColumns: [{ name: "Deep", type: "string", jsonPath: column }] };
      const version = testVersion("v1", { storage: true, schema: { openAPIV3Schema }, ...columns });
      const defined = await timed("POST", definitions, testCrd({ names, versions: [version] }));
      if (defined.status === 422) return; // refused, which is an answer
      assert.equal(defined.status, 201, defined.text.slice(0, 300));
      const collection = `/apis/example.com/v1/namespaces/default/${plural}`;
      await eventually(`${plural} to be served`, async () => (await call(plane, "GET", collection)).status === 200);
      const made = await timed("POST", collection, {
        apiVersion: "example.com/v1",
        kind: names.kind,
        metadata: { name: "a" },
        spec: value,
      });
      assert.ok([201, 400, 413, 422].includes(made.status), made.text.slice(0, 300));
      assert.equal((await timed("GET", collection)).status, 200);
    });
  }
});
