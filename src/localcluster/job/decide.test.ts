import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Job, Pod } from "#api/kinds.ts";
import { formatTime } from "#std/time.ts";
import { testNow, testPod } from "../testing.ts";
import { type JobPlan, planJob } from "./decide.ts";
import { formatIndexes, indexAnnotation, parseIndexes } from "./indexes.ts";
import { trackingFinalizer } from "./tally.ts";

function jobWith(spec: Partial<Job["spec"]>, status?: Job["status"]): Job {
  const template = { spec: { restartPolicy: "Never", containers: [{ name: "main", image: "busybox" }] } };
  const metadata = { name: "work", namespace: "ns", uid: "job", creationTimestamp: formatTime(testNow) };
  return { apiVersion: "batch/v1", kind: "Job", metadata, spec: { template, ...spec }, ...(status && { status }) };
}

type Phase = "Pending" | "Running" | "Succeeded" | "Failed";

function podWith(
  name: string,
  phase: Phase,
  parts: { index?: number; ended?: number; deleting?: boolean; free?: boolean } = {},
): Pod {
  const { index, ended = testNow, deleting = false, free = false } = parts;
  const annotations = index === undefined ? {} : { [indexAnnotation]: String(index) };
  const metadata = {
    ...(free ? {} : { finalizers: [trackingFinalizer] }),
    creationTimestamp: formatTime(ended - 1000),
  };
  const terminated = { exitCode: phase === "Failed" ? 1 : 0, finishedAt: formatTime(ended) };
  const containerStatuses = [
    { name: "main", image: "", imageID: "", ready: phase === "Running", restartCount: 0, state: { terminated } },
  ];
  return testPod({ name, phase, annotations, metadata, deleting, status: { phase, containerStatuses } });
}

function plan(job: Job, pods: readonly Pod[], released: readonly string[] = []): JobPlan {
  return planJob({ job, pods, released: new Set(released), now: testNow });
}

const fresh = jobWith({ parallelism: 2, completions: 3 });
const [running, waiting] = [podWith("r", "Running"), podWith("p", "Pending")];

for (const { name, job, pods, create, remove = [], wakeAt } of [
  { name: "a new Job gets its pods", job: fresh, pods: [], create: 2 },
  { name: "not more than are missing", job: jobWith({ parallelism: 5, completions: 1 }), pods: [], create: 1 },
  {
    name: "one that succeeded is followed by another",
    job: fresh,
    pods: [running, podWith("a", "Succeeded")],
    create: 1,
  },
  {
    name: "too many are reduced",
    job: jobWith({ parallelism: 1, completions: 3 }),
    pods: [running, waiting],
    create: 0,
    remove: ["p"],
  },
  {
    name: "suspended, none runs",
    job: jobWith({ parallelism: 2, suspend: true }),
    pods: [running],
    create: 0,
    remove: ["r"],
  },
  {
    name: "without completions, pods run until one succeeds",
    job: jobWith({ parallelism: 3 }),
    pods: [running],
    create: 2,
  },
  {
    name: "without completions, none is added after the first success",
    job: jobWith({ parallelism: 3 }),
    pods: [running, podWith("a", "Succeeded")],
    create: 0,
  },
  {
    name: "after a failure it waits ten seconds",
    job: fresh,
    pods: [podWith("a", "Failed", { ended: testNow - 4000 })],
    create: 0,
    wakeAt: testNow + 6000,
  },
  {
    name: "after two, twenty",
    job: fresh,
    pods: [podWith("a", "Failed"), podWith("b", "Failed")],
    create: 0,
    wakeAt: testNow + 20_000,
  },
  {
    name: "a success ends the wait",
    job: fresh,
    pods: [podWith("a", "Failed", { ended: testNow - 4000 }), podWith("b", "Succeeded")],
    create: 2,
  },
]) {
  test(`job: ${name}`, () => {
    const result = plan(job, pods);
    const told = {
      create: result.create.length,
      remove: result.remove.map(({ metadata }) => metadata.name),
      wakeAt: result.wakeAt,
    };
    assert.deepEqual(told, { create, remove, wakeAt });
  });
}

test("an Indexed Job creates the lowest indexes that are free", () => {
  const job = jobWith({ completionMode: "Indexed", completions: 6, parallelism: 4 }, { completedIndexes: "1" });
  const pods = [podWith("a", "Running", { index: 0 }), podWith("b", "Succeeded", { index: 3 })];
  const { create, status } = plan(job, pods);
  assert.deepEqual(create, [2, 4, 5]);
  assert.deepEqual([status.succeeded, status.completedIndexes], [2, "1,3"]);
});

test("pods that have ended are noted first, then let go and counted, once", () => {
  const pods = [podWith("a", "Succeeded"), podWith("b", "Failed"), podWith("c", "Running", { deleting: true })];
  const first = plan(fresh, pods);
  assert.deepEqual(first.noted?.uncountedTerminatedPods, { succeeded: ["uid-a"], failed: ["uid-b", "uid-c"] });
  assert.deepEqual(
    first.release.map(({ metadata }) => metadata.name),
    ["a", "b", "c"],
  );
  assert.deepEqual([first.status.succeeded, first.status.failed, first.status.uncountedTerminatedPods], [1, 2, {}]);
  // Ended between the two writes: the noted ones are still counted once.
  const again = plan({ ...fresh, status: first.noted }, pods);
  assert.equal(again.noted, undefined);
  assert.deepEqual([again.status.succeeded, again.status.failed], [1, 2]);
  // Counted, and the informer does not show yet that they were let go.
  const later = plan({ ...fresh, status: first.status }, pods, ["uid-a", "uid-b", "uid-c"]);
  assert.deepEqual([later.status.succeeded, later.status.failed, later.release], [1, 2, []]);
});

test("pods that the Job itself deletes are not counted as failed", () => {
  const { release, noted } = plan(jobWith({ parallelism: 2, suspend: true }), [running]);
  assert.deepEqual([release.map(({ metadata }) => metadata.name), noted], [["r"], undefined]);
});

test("a Job says that it is over when no pod is left", () => {
  const done = jobWith({ completions: 1, parallelism: 2 });
  const early = plan(done, [podWith("a", "Succeeded"), running]);
  assert.deepEqual(
    early.status.conditions?.map(({ type }) => type),
    ["SuccessCriteriaMet"],
  );
  const last = plan({ ...done, status: early.status }, [podWith("a", "Succeeded", { free: true })]);
  assert.deepEqual(
    last.status.conditions?.map(({ type, reason }) => [type, reason]),
    [
      ["SuccessCriteriaMet", "CompletionsReached"],
      ["Complete", "CompletionsReached"],
    ],
  );
  assert.equal(last.status.completionTime, formatTime(testNow));
  assert.deepEqual(last.news, [{ type: "Normal", reason: "Completed", message: "Job completed" }]);
});

test("a Job that is too late deletes its pods and counts them as failed", () => {
  const job = jobWith({ activeDeadlineSeconds: 5 }, { startTime: formatTime(testNow - 5000) });
  const first = plan(job, [running]);
  assert.deepEqual([first.remove.length, first.release.length], [1, 0]);
  const { status, news } = plan({ ...job, status: first.status }, []);
  assert.deepEqual(
    status.conditions?.map(({ type, reason }) => [type, reason]),
    [
      ["FailureTarget", "DeadlineExceeded"],
      ["Failed", "DeadlineExceeded"],
    ],
  );
  assert.equal(news[0]?.type, "Warning");
});

test("a Job is suspended and resumed in words, and its time begins anew", () => {
  const before = formatTime(testNow - 60_000);
  const paused = plan(jobWith({ suspend: true }, { startTime: before }), []);
  assert.deepEqual(
    paused.news.map(({ reason }) => reason),
    ["Suspended"],
  );
  const resumed = plan(jobWith({ suspend: false }, paused.status), []);
  assert.deepEqual(
    resumed.news.map(({ reason }) => reason),
    ["Resumed"],
  );
  assert.equal(resumed.status.startTime, formatTime(testNow));
  assert.equal(plan(jobWith({ suspend: true }), []).status.startTime, undefined);
});

test("a finished Job is deleted after its time", () => {
  const conditions = [{ type: "Complete", status: "True", lastTransitionTime: formatTime(testNow - 10_000) }];
  assert.equal(plan(jobWith({ ttlSecondsAfterFinished: 30 }, { conditions }), []).wakeAt, testNow + 20_000);
  assert.equal(plan(jobWith({ ttlSecondsAfterFinished: 10 }, { conditions }), []).isExpired, true);
  assert.equal(plan(jobWith({}, { conditions }), []).isExpired, false);
});

test("an unchanged status is the same object", () => {
  const { status } = plan(fresh, [running, waiting]);
  assert.equal(plan({ ...fresh, status }, [running, waiting]).status, status);
});

test("sets of indexes are written shortly and read back", () => {
  assert.equal(formatIndexes(new Set([5, 1, 3, 4, 7, 8])), "1,3-5,7,8");
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(50)), (list) => {
      const indexes = new Set(list);
      assert.deepEqual([...parseIndexes(formatIndexes(indexes), 51)].sort(), [...indexes].sort());
    }),
  );
});
