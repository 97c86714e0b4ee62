// Namespaces that go, those that do not, and those that an override policy concerns.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { KubeObject } from "#machinery/object.ts";
import { isPropagated, mayBePropagated, namespacesOverridden } from "./decide.ts";

for (const { name, goes } of [
  { name: "team-a", goes: true },
  { name: "default", goes: false },
  { name: "karmada-system", goes: false },
  { name: "karmada-cluster", goes: false },
  { name: "karmada-es-m1", goes: false },
  { name: "kube-public", goes: false },
]) {
  test(`namespace ${name} ${goes ? "goes" : "stays"}`, () => {
    assert.equal(
      mayBePropagated(name, (namespace) => namespace.startsWith("kube-")),
      goes,
    );
  });
}

test("a namespace can be kept back by its label, in any case, and does not go while it is on its way out", () => {
  const namespace = (metadata: Partial<KubeObject["metadata"]>): KubeObject => ({
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: "team-a", ...metadata },
  });
  assert.equal(isPropagated(namespace({})), true);
  assert.equal(isPropagated(namespace({ labels: { "namespace.karmada.io/skip-auto-propagation": "True" } })), false);
  assert.equal(isPropagated(namespace({ labels: { "namespace.karmada.io/skip-auto-propagation": "no" } })), true);
  assert.equal(isPropagated(namespace({ deletionTimestamp: "2024-01-01T00:00:00Z" })), false);
});

test("override policies concern the namespaces they name, all of them, or none", () => {
  const policy = (resourceSelectors?: { apiVersion: string; kind: string; name?: string }[]) => ({
    apiVersion: "policy.karmada.io/v1alpha1",
    kind: "ClusterOverridePolicy",
    metadata: { name: "x" },
    spec: resourceSelectors === undefined ? {} : { resourceSelectors },
  });
  const namespaces = { apiVersion: "v1", kind: "Namespace" };
  assert.equal(namespacesOverridden(policy()), undefined);
  assert.equal(namespacesOverridden(policy([namespaces])), undefined);
  assert.deepEqual(
    namespacesOverridden(
      policy([
        { ...namespaces, name: "a" },
        { ...namespaces, kind: "Pod" },
      ]),
    ),
    ["a"],
  );
  assert.deepEqual(namespacesOverridden(policy([{ apiVersion: "apps/v1", kind: "Deployment" }])), []);
});
