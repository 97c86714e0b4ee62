// Conformance by upstream's names: workloads of a local cluster.
import assert from "node:assert/strict";
import { test } from "node:test";
import { runAnnotation } from "#localcluster/settings.ts";
import { fieldOf } from "#machinery/guards.ts";
import {
  apps,
  batch,
  type Body,
  condition,
  core,
  hasCondition,
  items,
  jsonPatch,
  list,
  mergePatch,
  nameOf,
  newNamespace,
  ok,
  policy,
  record,
  refused,
  strategicPatch,
  text,
  until,
  untilGone,
  versionOf,
  walkOperations,
  walkStatus,
  watch,
  withPlane,
} from "./plane.ts";

withPlane();

const labels = { app: "a" };
const image = "nginx:1.26";
const podTemplate = (of = image, spec: Body = {}): Body => ({
  metadata: { labels },
  spec: { containers: [{ name: "a", image: of }], ...spec },
});
const workload = (name: string, rest: Body = {}): Body => ({
  metadata: { name, labels },
  spec: { selector: { matchLabels: labels }, template: podTemplate(), ...rest },
});
const scaleOf = (replicas: number): Body => ({ spec: { replicas } });
const number = (body: Body, ...path: readonly string[]): number => Number(fieldOf(body, ...path) ?? 0);
/** The status is about the object as it is. */
const isSeen = (body: Body): boolean =>
  fieldOf(body, "status", "observedGeneration") === fieldOf(body, "metadata", "generation");
/** The status is about the object as it is, and counts so many in each of these fields. */
const counts = (body: Body, count: number, ...fields: readonly string[]): boolean =>
  isSeen(body) && fields.every((field) => number(body, "status", field) === count);

function untilReady(one: string, replicas: number): Promise<Body> {
  return until(one, `${String(replicas)} ready`, (body) => counts(body, replicas, "replicas", "readyReplicas"));
}

function rolledOut(one: string, replicas: number): Promise<Body> {
  return until(one, "rolled out", (body) => counts(body, replicas, "replicas", "updatedReplicas", "readyReplicas"));
}

async function imagesOf(namespace: string): Promise<readonly unknown[]> {
  const pods = items(await ok("GET", core(namespace, "pods")));
  const alive = pods.filter((each) => fieldOf(each, "metadata", "deletionTimestamp") === undefined);
  return alive.map((each) => fieldOf(list(fieldOf(each, "spec", "containers"))[0], "image"));
}

const newImage = (name: string): Body => ({
  spec: { template: { spec: { containers: [{ name: "a", image: name }] } } },
});

test("ControllerRevision [Serial] should manage the lifecycle of a ControllerRevision", async () => {
  const namespace = await newNamespace();
  const path = apps(namespace, "controllerrevisions");
  await walkOperations({
    path,
    object: { metadata: { name: "revision" }, revision: 1, data: { a: 1 } },
    patch: { revision: 2 },
  });
  await ok("POST", path, { metadata: { name: "kept" }, revision: 1, data: { a: 1 } });
  await refused(422, "PATCH", `${path}/kept`, { data: { a: 2 } }, mergePatch);
});

const job = (name: string, rest: Body = {}, container: Body = {}): Body => ({
  metadata: { name },
  spec: jobSpec(rest, container),
});

function jobSpec(rest: Body = {}, container: Body = {}, runs = 20): Body {
  const containers = [{ name: "c", image: "busybox", command: ["true"], ...container }];
  const metadata = { labels, annotations: { [runAnnotation]: String(runs) } };
  return { template: { metadata, spec: { restartPolicy: "Never", containers } }, ...rest };
}

test("CronJob should support CronJob API operations", async () => {
  const namespace = await newNamespace();
  await walkOperations({
    path: batch(namespace, "cronjobs"),
    object: { metadata: { name: "cron" }, spec: { schedule: "0 0 1 1 *", jobTemplate: { spec: jobSpec() } } },
    patch: { spec: { suspend: true } },
    status: { lastScheduleTime: "2026-01-01T00:00:00Z" },
    collectionOfAll: "/apis/batch/v1/cronjobs",
  });
});

/** A CronJob of every minute, with Jobs that last, and a way to make it due at once: its last run is said to be long ago. */
async function everyMinute(
  rest: Body,
): Promise<{ readonly path: string; readonly one: string; readonly due: () => Promise<void> }> {
  const namespace = await newNamespace();
  const spec = { schedule: "* * * * *", jobTemplate: { spec: jobSpec({}, {}, 3_600_000) }, ...rest };
  await ok("POST", batch(namespace, "cronjobs"), { metadata: { name: "cron" }, spec });
  const one = batch(namespace, "cronjobs", "cron");
  return {
    path: batch(namespace, "jobs"),
    one,
    due: async () => {
      const lastScheduleTime = new Date(Date.now() - 120_000).toISOString().replace(/\.\d+/, "");
      await ok("PATCH", `${one}/status`, { status: { lastScheduleTime } }, mergePatch);
    },
  };
}

const activeJobs = (body: Body): number =>
  items(body).filter((each) => fieldOf(each, "metadata", "deletionTimestamp") === undefined).length;

test("CronJob should not schedule jobs when suspended [Slow]", async () => {
  const { path, one, due } = await everyMinute({ suspend: true });
  await due();
  await ok("PATCH", one, { metadata: { annotations: { look: "again" } } }, mergePatch);
  const other = await everyMinute({});
  await other.due();
  await until(other.path, "the job of another, which came later", (body) => activeJobs(body) === 1);
  assert.equal(items(await ok("GET", path)).length, 0);
});

test("Daemon set [Serial] should run and stop simple daemon", async () => {
  const namespace = await newNamespace();
  await ok("POST", apps(namespace, "daemonsets"), workload("daemon"));
  const one = apps(namespace, "daemonsets", "daemon");
  await until(one, "a pod on each node", (body) => number(body, "status", "numberReady") === 2);
  const pods = core(namespace, "pods");
  const [first] = items(await ok("GET", pods)).map(nameOf);
  await ok("DELETE", `${pods}/${first ?? ""}`, { gracePeriodSeconds: 0 });
  await until(
    pods,
    "another pod",
    (body) =>
      items(body).length === 2 &&
      !items(body)
        .map(nameOf)
        .includes(first ?? ""),
  );
  await ok("DELETE", one, { propagationPolicy: "Background" });
  await until(pods, "no pods", (body) => items(body).length === 0);
});

test("Daemon set [Serial] should run and stop complex daemon", async () => {
  const namespace = await newNamespace();
  const one = apps(namespace, "daemonsets", "daemon");
  const color = `color-${namespace}`;
  const nodeSelector = { [color]: "blue" };
  await ok(
    "POST",
    apps(namespace, "daemonsets"),
    workload("daemon", { template: podTemplate(image, { nodeSelector }) }),
  );
  await until(
    one,
    "no node fits",
    (body) =>
      number(body, "status", "observedGeneration") === 1 && number(body, "status", "desiredNumberScheduled") === 0,
  );
  const [node] = items(await ok("GET", "/api/v1/nodes")).map(nameOf);
  await ok("PATCH", `/api/v1/nodes/${node ?? ""}`, { metadata: { labels: nodeSelector } }, mergePatch);
  await until(one, "a pod there", (body) => number(body, "status", "numberReady") === 1);
  await ok("PATCH", `/api/v1/nodes/${node ?? ""}`, { metadata: { labels: { [color]: "green" } } }, mergePatch);
  await until(core(namespace, "pods"), "no pods", (body) => items(body).length === 0);
});

test("Daemon set [Serial] should retry creating failed daemon pods", async () => {
  const namespace = await newNamespace();
  await ok("POST", apps(namespace, "daemonsets"), workload("daemon"));
  await until(apps(namespace, "daemonsets", "daemon"), "pods", (body) => number(body, "status", "numberReady") === 2);
  const pods = core(namespace, "pods");
  const [first] = items(await ok("GET", pods)).map(nameOf);
  await ok("PATCH", `${pods}/${first ?? ""}/status`, { status: { phase: "Failed" } }, mergePatch);
  await untilGone(`${pods}/${first ?? ""}`);
  await until(pods, "a pod in its place", (body) => items(body).length === 2);
});

test("Daemon set [Serial] should update pod when spec was updated and update strategy is RollingUpdate", async () => {
  const namespace = await newNamespace();
  await ok("POST", apps(namespace, "daemonsets"), workload("daemon"));
  const one = apps(namespace, "daemonsets", "daemon");
  await until(one, "pods", (body) => number(body, "status", "numberReady") === 2);
  await ok("PATCH", one, newImage("nginx:1.27"), strategicPatch);
  await until(one, "updated pods", (body) => counts(body, 2, "updatedNumberScheduled", "numberReady"));
  assert.deepEqual(await imagesOf(namespace), ["nginx:1.27", "nginx:1.27"]);
  assert.equal(items(await ok("GET", apps(namespace, "controllerrevisions"))).length, 2);
});

test("Daemon set [Serial] should rollback without unnecessary restarts", async () => {
  const namespace = await newNamespace();
  await ok("POST", apps(namespace, "daemonsets"), workload("daemon"));
  const one = apps(namespace, "daemonsets", "daemon");
  await until(one, "pods", (body) => number(body, "status", "numberReady") === 2);
  const before = new Set(items(await ok("GET", core(namespace, "pods"))).map(nameOf));
  await ok("PATCH", one, newImage("fake/none:missing"), strategicPatch);
  await until(core(namespace, "pods"), "a pod of the bad image", (body) =>
    items(body).some((each) => !before.has(nameOf(each))),
  );
  await ok("PATCH", one, newImage(image), strategicPatch);
  await until(one, "the old image everywhere", (body) => counts(body, 2, "updatedNumberScheduled", "numberReady"));
  const after = items(await ok("GET", core(namespace, "pods"))).map(nameOf);
  assert.ok(
    after.some((name) => before.has(name)),
    "a pod that was fine has not been restarted",
  );
});

test("Daemon set [Serial] should list and delete a collection of DaemonSets", async () => {
  const namespace = await newNamespace();
  await ok("POST", apps(namespace, "daemonsets"), workload("daemon"));
  assert.equal(
    items(await ok("GET", "/apis/apps/v1/daemonsets?labelSelector=app%3Da")).filter(
      (each) => fieldOf(each, "metadata", "namespace") === namespace,
    ).length,
    1,
  );
  await ok("DELETE", `${apps(namespace, "daemonsets")}?labelSelector=app%3Da`);
  await untilGone(apps(namespace, "daemonsets", "daemon"));
});

for (const { name, plural, spec, title } of [
  {
    title: "Daemon set [Serial] should verify changes to a daemon set status",
    name: "daemon",
    plural: "daemonsets",
    spec: {},
  },
  {
    title: "Deployment should validate Deployment Status endpoints",
    name: "d",
    plural: "deployments",
    spec: { replicas: 1 },
  },
  {
    title: "ReplicaSet should validate Replicaset Status endpoints",
    name: "r",
    plural: "replicasets",
    spec: { replicas: 1 },
  },
  {
    title:
      "StatefulSet Basic StatefulSet functionality [StatefulSetBasic] should validate Statefulset Status endpoints",
    name: "s",
    plural: "statefulsets",
    spec: { replicas: 1, serviceName: "s" },
  },
]) {
  test(title, async () => {
    const namespace = await newNamespace();
    await ok("POST", apps(namespace, plural), workload(name, spec));
    const one = apps(namespace, plural, name);
    await until(one, "its own status", (body) => number(body, "status", "observedGeneration") >= 1);
    await using watching = await watch(
      `${apps(namespace, plural)}?watch=true&resourceVersion=${versionOf(await ok("GET", one))}`,
    );
    await walkStatus(one, { conditions: [condition("StatusUpdate")] });
    while (!hasCondition(record((await watching.next()).object), "StatusUpdate"));
  });
}

for (const { title, name, plural, spec } of [
  {
    title: "Deployment Deployment should have a working scale subresource",
    name: "d",
    plural: "deployments",
    spec: {},
  },
  {
    title: "ReplicaSet Replicaset should have a working scale subresource",
    name: "r",
    plural: "replicasets",
    spec: {},
  },
  {
    title: "StatefulSet Basic StatefulSet functionality [StatefulSetBasic] should have a working scale subresource",
    name: "s",
    plural: "statefulsets",
    spec: { serviceName: "s" },
  },
]) {
  test(title, async () => {
    const namespace = await newNamespace();
    await ok("POST", apps(namespace, plural), workload(name, { replicas: 1, ...spec }));
    const one = apps(namespace, plural, name);
    await untilReady(one, 1);
    const scale = await ok("GET", `${one}/scale`);
    assert.deepEqual([fieldOf(scale, "spec", "replicas"), fieldOf(scale, "status", "selector")], [1, "app=a"]);
    await ok("PUT", `${one}/scale`, { ...scale, ...scaleOf(2), metadata: { name, namespace } });
    assert.equal(number(await untilReady(one, 2), "spec", "replicas"), 2);
    await ok("PATCH", `${one}/scale`, scaleOf(4), mergePatch);
    await untilReady(one, 4);
  });
}

test("Deployment RollingUpdateDeployment should delete old pods and create new ones", async () => {
  const namespace = await newNamespace();
  await ok("POST", apps(namespace, "deployments"), workload("d", { replicas: 3 }));
  const one = apps(namespace, "deployments", "d");
  await rolledOut(one, 3);
  await ok("PATCH", one, newImage("nginx:1.27"), strategicPatch);
  await rolledOut(one, 3);
  await until(core(namespace, "pods"), "three pods", (body) => items(body).length === 3);
  assert.deepEqual(new Set(await imagesOf(namespace)), new Set(["nginx:1.27"]));
  assert.equal(items(await ok("GET", apps(namespace, "replicasets"))).length, 2);
});

test("Deployment RecreateDeployment should delete old pods and create new ones", async () => {
  const namespace = await newNamespace();
  await ok("POST", apps(namespace, "deployments"), workload("d", { replicas: 2, strategy: { type: "Recreate" } }));
  const one = apps(namespace, "deployments", "d");
  await rolledOut(one, 2);
  await using watching = await watch(
    `${core(namespace, "pods")}?watch=true&resourceVersion=${versionOf(await ok("GET", core(namespace, "pods")))}`,
  );
  await ok("PATCH", one, newImage("nginx:1.27"), strategicPatch);
  await rolledOut(one, 2);
  let gone = 0;
  for (let added = 0; added < 1;) {
    const { type } = await watching.next();
    if (type === "DELETED") gone++;
    if (type === "ADDED") added++;
  }
  assert.equal(gone, 2, "no new pod before the last old one has gone");
});

test("Deployment deployment should delete old replica sets", async () => {
  const namespace = await newNamespace();
  await ok("POST", apps(namespace, "deployments"), workload("d", { replicas: 1, revisionHistoryLimit: 0 }));
  const one = apps(namespace, "deployments", "d");
  await rolledOut(one, 1);
  await ok("PATCH", one, newImage("nginx:1.27"), strategicPatch);
  await until(
    apps(namespace, "replicasets"),
    "one set",
    (body) => items(body).length === 1 && number(record(items(body)[0]), "spec", "replicas") === 1,
  );
});

test("Deployment deployment should support rollover", async () => {
  const namespace = await newNamespace();
  await ok("POST", apps(namespace, "deployments"), workload("d", { replicas: 2 }));
  const one = apps(namespace, "deployments", "d");
  await rolledOut(one, 2);
  await ok("PATCH", one, newImage("fake/none:missing"), strategicPatch);
  await until(apps(namespace, "replicasets"), "the bad set", (body) => items(body).length === 2);
  await ok("PATCH", one, newImage("nginx:1.28"), strategicPatch);
  await rolledOut(one, 2);
  await until(
    apps(namespace, "replicasets"),
    "one set in use",
    (body) => items(body).filter((set) => number(record(set), "spec", "replicas") > 0).length === 1,
  );
});

test("Deployment deployment should support proportional scaling", async () => {
  const namespace = await newNamespace();
  const strategy = { type: "RollingUpdate", rollingUpdate: { maxSurge: 3, maxUnavailable: 2 } };
  await ok("POST", apps(namespace, "deployments"), workload("d", { replicas: 10, strategy }));
  const one = apps(namespace, "deployments", "d");
  await rolledOut(one, 10);
  const sizes = (body: Body): number[] =>
    items(body)
      .map((set) => number(record(set), "spec", "replicas"))
      .sort((a, b) => a - b);
  await ok("PATCH", one, newImage("fake/none:missing"), strategicPatch);
  await until(apps(namespace, "replicasets"), "8 old and 5 new", (body) => String(sizes(body)) === "5,8");
  await until(one, "13 pods, 5 of them new", (body) => {
    return number(body, "status", "replicas") === 13 && number(body, "status", "updatedReplicas") === 5;
  });
  await ok("PATCH", one, scaleOf(30), mergePatch);
  await until(apps(namespace, "replicasets"), "both in proportion", (body) => String(sizes(body)) === "13,20");
});

test("Deployment should run the lifecycle of a Deployment", async () => {
  const namespace = await newNamespace();
  await ok("POST", apps(namespace, "deployments"), workload("d", { replicas: 1 }));
  const one = apps(namespace, "deployments", "d");
  await rolledOut(one, 1);
  await ok("PATCH", one, { metadata: { labels: { test: "patched" } }, ...newImage("nginx:1.27") }, strategicPatch);
  await rolledOut(one, 1);
  await ok("PATCH", `${one}/scale`, scaleOf(2), mergePatch);
  await rolledOut(one, 2);
  await ok("DELETE", `${apps(namespace, "deployments")}?labelSelector=test%3Dpatched`);
  await untilGone(one);
});

test("ReplicaSet Replace and Patch tests", async () => {
  const namespace = await newNamespace();
  await ok("POST", apps(namespace, "replicasets"), workload("r", { replicas: 1 }));
  const one = apps(namespace, "replicasets", "r");
  await untilReady(one, 1);
  await ok("PATCH", `${one}/scale`, scaleOf(2), mergePatch);
  await untilReady(one, 2);
  const patched = await ok("PATCH", one, { metadata: { labels: { patched: "yes" } }, ...scaleOf(3) }, mergePatch);
  assert.equal(fieldOf(patched, "metadata", "labels", "patched"), "yes");
  await untilReady(one, 3);
});

test("ReplicaSet should list and delete a collection of ReplicaSets", async () => {
  const namespace = await newNamespace();
  await ok("POST", apps(namespace, "replicasets"), workload("r", { replicas: 3 }));
  await untilReady(apps(namespace, "replicasets", "r"), 3);
  await ok("DELETE", `${apps(namespace, "replicasets")}?labelSelector=app%3Da`);
  await untilGone(apps(namespace, "replicasets", "r"));
});

const stateful = (name: string, rest: Body = {}): Body => workload(name, { serviceName: "s", ...rest });

test("StatefulSet Basic StatefulSet functionality [StatefulSetBasic] should list, patch and delete a collection of StatefulSets", async () => {
  const namespace = await newNamespace();
  await ok("POST", apps(namespace, "statefulsets"), stateful("s", { replicas: 1 }));
  const one = apps(namespace, "statefulsets", "s");
  await untilReady(one, 1);
  await ok(
    "PATCH",
    one,
    { metadata: { labels: { patched: "yes" } }, ...scaleOf(2), ...newImage("nginx:1.27") },
    strategicPatch,
  );
  assert.equal(items(await ok("GET", `${apps(namespace, "statefulsets")}?labelSelector=patched%3Dyes`)).length, 1);
  await ok("DELETE", `${apps(namespace, "statefulsets")}?labelSelector=patched%3Dyes`);
  await untilGone(one);
});

async function podImages(namespace: string, name: string, replicas: number): Promise<string> {
  const images = Array.from({ length: replicas }, async (_, index) => {
    const pod = await ok("GET", core(namespace, "pods", `${name}-${String(index)}`));
    return text(fieldOf(list(fieldOf(pod, "spec", "containers"))[0], "image"));
  });
  return (await Promise.all(images)).join(" ");
}

const [old, next] = [image, "nginx:1.27"];

test("StatefulSet Basic StatefulSet functionality [StatefulSetBasic] should perform rolling updates and roll backs of template modifications", async () => {
  const namespace = await newNamespace();
  await ok("POST", apps(namespace, "statefulsets"), stateful("s", { replicas: 3 }));
  const one = apps(namespace, "statefulsets", "s");
  await untilReady(one, 3);
  for (const wanted of [next, old]) {
    await ok("PATCH", one, newImage(wanted), strategicPatch);
    await until(one, `all of ${wanted}`, (body) => {
      const revisions = ["currentRevision", "updateRevision"].map((field) => fieldOf(body, "status", field));
      return isSeen(body) && revisions[0] === revisions[1] && number(body, "status", "readyReplicas") === 3;
    });
    assert.equal(await podImages(namespace, "s", 3), [wanted, wanted, wanted].join(" "));
  }
});

test("StatefulSet Basic StatefulSet functionality [StatefulSetBasic] should perform canary updates and phased rolling updates of template modifications", async () => {
  const namespace = await newNamespace();
  const partition = (from: number): Body => ({
    updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: from } },
  });
  await ok("POST", apps(namespace, "statefulsets"), stateful("s", { replicas: 3, ...partition(3) }));
  const one = apps(namespace, "statefulsets", "s");
  await untilReady(one, 3);
  await ok("PATCH", one, newImage(next), strategicPatch);
  await until(
    one,
    "an update that nobody gets yet",
    (body) =>
      number(body, "status", "observedGeneration") === 2 &&
      fieldOf(body, "status", "updateRevision") !== fieldOf(body, "status", "currentRevision"),
  );
  assert.equal(await podImages(namespace, "s", 3), [old, old, old].join(" "));
  for (const from of [2, 1, 0]) {
    await ok("PATCH", one, { spec: partition(from) }, mergePatch);
    await until(
      one,
      `updated from ${String(from)}`,
      (body) => number(body, "status", "readyReplicas") === 3 && number(body, "status", "updatedReplicas") === 3 - from,
    );
    assert.equal(await podImages(namespace, "s", 3), [0, 1, 2].map((index) => (index < from ? old : next)).join(" "));
  }
});

test("StatefulSet Basic StatefulSet functionality [StatefulSetBasic] Should recreate evicted statefulset", async () => {
  const namespace = await newNamespace();
  await ok("POST", apps(namespace, "statefulsets"), stateful("s", { replicas: 1 }));
  await untilReady(apps(namespace, "statefulsets", "s"), 1);
  const pod = core(namespace, "pods", "s-0");
  const uid = fieldOf(await ok("GET", pod), "metadata", "uid");
  await ok("POST", `${pod}/eviction`, { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: "s-0" } });
  await until(pod, "another pod of that name", (body) => fieldOf(body, "metadata", "uid") !== uid);
});

const budgets = (namespace: string, name = ""): string => policy(namespace, "poddisruptionbudgets", name);
const budget = (name: string, spec: Body = { minAvailable: 1 }): Body => ({
  metadata: { name, labels },
  spec: { selector: { matchLabels: labels }, ...spec },
});

test("DisruptionController should create a PodDisruptionBudget", async () => {
  const namespace = await newNamespace();
  await walkOperations({
    path: budgets(namespace),
    object: budget("b"),
    patch: { spec: { minAvailable: 2 } },
    collectionOfAll: "/apis/policy/v1/poddisruptionbudgets",
  });
});

test("DisruptionController Listing PodDisruptionBudgets for all namespaces should list and delete a collection of PodDisruptionBudgets", async () => {
  const namespace = await newNamespace();
  const other = await newNamespace();
  for (const each of [namespace, other]) await ok("POST", budgets(each), budget("b"));
  const all = items(await ok("GET", "/apis/policy/v1/poddisruptionbudgets?labelSelector=app%3Da"));
  assert.ok([namespace, other].every((each) => all.some((found) => fieldOf(found, "metadata", "namespace") === each)));
  await ok("DELETE", `${budgets(namespace)}?labelSelector=app%3Da`);
  assert.equal(items(await ok("GET", budgets(namespace))).length, 0);
  assert.equal(items(await ok("GET", budgets(other))).length, 1);
});

async function guarded(): Promise<{ readonly namespace: string; readonly one: string }> {
  const namespace = await newNamespace();
  await ok("POST", apps(namespace, "replicasets"), workload("r", { replicas: 1 }));
  await untilReady(apps(namespace, "replicasets", "r"), 1);
  await ok("POST", budgets(namespace), budget("b"));
  const one = budgets(namespace, "b");
  await until(one, "a count", (body) => number(body, "status", "currentHealthy") === 1);
  return { namespace, one };
}

test("DisruptionController should observe PodDisruptionBudget status updated", async () => {
  const { one } = await guarded();
  const { status } = await ok("GET", one);
  assert.deepEqual(
    [fieldOf(status, "disruptionsAllowed"), fieldOf(status, "expectedPods"), fieldOf(status, "desiredHealthy")],
    [0, 1, 1],
  );
});

test("DisruptionController should update/patch PodDisruptionBudget status", async () => {
  const namespace = await newNamespace();
  await ok("POST", budgets(namespace), budget("b"));
  await until(budgets(namespace, "b"), "a status", (body) => number(body, "status", "observedGeneration") === 1);
  const now = new Date().toISOString().replace(/\.\d+/, "");
  await walkStatus(budgets(namespace, "b"), { disruptedPods: { pod1: now } });
});

test("DisruptionController should block an eviction until the PDB is updated to allow it", async () => {
  const { namespace, one } = await guarded();
  const [pod] = items(await ok("GET", core(namespace, "pods"))).map(nameOf);
  const eviction = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: pod } };
  const path = `${core(namespace, "pods", pod)}/eviction`;
  assert.match(
    await refused(429, "POST", path, eviction),
    /Cannot evict pod as it would violate the pod's disruption budget/,
  );
  await ok("PATCH", one, [{ op: "replace", path: "/spec/minAvailable", value: 0 }], jsonPatch);
  await until(one, "room", (body) => number(body, "status", "disruptionsAllowed") === 1);
  await ok("POST", path, eviction);
});

async function completed(one: string): Promise<Body> {
  return until(one, "complete", (body) => hasCondition(body, "Complete"));
}

test("Job should create pods for an Indexed job with completion indexes and specified hostname", async () => {
  const namespace = await newNamespace();
  await ok("POST", batch(namespace, "jobs"), job("j", { completions: 4, parallelism: 2, completionMode: "Indexed" }));
  const { status } = await completed(batch(namespace, "jobs", "j"));
  assert.equal(fieldOf(status, "completedIndexes"), "0-3");
  const hosts = items(await ok("GET", core(namespace, "pods"))).map((each) => fieldOf(each, "spec", "hostname"));
  assert.deepEqual(new Set(hosts), new Set(["j-0", "j-1", "j-2", "j-3"]));
});

test("Job should delete a job", async () => {
  const namespace = await newNamespace();
  const template = record(jobSpec({}, {}, 3_600_000)["template"]);
  await ok("POST", batch(namespace, "jobs"), job("j", { completions: 2, parallelism: 2, template }));
  const one = batch(namespace, "jobs", "j");
  await until(one, "two pods", (body) => number(body, "status", "active") === 2);
  await ok("DELETE", one, { propagationPolicy: "Foreground" });
  await untilGone(one);
  assert.equal(items(await ok("GET", core(namespace, "pods"))).length, 0);
});

test("Job should apply changes to a job status", async () => {
  const namespace = await newNamespace();
  const template = record(jobSpec({}, {}, 3_600_000)["template"]);
  await ok("POST", batch(namespace, "jobs"), job("j", { template }));
  const one = batch(namespace, "jobs", "j");
  await until(one, "a pod", (body) => number(body, "status", "active") === 1);
  const metadata = { annotations: { patchedstatus: "true" } };
  const patched = await ok("PATCH", `${one}/status`, { metadata }, mergePatch);
  assert.equal(fieldOf(patched, "metadata", "annotations", "patchedstatus"), "true");
  assert.equal(fieldOf(await ok("GET", `${one}/status`), "metadata", "uid"), fieldOf(patched, "metadata", "uid"));
});

test("Job should manage the lifecycle of a job", async () => {
  const namespace = await newNamespace();
  await ok("POST", batch(namespace, "jobs"), job("j", { suspend: true, parallelism: 1, completions: 1 }));
  const one = batch(namespace, "jobs", "j");
  await until(one, "suspended", (body) => hasCondition(body, "Suspended"));
  await ok("PATCH", one, { metadata: { labels: { patched: "yes" } }, spec: { suspend: false } }, strategicPatch);
  await completed(one);
  assert.equal(items(await ok("GET", "/apis/batch/v1/jobs?labelSelector=patched%3Dyes")).length, 1);
  await ok("DELETE", `${batch(namespace, "jobs")}?labelSelector=patched%3Dyes`, { propagationPolicy: "Background" });
  await untilGone(one);
});

const replicationController = (name: string): Body => ({
  metadata: { name, labels },
  spec: { replicas: 1, selector: labels, template: podTemplate() },
});

test("ReplicationController should get and update a ReplicationController scale", async () => {
  const namespace = await newNamespace();
  const one = core(namespace, "replicationcontrollers", "rc");
  await ok("POST", core(namespace, "replicationcontrollers"), replicationController("rc"));
  const scale = await ok("GET", `${one}/scale`);
  await ok("PUT", `${one}/scale`, { ...scale, spec: { replicas: 2 } });
  assert.equal(number(await ok("GET", one), "spec", "replicas"), 2);
});

test("ReplicationController should test the lifecycle of a ReplicationController", async () => {
  const namespace = await newNamespace();
  await walkOperations({
    path: core(namespace, "replicationcontrollers"),
    object: replicationController("rc"),
    patch: { spec: { replicas: 2 } },
    status: { replicas: 1 },
    collectionOfAll: "/api/v1/replicationcontrollers",
  });
});
