import assert from "node:assert/strict";
import { test } from "node:test";
import type { Client } from "#client/client.ts";
import { Job, Pod } from "#api/kinds.ts";
import { startTestPlane } from "#kubecontrollers/testing.ts";
import { eventually } from "#std/testing.ts";
import { isConditionTrue } from "#machinery/conditions.ts";
import { localClusterControllers } from "../all.ts";
import { localClusterDefaults, runAnnotation } from "../settings.ts";

const ref = { namespace: "default", name: "work" };

async function startCluster(podRunMilliseconds = 5): ReturnType<typeof startTestPlane> {
  return startTestPlane(localClusterControllers({ ...localClusterDefaults, podRunMilliseconds }));
}

function jobOf(spec: Partial<Job["spec"]>, command = ["true"], run?: number): Pick<Job, "metadata" | "spec"> {
  const containers = [{ name: "main", image: "busybox", command }];
  const metadata = run === undefined ? {} : { metadata: { annotations: { [runAnnotation]: String(run) } } };
  return { metadata: ref, spec: { template: { ...metadata, spec: { restartPolicy: "Never", containers } }, ...spec } };
}

async function finished(client: Client, type: string): Promise<Job> {
  return eventually(`the job to be ${type}`, async () => {
    const found = await client.get(Job, ref);
    return isConditionTrue(found.status?.conditions, type) ? found : undefined;
  });
}

async function pods(client: Client): Promise<readonly Pod[]> {
  return (await client.list(Pod, { namespace: "default" })).items;
}

test("a Job runs as many pods as asked, and counts each once", async (t) => {
  const { client, stop } = await startCluster();
  t.after(stop);
  await client.create(Job, jobOf({ completions: 7, parallelism: 3 }));
  const { status } = await finished(client, "Complete");
  assert.deepEqual([status?.succeeded, status?.failed, status?.active], [7, undefined, undefined]);
  assert.notEqual(status?.completionTime, undefined);
  const all = await pods(client);
  assert.equal(all.length, 7);
  assert.deepEqual(
    all.flatMap(({ metadata }) => metadata.finalizers ?? []),
    [],
  );
});

test("an Indexed Job gives each pod its index", async (t) => {
  const { client, stop } = await startCluster();
  t.after(stop);
  await client.create(Job, jobOf({ completions: 4, parallelism: 2, completionMode: "Indexed" }));
  const { status } = await finished(client, "Complete");
  assert.deepEqual([status?.succeeded, status?.completedIndexes], [4, "0-3"]);
  const hosts = (await pods(client)).map(({ spec }) => spec.hostname).sort();
  assert.deepEqual(hosts, ["work-0", "work-1", "work-2", "work-3"]);
});

test("a Job whose pods fail is given up", async (t) => {
  const { client, stop } = await startCluster();
  t.after(stop);
  await client.create(Job, jobOf({ backoffLimit: 0, completions: 3, parallelism: 1 }, ["false"]));
  const { status } = await finished(client, "Failed");
  assert.equal(status?.failed, 1);
  const conditions = status.conditions?.map(({ type, reason }) => [type, reason]);
  assert.deepEqual(conditions, [
    ["FailureTarget", "BackoffLimitExceeded"],
    ["Failed", "BackoffLimitExceeded"],
  ]);
});

test("a Job is suspended and resumed", async (t) => {
  const { client, stop } = await startCluster();
  t.after(stop);
  await client.create(Job, jobOf({ parallelism: 2, completions: 2 }, ["sleep", "60"], 3_600_000));
  const active = (count: number) => async (): Promise<Job | undefined> => {
    const found = await client.get(Job, ref);
    return (found.status?.active ?? 0) === count && found.status?.conditions !== undefined ? found : undefined;
  };
  await eventually("two pods", async () => ((await client.get(Job, ref)).status?.active === 2 ? true : undefined));
  await client.patch(Job, ref, { type: "merge", patch: { spec: { suspend: true } } });
  const paused = await eventually("no pods", active(0));
  assert.equal(isConditionTrue(paused.status?.conditions, "Suspended"), true);
  assert.equal(paused.status?.failed, undefined);
  await client.patch(Job, ref, { type: "merge", patch: { spec: { suspend: false } } });
  const resumed = await eventually("two pods again", active(2));
  assert.equal(isConditionTrue(resumed.status?.conditions, "Suspended"), false);
});

test("a Job that is too late is given up, and one that is over is deleted after its time", async (t) => {
  const { client, stop } = await startCluster();
  t.after(stop);
  const spec = { activeDeadlineSeconds: 1, ttlSecondsAfterFinished: 0 };
  await client.create(Job, jobOf(spec, ["sleep", "60"], 3_600_000));
  await eventually("the job to go", async () => ((await client.find(Job, ref)) === undefined ? true : undefined));
});
