// The Work of a binding to the letter, and what stays and what goes when one is updated.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Work } from "#api/work/work.ts";
import { bindingWith, deploymentWith } from "../testing.ts";
import { buildWork, originOfBinding, type WorkInput } from "./build-work.ts";

const template = deploymentWith({
  resourceVersion: "7",
  labels: { app: "nginx", "propagationpolicy.karmada.io/permanent-id": "p" },
  annotations: { "deployment.kubernetes.io/revision": "1", note: "n" },
});

const input: WorkInput = {
  cluster: "member1",
  manifest: template,
  origin: originOfBinding(bindingWith()),
  conflictResolution: "abort",
  appliedOverrides: undefined,
  appliedClusterOverrides: undefined,
  suspendDispatching: false,
  preserveResourcesOnDeletion: false,
};

const marks = {
  "resourcebinding.karmada.io/namespace": "default",
  "resourcebinding.karmada.io/name": "nginx-deployment",
  "work.karmada.io/conflict-resolution": "abort",
};

test("a new Work of a binding", () => {
  assert.deepEqual(buildWork(input, undefined), {
    apiVersion: "work.karmada.io/v1alpha1",
    kind: "Work",
    metadata: {
      name: "nginx-687f7fb96f",
      namespace: "karmada-es-member1",
      labels: { "resourcebinding.karmada.io/permanent-id": "binding-id" },
      annotations: marks,
      finalizers: ["karmada.io/execution-controller"],
    },
    spec: {
      suspendDispatching: false,
      preserveResourcesOnDeletion: false,
      workload: {
        manifests: [
          {
            apiVersion: "apps/v1",
            kind: "Deployment",
            metadata: {
              name: "nginx",
              namespace: "default",
              labels: {
                app: "nginx",
                "propagationpolicy.karmada.io/permanent-id": "p",
                "resourcebinding.karmada.io/permanent-id": "binding-id",
                "karmada.io/managed": "true",
              },
              annotations: {
                note: "n",
                ...marks,
                "resourcetemplate.karmada.io/generation": "1",
                "resourcetemplate.karmada.io/uid": "template-uid",
                "work.karmada.io/name": "nginx-687f7fb96f",
                "work.karmada.io/namespace": "karmada-es-member1",
                "resourcetemplate.karmada.io/managed-annotations": [
                  "note",
                  "resourcebinding.karmada.io/name",
                  "resourcebinding.karmada.io/namespace",
                  "resourcetemplate.karmada.io/generation",
                  "resourcetemplate.karmada.io/managed-annotations",
                  "resourcetemplate.karmada.io/managed-labels",
                  "resourcetemplate.karmada.io/uid",
                  "work.karmada.io/conflict-resolution",
                  "work.karmada.io/name",
                  "work.karmada.io/namespace",
                ].join(","),
                "resourcetemplate.karmada.io/managed-labels":
                  "app,karmada.io/managed,propagationpolicy.karmada.io/permanent-id,resourcebinding.karmada.io/permanent-id",
              },
            },
            spec: { replicas: 2 },
          },
        ],
      },
    },
  });
});

test("an update keeps old keys, takes the Work's id into the manifest and replaces the spec", () => {
  const first = buildWork({ ...input, appliedOverrides: "[]", suspendDispatching: true }, undefined);
  const stored: Work = {
    ...first,
    metadata: {
      ...first.metadata,
      resourceVersion: "9",
      labels: { ...first.metadata.labels, "work.karmada.io/permanent-id": "work-id" },
      annotations: { ...first.metadata.annotations, "example.com/old": "kept" },
    },
    status: { conditions: [] },
  };
  assert.equal(stored.metadata.annotations?.["policy.karmada.io/applied-overrides"], "[]");
  const second = buildWork(input, stored);
  assert.equal(second.metadata.annotations?.["policy.karmada.io/applied-overrides"], undefined, "none is applied now");
  assert.equal(second.metadata.annotations?.["example.com/old"], "kept");
  assert.equal(second.metadata.resourceVersion, "9");
  assert.equal(second.spec.suspendDispatching, false);
  assert.deepEqual(second.status, { conditions: [] });
  const [manifest] = second.spec.workload?.manifests ?? [];
  assert.equal(manifest?.metadata.labels?.["work.karmada.io/permanent-id"], "work-id");
  assert.deepEqual(buildWork(input, second), second);
});

test("a ConfigMap has no generation to tell; a cluster-scoped binding leaves its own marks", () => {
  const { name } = bindingWith().metadata;
  const binding = bindingWith(
    {},
    { namespace: "", labels: { "clusterresourcebinding.karmada.io/permanent-id": "crb" } },
  );
  const origin = originOfBinding(binding);
  assert.deepEqual(origin, {
    labels: { "clusterresourcebinding.karmada.io/permanent-id": "crb" },
    annotations: { "clusterresourcebinding.karmada.io/name": name },
  });
  const manifest = deploymentWith({ generation: 0 });
  const [built] = buildWork({ ...input, origin, manifest }, undefined).spec.workload?.manifests ?? [];
  assert.equal(built?.metadata.annotations?.["resourcetemplate.karmada.io/generation"], undefined);
});

test("Works of other producers leave out what only bindings decide", () => {
  const owner = { apiVersion: "v1", kind: "Namespace", name: "team", uid: "u", controller: true };
  const work = buildWork(
    {
      ...input,
      origin: { labels: {}, annotations: {} },
      conflictResolution: undefined,
      suspendDispatching: undefined,
      preserveResourcesOnDeletion: undefined,
      owner,
    },
    undefined,
  );
  assert.deepEqual(Object.keys(work.spec), ["workload"]);
  assert.deepEqual(work.metadata.annotations, {});
  assert.deepEqual(work.metadata.ownerReferences, [owner]);
});

test("state goes along as labels, or as annotations where no label may say it", () => {
  const state = { "example.org/job": "abc", "example.org/path": "s3://states/7" };
  const { metadata } = buildWork({ ...input, preservedState: state }, undefined).spec.workload?.manifests?.[0] as {
    metadata: { labels: Record<string, string>; annotations: Record<string, string> };
  };
  assert.equal(metadata.labels["example.org/job"], "abc");
  assert.equal(metadata.annotations["example.org/path"], "s3://states/7");
  assert.equal("example.org/path" in metadata.labels || "example.org/job" in metadata.annotations, false);
  assert.match(metadata.annotations["resourcetemplate.karmada.io/managed-annotations"] ?? "", /example\.org\/path/);
});
