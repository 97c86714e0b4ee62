// commandOverrider, argsOverrider, labelsOverrider, annotationsOverrider, plaintext, each as a table.
import assert from "node:assert/strict";
import test from "node:test";
import { fieldOf } from "#machinery/guards.ts";
import type { KubeObject } from "#machinery/object.ts";
import { overrideCommandArgs } from "./command-args.ts";
import { overrideKeys } from "./labels-annotations.ts";
import { type PatchOperation, patchValue } from "./patch-value.ts";

const deployment: KubeObject = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web", labels: { app: "web", "example.com/a": "1" } },
  spec: {
    replicas: 1,
    template: {
      spec: {
        containers: [{ name: "c", command: ["run", "-v"] }, { name: "d" }],
        initContainers: [{ name: "c" }],
      },
    },
  },
};

for (const { name, containerName, operator, value, expected } of [
  {
    name: "add appends",
    containerName: "c",
    operator: "add",
    value: ["-x"],
    expected: [{ name: "c", command: ["run", "-v", "-x"] }, { name: "d" }],
  },
  {
    name: "remove drops equal items",
    containerName: "c",
    operator: "remove",
    value: ["-v", "-z"],
    expected: [{ name: "c", command: ["run"] }, { name: "d" }],
  },
  {
    name: "add makes the list",
    containerName: "d",
    operator: "add",
    value: ["run"],
    expected: [
      { name: "c", command: ["run", "-v"] },
      { name: "d", command: ["run"] },
    ],
  },
  {
    name: "remove from no list makes an empty one",
    containerName: "d",
    operator: "remove",
    value: ["run"],
    expected: [
      { name: "c", command: ["run", "-v"] },
      { name: "d", command: [] },
    ],
  },
  {
    name: "another container",
    containerName: "x",
    operator: "add",
    value: ["run"],
    expected: [{ name: "c", command: ["run", "-v"] }, { name: "d" }],
  },
] as const) {
  test(`commandOverrider: ${name}`, () => {
    const result = overrideCommandArgs(deployment, "command", { containerName, operator, value });
    assert.deepEqual(fieldOf(result["spec"], "template", "spec", "containers"), expected);
    assert.deepEqual(fieldOf(result["spec"], "template", "spec", "initContainers"), [{ name: "c" }]);
  });
}

test("argsOverrider: changes args and leaves other kinds alone", () => {
  const result = overrideCommandArgs(deployment, "args", { containerName: "d", operator: "add", value: ["a"] });
  assert.deepEqual(fieldOf(result["spec"], "template", "spec", "containers"), [
    { name: "c", command: ["run", "-v"] },
    { name: "d", args: ["a"] },
  ]);
  const cron = { ...deployment, kind: "CronJob" };
  assert.equal(overrideCommandArgs(cron, "args", { containerName: "d", operator: "add" }), cron);
});

for (const { name, operator, value, labels } of [
  {
    name: "add sets and overwrites",
    operator: "add",
    value: { app: "x", b: "2" },
    labels: { app: "x", "example.com/a": "1", b: "2" },
  },
  {
    name: "replace knows only what is there",
    operator: "replace",
    value: { app: "x", b: "2" },
    labels: { app: "x", "example.com/a": "1" },
  },
  {
    name: "remove takes away, whatever the value",
    operator: "remove",
    value: { "example.com/a": "", b: "" },
    labels: { app: "web" },
  },
] as const) {
  test(`labelsOverrider: ${name}`, () => {
    assert.deepEqual(overrideKeys(deployment, "labels", { operator, value }).metadata.labels, labels);
  });
}

test("annotationsOverrider: add makes the map, remove and replace do not", () => {
  const value = { a: "1" };
  assert.deepEqual(overrideKeys(deployment, "annotations", { operator: "add", value }).metadata.annotations, value);
  assert.equal(overrideKeys(deployment, "annotations", { operator: "remove", value }), deployment);
  assert.equal(overrideKeys(deployment, "annotations", { operator: "replace", value }), deployment);
});

const document = { a: { b: [1, 2], "x/y": 0 }, n: null };

for (const { operation, expected } of [
  { operation: { operator: "add", path: "/a/c", value: 3 }, expected: { a: { b: [1, 2], "x/y": 0, c: 3 }, n: null } },
  { operation: { operator: "add", path: "/a/b/0", value: 0 }, expected: { a: { b: [0, 1, 2], "x/y": 0 }, n: null } },
  { operation: { operator: "add", path: "/a/b/-", value: 3 }, expected: { a: { b: [1, 2, 3], "x/y": 0 }, n: null } },
  { operation: { operator: "add", path: "/a/b/2", value: 3 }, expected: { a: { b: [1, 2, 3], "x/y": 0 }, n: null } },
  { operation: { operator: "replace", path: "/a/x~1y", value: 1 }, expected: { a: { b: [1, 2], "x/y": 1 }, n: null } },
  { operation: { operator: "replace", path: "/n", value: 1 }, expected: { a: { b: [1, 2], "x/y": 0 }, n: 1 } },
  { operation: { operator: "remove", path: "/a/b/1" }, expected: { a: { b: [1], "x/y": 0 }, n: null } },
  { operation: { operator: "remove", path: "/a/b/-1" }, expected: { a: { b: [1], "x/y": 0 }, n: null } },
  { operation: { operator: "remove", path: "/n" }, expected: { a: { b: [1, 2], "x/y": 0 } } },
  { operation: { operator: "add", path: "/m" }, expected: { a: { b: [1, 2], "x/y": 0 }, n: null, m: null } },
  { operation: { operator: "replace", path: "", value: 1 }, expected: 1 },
] satisfies readonly { operation: PatchOperation; expected: unknown }[]) {
  test(`plaintext: ${operation.operator} ${operation.path}`, () => {
    const before = structuredClone(document);
    assert.deepEqual(patchValue(document, operation), expected);
    assert.deepEqual(document, before);
  });
}

for (const { operation, message } of [
  { operation: { operator: "remove", path: "/z" }, message: "path /z does not exist" },
  { operation: { operator: "replace", path: "/a/z", value: 1 }, message: "path /a/z does not exist" },
  { operation: { operator: "add", path: "/z/y", value: 1 }, message: "path /z does not exist" },
  { operation: { operator: "add", path: "/n/y", value: 1 }, message: "path /n/y does not exist" },
  { operation: { operator: "add", path: "/a/b/3", value: 1 }, message: "path /a/b/3 does not exist" },
  { operation: { operator: "remove", path: "/a/b/-" }, message: "path /a/b/- does not exist" },
  { operation: { operator: "replace", path: "/a/b/01", value: 1 }, message: "path /a/b/01 does not exist" },
  { operation: { operator: "replace", path: "/toString", value: 1 }, message: "path /toString does not exist" },
  { operation: { operator: "remove", path: "" }, message: "the whole document cannot be removed" },
  { operation: { operator: "add", path: "a", value: 1 }, message: 'path "a" is not a JSON pointer' },
] satisfies readonly { operation: PatchOperation; message: string }[]) {
  test(`plaintext: refuses ${operation.operator} ${operation.path}`, () => {
    assert.throws(() => patchValue(document, operation), { name: "OverrideFailure", message });
  });
}

test("plaintext: __proto__ is a key like any other", () => {
  const result = patchValue({}, { operator: "add", path: "/__proto__", value: { polluted: true } });
  assert.ok(Object.hasOwn(result as object, "__proto__"));
  assert.equal(({} as Record<string, unknown>)["polluted"], undefined);
});
