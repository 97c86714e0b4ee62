// Which changes of a template count, and which are Karmada's.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { KubeObject } from "#machinery/object.ts";
import { deploymentWith } from "../testing.ts";
import { changedByKarmada, specificationChanged } from "./template-changes.ts";

const old = deploymentWith({ resourceVersion: "1", labels: { app: "nginx" } });

for (const { name, object, changed, karmada } of [
  { name: "status", object: { ...old, status: { replicas: 1 } }, changed: false, karmada: true },
  {
    name: "bookkeeping",
    object: deploymentWith({ resourceVersion: "2", labels: { app: "nginx" }, managedFields: [] }),
    changed: false,
    karmada: true,
  },
  {
    name: "spec",
    object: deploymentWith({ labels: { app: "nginx" } }, { replicas: 3 }),
    changed: true,
    karmada: false,
  },
  { name: "a label", object: deploymentWith({ labels: { app: "x" } }), changed: true, karmada: false },
  {
    name: "a claim",
    object: deploymentWith({
      generation: 2,
      labels: { app: "nginx", "propagationpolicy.karmada.io/permanent-id": "p" },
      annotations: { "propagationpolicy.karmada.io/name": "p" },
    }),
    changed: true,
    karmada: true,
  },
  {
    name: "the wish not to be propagated",
    object: deploymentWith({ labels: { app: "nginx", "namespace.karmada.io/skip-auto-propagation": "true" } }),
    changed: true,
    karmada: false,
  },
  {
    name: "a deletion",
    object: deploymentWith({ labels: { app: "nginx" }, deletionTimestamp: "2024-01-01T00:00:00Z" }),
    changed: true,
    karmada: false,
  },
] satisfies { name: string; object: KubeObject; changed: boolean; karmada: boolean }[]) {
  test(`${name}: ${changed ? "counts" : "does not count"}, ${karmada ? "Karmada's" : "a user's"}`, () => {
    assert.equal(specificationChanged(object, old), changed);
    assert.equal(changedByKarmada(object, old), karmada);
  });
}

test("an empty map is as good as none", () => {
  const bare = deploymentWith({});
  assert.equal(changedByKarmada(deploymentWith({ labels: {}, annotations: {} }), bare), true);
});
