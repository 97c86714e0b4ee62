import assert from "node:assert/strict";
import { test } from "node:test";
import type { KubeObject } from "#machinery/object.ts";
import { customPrinter } from "./custom-printer.ts";

const now = Date.UTC(2026, 0, 1, 1);
const object: KubeObject = {
  apiVersion: "example.com/v1",
  kind: "Widget",
  metadata: { name: "w1", creationTimestamp: "2026-01-01T00:00:00Z" },
  spec: { size: 2.7, list: [1, 2], map: { b: 1, a: "<" }, on: true, since: "soon", "a.b": "dotted" },
  status: { conditions: [{ type: "Ready", status: "True" }], big: 9007199254740993n },
};

for (const { type, jsonPath, cell } of [
  { type: "string", jsonPath: ".spec.on", cell: "true" },
  { type: "string", jsonPath: ".spec.map", cell: '{"a":"\\u003c","b":1}' },
  { type: "string", jsonPath: ".spec.list[1]", cell: "2" },
  { type: "string", jsonPath: ".spec.list[9]", cell: null },
  { type: "string", jsonPath: ".spec.list[*]", cell: "1" },
  { type: "string", jsonPath: ".spec.missing.x", cell: null },
  { type: "string", jsonPath: '.status.conditions[?(@.type=="Ready")].status', cell: "True" },
  { type: "string", jsonPath: ".spec.a\\.b", cell: "dotted" },
  { type: "string", jsonPath: ".spec['a\\.b']", cell: "dotted" },
  { type: "integer", jsonPath: ".spec.size", cell: 2 },
  { type: "integer", jsonPath: ".status.big", cell: 9007199254740993n },
  { type: "integer", jsonPath: ".spec.on", cell: null },
  { type: "number", jsonPath: ".spec.size", cell: 2.7 },
  { type: "boolean", jsonPath: ".spec.on", cell: true },
  { type: "boolean", jsonPath: ".spec.size", cell: null },
  { type: "date", jsonPath: ".metadata.creationTimestamp", cell: "60m" },
  { type: "date", jsonPath: ".spec.since", cell: "<invalid>" },
  { type: "date", jsonPath: ".spec.size", cell: null },
]) {
  test(`a custom column of type ${type} at ${jsonPath}`, () => {
    const printer = customPrinter([{ name: "C", type, jsonPath }]);
    assert.deepEqual(printer.cells(object, now), ["w1", cell]);
  });
}

test("without columns of its own a custom resource shows its age", () => {
  for (const columns of [undefined, []]) {
    const printer = customPrinter(columns);
    assert.deepEqual(
      printer.columns.map(({ name, type, format }) => ({ name, type, format })),
      [
        { name: "Name", type: "string", format: "name" },
        { name: "Age", type: "date", format: "" },
      ],
    );
    assert.deepEqual(printer.cells(object, now), ["w1", "60m"]);
  }
});

test("a path that cannot be read ends the columns before it", () => {
  const printer = customPrinter([
    { name: "Size", type: "integer", jsonPath: ".spec.size", description: "How large.", priority: 1 },
    { name: "Bad", type: "string", jsonPath: ".spec[" },
    { name: "On", type: "boolean", jsonPath: ".spec.on" },
  ]);
  assert.deepEqual(printer.columns.slice(1), [
    { name: "Size", type: "integer", format: "", description: "How large.", priority: 1 },
  ]);
});

test("a column without description tells its path", () => {
  const [, column] = customPrinter([{ name: "Size", type: "integer", jsonPath: ".spec.size" }]).columns;
  assert.equal(column?.description, "Custom resource definition column (in JSONPath format): .spec.size");
});
