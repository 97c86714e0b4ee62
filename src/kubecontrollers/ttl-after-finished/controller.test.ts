import assert from "node:assert/strict";
import { test } from "node:test";
import { Job } from "#api/kinds.ts";
import { formatTime, systemClock } from "#std/time.ts";
import { eventually } from "#std/testing.ts";
import { startTestPlane } from "../testing.ts";
import { expiryOf, ttlAfterFinished } from "./controller.ts";

const template = { spec: { restartPolicy: "Never", containers: [{ name: "a", image: "a" }] } };
const finished = (type: string, at: number) => ({
  conditions: [{ type, status: "True", lastTransitionTime: formatTime(at) }],
});

function job(ttl: number | undefined, status: Job["status"]): Job {
  const spec = { template, ...(ttl === undefined ? {} : { ttlSecondsAfterFinished: ttl }) };
  return { apiVersion: "batch/v1", kind: "Job", metadata: { name: "a" }, spec, ...(status && { status }) };
}

for (const { name, ttl, status, end } of [
  { name: "it has no such time", ttl: undefined, status: finished("Complete", 0), end: undefined },
  { name: "it is not finished", ttl: 5, status: {}, end: undefined },
  { name: "it is complete", ttl: 5, status: finished("Complete", 60_000), end: 65_000 },
  { name: "it has failed", ttl: 0, status: finished("Failed", 60_000), end: 60_000 },
  { name: "it is suspended", ttl: 5, status: finished("Suspended", 60_000), end: undefined },
]) {
  test(`when a Job goes: ${name}`, () => {
    assert.equal(expiryOf(job(ttl, status)), end);
  });
}

test("a finished Job goes when its time is over", async (t) => {
  const { client, stop } = await startTestPlane([ttlAfterFinished]);
  t.after(stop);
  const ref = { namespace: "default", name: "a" };
  const made = await client.create(Job, { metadata: ref, spec: { template, ttlSecondsAfterFinished: 0 } });
  const conditions = ["SuccessCriteriaMet", "Complete"].map((type) => ({
    type,
    status: "True",
    lastTransitionTime: formatTime(systemClock.now()),
  }));
  const times = { startTime: formatTime(0), completionTime: formatTime(systemClock.now()) };
  await client.update(Job, { ...made, status: { conditions, ...times } }, { subresource: "status" });
  await eventually("the Job to go", async () => {
    const found = await client.find(Job, ref);
    return found?.metadata.deletionTimestamp !== undefined || found === undefined ? true : undefined;
  });
});
