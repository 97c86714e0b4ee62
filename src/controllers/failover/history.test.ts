// What is remembered of failovers, from their first eviction task to their end.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Binding, BindingSpec, FailoverRecord, GracefulEvictionTask } from "#api/work/binding.ts";
import { formatTime } from "#std/time.ts";
import { bindingWith } from "../testing.ts";
import { failoverEvents, failoverRecordsMax, isFailingOver, recordFailovers, settledUntil } from "./history.ts";

type Health = "Healthy" | "Unhealthy" | "Unknown";
const second = 1000;
const task: GracefulEvictionTask = {
  fromCluster: "m1",
  reason: "ApplicationFailure",
  producer: "Test",
  purgeMode: "Directly",
  preservedLabelState: { job: "one" },
  creationTimestamp: formatTime(0),
};

function state(
  spec: Partial<BindingSpec>,
  healths: Readonly<Record<string, Health>>,
  history?: readonly FailoverRecord[],
): Binding {
  const aggregatedStatus = Object.entries(healths).map(([clusterName, health]) => ({ clusterName, health }));
  const status = history === undefined ? { aggregatedStatus } : { aggregatedStatus, failoverHistory: history };
  return { ...bindingWith(spec), status };
}

function after(binding: Binding, now: number): readonly FailoverRecord[] {
  return recordFailovers(binding, now);
}

const leaving = { gracefulEvictionTasks: [task] };
const begun = after(state(leaving, { m1: "Unhealthy" }), second);
const arrived = after(state({ ...leaving, clusters: [{ name: "m2" }] }, { m1: "Unknown" }, begun), 6 * second);

test("a failover begins with its task, and goes where the scheduler says", () => {
  const record = {
    fromCluster: "m1",
    clustersBefore: ["m1"],
    reason: "ApplicationFailure",
    preservedLabelState: { job: "one" },
    startTime: "1970-01-01T00:00:00Z",
    outcome: "InProgress",
  };
  assert.deepEqual(begun, [record]);
  assert.deepEqual(arrived, [{ ...record, toClusters: ["m2"] }]);
  assert.equal(isFailingOver(state(leaving, {}, arrived)), true);
});

test("while it is young only its beginning and its end are told", () => {
  const spec = { ...leaving, clusters: [{ name: "m2" }] };
  assert.equal(after(state(spec, {}, begun), 4 * second), begun);
  const [record] = after(state({ clusters: [{ name: "m2" }] }, { m2: "Healthy" }, begun), 4 * second);
  assert.deepEqual([record?.toClusters, record?.outcome], [["m2"], "Replaced"]);
});

test("the task says where the resource was, if it knows", () => {
  const known = { ...task, clustersBeforeFailover: ["m4", "m1"] };
  const [record] = after(state({ gracefulEvictionTasks: [known] }, { m9: "Healthy" }), second);
  assert.deepEqual(record?.clustersBefore, ["m1", "m4"]);
});

test("nothing new gives the same list, a task that is not stamped yet is none", () => {
  assert.equal(after(state({ ...leaving, clusters: [{ name: "m2" }] }, { m2: "Unhealthy" }, arrived), second), arrived);
  const { creationTimestamp: _, ...fresh } = task;
  assert.deepEqual(after(state({ gracefulEvictionTasks: [fresh] }, {}), 0), []);
});

for (const { name, spec, healths, outcome } of [
  { name: "healthy elsewhere", spec: { clusters: [{ name: "m2" }] }, healths: { m2: "Healthy" }, outcome: "Replaced" },
  { name: "taken back", spec: { clusters: [{ name: "m1" }] }, healths: { m1: "Healthy" }, outcome: "Cancelled" },
  { name: "dropped", spec: { clusters: [{ name: "m2" }] }, healths: { m2: "Unhealthy" }, outcome: "Ended" },
  { name: "dropped with nothing elsewhere", spec: {}, healths: {}, outcome: "Ended" },
] as const) {
  test(`a failover ends with its task: ${name}`, () => {
    const [record] = after(state(spec, healths, arrived), 9 * second);
    assert.deepEqual([record?.outcome, record?.endTime], [outcome, "1970-01-01T00:00:09Z"]);
  });
}

test("a second failure before it was healthy is the end of the first failover, and stays so", () => {
  const again = { ...task, fromCluster: "m2", creationTimestamp: formatTime(20 * second) };
  const spec = { gracefulEvictionTasks: [task, again], clusters: [{ name: "m3" }] };
  const records = after(state(spec, { m2: "Unhealthy" }, arrived), 31 * second);
  assert.deepEqual(
    records.map(({ fromCluster, toClusters, outcome }) => [fromCluster, toClusters, outcome]),
    [
      ["m1", ["m2"], "Failed"],
      ["m2", ["m3"], "InProgress"],
    ],
  );
  assert.equal(after(state(spec, { m3: "Unhealthy" }, records), 40 * second), records);
});

test("the shares of a divided workload go to those that were there", () => {
  const placement = { replicaScheduling: { replicaSchedulingType: "Divided" as const } };
  const clusters = [{ name: "m2", replicas: 2 }];
  const [record] = after(state({ ...leaving, placement, clusters }, { m1: "Healthy", m2: "Healthy" }), 9 * second);
  assert.deepEqual([record?.clustersBefore, record?.toClusters], [["m1", "m2"], ["m2"]]);
});

test("the history is bounded, however many go at once, and comes to rest", () => {
  const tasks = Array.from({ length: failoverRecordsMax + 3 }, (_, index) => ({
    ...task,
    fromCluster: `c${String(10 + index)}`,
  }));
  const binding = state({ gracefulEvictionTasks: tasks }, {});
  const records = after(binding, second);
  assert.equal(records.length, failoverRecordsMax);
  assert.equal(after(state({ gracefulEvictionTasks: tasks }, {}, records), 2 * second), records);
});

test("where it came from and where it went it stays for the window", () => {
  const binding = state({}, {}, arrived);
  assert.equal(settledUntil(binding, "m2", 60), 60 * second);
  assert.equal(settledUntil(binding, "m1", 60), 60 * second);
  assert.equal(settledUntil(binding, "m3", 60), undefined);
  assert.equal(settledUntil(binding, "m2", 0), undefined);
});

test("what begins and what ends is told once", () => {
  const ended = after(state({ clusters: [{ name: "m2" }] }, { m2: "Healthy" }, arrived), 9 * second);
  const told = (left: readonly FailoverRecord[], right: readonly FailoverRecord[]) =>
    failoverEvents(left, right).map(({ type, reason, message }) => `${type} ${reason} ${message}`);
  assert.deepEqual(told([], begun), ["Normal FailoverStarted Leaves cluster m1: ApplicationFailure, with job=one."]);
  assert.deepEqual(told(begun, arrived), []);
  assert.deepEqual(told(arrived, ended), ["Normal FailoverEnded Failover from cluster m1 to m2: Replaced."]);
  assert.deepEqual(told(ended, ended), []);
});
