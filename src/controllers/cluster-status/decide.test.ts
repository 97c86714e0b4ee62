// Readiness by answer, its thresholds, API discovery and node counts.
import assert from "node:assert/strict";
import { test } from "node:test";
import { clusterWith, conditionWith } from "../testing.ts";
import { apiEnablementsFinding, judgeReadiness, noClient, readinessOf, summarizeNodes } from "./decide.ts";

for (const { answer, status, reason } of [
  { answer: 200, status: "True", reason: "ClusterReady" },
  { answer: 204, status: "False", reason: "ClusterNotReady" },
  { answer: 500, status: "False", reason: "ClusterNotReachable" },
  { answer: undefined, status: "False", reason: "ClusterNotReachable" },
]) {
  test(`an answer of ${String(answer)} is ${reason}`, () => {
    const finding = readinessOf(answer);
    assert.deepEqual([finding.status, finding.reason], [status, reason]);
  });
}

test("without a client the reason is told", () => {
  assert.equal(noClient("no secret").message, "failed to create a ClusterClient: no secret");
});

const thresholds = { successMilliseconds: 30_000, failureMilliseconds: 30_000 };
const good = readinessOf(200);
const bad = readinessOf(undefined);
const readyCluster = clusterWith("m1", {}, { conditions: [conditionWith("Ready", "True")] });
const sickCluster = clusterWith("m1", {}, { conditions: [conditionWith("Ready", "False")] });
const unknownCluster = clusterWith("m1", {}, { conditions: [conditionWith("Ready", "Unknown")] });

for (const { name, cluster, finding, last, now, believed } of [
  {
    name: "the first observation counts",
    cluster: readyCluster,
    finding: bad,
    last: undefined,
    now: 0,
    believed: true,
  },
  {
    name: "the first condition ever counts",
    cluster: clusterWith("m1"),
    finding: bad,
    last: { status: "True" as const, since: 0 },
    now: 0,
    believed: true,
  },
  {
    name: "a fresh failure is held back",
    cluster: readyCluster,
    finding: bad,
    last: { status: "True" as const, since: undefined },
    now: 1000,
    believed: false,
  },
  {
    name: "until it has lasted",
    cluster: readyCluster,
    finding: bad,
    last: { status: "False" as const, since: 1000 },
    now: 31_000,
    believed: true,
  },
  {
    name: "a fresh recovery is held back",
    cluster: sickCluster,
    finding: good,
    last: { status: "True" as const, since: 1000 },
    now: 30_999,
    believed: false,
  },
  {
    name: "unknown to not ready is no change",
    cluster: unknownCluster,
    finding: bad,
    last: { status: "True" as const, since: 1000 },
    now: 2000,
    believed: true,
  },
]) {
  test(name, () => {
    const { ready } = judgeReadiness(cluster, finding, last, now, thresholds);
    assert.equal(ready === finding, believed);
  });
}

test("a flap starts the wait anew", () => {
  const first = judgeReadiness(readyCluster, bad, { status: "True", since: undefined }, 0, thresholds);
  const back = judgeReadiness(readyCluster, good, first.observation, 10_000, thresholds);
  const again = judgeReadiness(readyCluster, bad, back.observation, 20_000, thresholds);
  assert.equal(again.observation.since, 20_000);
  assert.equal(judgeReadiness(readyCluster, bad, again.observation, 49_999, thresholds).ready.status, "True");
  assert.equal(judgeReadiness(readyCluster, bad, again.observation, 50_000, thresholds).ready, bad);
});

test("API discovery: all, some, none", () => {
  assert.equal(apiEnablementsFinding(3, true).message, "collected complete APIEnablements from the cluster");
  assert.equal(apiEnablementsFinding(3, false).message, "might collect partial APIEnablements(3) from the cluster");
  assert.equal(apiEnablementsFinding(0, true).message, "collected empty APIEnablements from the cluster");
});

test("counts nodes and ready nodes", () => {
  const node = (status: "True" | "False") => ({
    apiVersion: "v1",
    kind: "Node",
    metadata: { name: status },
    status: { conditions: [{ type: "Ready", status }] },
  });
  assert.deepEqual(summarizeNodes([node("True"), node("False"), { ...node("True"), status: {} }]), {
    totalNum: 3,
    readyNum: 1,
  });
});
