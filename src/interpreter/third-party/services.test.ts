// Volcano's jobs, notebooks and services of Ray: health, and the statuses of several members as one.
import assert from "node:assert/strict";
import test from "node:test";
import type { Interpretation } from "../interpretation.ts";
import { notebook } from "./notebook.ts";
import { rayService } from "./ray-service.ts";
import { itemsOf, objectOf } from "./testing.ts";
import { volcanoJob } from "./volcano-job.ts";

const now = Date.parse("2030-01-01T00:00:00Z");
const time = "2030-01-01T00:00:00Z";
const running = (startedAt = time): object => ({ containerState: { running: { startedAt } }, readyReplicas: 1 });

for (const { hooks, status, healthy } of [
  { hooks: volcanoJob, status: undefined, healthy: false },
  { hooks: volcanoJob, status: { state: { phase: "Running" } }, healthy: true },
  { hooks: volcanoJob, status: { state: { phase: "Aborted" } }, healthy: true },
  { hooks: volcanoJob, status: { state: { phase: "Failed" } }, healthy: false },
  { hooks: notebook, status: undefined, healthy: false },
  { hooks: notebook, status: running(), healthy: true },
  { hooks: notebook, status: { containerState: { waiting: { reason: "ContainerCreating" } } }, healthy: true },
  { hooks: notebook, status: { containerState: { waiting: { reason: "CrashLoopBackOff" } } }, healthy: false },
  { hooks: notebook, status: { containerState: { terminated: { reason: "Completed" } } }, healthy: true },
  { hooks: notebook, status: { containerState: { terminated: { reason: "OOMKilled" } } }, healthy: false },
  { hooks: notebook, status: { containerState: { terminated: { exitCode: 1 } } }, healthy: false },
  { hooks: rayService, status: { conditions: [{ type: "Ready", status: "True" }] }, healthy: true },
  { hooks: rayService, status: { conditions: [{ type: "Ready", status: "False" }] }, healthy: false },
] satisfies readonly { hooks: Interpretation; status: object | undefined; healthy: boolean }[]) {
  const kind = hooks as Required<Interpretation>;
  test(`${kind.kind.kind} with ${JSON.stringify(status)} is ${healthy ? "healthy" : "not healthy"}`, () => {
    const object = objectOf(kind, status === undefined ? {} : { status });
    assert.equal(kind.interpretHealth(object), healthy);
  });
}

for (const { hooks, name, statuses, expected } of [
  {
    hooks: volcanoJob,
    name: "counters, tasks, resources and conditions of running jobs",
    statuses: [
      {
        running: 2,
        minAvailable: 2,
        version: 3,
        runningDuration: "1m30s",
        taskStatusCount: { ps: { phase: { Running: 2, Pending: 0 } } },
        controlledResources: { "plugin-env": "env" },
        conditions: [{ status: "Running", lastTransitionTime: "2030-01-01T00:00:01Z" }],
        state: { phase: "Running" },
      },
      {
        running: 1,
        succeeded: 1,
        minAvailable: 2,
        version: 5,
        runningDuration: "1h0m1s",
        taskStatusCount: { ps: { phase: { Running: 1 } }, worker: { phase: { Succeeded: 1 } } },
        controlledResources: { "plugin-svc": "svc" },
        conditions: [
          { status: "Pending", lastTransitionTime: "2030-01-01T00:00:01Z" },
          { status: "Running", lastTransitionTime: "2030-01-01T00:00:09Z" },
        ],
        state: { phase: "Running" },
      },
    ],
    expected: {
      minAvailable: 4,
      running: 3,
      succeeded: 1,
      version: 5,
      runningDuration: "1h0m1s",
      taskStatusCount: { ps: { phase: { Running: 3 } }, worker: { phase: { Succeeded: 1 } } },
      controlledResources: { "plugin-env": "env", "plugin-svc": "svc" },
      conditions: [
        { status: "Running", lastTransitionTime: "2030-01-01T00:00:09Z" },
        { status: "Pending", lastTransitionTime: "2030-01-01T00:00:01Z" },
      ],
    },
  },
  {
    hooks: volcanoJob,
    name: "a job that failed somewhere has failed",
    statuses: [{ state: { phase: "Completed" } }, { state: { phase: "Aborted" }, conditions: [{ status: "Aborted" }] }],
    expected: {
      conditions: [{ status: "Aborted" }],
      state: {
        phase: "Failed",
        reason: "VolcanoJobFailed",
        message: "Job failed in clusters: m2",
        lastTransitionTime: time,
      },
    },
  },
  {
    hooks: volcanoJob,
    name: "a job is complete when it is everywhere",
    statuses: [{ state: { phase: "Completed" } }, { state: { phase: "Completed" } }],
    expected: {
      state: {
        phase: "Completed",
        reason: "Completed",
        message: "Job completed successfully",
        lastTransitionTime: time,
      },
    },
  },
  {
    hooks: notebook,
    name: "notebooks that all run are ready since the last one was started",
    statuses: [running("2030-01-01T00:00:01Z"), running("2030-01-01T00:00:09Z")],
    expected: {
      readyReplicas: 2,
      containerState: { running: { startedAt: "2030-01-01T00:00:09Z" } },
      conditions: [
        {
          type: "Ready",
          status: "True",
          reason: "Ready",
          message: "All notebooks are ready",
          lastTransitionTime: time,
        },
      ],
    },
  },
  {
    hooks: notebook,
    name: "notebooks that do not run are named",
    statuses: [running(), { containerState: { terminated: { reason: "Error" } } }, undefined],
    expected: {
      readyReplicas: 1,
      containerState: { waiting: { reason: "Unschedulable" } },
      conditions: [
        {
          type: "Failed",
          status: "True",
          reason: "NotebookFailed",
          message: "Notebook executed failed in member clusters: m2, m3",
          lastTransitionTime: time,
        },
      ],
    },
  },
  {
    hooks: rayService,
    name: "applications are as they are where they are worst",
    statuses: [
      {
        conditions: [{ type: "Ready", status: "True" }],
        numServeEndpoints: 2,
        observedGeneration: 1,
        serviceStatus: "Running",
        lastUpdateTime: "2030-01-01T00:00:01Z",
        activeServiceStatus: { rayClusterName: "a", applicationStatuses: { app: { status: "RUNNING" } } },
      },
      {
        numServeEndpoints: 1,
        observedGeneration: 3,
        serviceStatus: "Running",
        lastUpdateTime: "2030-01-01T00:00:09Z",
        activeServiceStatus: {
          rayClusterName: "b",
          applicationStatuses: { app: { status: "UNHEALTHY", message: "x" } },
        },
        pendingServiceStatus: { rayClusterName: "c" },
      },
    ],
    expected: {
      conditions: [{ type: "Ready", status: "True" }],
      numServeEndpoints: 3,
      lastUpdateTime: "2030-01-01T00:00:09Z",
      observedGeneration: 3,
      serviceStatus: "Running",
      activeServiceStatus: { rayClusterName: "a", applicationStatuses: { app: { status: "UNHEALTHY", message: "x" } } },
      pendingServiceStatus: { rayClusterName: "c" },
    },
  },
] satisfies readonly {
  hooks: Interpretation;
  name: string;
  statuses: readonly (object | undefined)[];
  expected: object;
}[]) {
  const kind = hooks as Required<Interpretation>;
  test(`${kind.kind.kind}: ${name}, and stays so`, () => {
    const items = itemsOf(...statuses);
    const aggregated = kind.aggregateStatus(objectOf(kind), items, now);
    assert.deepEqual(aggregated["status"], expected);
    assert.equal(kind.aggregateStatus(aggregated, items, now + 60_000), aggregated);
  });
}

for (const hooks of [volcanoJob, notebook, rayService]) {
  const kind = hooks as Required<Interpretation>;
  test(`${kind.kind.kind}: the only member's status is the template's, and without any there is none`, () => {
    const status = { ...running(), state: { phase: "Running" } };
    assert.deepEqual(kind.aggregateStatus(objectOf(kind), itemsOf(status), now)["status"], status);
    const object = objectOf(kind, { status });
    const left = kind.aggregateStatus(object, [], now);
    assert.deepEqual(left["status"], {});
    assert.equal(kind.aggregateStatus(left, [], now), left);
    const fresh = objectOf(kind);
    assert.equal(kind.aggregateStatus(fresh, [], now), fresh);
  });
}

test("what travels of the statuses", () => {
  const [job, book] = [volcanoJob, notebook].map((hooks) => hooks as Required<Interpretation>);
  const status = { running: 1, other: 1, containerState: {} };
  assert.deepEqual(job?.reflectStatus(objectOf(job, { status })), { running: 1 });
  assert.deepEqual(book?.reflectStatus(objectOf(book, { status })), { readyReplicas: 0, containerState: {} });
  assert.equal(book.reflectStatus(objectOf(book)), undefined);
});
