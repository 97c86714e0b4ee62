// Conformance by upstream's names: what goes with its owner, with its namespace, and what counts against a quota.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fieldOf } from "#machinery/guards.ts";
import {
  apps,
  type Body,
  condition,
  core,
  hasCondition,
  items,
  mergePatch,
  nameOf,
  newNamespace,
  ok,
  record,
  refused,
  send,
  text,
  until,
  untilGone,
  walkStatus,
  withPlane,
} from "./plane.ts";

withPlane();

const labels = { app: "a" };
const pod = (name: string, rest: Body = {}, metadata: Body = {}): Body => ({
  metadata: { name, labels, ...metadata },
  spec: { containers: [{ name: "a", image: "nginx", ...rest }], terminationGracePeriodSeconds: 0 },
});
const template = { metadata: { labels }, spec: { containers: [{ name: "a", image: "nginx" }] } };
const background = { propagationPolicy: "Background" };

function owned(owner: Body, rest: Body = {}): Body {
  const { apiVersion, kind } = owner;
  const uid = text(fieldOf(owner, "metadata", "uid"));
  return { apiVersion, kind, name: nameOf(owner), uid, ...rest };
}

/** A ReplicationController, which nobody runs here, and pods that say they are its own. */
async function controllerWithPods(namespace: string, name = "rc", rest: Body = {}): Promise<Body> {
  const rc = {
    metadata: { name },
    spec: { replicas: 0, selector: { app: name }, template: { ...template, metadata: { labels: { app: name } } } },
  };
  const made = await ok("POST", core(namespace, "replicationcontrollers"), rc);
  const owner = owned({ ...made, apiVersion: "v1", kind: "ReplicationController" }, rest);
  for (const pod0 of ["a", "b"]) {
    await ok("POST", core(namespace, "pods"), pod(`${name}-${pod0}`, {}, { ownerReferences: [owner] }));
  }
  await collectorHasCaughtUp(namespace);
  return owner;
}

let canaries = 0;

/** A pod without an owner goes: the collector has seen everything that happened to pods before. */
async function collectorHasCaughtUp(namespace: string): Promise<void> {
  const name = `canary-${String(++canaries)}`;
  const owner = { apiVersion: "v1", kind: "ReplicationController", name: "never", uid: `never-${name}` };
  await ok("POST", core(namespace, "pods"), pod(name, {}, { ownerReferences: [owner] }));
  await untilGone(core(namespace, "pods", name));
}

const count = async (path: string): Promise<number> => items(await ok("GET", path)).length;

test("Garbage collector should delete pods created by rc when not orphaning", async () => {
  const namespace = await newNamespace();
  await controllerWithPods(namespace);
  await ok("DELETE", core(namespace, "replicationcontrollers", "rc"), background);
  await until(core(namespace, "pods"), "no pods", (body) => items(body).length === 0);
});

test("Garbage collector should orphan pods created by rc if delete options say so", async () => {
  const namespace = await newNamespace();
  await controllerWithPods(namespace);
  await ok("DELETE", core(namespace, "replicationcontrollers", "rc"), { propagationPolicy: "Orphan" });
  await untilGone(core(namespace, "replicationcontrollers", "rc"));
  const pods = items(await ok("GET", core(namespace, "pods")));
  assert.deepEqual(
    pods.map((each) => fieldOf(each, "metadata", "ownerReferences")),
    [undefined, undefined],
  );
});

async function deploymentWithSet(namespace: string): Promise<string> {
  const spec = { replicas: 1, selector: { matchLabels: labels }, template };
  await ok("POST", apps(namespace, "deployments"), { metadata: { name: "d" }, spec });
  const sets = await until(apps(namespace, "replicasets"), "a ReplicaSet", (body) => items(body).length === 1);
  return nameOf(items(sets)[0]);
}

test("Garbage collector should delete RS created by deployment when not orphaning", async () => {
  const namespace = await newNamespace();
  const set = await deploymentWithSet(namespace);
  await ok("DELETE", apps(namespace, "deployments", "d"), background);
  await untilGone(apps(namespace, "replicasets", set));
});

test("Garbage collector should orphan RS created by deployment when deleteOptions.PropagationPolicy is Orphan", async () => {
  const namespace = await newNamespace();
  const set = await deploymentWithSet(namespace);
  await ok("DELETE", apps(namespace, "deployments", "d"), { propagationPolicy: "Orphan" });
  await untilGone(apps(namespace, "deployments", "d"));
  assert.equal(fieldOf(await ok("GET", apps(namespace, "replicasets", set)), "metadata", "ownerReferences"), undefined);
});

test("Garbage collector should keep the rc around until all its pods are deleted if the deleteOptions says so", async () => {
  const namespace = await newNamespace();
  await controllerWithPods(namespace, "rc", { blockOwnerDeletion: true });
  const [held] = items(await ok("GET", core(namespace, "pods"))).map(nameOf);
  const one = core(namespace, "pods", held ?? "");
  await ok("PATCH", one, { metadata: { finalizers: ["example.com/held"] } }, mergePatch);
  await collectorHasCaughtUp(namespace);
  await ok("DELETE", core(namespace, "replicationcontrollers", "rc"), { propagationPolicy: "Foreground" });
  await until(one, "the held pod to be going", (body) => fieldOf(body, "metadata", "deletionTimestamp") !== undefined);
  const rc = await ok("GET", core(namespace, "replicationcontrollers", "rc"));
  assert.deepEqual(fieldOf(rc, "metadata", "finalizers"), ["foregroundDeletion"]);
  await ok("PATCH", one, { metadata: { finalizers: null } }, mergePatch);
  await untilGone(core(namespace, "replicationcontrollers", "rc"));
});

test("Garbage collector should not delete dependents that have both valid owner and owner that's waiting for dependents to be deleted", async () => {
  const namespace = await newNamespace();
  const going = await controllerWithPods(namespace, "going", { blockOwnerDeletion: true });
  const staying = await controllerWithPods(namespace, "staying");
  const both = [going, staying];
  await ok("PATCH", core(namespace, "pods", "going-a"), { metadata: { ownerReferences: both } }, mergePatch);
  await collectorHasCaughtUp(namespace);
  await ok("DELETE", core(namespace, "replicationcontrollers", "going"), { propagationPolicy: "Foreground" });
  await untilGone(core(namespace, "replicationcontrollers", "going"));
  await untilGone(core(namespace, "pods", "going-b"));
  const kept = await ok("GET", core(namespace, "pods", "going-a"));
  assert.deepEqual(fieldOf(kept, "metadata", "ownerReferences"), [staying]);
});

test("Garbage collector should not be blocked by dependency circle", async () => {
  const namespace = await newNamespace();
  const path = core(namespace, "pods");
  const made: Body[] = [];
  for (const name of ["1", "2", "3"]) made.push(await ok("POST", path, pod(`pod${name}`)));
  for (const [index, each] of made.entries()) {
    const owner = made[(index + 2) % 3] ?? {};
    const reference = owned({ ...owner, apiVersion: "v1", kind: "Pod" });
    await ok("PATCH", `${path}/${nameOf(each)}`, { metadata: { ownerReferences: [reference] } }, mergePatch);
  }
  await ok("DELETE", `${path}/pod1`, { propagationPolicy: "Foreground" });
  await until(path, "the circle to be gone", (body) => items(body).length === 0);
});

const namespacePath = (name: string): string => `/api/v1/namespaces/${name}`;

test("Namespaces [Serial] should patch a Namespace", async () => {
  const name = await newNamespace();
  const patched = await ok(
    "PATCH",
    namespacePath(name),
    { metadata: { labels: { testLabel: "testValue" } } },
    mergePatch,
  );
  assert.equal(fieldOf(patched, "metadata", "labels", "testLabel"), "testValue");
});

test("Namespaces [Serial] should apply an update to a Namespace", async () => {
  const name = await newNamespace();
  const read = await ok("GET", namespacePath(name));
  const metadata = { ...record(read["metadata"]), labels: { updated: "yes", "kubernetes.io/metadata.name": name } };
  assert.equal(
    fieldOf(await ok("PUT", namespacePath(name), { ...read, metadata }), "metadata", "labels", "updated"),
    "yes",
  );
});

test("Namespaces [Serial] should apply changes to a namespace status", async () => {
  const name = await newNamespace();
  await walkStatus(namespacePath(name), { conditions: [condition("StatusUpdate")] });
  assert.ok(hasCondition(await ok("GET", namespacePath(name)), "StatusUpdate"));
});

test("Namespaces [Serial] should apply a finalizer to a Namespace", async () => {
  const name = await newNamespace();
  const read = await ok("GET", namespacePath(name));
  const finalizers = ["kubernetes", "e2e.example.com/fake"];
  const finalized = await ok("PUT", `${namespacePath(name)}/finalize`, { ...read, spec: { finalizers } });
  assert.deepEqual(fieldOf(finalized, "spec", "finalizers"), finalizers);
  const back = await ok("PUT", `${namespacePath(name)}/finalize`, {
    ...finalized,
    spec: { finalizers: ["kubernetes"] },
  });
  assert.deepEqual(fieldOf(back, "spec", "finalizers"), ["kubernetes"]);
});

for (const [what, plural, object] of [
  ["pods", "pods", pod("a")],
  ["services", "services", { metadata: { name: "a" }, spec: { ports: [{ port: 80 }] } }],
] as const) {
  test(`Namespaces [Serial] should ensure that all ${what} are removed when a namespace is deleted`, async () => {
    const name = await newNamespace();
    await ok("POST", core(name, plural), object);
    await ok("DELETE", namespacePath(name));
    await untilGone(namespacePath(name));
    await ok("POST", "/api/v1/namespaces", { metadata: { name } });
    assert.equal(await count(core(name, plural)), 0);
  });
}

/** Makes a quota and waits until it has counted what is there. */
async function quota(namespace: string, hard: Body, rest: Body = {}): Promise<string> {
  await ok("POST", core(namespace, "resourcequotas"), { metadata: { name: "quota" }, spec: { hard, ...rest } });
  const one = core(namespace, "resourcequotas", "quota");
  await until(one, "a count", (body) => fieldOf(body, "status", "used") !== undefined);
  return one;
}

function untilUsed(one: string, used: Body): Promise<Body> {
  return until(one, `used ${JSON.stringify(used)}`, (body) =>
    Object.entries(used).every(([name, amount]) => fieldOf(body, "status", "used", name) === amount),
  );
}

test("ResourceQuota should create a ResourceQuota and ensure its status is promptly calculated.", async () => {
  const one = await quota(await newNamespace(), { pods: "5", services: "10", "requests.cpu": "1" });
  await untilUsed(one, { pods: "0", services: "0", "requests.cpu": "0" });
  assert.deepEqual(fieldOf(await ok("GET", one), "status", "hard"), { pods: "5", services: "10", "requests.cpu": "1" });
});

test("ResourceQuota should be able to update and delete ResourceQuota.", async () => {
  const one = await quota(await newNamespace(), { cpu: "1", memory: "500Mi" });
  const read = await ok("GET", one);
  await ok("PUT", one, { ...read, spec: { hard: { cpu: "2", memory: "1Gi" } } });
  await until(one, "the new limits", (body) => fieldOf(body, "status", "hard", "cpu") === "2");
  await ok("DELETE", one);
  await untilGone(one);
});

test("ResourceQuota should manage the lifecycle of a ResourceQuota", async () => {
  const namespace = await newNamespace();
  const one = await quota(namespace, { cpu: "1" });
  await ok("PATCH", one, { metadata: { labels: { mine: "yes" } }, spec: { hard: { memory: "750Mi" } } }, mergePatch);
  assert.deepEqual(items(await ok("GET", "/api/v1/resourcequotas?labelSelector=mine%3Dyes")).map(nameOf), ["quota"]);
  await ok("DELETE", `${core(namespace, "resourcequotas")}?labelSelector=mine%3Dyes`);
  await untilGone(one);
});

test("ResourceQuota should apply changes to a resourcequota status", async () => {
  const one = await quota(await newNamespace(), { cpu: "500m", memory: "500Mi" });
  await walkStatus(one, { hard: { cpu: "500m", memory: "400Mi" } });
  await ok("PATCH", one, { spec: { hard: { memory: "1Gi" } } }, mergePatch);
  await until(one, "the new limits", (body) => fieldOf(body, "status", "hard", "memory") === "1Gi");
});

for (const { what, name, plural, object, path = core } of [
  { what: "a configMap", name: "count/configmaps", plural: "configmaps", object: { metadata: { name: "x" } } },
  { what: "a secret", name: "secrets", plural: "secrets", object: { metadata: { name: "x" }, stringData: { a: "b" } } },
  {
    what: "a service",
    name: "services",
    plural: "services",
    object: { metadata: { name: "x" }, spec: { ports: [{ port: 80 }] } },
  },
  {
    what: "a replica set",
    name: "count/replicasets.apps",
    plural: "replicasets",
    object: { metadata: { name: "x" }, spec: { replicas: 0, selector: { matchLabels: labels }, template } },
    path: apps,
  },
  {
    what: "a replication controller",
    name: "replicationcontrollers",
    plural: "replicationcontrollers",
    object: { metadata: { name: "x" }, spec: { replicas: 0, selector: labels, template } },
  },
  { what: "a pod", name: "pods", plural: "pods", object: pod("x", { resources: { requests: { cpu: "500m" } } }) },
] as const) {
  test(`ResourceQuota should create a ResourceQuota and capture the life of ${what}.`, async () => {
    const namespace = await newNamespace();
    await until(core(namespace, "configmaps"), "kube-root-ca.crt", (body) => items(body).length === 1);
    const before = await count(path(namespace, plural));
    const one = await quota(namespace, { [name]: String(before + 1) });
    await untilUsed(one, { [name]: String(before) });
    await ok("POST", path(namespace, plural), object);
    await untilUsed(one, { [name]: String(before + 1) });
    const second = { ...object, metadata: { ...record(object.metadata), name: "y" } };
    assert.match(await refused(403, "POST", path(namespace, plural), second), /exceeded quota: quota/);
    await ok("DELETE", path(namespace, plural, "x"));
    await untilUsed(one, { [name]: String(before) });
    await ok("POST", path(namespace, plural), second);
  });
}

/** Of two quotas with opposite scopes, the one that fits charges the pod. */
async function scoped(scopes: readonly [string, string], fits: readonly [Body, Body]): Promise<void> {
  const namespace = await newNamespace();
  const path = core(namespace, "resourcequotas");
  const quotas = scopes.map((scope) => `${path}/${scope.toLowerCase()}`);
  for (const scope of scopes) {
    await ok("POST", path, { metadata: { name: scope.toLowerCase() }, spec: { hard: { pods: "5" }, scopes: [scope] } });
  }
  for (const [index, each] of fits.entries()) {
    await Promise.all(quotas.map((one) => untilUsed(one, { pods: "0" })));
    await ok("POST", core(namespace, "pods"), each);
    await untilUsed(quotas[index] ?? "", { pods: "1" });
    await untilUsed(quotas[1 - index] ?? "", { pods: "0" });
    await ok("DELETE", core(namespace, "pods", nameOf(each)), { gracePeriodSeconds: 0 });
  }
}

test("ResourceQuota should verify ResourceQuota with best effort scope.", async () => {
  const burstable = pod("burstable", { resources: { requests: { cpu: "100m" } } });
  await scoped(["BestEffort", "NotBestEffort"], [pod("best"), burstable]);
});

test("ResourceQuota should verify ResourceQuota with terminating scopes.", async () => {
  const ends = pod("ends");
  const terminating = { ...ends, spec: { ...record(ends["spec"]), activeDeadlineSeconds: 3_600 } };
  await scoped(["Terminating", "NotTerminating"], [terminating, pod("stays")]);
  assert.equal((await send("GET", "/api/v1/pods")).status, 200);
});
