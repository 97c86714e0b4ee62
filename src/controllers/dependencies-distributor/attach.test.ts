// Attached bindings: how they come, how referrers are added and taken away, and what they say where referrers disagree.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Binding, BindingSpec } from "#api/work/binding.ts";
import type { KubeObject, ObjectRef } from "#machinery/object.ts";
import { bindingWith } from "../testing.ts";
import { attached, conflictText, detached, isInLine } from "./attach.ts";

const secret: KubeObject = {
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name: "token", namespace: "default", uid: "secret-uid", resourceVersion: "7" },
};

function referrer(name: string, spec: Partial<BindingSpec> = {}): Binding {
  return bindingWith(
    { propagateDeps: true, clusters: [{ name: "m1", replicas: 2 }], ...spec },
    { name, labels: { "resourcebinding.karmada.io/permanent-id": `id-${name}` } },
  );
}

const web = referrer("web-deployment");
const job = referrer("job-job", {
  clusters: [{ name: "m2" }],
  conflictResolution: "Overwrite",
  preserveResourcesOnDeletion: true,
});
const find = (ref: ObjectRef) => [web, job].find(({ metadata }) => metadata.name === ref.name);

test("a new one has upstream's name, labels, owner and finalizer, and says where its referrer is", () => {
  assert.deepEqual(attached(undefined, web, secret, find), {
    apiVersion: "work.karmada.io/v1alpha2",
    kind: "ResourceBinding",
    metadata: {
      namespace: "default",
      name: "token-secret",
      ownerReferences: [
        {
          apiVersion: "v1",
          kind: "Secret",
          name: "token",
          uid: "secret-uid",
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
      finalizers: ["karmada.io/binding-controller"],
      labels: { "resourcebinding.karmada.io/depended-by-69c6c647cc": "id-web-deployment" },
    },
    spec: {
      resource: {
        apiVersion: "v1",
        kind: "Secret",
        namespace: "default",
        name: "token",
        uid: "secret-uid",
        resourceVersion: "7",
      },
      requiredBy: [{ namespace: "default", name: "web-deployment", clusters: [{ name: "m1", replicas: 2 }] }],
      conflictResolution: "Abort",
      preserveResourcesOnDeletion: false,
    },
  });
});

test("referrers come, move and go; the last one leaves nothing said", () => {
  const one = attached(undefined, web, secret, find);
  const two = attached(one, job, { ...secret, metadata: { ...secret.metadata, resourceVersion: "9" } }, find);
  assert.deepEqual(
    two.spec.requiredBy?.map(({ name }) => name),
    ["web-deployment", "job-job"],
  );
  assert.equal(two.spec.resource.resourceVersion, "9");
  assert.ok(isInLine(two, web) && isInLine(two, job));
  const moved = referrer("web-deployment", { clusters: [{ name: "m3" }] });
  assert.ok(!isInLine(two, moved));
  const three = attached(two, moved, secret, find);
  assert.deepEqual(three.spec.requiredBy?.[0], {
    namespace: "default",
    name: "web-deployment",
    clusters: [{ name: "m3" }],
  });
  const without = detached(three, web.metadata, find);
  assert.deepEqual(
    without.spec.requiredBy?.map(({ name }) => name),
    ["job-job"],
  );
  assert.deepEqual(Object.values(without.metadata.labels ?? {}), ["id-job-job"]);
  const alone = detached(without, job.metadata, find);
  assert.deepEqual(alone.metadata.labels, {});
  assert.deepEqual(Object.keys(alone.spec), ["resource"]);
});

test("where referrers disagree, one Overwrite and one wish to preserve are enough, and it is told", () => {
  const one = attached(undefined, web, secret, find);
  assert.equal(conflictText(one, find), undefined);
  const both = attached(one, job, secret, find);
  assert.equal(both.spec.conflictResolution, "Overwrite");
  assert.equal(both.spec.preserveResourcesOnDeletion, true);
  assert.equal(
    conflictText(both, find),
    "Dependency policy conflict detected: ConflictResolution conflicted (Overwrite vs Abort); " +
      "PreserveResourcesOnDeletion conflicted (true vs false).",
  );
  const left = detached(both, job.metadata, find);
  assert.equal(left.spec.conflictResolution, "Abort");
  assert.equal(left.spec.preserveResourcesOnDeletion, false);
  assert.equal(conflictText(left, find), undefined);
});

test("one that a policy manages as well keeps what the policy says", () => {
  const managed = bindingWith(
    {
      resource: { apiVersion: "v1", kind: "Secret", name: "token", namespace: "default" },
      placement: {},
      clusters: [],
    },
    { name: "token-secret", labels: { own: "label" } },
  );
  const both = attached(managed, job, secret, find);
  assert.equal(both.spec.conflictResolution, undefined);
  assert.equal(both.spec.preserveResourcesOnDeletion, undefined);
  assert.equal(both.metadata.labels?.["own"], "label");
  assert.equal(conflictText(attached(both, web, secret, find), find), undefined);
  assert.deepEqual(detached(both, job.metadata, find).spec.placement, {});
});

test("while it belongs to an earlier object of that name it is left alone", () => {
  const old = attached(undefined, web, { ...secret, metadata: { ...secret.metadata, uid: "earlier" } }, find);
  assert.throws(
    () => attached(old, web, secret, find),
    /failed to update resourceBinding\(default\/token-secret\) due to/,
  );
});
