// Pod: what a pod keeps, refers to, and how its status comes together.
import assert from "node:assert/strict";
import test from "node:test";
import type { AggregatedStatusItem } from "#api/work/binding.ts";
import type { Interpretation } from "../interpretation.ts";
import { fieldOf } from "#machinery/guards.ts";
import type { KubeObject } from "#machinery/object.ts";
import { podDependencies } from "./pod-dependencies.ts";
import { pod as podHooks } from "./pod.ts";

// Each test asks for hooks that its kind has.
const pod = podHooks as Required<Interpretation>;

function podWith(spec: object, status?: object): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "p", namespace: "default" },
    spec: { containers: [{ name: "c" }], ...spec },
    ...(status === undefined ? {} : { status }),
  };
}

test("a pod is one replica", () => {
  assert.equal(pod.getReplicas(podWith({})).replicas, 1);
});

test("what the member has assigned is retained, and so are containers that it has injected", () => {
  const mounts = [{ name: "token", mountPath: "/t" }];
  const observed = podWith({
    nodeName: "n1",
    serviceAccountName: "default",
    volumes: [{ name: "token" }],
    containers: [{ name: "other" }, { name: "c", volumeMounts: mounts }],
    initContainers: [{ name: "i", volumeMounts: mounts }],
  });
  const desired = podWith({
    priority: 1,
    volumes: [{ name: "mine" }],
    containers: [{ name: "c", image: "x", volumeMounts: [] }, { name: "new" }],
    initContainers: [{ name: "i" }],
  });
  assert.deepEqual(fieldOf(pod.retain(desired, observed), "spec"), {
    priority: 1,
    nodeName: "n1",
    serviceAccountName: "default",
    volumes: [{ name: "token" }],
    containers: [{ name: "other" }, { name: "c", image: "x", volumeMounts: mounts }, { name: "new" }],
    initContainers: [{ name: "i", volumeMounts: mounts }],
  });
});

function items(...statuses: (object | undefined)[]): AggregatedStatusItem[] {
  return statuses.map((status, index) => ({
    clusterName: `m${index + 1}`,
    ...(status === undefined ? {} : { status: { ...status } }),
  }));
}

for (const { phases, phase } of [
  { phases: ["Running", "Failed"], phase: "Failed" },
  { phases: ["Running", "Pending"], phase: "Pending" },
  { phases: ["Succeeded", "Running"], phase: "Running" },
  { phases: ["Succeeded", "Succeeded"], phase: "Succeeded" },
  { phases: ["Running", undefined], phase: "Pending" },
  { phases: [undefined, "Failed"], phase: "Failed" },
]) {
  test(`phases ${phases.join(", ")} are ${phase}`, () => {
    const statuses = items(...phases.map((each) => (each === undefined ? undefined : { phase: each })));
    assert.deepEqual(fieldOf(pod.aggregateStatus(podWith({}), statuses, 0), "status"), { phase });
  });
}

test("container statuses keep readiness and state", () => {
  const state = { running: { startedAt: "2030-01-01T00:00:00Z" } };
  const statuses = items({
    phase: "Running",
    podIP: "10.0.0.1",
    containerStatuses: [{ name: "c", ready: true, state, image: "x", restartCount: 3 }],
  });
  assert.deepEqual(fieldOf(pod.aggregateStatus(podWith({}), statuses, 0), "status"), {
    phase: "Running",
    containerStatuses: [{ name: "", ready: true, state, lastState: {}, image: "", imageID: "", restartCount: 0 }],
  });
});

test("a pod that is nowhere any more is pending again; one that never was anywhere stays as it is", () => {
  const running = pod.aggregateStatus(podWith({}, { phase: "Running", containerStatuses: [] }), undefined, 0);
  assert.deepEqual(running["status"], { phase: "Pending" });
  const fresh = podWith({});
  assert.equal(pod.aggregateStatus(fresh, undefined, 0), fresh);
});

for (const { name, status, healthy } of [
  { name: "succeeded", status: { phase: "Succeeded" }, healthy: true },
  {
    name: "running and ready",
    status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }] },
    healthy: true,
  },
  {
    name: "running, not ready",
    status: { phase: "Running", conditions: [{ type: "Ready", status: "False" }] },
    healthy: false,
  },
  { name: "running, readiness unknown", status: { phase: "Running" }, healthy: false },
  { name: "without a status", status: undefined, healthy: false },
]) {
  test(`a pod ${name} is ${healthy ? "healthy" : "unhealthy"}`, () => {
    assert.equal(pod.interpretHealth(podWith({}, status)), healthy);
  });
}

test("everything a pod names is a dependency, once, in order", () => {
  const secretRef = (name: string): object => ({ secretRef: { name } });
  const spec = {
    serviceAccountName: "robot",
    imagePullSecrets: [{ name: "pull" }],
    initContainers: [{ name: "i", envFrom: [{ configMapRef: { name: "cm-init" } }] }],
    containers: [
      {
        name: "c",
        envFrom: [{ configMapRef: { name: "cm-a" } }, secretRef("s-from")],
        env: [
          { name: "A", valueFrom: { configMapKeyRef: { name: "cm-a", key: "k" } } },
          { name: "B", valueFrom: { secretKeyRef: { name: "s-env", key: "k" } } },
        ],
      },
    ],
    ephemeralContainers: [{ name: "e", envFrom: [{ configMapRef: { name: "cm-eph" } }] }],
    volumes: [
      { name: "v1", configMap: { name: "cm-vol" } },
      { name: "v2", secret: { secretName: "s-vol" } },
      {
        name: "v3",
        projected: { sources: [{ configMap: { name: "cm-proj" } }, { secret: { name: "s-proj" } }] },
      },
      { name: "v4", persistentVolumeClaim: { claimName: "claim" } },
      { name: "v5", azureFile: { secretName: "s-azure", shareName: "x" } },
      { name: "v6", csi: { driver: "d", nodePublishSecretRef: { name: "s-csi" } } },
      { name: "v7", cephfs: { monitors: [], ...secretRef("s-ceph") } },
      { name: "v8", iscsi: { targetPortal: "", iqn: "", lun: 0, ...secretRef("s-iscsi") } },
      { name: "v9", emptyDir: {} },
    ],
  };
  const found = podDependencies(spec, "default").map(({ kind, name }) => `${kind} ${String(name)}`);
  assert.deepEqual(found, [
    ...["cm-a", "cm-eph", "cm-init", "cm-proj", "cm-vol"].map((name) => `ConfigMap ${name}`),
    ...["pull", "s-azure", "s-ceph", "s-csi", "s-env", "s-from", "s-iscsi", "s-proj", "s-vol"].map(
      (name) => `Secret ${name}`,
    ),
    "ServiceAccount robot",
    "PersistentVolumeClaim claim",
  ]);
});

test("the default service account is no dependency", () => {
  assert.deepEqual(podDependencies({ containers: [], serviceAccountName: "default" }, "default"), []);
});
