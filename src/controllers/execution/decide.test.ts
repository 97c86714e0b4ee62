// Adoption, retention, drift and release of member objects.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { KubeObject } from "#machinery/object.ts";
import { deploymentWith } from "../testing.ts";
import {
  belongsToAnother,
  differs,
  isDrift,
  refusalToUpdate,
  releasedObject,
  withMemberMetadata,
  workOfObject,
} from "./decide.ts";

const managedLabels = { "karmada.io/managed": "true" };
const workAnnotations = { "work.karmada.io/namespace": "karmada-es-m1", "work.karmada.io/name": "nginx-687f7fb96f" };

function manifestWith(labels: Record<string, string> = {}, annotations: Record<string, string> = {}): KubeObject {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: {
      name: "nginx",
      namespace: "default",
      labels: { ...managedLabels, ...labels },
      annotations: { ...workAnnotations, ...annotations },
    },
    spec: { replicas: 2 },
  };
}

function memberObject(metadata: Partial<KubeObject["metadata"]> = {}, spec: Record<string, unknown> = {}): KubeObject {
  return deploymentWith(
    { uid: "member-uid", resourceVersion: "10", labels: managedLabels, annotations: workAnnotations, ...metadata },
    spec,
  );
}

for (const { name, labels, resolution, refused } of [
  { name: "a managed object is updated", labels: managedLabels, resolution: "abort", refused: false },
  { name: "a foreign one is left alone", labels: {}, resolution: "abort", refused: true },
  { name: "also without a word on conflicts", labels: {}, resolution: undefined, refused: true },
  { name: "unless conflicts are to be overwritten", labels: {}, resolution: "overwrite", refused: false },
]) {
  test(name, () => {
    const desired = manifestWith(
      {},
      resolution === undefined ? {} : { "work.karmada.io/conflict-resolution": resolution },
    );
    assert.equal(
      refusalToUpdate(desired, memberObject({ labels }), "m1"),
      refused
        ? "resource(kind=Deployment, default/nginx) already exists in the cluster m1 and the " +
            "work.karmada.io/conflict-resolution strategy value is empty, Karmada will not manage this resource"
        : undefined,
    );
  });
}

test("the member's own metadata is kept; what Karmada once wrote and wants no more goes", () => {
  const observed = memberObject({
    finalizers: ["member/f"],
    ownerReferences: [{ apiVersion: "v1", kind: "X", name: "x", uid: "u" }],
    labels: { ...managedLabels, mine: "1", old: "1", both: "member" },
    annotations: {
      ...workAnnotations,
      "resourcetemplate.karmada.io/managed-labels": "both,karmada.io/managed,old",
      "resourcetemplate.karmada.io/managed-annotations": "gone",
      gone: "1",
      injected: "1",
    },
  });
  const { metadata } = withMemberMetadata(manifestWith({ both: "karmada" }), observed);
  assert.deepEqual(metadata.labels, { ...managedLabels, mine: "1", both: "karmada" });
  assert.deepEqual(metadata.annotations?.["gone"], undefined);
  assert.equal(metadata.annotations?.["injected"], "1");
  assert.equal(metadata.resourceVersion, "10");
  assert.deepEqual(metadata.finalizers, ["member/f"]);
  assert.equal(metadata.ownerReferences?.length, 1);
  assert.equal(metadata.uid, undefined);
});

for (const { name, observed, expected } of [
  { name: "status and bookkeeping", observed: { ...memberObject(), status: { replicas: 2 } }, expected: false },
  {
    name: "a label of the member's own",
    observed: memberObject({ labels: { ...managedLabels, mine: "1" } }),
    expected: false,
  },
  { name: "a changed field", observed: memberObject({}, { replicas: 3 }), expected: true },
  { name: "a field more", observed: memberObject({}, { paused: true }), expected: true },
  { name: "a lost mark", observed: memberObject({ annotations: {} }), expected: true },
]) {
  test(`${name} ${expected ? "is" : "is not"} a difference`, () => {
    assert.equal(differs(withMemberMetadata(manifestWith(), observed), observed), expected);
  });
}

for (const { name, type, object, old, version, expected } of [
  { name: "a deletion", type: "deleted" as const, object: memberObject(), version: undefined, expected: true },
  {
    name: "an addition before the first sync",
    type: "added" as const,
    object: memberObject(),
    version: undefined,
    expected: false,
  },
  { name: "our own addition", type: "added" as const, object: memberObject(), version: "10", expected: false },
  {
    name: "an addition in another state",
    type: "added" as const,
    object: memberObject(),
    version: "9",
    expected: true,
  },
  {
    name: "a changed spec",
    type: "updated" as const,
    object: memberObject({ generation: 2 }, { replicas: 3 }),
    old: memberObject({ resourceVersion: "9" }),
    version: "9",
    expected: true,
  },
  {
    name: "a changed status",
    type: "updated" as const,
    object: { ...memberObject(), status: { replicas: 1 } },
    old: memberObject({ resourceVersion: "9" }),
    version: "9",
    expected: false,
  },
  {
    name: "a changed label",
    type: "updated" as const,
    object: memberObject({ labels: { ...managedLabels, app: "x" } }),
    old: memberObject({ resourceVersion: "9" }),
    version: "9",
    expected: true,
  },
  {
    name: "changed data of a kind without generation",
    type: "updated" as const,
    object: {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { ...manifestWith().metadata, resourceVersion: "2" },
      data: { a: "2" },
    },
    old: {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { ...manifestWith().metadata, resourceVersion: "1" },
      data: { a: "1" },
    },
    version: "1",
    expected: true,
  },
  {
    name: "a lost label of ours",
    type: "updated" as const,
    object: memberObject({ labels: {} }),
    old: memberObject({ resourceVersion: "9" }),
    version: "9",
    expected: true,
  },
  {
    name: "a foreign object's deletion",
    type: "deleted" as const,
    object: memberObject({ labels: {} }),
    version: "10",
    expected: false,
  },
]) {
  test(`${name} ${expected ? "is" : "is not"} drift`, () => {
    assert.equal(isDrift({ type, object, old }, version), expected);
  });
}

test("a released object carries none of Karmada's marks", () => {
  const manifest = manifestWith(
    {
      app: "nginx",
      "resourcebinding.karmada.io/permanent-id": "b",
      "clusterpropagationpolicy.karmada.io/permanent-id": "c",
    },
    { note: "n", "work.karmada.io/conflict-resolution": "overwrite", "resourcetemplate.karmada.io/uid": "u" },
  );
  const { metadata } = releasedObject(manifest);
  assert.deepEqual(metadata.labels, { app: "nginx" });
  assert.deepEqual(metadata.annotations, { note: "n" });
});

test("a member object names its Work, or none", () => {
  assert.deepEqual(workOfObject(memberObject()), { namespace: "karmada-es-m1", name: "nginx-687f7fb96f" });
  assert.equal(workOfObject(memberObject({ annotations: {} })), undefined);
});

test("an object of another Work is not this Work's to delete", () => {
  const work = { metadata: { namespace: "karmada-es-m1", name: "nginx-687f7fb96f" } };
  assert.equal(belongsToAnother(memberObject(), work), false);
  assert.equal(belongsToAnother(memberObject(), { metadata: { ...work.metadata, name: "other" } }), true);
  assert.equal(belongsToAnother(memberObject({ annotations: {} }), work), false);
});
