// Job and CronJob.
import assert from "node:assert/strict";
import test from "node:test";
import type { AggregatedStatusItem } from "#api/work/binding.ts";
import type { Interpretation } from "../interpretation.ts";
import { fieldOf } from "#machinery/guards.ts";
import type { KubeObject } from "#machinery/object.ts";
import { cronJob as cronJobHooks } from "./cron-job.ts";
import { job as jobHooks } from "./job.ts";

// Each test asks for hooks that its kind has.
const cronJob = cronJobHooks as Required<Interpretation>;
const job = jobHooks as Required<Interpretation>;

const now = Date.parse("2030-01-01T00:00:00Z");
const stamp = "2030-01-01T00:00:00Z";

function jobWith(spec: object, status?: object): KubeObject {
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: "pi", namespace: "default" },
    spec: { template: { spec: { containers: [] } }, ...spec },
    ...(status === undefined ? {} : { status }),
  };
}

function items(...statuses: (object | undefined)[]): AggregatedStatusItem[] {
  return statuses.map((status, index) => ({
    clusterName: `m${index + 1}`,
    ...(status === undefined ? {} : { status: { ...status } }),
  }));
}

const complete = { type: "Complete", status: "True" };
const failed = { type: "Failed", status: "True" };
const criteria = { type: "SuccessCriteriaMet", status: "True" };

for (const { spec, replicas } of [
  { spec: {}, replicas: 0 },
  { spec: { parallelism: 3 }, replicas: 3 },
  { spec: { parallelism: 3, completions: 2 }, replicas: 2 },
  { spec: { parallelism: 3, completions: 5 }, replicas: 3 },
]) {
  test(`Job: ${JSON.stringify(spec)} has ${replicas} replicas`, () => {
    assert.equal(job.getReplicas(jobWith(spec)).replicas, replicas);
  });
}

test("Job: a share replaces parallelism", () => {
  assert.deepEqual(job.reviseReplica(jobWith({ parallelism: 3 }), 1), jobWith({ parallelism: 1 }));
  const without = jobWith({});
  assert.equal(job.reviseReplica(without, 1), without);
});

test("Job: generated labels are the member's", () => {
  const labels = { "controller-uid": "u", app: "pi" };
  const observed = jobWith({
    selector: { matchLabels: { "controller-uid": "u" } },
    template: { metadata: { labels } },
  });
  const desired = jobWith({ template: { metadata: { labels: { app: "pi" } }, spec: { containers: [] } } });
  assert.deepEqual(fieldOf(job.retain(desired, observed), "spec"), {
    selector: { matchLabels: { "controller-uid": "u" } },
    template: { metadata: { labels }, spec: { containers: [] } },
  });
});

test("Job: the counters, conditions and times of the status travel", () => {
  const status = { active: 1, ready: 1, succeeded: 0, startTime: stamp, conditions: [complete], terminating: 1 };
  assert.deepEqual(job.reflectStatus(jobWith({}, status)), { active: 1, startTime: stamp, conditions: [complete] });
});

for (const { name, statuses, conditions } of [
  { name: "running", statuses: [{ active: 1 }, { active: 1 }], conditions: [] },
  { name: "complete in one of two", statuses: [{ conditions: [complete] }, { active: 1 }], conditions: [] },
  {
    name: "complete in one, not back from the other",
    statuses: [{ conditions: [complete] }, undefined],
    conditions: [],
  },
  {
    name: "complete in all",
    statuses: [{ conditions: [complete] }, { conditions: [complete] }],
    conditions: ["Complete"],
  },
  {
    name: "complete in all with criteria met",
    statuses: [{ conditions: [criteria, complete] }],
    conditions: ["Complete", "SuccessCriteriaMet"],
  },
  { name: "failed in one", statuses: [{ conditions: [failed] }, { conditions: [complete] }], conditions: ["Failed"] },
  { name: "no member", statuses: [], conditions: [] },
]) {
  test(`Job: conditions when ${name}`, () => {
    const status = fieldOf(job.aggregateStatus(jobWith({}), items(...statuses), now), "status") as {
      conditions?: { type: string }[];
    };
    assert.deepEqual(
      (status.conditions ?? []).map(({ type }) => type),
      conditions,
    );
  });
}

test("Job: a failure names the members and is stamped", () => {
  const statuses = items({ failed: 1, conditions: [failed] }, { conditions: [complete] }, { conditions: [failed] });
  assert.deepEqual(fieldOf(job.aggregateStatus(jobWith({}), statuses, now), "status"), {
    conditions: [
      {
        type: "Failed",
        status: "True",
        lastProbeTime: stamp,
        lastTransitionTime: stamp,
        reason: "JobFailed",
        message: "Job executed failed in member clusters m1,m3",
      },
    ],
    failed: 1,
  });
});

test("Job: a finished template stays as it is", () => {
  const finished = jobWith({}, { conditions: [complete], succeeded: 1 });
  assert.equal(job.aggregateStatus(finished, items({ active: 1 }), now), finished);
});

test("Job: times are set once all members have them", () => {
  const [early, late] = ["2029-01-01T00:00:00Z", "2029-06-01T00:00:00Z"];
  const one = items({ startTime: late, completionTime: late }, {});
  assert.deepEqual(fieldOf(job.aggregateStatus(jobWith({}), one, now), "status"), {});
  const both = items({ startTime: late, completionTime: late }, { startTime: early, completionTime: early });
  const times = { startTime: early, completionTime: late };
  assert.deepEqual(fieldOf(job.aggregateStatus(jobWith({}), both, now), "status"), times);
  const started = jobWith({}, { startTime: stamp });
  assert.deepEqual(fieldOf(job.aggregateStatus(started, one, now), "status"), { startTime: stamp });
});

test("CronJob: active jobs of all members, latest times, other fields kept", () => {
  const template: KubeObject = {
    apiVersion: "batch/v1",
    kind: "CronJob",
    metadata: { name: "c", namespace: "default" },
    spec: { schedule: "* * * * *", jobTemplate: {} },
    status: { active: [{ name: "gone" }], other: 1 },
  };
  const [early, late] = ["2029-01-01T00:00:00Z", "2029-06-01T00:00:00Z"];
  const statuses = items({ active: [{ name: "a" }], lastScheduleTime: late, lastSuccessfulTime: early }, undefined, {
    active: [{ name: "b" }],
    lastScheduleTime: early,
  });
  assert.deepEqual(fieldOf(cronJob.aggregateStatus(template, statuses, now), "status"), {
    other: 1,
    active: [{ name: "a" }, { name: "b" }],
    lastScheduleTime: late,
    lastSuccessfulTime: early,
  });
  assert.deepEqual(fieldOf(cronJob.aggregateStatus(template, [], now), "status"), { other: 1 });
});
