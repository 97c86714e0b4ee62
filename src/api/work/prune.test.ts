// What pruning drops, per kind, and that its input is left alone.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { KubeObject } from "#machinery/object.ts";
import { pruneManifest } from "./prune.ts";

function object(
  kind: string,
  fields: Record<string, unknown> = {},
  metadata: Record<string, unknown> = {},
): KubeObject {
  return { apiVersion: "v1", kind, metadata: { name: "x", ...metadata }, ...fields };
}

test("drops what the server fills in and keeps what users write", () => {
  const input = object(
    "ConfigMap",
    { data: { a: "1" }, status: { phase: "x" } },
    {
      namespace: "default",
      labels: { app: "x" },
      annotations: { note: "y" },
      uid: "u",
      resourceVersion: "7",
      generation: 3,
      creationTimestamp: "2024-01-01T00:00:00Z",
      deletionTimestamp: "2024-01-01T00:00:00Z",
      deletionGracePeriodSeconds: 0,
      selfLink: "/x",
      managedFields: [],
      ownerReferences: [],
      finalizers: ["f"],
    },
  );
  const before = structuredClone(input);
  assert.deepEqual(
    pruneManifest(input),
    object(
      "ConfigMap",
      { data: { a: "1" } },
      { namespace: "default", labels: { app: "x" }, annotations: { note: "y" } },
    ),
  );
  assert.deepEqual(input, before);
});

const jobPodLabels = { app: "x", "controller-uid": "1", "batch.kubernetes.io/controller-uid": "1" };

for (const { name, input, output } of [
  {
    name: "a Deployment loses its revision annotations",
    input: object("Deployment", {}, { annotations: { "deployment.kubernetes.io/revision": "2", mine: "1" } }),
    output: object("Deployment", {}, { annotations: { mine: "1" } }),
  },
  {
    name: "a Job loses its generated selector, pod labels and time to live; emptied maps stay",
    input: object("Job", {
      spec: {
        parallelism: 2,
        ttlSecondsAfterFinished: 5,
        selector: { matchLabels: { "controller-uid": "1" } },
        template: { metadata: { labels: { ...jobPodLabels, "job-name": "x", "batch.kubernetes.io/job-name": "x" } } },
      },
    }),
    output: object("Job", {
      spec: { parallelism: 2, selector: { matchLabels: {} }, template: { metadata: { labels: { app: "x" } } } },
    }),
  },
  {
    name: "a Job with a selector of its own keeps it",
    input: object("Job", { spec: { manualSelector: true, selector: { matchLabels: { "controller-uid": "1" } } } }),
    output: object("Job", { spec: { manualSelector: true, selector: { matchLabels: { "controller-uid": "1" } } } }),
  },
  {
    name: "a Service loses its addresses",
    input: object("Service", { spec: { clusterIP: "10.0.0.1", clusterIPs: ["10.0.0.1"], ports: [] } }),
    output: object("Service", { spec: { ports: [] } }),
  },
  {
    name: "a headless Service stays so",
    input: object("Service", { spec: { clusterIP: "None", clusterIPs: ["None"] } }),
    output: object("Service", { spec: { clusterIP: "None", clusterIPs: ["None"] } }),
  },
  {
    name: "a ServiceAccount loses its generated token secrets, neighbours too",
    input: object("ServiceAccount", { secrets: [{ name: "x-token-1" }, { name: "x-token-2" }, { name: "mine" }] }),
    output: object("ServiceAccount", { secrets: [{ name: "mine" }] }),
  },
  {
    name: "a token Secret loses its data and owner",
    input: object(
      "Secret",
      { type: "kubernetes.io/service-account-token", data: { token: "eA==" } },
      { annotations: { "kubernetes.io/service-account.uid": "u", "kubernetes.io/service-account.name": "s" } },
    ),
    output: object(
      "Secret",
      { type: "kubernetes.io/service-account-token", data: null },
      { annotations: { "kubernetes.io/service-account.name": "s" } },
    ),
  },
  {
    name: "any other Secret is kept whole",
    input: object("Secret", { type: "Opaque", data: { a: "eA==" } }),
    output: object("Secret", { type: "Opaque", data: { a: "eA==" } }),
  },
  {
    name: "a PersistentVolumeClaim loses its selected node",
    input: object("PersistentVolumeClaim", {}, { annotations: { "volume.kubernetes.io/selected-node": "n1" } }),
    output: object("PersistentVolumeClaim", {}, { annotations: {} }),
  },
]) {
  test(name, () => {
    assert.deepEqual(pruneManifest(input), output);
  });
}

test("odd shapes are passed through", () => {
  for (const kind of ["Job", "Service", "ServiceAccount", "Secret", "Deployment", "PersistentVolumeClaim"]) {
    const odd = object(kind, { spec: "text", secrets: [1, { name: 2 }], type: 3 });
    assert.deepEqual(pruneManifest(odd), odd);
  }
});
