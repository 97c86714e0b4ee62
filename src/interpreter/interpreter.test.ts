import assert from "node:assert/strict";
import test from "node:test";
import type { KubeObject } from "#machinery/object.ts";
import { systemClock } from "#std/time.ts";
import { type Hooks, kindKey, operations } from "./interpretation.ts";
import { createInterpreter, type HookSource } from "./interpreter.ts";
import { nativeInterpretations } from "./native/all.ts";
import { thirdPartyInterpretations } from "./third-party/all.ts";

const interpreter = createInterpreter({ clock: { ...systemClock, now: () => Date.parse("2030-01-01T00:00:00Z") } });

const configMap: KubeObject = {
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "c", namespace: "default" },
  data: { a: "b" },
};
const widget: KubeObject = { ...configMap, apiVersion: "example.com/v1", kind: "Widget", status: { phase: "Ready" } };

for (const { gvk, hooks } of [
  {
    gvk: { group: "apps", version: "v1", kind: "Deployment" },
    hooks: operations.filter((name) => name !== "getComponents"),
  },
  {
    gvk: { group: "apps", version: "v1", kind: "DaemonSet" },
    hooks: ["aggregateStatus", "getDependencies", "reflectStatus", "interpretHealth"],
  },
  {
    gvk: { group: "", version: "v1", kind: "Pod" },
    hooks: ["getReplicas", "retain", "aggregateStatus", "getDependencies", "reflectStatus", "interpretHealth"],
  },
  { gvk: { group: "", version: "v1", kind: "ConfigMap" }, hooks: ["reflectStatus"] },
  { gvk: { group: "apps", version: "v1beta1", kind: "Deployment" }, hooks: ["reflectStatus"] },
  { gvk: { group: "example.com", version: "v1", kind: "Deployment" }, hooks: ["reflectStatus"] },
]) {
  test(`hooks of ${gvk.group}/${gvk.version} ${gvk.kind}`, () => {
    assert.deepEqual([...interpreter.hooks(gvk)], hooks);
  });
}

test("a kind without hooks is no workload, stays as it is, and is healthy", async () => {
  assert.deepEqual(await interpreter.getReplicas(configMap), { replicas: 0, requirements: undefined });
  assert.equal(await interpreter.reviseReplica(configMap, 2), configMap);
  assert.equal(await interpreter.retain(configMap, widget), configMap);
  assert.equal(await interpreter.aggregateStatus(configMap, []), configMap);
  assert.deepEqual(await interpreter.getDependencies(configMap), []);
  assert.equal(await interpreter.interpretHealth(configMap), true);
});

test("without a hook the whole status is reflected", async () => {
  assert.deepEqual(await interpreter.reflectStatus(widget), { phase: "Ready" });
  assert.equal(await interpreter.reflectStatus(configMap), undefined);
});

test("a hook's error is a rejection", async () => {
  const deployment: KubeObject = { ...configMap, apiVersion: "apps/v1", kind: "Deployment", status: {} };
  await assert.rejects(interpreter.reflectStatus(deployment), /is not a number/);
});

test("a dependency without a name is refused", async () => {
  const ingress: KubeObject = {
    ...configMap,
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    spec: { tls: [{ hosts: ["a"] }] },
  };
  await assert.rejects(interpreter.getDependencies(ingress), {
    message:
      'dependencies[0]: Invalid value: {"apiVersion":"v1","kind":"Secret","namespace":"default","name":""}: ' +
      "dependency can not leave name and labelSelector all empty",
  });
});

function source(hooks: Hooks): HookSource {
  return {
    synced: true,
    waitForSync: () => Promise.resolve(),
    hooks: (kind) => (kind.kind === "Deployment" ? hooks : undefined),
  };
}

test("for each operation the first source that has it is asked, then what ships; its error is the answer's", async () => {
  const broken = (): never => {
    throw new Error("out of order");
  };
  const first = source({ interpretHealth: () => true, getReplicas: broken });
  const second = source({ interpretHealth: broken, getReplicas: broken, reflectStatus: () => ({ by: "second" }) });
  const asked = createInterpreter({ clock: systemClock, sources: [first, second] });
  const deployment: KubeObject = { ...configMap, apiVersion: "apps/v1", kind: "Deployment", spec: { replicas: 3 } };
  assert.equal(await asked.interpretHealth(deployment), true);
  assert.deepEqual(await asked.reflectStatus(deployment), { by: "second" });
  assert.deepEqual((await asked.reviseReplica(deployment, 5))["spec"], { replicas: 5 }, "by what ships");
  await assert.rejects(asked.getReplicas(deployment), { message: "out of order" });
});

test("no kind ships twice, so that third parties' and native ones are never in each other's way", () => {
  const keys = [...thirdPartyInterpretations, ...nativeInterpretations].map(({ kind }) => kindKey(kind));
  assert.equal(new Set(keys).size, keys.length);
});

test("conditions are stamped by the clock", async () => {
  const job: KubeObject = {
    ...configMap,
    apiVersion: "batch/v1",
    kind: "Job",
    spec: { template: {} },
  };
  const status = { conditions: [{ type: "Complete", status: "True" }] };
  const aggregated = await interpreter.aggregateStatus(job, [{ clusterName: "m1", status }]);
  assert.match(JSON.stringify(aggregated["status"]), /"lastTransitionTime":"2030-01-01T00:00:00Z"/);
});
