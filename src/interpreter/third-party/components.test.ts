// The pods that kinds are made of, and the kinds whose replicas follow from these.
import assert from "node:assert/strict";
import test from "node:test";
import { fieldOf } from "#machinery/guards.ts";
import type { Interpretation } from "../interpretation.ts";
import { flinkDeployment } from "./flink-deployment.ts";
import { mpiJob } from "./mpi-job.ts";
import { notebook } from "./notebook.ts";
import { pyTorchJob } from "./py-torch-job.ts";
import { rayCluster } from "./ray-cluster.ts";
import { rayJob } from "./ray-job.ts";
import { rayService } from "./ray-service.ts";
import { sparkApplication } from "./spark-application.ts";
import { objectOf } from "./testing.ts";
import { tfJob } from "./tf-job.ts";
import { volcanoJob } from "./volcano-job.ts";

const pod = (cpu: string, memory = "1Gi"): object => ({
  template: { spec: { containers: [{ name: "c", resources: { requests: { cpu, memory } } }] } },
});
const asks = (cpu: string, memory = "1Gi"): object => ({ resourceRequest: { cpu, memory } });

const ray = {
  headGroupSpec: pod("1"),
  workerGroupSpecs: [
    { groupName: "small", replicas: 2, ...pod("2") },
    { replicas: 4, ...pod("3", "2Gi") },
  ],
};
const rayComponents = [
  { name: "ray-head", replicas: 1, replicaRequirements: asks("1") },
  { name: "small", replicas: 2, replicaRequirements: asks("2") },
  { name: "worker-2", replicas: 4, replicaRequirements: asks("3", "2Gi") },
];

for (const { hooks, what = "", spec, components } of [
  { hooks: rayCluster, spec: ray, components: rayComponents },
  { hooks: rayJob, spec: { rayClusterSpec: ray }, components: rayComponents },
  {
    hooks: pyTorchJob,
    spec: { pytorchReplicaSpecs: { Worker: { replicas: "3", ...pod("2") }, Master: pod("1") } },
    components: [
      { name: "master", replicas: 1, replicaRequirements: asks("1") },
      { name: "worker", replicas: 3, replicaRequirements: asks("2") },
    ],
  },
  {
    hooks: tfJob,
    spec: { tfReplicaSpecs: { Chief: pod("1"), PS: { replicas: 2, ...pod("2") } } },
    components: [
      { name: "ps", replicas: 2, replicaRequirements: asks("2") },
      { name: "chief", replicas: 1, replicaRequirements: asks("1") },
    ],
  },
  {
    hooks: mpiJob,
    spec: { mpiReplicaSpecs: { Launcher: pod("1"), Worker: pod("2"), None: { replicas: 3 } } },
    components: [
      { name: "Launcher", replicas: 1, replicaRequirements: asks("1") },
      { name: "Worker", replicas: 0, replicaRequirements: asks("2") },
    ],
  },
  {
    hooks: volcanoJob,
    spec: {
      tasks: [
        { name: "ps", minAvailable: 2, ...pod("1") },
        { replicas: 5, ...pod("2") },
      ],
    },
    components: [
      { name: "ps", replicas: 2, replicaRequirements: asks("1") },
      { name: "task-1", replicas: 1, replicaRequirements: asks("2") },
    ],
  },
  {
    hooks: flinkDeployment,
    spec: {
      jobManager: { resource: { cpu: 1, memory: "2048m" } },
      taskManager: { resource: { cpu: 2, memory: "1024m" } },
      job: { parallelism: 5 },
      flinkConfiguration: { "taskmanager.numberOfTaskSlots": "2" },
      podTemplate: { spec: { nodeSelector: { disk: "ssd" }, priorityClassName: "high" } },
    },
    components: [
      {
        name: "jobmanager",
        replicas: 1,
        replicaRequirements: {
          nodeClaim: { nodeSelector: { disk: "ssd" } },
          ...asks("1", "2048m"),
          priorityClassName: "high",
        },
      },
      {
        name: "taskmanager",
        replicas: 3,
        replicaRequirements: {
          nodeClaim: { nodeSelector: { disk: "ssd" } },
          ...asks("2", "1024m"),
          priorityClassName: "high",
        },
      },
    ],
  },
  {
    hooks: sparkApplication,
    what: "of Scala, with memory beside the heap",
    spec: {
      type: "Scala",
      driver: { cores: 1, memory: "512m" },
      executor: {
        cores: 2,
        instances: 3,
        memory: "8g",
        memoryOverhead: "512m",
        gpu: { name: "nvidia.com/gpu", quantity: 1 },
      },
    },
    components: [
      { name: "driver", replicas: 1, replicaRequirements: asks("1", "896Mi") },
      {
        name: "executor",
        replicas: 3,
        replicaRequirements: { resourceRequest: { cpu: "2", memory: "8704Mi", "nvidia.com/gpu": "1" } },
      },
    ],
  },
  {
    hooks: sparkApplication,
    what: "of Python, with dynamic allocation",
    spec: {
      type: "Python",
      dynamicAllocation: { enabled: true, initialExecutors: 4 },
      driver: { nodeSelector: { disk: "ssd" } },
    },
    components: [
      {
        name: "driver",
        replicas: 1,
        replicaRequirements: { nodeClaim: { nodeSelector: { disk: "ssd" } }, ...asks("1", "1503238553600m") },
      },
      { name: "executor", replicas: 4, replicaRequirements: asks("1", "1503238553600m") },
    ],
  },
]) {
  const kind = hooks as Required<Interpretation>;
  test(`${kind.kind.kind} ${what}: the pods that it is made of`, () => {
    assert.deepEqual(kind.getComponents(objectOf(kind, { spec })), components);
  });
}

test("FlinkDeployment: replicas are all its pods, each with the larger amounts", () => {
  const kind = flinkDeployment as Required<Interpretation>;
  const spec = {
    jobManager: { replicas: 2, resource: { cpu: 1, memory: "2Gi" } },
    taskManager: { replicas: 3, resource: { cpu: 2, memory: "1Gi" } },
  };
  const requirements = { ...asks("2", "2Gi"), namespace: "default" };
  assert.deepEqual(kind.getReplicas(objectOf(kind, { spec })), { replicas: 5, requirements });
  assert.deepEqual(kind.getReplicas(objectOf(kind)), { replicas: 2, requirements: undefined });
});

test("Notebook: one replica", () => {
  const kind = notebook as Required<Interpretation>;
  const replicas = kind.getReplicas(objectOf(kind, { spec: pod("1") }));
  assert.deepEqual(replicas, { replicas: 1, requirements: asks("1") });
});

test("RayService: the head and all workers, with the amounts of the largest", () => {
  const kind = rayService as Required<Interpretation>;
  const object = objectOf(kind, { spec: { rayClusterConfig: ray } });
  assert.deepEqual(kind.getReplicas(object), { replicas: 7, requirements: asks("3", "2Gi") });
  assert.deepEqual(kind.getReplicas(objectOf(kind)), { replicas: 0, requirements: undefined });
});

for (const { before, replicas, after } of [
  { before: [2], replicas: 6, after: [5] },
  { before: [2, 4], replicas: 4, after: [1, 2] },
  { before: [1, 1, 1], replicas: 6, after: [2, 2, 1] },
  { before: [0, 0], replicas: 4, after: [2, 1] },
  { before: [2, 4], replicas: 0, after: [0, 0] },
]) {
  test(`RayService: workers ${before.join("+")} of ${replicas} replicas become ${after.join("+")}`, () => {
    const kind = rayService as Required<Interpretation>;
    const groups = before.map((each) => ({ replicas: each, ...pod("1") }));
    const object = objectOf(kind, {
      spec: { rayClusterConfig: { headGroupSpec: pod("1"), workerGroupSpecs: groups } },
    });
    const revised = fieldOf(kind.reviseReplica(object, replicas), "spec", "rayClusterConfig", "workerGroupSpecs");
    assert.deepEqual(
      revised,
      groups.map((group, index) => ({ ...group, replicas: after[index] })),
    );
  });
}
