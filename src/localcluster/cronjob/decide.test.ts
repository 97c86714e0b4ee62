import assert from "node:assert/strict";
import { test } from "node:test";
import type { CronJob, Job } from "#api/kinds.ts";
import { formatTime } from "#std/time.ts";
import { planCronJob } from "./decide.ts";

const now = Date.parse("2026-01-01T10:00:20Z");

function cronJobWith(spec: Partial<CronJob["spec"]> = {}, status?: CronJob["status"]): CronJob {
  const metadata = { name: "tick", namespace: "ns", uid: "cron", creationTimestamp: "2026-01-01T09:00:30Z" };
  const template = { spec: { containers: [{ name: "main", image: "busybox" }], restartPolicy: "Never" } };
  const jobTemplate = { metadata: { labels: { app: "tick" } }, spec: { template } };
  const full = { schedule: "*/5 * * * *", jobTemplate, ...spec };
  return { apiVersion: "batch/v1", kind: "CronJob", metadata, spec: full, ...(status && { status }) };
}

function jobWith(name: string, end?: "Complete" | "Failed", startTime?: string): Job {
  const spec = { template: { spec: { containers: [] } } };
  const conditions = end === undefined ? [] : [{ type: end, status: "True" }];
  const completionTime = end === "Complete" ? { completionTime: "2026-01-01T09:30:00Z" } : {};
  const status = { conditions, ...(startTime === undefined ? {} : { startTime }), ...completionTime };
  return { apiVersion: "batch/v1", kind: "Job", metadata: { name, namespace: "ns", uid: name }, spec, status };
}

test("a Job is created for the latest time that was due", () => {
  const { create, status, wakeAt } = planCronJob({ cronJob: cronJobWith(), jobs: [], now });
  assert.equal(create?.metadata.name, `tick-${Date.parse("2026-01-01T10:00:00Z") / 60_000}`);
  assert.equal(
    create.metadata.annotations?.["batch.kubernetes.io/cronjob-scheduled-timestamp"],
    "2026-01-01T10:00:00Z",
  );
  assert.deepEqual(create.metadata.labels, { app: "tick" });
  assert.equal(status.lastScheduleTime, "2026-01-01T10:00:00Z");
  assert.equal(wakeAt, Date.parse("2026-01-01T10:05:00Z"));
});

const done = { lastScheduleTime: "2026-01-01T10:00:00Z" };
const active = jobWith("tick-1");
for (const { name, cronJob, jobs = [], create = false, remove = [], news = [] } of [
  { name: "once is enough", cronJob: cronJobWith({}, done) },
  { name: "suspended, none is created", cronJob: cronJobWith({ suspend: true }) },
  { name: "too late is not made up for", cronJob: cronJobWith({ startingDeadlineSeconds: 10 }) },
  { name: "in time is", cronJob: cronJobWith({ startingDeadlineSeconds: 30 }), create: true },
  { name: "Allow: beside another", cronJob: cronJobWith(), jobs: [active], create: true },
  {
    name: "Forbid: not beside another",
    cronJob: cronJobWith({ concurrencyPolicy: "Forbid" }),
    jobs: [active],
    news: ["JobAlreadyActive"],
  },
  {
    name: "Replace: instead of another",
    cronJob: cronJobWith({ concurrencyPolicy: "Replace" }),
    jobs: [active],
    create: true,
    remove: ["tick-1"],
  },
  {
    name: "an unknown time zone is told",
    cronJob: cronJobWith({ timeZone: "Mars/Olympus" }),
    news: ["UnknownTimeZone"],
  },
]) {
  test(`cron job: ${name}`, () => {
    const plan = planCronJob({ cronJob, jobs, now });
    const told = {
      create: plan.create !== undefined,
      remove: plan.remove.map(({ metadata }) => metadata.name),
      news: plan.news.map(({ reason }) => reason),
    };
    assert.deepEqual(told, { create, remove, news });
  });
}

test("the oldest finished Jobs beyond the limits go", () => {
  const at = (minute: number): string => formatTime(now - minute * 60_000);
  const jobs = [
    ...[1, 2, 3, 4, 5].map((minute) => jobWith(`good-${minute}`, "Complete", at(minute))),
    ...[1, 2].map((minute) => jobWith(`bad-${minute}`, "Failed", at(minute))),
  ];
  const { remove } = planCronJob({ cronJob: cronJobWith({}, done), jobs, now });
  assert.deepEqual(
    remove.map(({ metadata }) => metadata.name),
    ["good-5", "good-4", "bad-2"],
  );
});

test("the status names what is active, and tells once of what has ended", () => {
  const status = { ...done, active: [{ uid: "tick-1" }, { uid: "tick-2" }] };
  const plan = planCronJob({ cronJob: cronJobWith({}, status), jobs: [active, jobWith("tick-2", "Complete")], now });
  assert.deepEqual(
    plan.news.map(({ message }) => message),
    ["Saw completed job: tick-2, condition: Complete"],
  );
  assert.deepEqual(plan.status, { ...done, active: [{ uid: "tick-1" }], lastSuccessfulTime: "2026-01-01T09:30:00Z" });
  const cronJob = cronJobWith({}, plan.status);
  assert.equal(planCronJob({ cronJob, jobs: [active, jobWith("tick-2", "Complete")], now }).status, plan.status);
});
