// Kinds of jobs, and Kyverno's policies: replicas, references, statuses as one, health.
import assert from "node:assert/strict";
import test from "node:test";
import { fieldOf } from "#machinery/guards.ts";
import type { KubeObject } from "#machinery/object.ts";
import type { Interpretation } from "../interpretation.ts";
import { broadcastJob } from "./broadcast-job.ts";
import { clusterPolicy } from "./cluster-policy.ts";
import { flinkDeployment } from "./flink-deployment.ts";
import { mpiJob } from "./mpi-job.ts";
import { policy } from "./policy.ts";
import { pyTorchJob } from "./py-torch-job.ts";
import { rayCluster } from "./ray-cluster.ts";
import { rayJob } from "./ray-job.ts";
import { sparkApplication } from "./spark-application.ts";
import { itemsOf, objectOf } from "./testing.ts";
import { tfJob } from "./tf-job.ts";

const secondMs = 1000;
const holds = (type: string, reason?: string): object => ({
  type,
  status: "True",
  ...(reason === undefined ? {} : { reason }),
});
const conditions = (...types: readonly string[]): object => ({ conditions: types.map((type) => holds(type)) });
const podTemplate = (secret: string): object => ({
  template: { spec: { containers: [{ name: "c", envFrom: [{ secretRef: { name: secret } }] }] } },
});
const secret = (name: string): object => ({ apiVersion: "v1", kind: "Secret", namespace: "default", name });

const healthCases: readonly { hooks: Interpretation; status: object | undefined; healthy: boolean }[] = [
  { hooks: broadcastJob, status: { desired: 2, active: 1 }, healthy: true },
  { hooks: broadcastJob, status: { desired: 2, succeeded: 2 }, healthy: true },
  { hooks: broadcastJob, status: { desired: 2 }, healthy: false },
  { hooks: broadcastJob, status: { desired: 2, active: 1, failed: 1 }, healthy: false },
  { hooks: broadcastJob, status: { active: 1 }, healthy: false },
  { hooks: clusterPolicy, status: { ready: true }, healthy: true },
  { hooks: clusterPolicy, status: { ready: false, conditions: [holds("Ready", "Succeeded")] }, healthy: false },
  { hooks: policy, status: { conditions: [holds("Ready", "Succeeded")] }, healthy: true },
  { hooks: policy, status: { conditions: [holds("Ready", "Other")] }, healthy: false },
  { hooks: flinkDeployment, status: { jobStatus: { state: "RUNNING" } }, healthy: true },
  { hooks: flinkDeployment, status: { jobStatus: { state: "CREATED" } }, healthy: false },
  {
    hooks: flinkDeployment,
    status: { jobStatus: { state: "CREATED" }, error: "x: ImagePullBackOff" },
    healthy: true,
  },
  { hooks: flinkDeployment, status: { jobManagerDeploymentStatus: "READY", lifecycleState: "STABLE" }, healthy: true },
  { hooks: pyTorchJob, status: conditions("Running"), healthy: true },
  { hooks: pyTorchJob, status: conditions("Running", "Failed"), healthy: false },
  { hooks: tfJob, status: conditions("Succeeded"), healthy: true },
  { hooks: tfJob, status: { conditions: [] }, healthy: false },
  { hooks: mpiJob, status: conditions("Failed"), healthy: false },
  { hooks: mpiJob, status: conditions("Running"), healthy: true },
  { hooks: rayCluster, status: conditions("HeadPodReady", "RayClusterProvisioned"), healthy: true },
  { hooks: rayCluster, status: conditions("HeadPodReady"), healthy: false },
  {
    hooks: rayCluster,
    status: conditions("HeadPodReady", "RayClusterProvisioned", "RayClusterReplicaFailure"),
    healthy: false,
  },
  { hooks: rayJob, status: { jobDeploymentStatus: "Running" }, healthy: true },
  { hooks: rayJob, status: { jobDeploymentStatus: "Complete", jobStatus: "SUCCEEDED" }, healthy: true },
  { hooks: rayJob, status: { jobDeploymentStatus: "Complete", jobStatus: "FAILED" }, healthy: false },
  { hooks: sparkApplication, status: { applicationState: { state: "RUNNING" } }, healthy: true },
  { hooks: sparkApplication, status: { applicationState: { state: "FAILED" } }, healthy: false },
  { hooks: sparkApplication, status: { applicationState: { state: "" } }, healthy: true },
  ...[
    broadcastJob,
    clusterPolicy,
    policy,
    flinkDeployment,
    pyTorchJob,
    tfJob,
    mpiJob,
    rayCluster,
    rayJob,
    sparkApplication,
  ].map((hooks) => ({ hooks, status: undefined, healthy: false })),
];

for (const { hooks, status, healthy } of healthCases) {
  const kind = hooks as Required<Interpretation>;
  test(`${kind.kind.kind} with ${status === undefined ? "no status" : JSON.stringify(status)} is ${healthy ? "" : "not "}healthy`, () => {
    assert.equal(kind.interpretHealth(objectOf(kind, status === undefined ? {} : { status })), healthy);
  });
}

const verdictCases: readonly { hooks: Interpretation; members: readonly string[]; said: readonly string[] }[] = [
  { hooks: broadcastJob, members: ["Complete", "Completed"], said: ["Completed=True"] },
  { hooks: broadcastJob, members: ["Complete", "Failed"], said: ["Failed=True"] },
  { hooks: broadcastJob, members: ["Complete", ""], said: [] },
  { hooks: pyTorchJob, members: ["Succeeded", "Running"], said: ["Created=True", "Running=True"] },
  { hooks: pyTorchJob, members: ["Succeeded"], said: ["Created=True", "Running=False", "Succeeded=True"] },
  { hooks: pyTorchJob, members: ["Succeeded", "Failed"], said: ["Created=True", "Running=False", "Failed=True"] },
  { hooks: tfJob, members: ["Succeeded", "Succeeded"], said: ["Succeeded=True"] },
  { hooks: tfJob, members: ["Succeeded", ""], said: [] },
  { hooks: tfJob, members: [], said: [] },
];

for (const { hooks, members, said } of verdictCases) {
  const kind = hooks as Required<Interpretation>;
  test(`${kind.kind.kind} where members say "${members.join()}": ${said.join()}; once said it stays as it is`, () => {
    const items = itemsOf(...members.map((type) => (type === "" ? undefined : conditions(type))));
    const once = kind.aggregateStatus(objectOf(kind), items, secondMs);
    const found = (fieldOf(once, "status", "conditions") ?? []) as { type: string; status: string }[];
    assert.deepEqual(
      found.map(({ type, status }) => `${type}=${status}`),
      said,
    );
    assert.equal(kind.aggregateStatus(once, items, 2 * secondMs), once);
  });
}

test("PyTorchJob: roles are added up, the first start and the last end count", () => {
  const kind = pyTorchJob as Required<Interpretation>;
  const member = (start: string, end: string): object => ({
    ...conditions("Succeeded"),
    startTime: start,
    completionTime: end,
    replicaStatuses: { Worker: { active: 1, succeeded: 0 }, Master: { active: 1 } },
  });
  const items = itemsOf(
    member("2030-01-01T00:00:00Z", "2030-01-01T02:00:00Z"),
    member("2030-01-01T01:00:00Z", "2030-01-01T03:00:00Z"),
  );
  const status = { ...(kind.aggregateStatus(objectOf(kind), items, 0)["status"] as object), conditions: [] };
  assert.deepEqual(status, {
    conditions: [],
    startTime: "2030-01-01T00:00:00Z",
    completionTime: "2030-01-01T03:00:00Z",
    replicaStatuses: { Worker: { active: 2 }, Master: { active: 2 } },
  });
  const [first] = items;
  const goesOn = kind.aggregateStatus(
    objectOf(kind),
    [...items.slice(1), { ...first, clusterName: "m3", status: {} }],
    0,
  );
  assert.equal(fieldOf(goesOn, "status", "completionTime"), undefined, "it is not complete while a member works");
});

test("MPIJob: one member's status is the template's; of several, the newest condition of each type counts", () => {
  const kind = mpiJob as Required<Interpretation>;
  const at = (time: string, status: string): object => ({
    conditions: [{ type: "Running", status, lastUpdateTime: time }],
  });
  const [older, newer] = [at("2030-01-01T00:00:00Z", "True"), at("2030-01-01T00:00:01Z", "False")];
  assert.deepEqual(kind.aggregateStatus(objectOf(kind), itemsOf(older), 0)["status"], older);
  assert.deepEqual(kind.aggregateStatus(objectOf(kind), itemsOf(newer, older), 0)["status"], newer);
});

test("RayCluster: workers and amounts are added up", () => {
  const kind = rayCluster as Required<Interpretation>;
  const items = itemsOf(
    { readyWorkerReplicas: 1, desiredCPU: "500m", desiredMemory: "1Gi", state: "ready" },
    { readyWorkerReplicas: 2, desiredCPU: "1", desiredMemory: "1Gi", state: "suspended" },
  );
  assert.deepEqual(kind.aggregateStatus(objectOf(kind), items, 0)["status"], {
    readyWorkerReplicas: 3,
    desiredCPU: "1500m",
    desiredMemory: "2Gi",
    state: "ready",
  });
});

test("RayJob: the worst of the members' states, with why", () => {
  const kind = rayJob as Required<Interpretation>;
  const items = itemsOf(
    { jobDeploymentStatus: "Running", jobStatus: "RUNNING" },
    { jobDeploymentStatus: "Failed", jobStatus: "FAILED", reason: "AppFailed", message: "no" },
  );
  assert.deepEqual(kind.aggregateStatus(objectOf(kind), items, 0)["status"], {
    jobDeploymentStatus: "Failed",
    jobStatus: "FAILED",
    reason: "AppFailed",
    message: "no",
  });
});

test("SparkApplication: the worst state, all executors, attempts added up", () => {
  const kind = sparkApplication as Required<Interpretation>;
  const items = itemsOf(
    { applicationState: { state: "COMPLETED" }, executorState: { a: "COMPLETED" }, submissionAttempts: 1 },
    { applicationState: { state: "FAILING" }, executorState: { b: "FAILED" }, submissionAttempts: 1 },
  );
  assert.deepEqual(kind.aggregateStatus(objectOf(kind), items, 0)["status"], {
    applicationState: { state: "FAILING" },
    executorState: { a: "COMPLETED", b: "FAILED" },
    submissionAttempts: 2,
  });
});

test("Kyverno: rules are added up; what the template said before does not count", () => {
  const kind = clusterPolicy as Required<Interpretation>;
  const items = itemsOf({ ready: true, rulecount: { validate: 1 } }, { ready: false, rulecount: { validate: 1 } });
  assert.deepEqual(kind.aggregateStatus(objectOf(kind, { status: { old: 1 } }), items, 0)["status"], {
    ready: false,
    rulecount: { validate: 2, generate: 0, mutate: 0, verifyimages: 0 },
  });
});

for (const { hooks, spec, names } of [
  { hooks: broadcastJob, spec: podTemplate("a"), names: ["a"] },
  {
    hooks: pyTorchJob,
    spec: { pytorchReplicaSpecs: { Master: podTemplate("a"), Worker: podTemplate("b") } },
    names: ["a", "b"],
  },
  { hooks: tfJob, spec: { tfReplicaSpecs: { PS: podTemplate("a"), Chief: podTemplate("a") } }, names: ["a"] },
  {
    hooks: rayJob,
    spec: {
      rayClusterSpec: { headGroupSpec: podTemplate("a"), workerGroupSpecs: [podTemplate("b")] },
      submitterPodTemplate: { spec: { containers: [{ name: "c", envFrom: [{ secretRef: { name: "d" } }] }] } },
    },
    names: ["a", "b", "d"],
  },
]) {
  const kind = hooks as Required<Interpretation>;
  test(`${kind.kind.kind}: what all its pods refer to`, () => {
    assert.deepEqual(kind.getDependencies(objectOf(kind, { spec })), names.map(secret));
  });
}

test("BroadcastJob: the labels of its pods are the member's", () => {
  const kind = broadcastJob as Required<Interpretation>;
  const labelled = (labels: object): KubeObject => objectOf(kind, { spec: { template: { metadata: { labels } } } });
  const retained = kind.retain(labelled({ app: "wanted" }), labelled({ app: "there" }));
  assert.deepEqual(fieldOf(retained, "spec", "template", "metadata", "labels"), { app: "there" });
  const desired = labelled({ app: "wanted" });
  assert.equal(kind.retain(desired, objectOf(kind)), desired);
});

test("BroadcastJob: replicas are its parallelism, absent 1", () => {
  const kind = broadcastJob as Required<Interpretation>;
  const object = objectOf(kind, { spec: { parallelism: 3 } });
  assert.deepEqual(kind.getReplicas(object), { replicas: 3, requirements: undefined });
  assert.equal(kind.getReplicas(objectOf(kind)).replicas, 1);
  assert.equal(fieldOf(kind.reviseReplica(object, 1), "spec", "parallelism"), 1);
});
