// When eviction tasks end, are held, or are called off; and that no history takes the last good copy away in strict mode.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Binding, BindingSpec, BindingStatus, GracefulEvictionTask } from "#api/work/binding.ts";
import { formatTime } from "#std/time.ts";
import { tellAfterMilliseconds } from "../failover/history.ts";
import { bindingWith, conditionWith } from "../testing.ts";
import { type EvictionInput, judgeTasks } from "./decide.ts";

const rules = { mode: "strict", timeoutSeconds: 600, settleSeconds: 10, stabilizationSeconds: 0 } as const;
const minute = 60_000;
const task: GracefulEvictionTask = {
  fromCluster: "m1",
  reason: "TaintUntolerated",
  producer: "TaintManager",
  creationTimestamp: formatTime(0),
};

function evicted(
  spec: Partial<BindingSpec>,
  status: BindingStatus = {},
  tasks: readonly GracefulEvictionTask[] = [task],
): Binding {
  const binding = bindingWith({ ...spec, gracefulEvictionTasks: tasks }, { generation: 3 });
  return { ...binding, status: { schedulerObservedGeneration: 3, ...status } };
}

interface Members {
  readonly ready?: Readonly<Record<string, number>>;
  readonly accepting?: readonly string[];
}

function judge(binding: Binding, now: number, { ready = { m2: 0 }, accepting = [] }: Members = {}, mode = "strict") {
  const input: EvictionInput = {
    binding,
    now,
    members: { readySince: (name) => ready[name], accepts: (name) => accepting.includes(name) },
    rules: { ...rules, mode: mode === "strict" ? "strict" : "compatible" },
  };
  return judgeTasks(input);
}

const inM2 = { clusters: [{ name: "m2", replicas: 2 }], replicas: 2 };
const healthyInM2: BindingStatus = { aggregatedStatus: [{ clusterName: "m2", applied: true, health: "Healthy" }] };
const divided = { replicaScheduling: { replicaSchedulingType: "Divided" as const } };

test("a new task is stamped first, and looked at again when its grace period ends", () => {
  const { creationTimestamp: _, ...fresh } = task;
  const { tasks, dropped, next } = judge(evicted(inM2, healthyInM2, [{ ...fresh, gracePeriodSeconds: 60 }]), minute);
  assert.deepEqual([tasks[0]?.creationTimestamp, dropped, next], ["1970-01-01T00:01:00Z", [], 2 * minute]);
});

const stillInM1: BindingStatus = { aggregatedStatus: [{ clusterName: "m1", applied: true, health: "Healthy" }] };
for (const { suppressDeletion, status, left } of [
  { suppressDeletion: true, status: {}, left: 1 },
  { suppressDeletion: false, status: stillInM1, left: 1 },
  { suppressDeletion: false, status: {}, left: 0 },
]) {
  const where = status === stillInM1 ? "while the copy is there" : "once it has gone";
  test(`suppressDeletion ${String(suppressDeletion)} is the user's word, whatever is healthy: ${where}`, () => {
    const { tasks, hold } = judge(evicted({}, status, [{ ...task, suppressDeletion }]), 60 * minute);
    assert.equal(tasks.length, left);
    assert.equal(hold, undefined);
  });
}

test("a task ends when its replacement is healthy", () => {
  assert.deepEqual(judge(evicted(inM2, healthyInM2), minute).dropped, ["m1"]);
  assert.deepEqual(judge(evicted(inM2, healthyInM2), minute, {}, "compatible").dropped, ["m1"]);
});

const unhealthy: BindingStatus = { aggregatedStatus: [{ clusterName: "m2", applied: true, health: "Unhealthy" }] };
const scheduledFalse = { conditions: [conditionWith("Scheduled", "False", "0/2 clusters are available")] };
const shares = { clusters: [{ name: "m2", replicas: 4 }], replicas: 4, placement: divided };
const threeReady = { ...healthyInM2.aggregatedStatus?.[0], clusterName: "m2", status: { readyReplicas: 3 } };
for (const { name, binding, members, reason } of [
  { name: "an empty schedule", binding: evicted({}), members: {}, reason: "EmptySchedule" },
  {
    name: "no room elsewhere",
    binding: evicted(inM2, { ...healthyInM2, ...scheduledFalse }),
    members: {},
    reason: "NotScheduled",
  },
  {
    name: "a generation that was not scheduled yet",
    binding: evicted(inM2, { ...healthyInM2, schedulerObservedGeneration: 2 }),
    members: {},
    reason: "NotScheduled",
  },
  { name: "a health that is not known", binding: evicted(inM2), members: {}, reason: "HealthUnknown" },
  {
    name: "a replacement that is broken",
    binding: evicted(inM2, unhealthy),
    members: {},
    reason: "ReplacementUnhealthy",
  },
  {
    name: "a replacement in a member that is away",
    binding: evicted(inM2, healthyInM2),
    members: { ready: {} },
    reason: "ClusterNotReady",
  },
  {
    name: "a replacement in a member that has just come back",
    binding: evicted(inM2, healthyInM2),
    members: { ready: { m2: 20 * minute - 5000 } },
    reason: "ClusterReconnecting",
  },
  {
    name: "fewer ready replicas than its share, though it says healthy",
    binding: evicted(shares, { aggregatedStatus: [threeReady] }),
    members: {},
    reason: "NotEnoughReplicas",
  },
  {
    name: "shares that do not add up",
    binding: evicted({ ...shares, replicas: 6 }, healthyInM2),
    members: {},
    reason: "NotEnoughReplicas",
  },
]) {
  test(`held, and told, beyond any grace period: ${name}`, () => {
    const { tasks, hold } = judge(binding, 20 * minute, members);
    assert.equal(tasks, binding.spec.gracefulEvictionTasks);
    assert.equal(hold?.reason, reason);
    assert.match(hold.message, /; its grace period is over$/);
  });
}

test("compatible mode gives up after the grace period, and takes an empty schedule for healthy", () => {
  assert.deepEqual(judge(evicted(inM2, unhealthy), 9 * minute, {}, "compatible").dropped, []);
  assert.deepEqual(judge(evicted(inM2, unhealthy), 11 * minute, {}, "compatible").dropped, ["m1"]);
  assert.deepEqual(judge(evicted({}), minute, {}, "compatible").dropped, ["m1"]);
});

test("a member that just came back is asked again when its reports count", () => {
  const { next } = judge(evicted(inM2, healthyInM2), 20 * minute, { ready: { m2: 20 * minute - 5000 } });
  assert.equal(next, 20 * minute + 5000);
});

for (const { name, binding, restored, clusters } of [
  {
    name: "nothing replaced it",
    binding: evicted({}, {}, [{ ...task, replicas: 3 }]),
    restored: ["m1"],
    clusters: [{ name: "m1", replicas: 3 }],
  },
  {
    name: "its share is still missing",
    binding: evicted({ ...shares, replicas: 6 }, {}, [{ ...task, replicas: 2 }]),
    restored: ["m1"],
    clusters: [
      { name: "m2", replicas: 4 },
      { name: "m1", replicas: 2 },
    ],
  },
  {
    name: "not once others have taken over: that would be moving back",
    binding: evicted({ ...shares, replicas: 4 }, {}, [{ ...task, replicas: 2 }]),
    restored: [],
    clusters: shares.clusters,
  },
  {
    name: "not where the application itself had failed",
    binding: evicted({}, {}, [{ ...task, reason: "ApplicationFailure" }]),
    restored: [],
    clusters: [],
  },
  {
    name: "not where the copy was purged",
    binding: evicted({}, {}, [{ ...task, purgeMode: "Directly" }]),
    restored: [],
    clusters: [],
  },
]) {
  test(`a cluster that recovered takes its copy back: ${name}`, () => {
    const judgement = judge(binding, minute, { accepting: ["m1"] });
    assert.deepEqual(judgement.restored, restored);
    assert.deepEqual(judgement.clusters, clusters);
    assert.deepEqual(judgement.dropped, []);
    assert.equal(judgement.tasks.length, restored.length === 0 ? 1 : 0);
  });
}

const health = fc.constantFrom("Healthy" as const, "Unhealthy" as const, "Unknown" as const);
/** One moment of a history: what the scheduler and the members say, and how much time goes by. */
const moment = fc.record({
  targets: fc.subarray(["m2", "m3"]),
  observed: fc.boolean(),
  scheduled: fc.boolean(),
  healths: fc.record({ m2: health, m3: health }),
  ready: fc.record({ m2: fc.boolean(), m3: fc.boolean() }),
  seconds: fc.integer({ min: 0, max: 1200 }),
});

test("that a replacement takes a moment is no news; then it is told, and looked at again for that", () => {
  const waiting = evicted(inM2, unhealthy);
  const long = { ready: { m2: -minute } };
  assert.deepEqual([judge(waiting, 4000, long).hold, judge(waiting, 4000, long).next], [undefined, 5000]);
  assert.equal(judge(waiting, 5000, long).hold?.reason, "ReplacementUnhealthy");
  assert.equal(judge(waiting, 5000, long).hold?.isOverdue, undefined);
  assert.equal(judge(waiting, 11 * minute).hold?.isOverdue, true);
});

test("property: in strict mode a task ends only in a moment in which healthy replacements are there", () => {
  fc.assert(
    fc.property(fc.array(moment, { maxLength: 12 }), (history) => {
      let tasks: readonly GracefulEvictionTask[] = [task];
      let now = 0;
      for (const { targets, observed, scheduled, healths, ready, seconds } of history) {
        now += seconds * 1000;
        const items = targets.map((name) => ({ clusterName: name, health: healths[name === "m2" ? "m2" : "m3"] }));
        const binding = evicted(
          { clusters: targets.map((name) => ({ name, replicas: 1 })) },
          {
            aggregatedStatus: items,
            schedulerObservedGeneration: observed ? 3 : 2,
            conditions: [conditionWith("Scheduled", scheduled ? "True" : "False")],
          },
          tasks,
        );
        const since = { ...(ready.m2 ? { m2: -minute } : {}), ...(ready.m3 ? { m3: -minute } : {}) };
        const judgement = judge(binding, now, { ready: since });
        const isCovered =
          targets.length > 0 &&
          items.every(({ health: each }) => each === "Healthy") &&
          targets.every((name) => name in since);
        assert.equal(judgement.dropped.length > 0, tasks.length > 0 && isCovered && observed && scheduled);
        assert.equal(judgement.hold === undefined, judgement.tasks.length === 0 || now < tellAfterMilliseconds);
        assert.deepEqual(
          judge({ ...binding, spec: { ...binding.spec, gracefulEvictionTasks: judgement.tasks } }, now, {
            ready: since,
          }).dropped,
          [],
        );
        tasks = judgement.tasks;
      }
    }),
  );
});

test("a task that purged holds its cluster only until its grace period is over, the latest with state for good", () => {
  const old = { ...task, purgeMode: "Directly" as const, preservedLabelState: { a: "1" } };
  const latest = { ...old, fromCluster: "m2" };
  assert.deepEqual(judge(evicted({}, {}, [old, latest]), 9 * minute).dropped, []);
  const { dropped, tasks } = judge(evicted({}, {}, [old, latest]), 11 * minute);
  assert.deepEqual([dropped, tasks], [["m1"], [latest]]);
});

test("an application that failed goes back where its copy is healthy again and nothing replaced it", () => {
  const failed = { ...task, reason: "ApplicationFailure" };
  const again: BindingStatus = { aggregatedStatus: [{ clusterName: "m1", health: "Healthy" }] };
  assert.deepEqual(judge(evicted({}, again, [failed]), minute, { accepting: ["m1"] }).restored, ["m1"]);
});
