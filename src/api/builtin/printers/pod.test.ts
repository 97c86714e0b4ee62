import assert from "node:assert/strict";
import { test } from "node:test";
import type { KubeObject } from "#machinery/object.ts";
import { builtinPrinter } from "./builtin-printer.ts";

const podPrinter = builtinPrinter({ group: "", version: "v1", kind: "Pod" }) ?? assert.fail("pods have a printer");
const now = Date.UTC(2026, 0, 1, 1);
const running = (name: string): object => ({ name, ready: true, restartCount: 0, state: { running: {} } });
const waiting = (name: string, reason: string): object => ({
  name,
  ready: false,
  restartCount: 3,
  state: { waiting: { reason } },
  lastState: { terminated: { exitCode: 1, finishedAt: "2026-01-01T00:55:00Z" } },
});
const ended = (name: string, terminated: object): object => ({
  name,
  ready: false,
  restartCount: 0,
  state: { terminated },
});

interface Row {
  readonly name: string;
  readonly containers?: number;
  readonly initContainers?: readonly object[];
  readonly status?: Readonly<Record<string, unknown>>;
  readonly deleted?: boolean;
  readonly cells: readonly [ready: string, status: string, restarts: string];
}

const sidecar = { name: "i1", restartPolicy: "Always" };

const rows: readonly Row[] = [
  { name: "pending", status: { phase: "Pending" }, cells: ["0/1", "Pending", "0"] },
  {
    name: "gated",
    status: {
      phase: "Pending",
      conditions: [{ type: "PodScheduled", status: "False", reason: "SchedulingGated" }],
    },
    cells: ["0/1", "SchedulingGated", "0"],
  },
  { name: "evicted", status: { phase: "Failed", reason: "Evicted" }, cells: ["0/1", "Evicted", "0"] },
  { name: "running", status: { phase: "Running", containerStatuses: [running("c1")] }, cells: ["1/1", "Running", "0"] },
  {
    name: "crashing",
    status: { phase: "Running", containerStatuses: [waiting("c1", "CrashLoopBackOff")] },
    cells: ["0/1", "CrashLoopBackOff", "3 (5m ago)"],
  },
  {
    name: "crashing in one of two",
    containers: 2,
    status: { phase: "Running", containerStatuses: [running("c1"), waiting("c2", "ImagePullBackOff")] },
    cells: ["1/2", "ImagePullBackOff", "3 (5m ago)"],
  },
  {
    name: "ended by a signal",
    status: { phase: "Failed", containerStatuses: [ended("c1", { exitCode: 137, signal: 9 })] },
    cells: ["0/1", "Signal:9", "0"],
  },
  {
    name: "ended with a code",
    status: { phase: "Failed", containerStatuses: [ended("c1", { exitCode: 2 })] },
    cells: ["0/1", "ExitCode:2", "0"],
  },
  {
    name: "completed",
    status: { phase: "Succeeded", containerStatuses: [ended("c1", { exitCode: 0, reason: "Completed" })] },
    cells: ["0/1", "Completed", "0"],
  },
  {
    name: "completed in part and ready",
    containers: 2,
    status: {
      phase: "Running",
      conditions: [{ type: "Ready", status: "True" }],
      containerStatuses: [ended("c1", { exitCode: 0, reason: "Completed" }), running("c2")],
    },
    cells: ["1/2", "Running", "0"],
  },
  {
    name: "completed in part and not ready",
    containers: 2,
    status: { phase: "Running", containerStatuses: [ended("c1", { exitCode: 0, reason: "Completed" }), running("c2")] },
    cells: ["1/2", "NotReady", "0"],
  },
  {
    name: "initializing",
    initContainers: [{ name: "i1" }, { name: "i2" }],
    status: {
      phase: "Pending",
      initContainerStatuses: [ended("i1", { exitCode: 0 }), { name: "i2", restartCount: 0, state: { running: {} } }],
      containerStatuses: [waiting("c1", "PodInitializing")],
    },
    cells: ["0/1", "Init:1/2", "0"],
  },
  {
    name: "failing to initialize",
    initContainers: [{ name: "i1" }],
    status: { phase: "Pending", initContainerStatuses: [waiting("i1", "CrashLoopBackOff")] },
    cells: ["0/1", "Init:CrashLoopBackOff", "3 (5m ago)"],
  },
  {
    name: "failed to initialize",
    initContainers: [{ name: "i1" }],
    status: { phase: "Failed", initContainerStatuses: [ended("i1", { exitCode: 1 })] },
    cells: ["0/1", "Init:ExitCode:1", "0"],
  },
  {
    name: "running with a sidecar",
    initContainers: [sidecar],
    status: {
      phase: "Running",
      initContainerStatuses: [{ ...running("i1"), started: true, restartCount: 2 }],
      containerStatuses: [running("c1")],
    },
    cells: ["2/2", "Running", "2"],
  },
  {
    name: "deleted",
    status: { phase: "Running", containerStatuses: [running("c1")] },
    deleted: true,
    cells: ["1/1", "Terminating", "0"],
  },
  { name: "deleted and done", status: { phase: "Succeeded" }, deleted: true, cells: ["0/1", "Succeeded", "0"] },
  {
    name: "on a lost node",
    status: { phase: "Running", reason: "NodeLost" },
    deleted: true,
    cells: ["0/1", "Unknown", "0"],
  },
];

function podOf({ containers = 1, initContainers, status, deleted = false }: Row): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: "x",
      creationTimestamp: "2026-01-01T00:00:00Z",
      ...(deleted ? { deletionTimestamp: "2026-01-01T00:30:00Z" } : {}),
    },
    spec: { containers: Array.from({ length: containers }, (_, index) => ({ name: `c${index + 1}` })), initContainers },
    status,
  };
}

for (const row of rows) {
  test(`the table of a pod that is ${row.name}`, () => {
    const cells = podPrinter.cells(podOf(row), now);
    assert.deepEqual(cells, ["x", ...row.cells, "60m", "<none>", "<none>", "<none>", "<none>"]);
  });
}

test("the wide cells of a pod", () => {
  const pod: KubeObject = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "x" },
    spec: {
      containers: [{ name: "c1" }],
      nodeName: "n1",
      readinessGates: [{ conditionType: "a" }, { conditionType: "b" }],
    },
    status: {
      phase: "Running",
      podIPs: [{ ip: "10.0.0.1" }, { ip: "fd00::1" }],
      nominatedNodeName: "n2",
      conditions: [{ type: "a", status: "True" }],
    },
  };
  assert.deepEqual(podPrinter.cells(pod, now).slice(4), ["<unknown>", "10.0.0.1", "n1", "n2", "1/2"]);
});
