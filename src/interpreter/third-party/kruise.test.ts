// The kinds of OpenKruise: replicas, shares, dependencies, statuses, health.
import assert from "node:assert/strict";
import test from "node:test";
import { fieldOf } from "#machinery/guards.ts";
import type { Interpretation } from "../interpretation.ts";
import { advancedCronJob } from "./advanced-cron-job.ts";
import { cloneSet } from "./clone-set.ts";
import { kruiseDaemonSet } from "./kruise-daemon-set.ts";
import { kruiseStatefulSet } from "./kruise-stateful-set.ts";
import { sidecarSet } from "./sidecar-set.ts";
import { itemsOf, objectOf } from "./testing.ts";
import { unitedDeployment } from "./united-deployment.ts";

const podSpec = {
  containers: [
    { name: "c", resources: { requests: { cpu: "100m" } }, envFrom: [{ configMapRef: { name: "settings" } }] },
  ],
};
const podTemplate = { template: { spec: podSpec } };
const settings = { apiVersion: "v1", kind: "ConfigMap", namespace: "default", name: "settings" };
const requirements = { resourceRequest: { cpu: "100m" } };

for (const { hooks, template } of [
  { hooks: cloneSet, template: podTemplate },
  { hooks: kruiseStatefulSet, template: podTemplate },
  { hooks: unitedDeployment, template: podTemplate },
  { hooks: unitedDeployment, template: { template: { cloneSetTemplate: { spec: podTemplate } } } },
  { hooks: unitedDeployment, template: { template: { statefulSetTemplate: { spec: podTemplate } } } },
]) {
  const kind = hooks as Required<Interpretation>;
  const object = objectOf(kind, { spec: { replicas: 3, ...template } });
  test(`${kind.kind.kind}: ${Object.keys(template.template).join()}: replicas, a share of them, dependencies`, () => {
    assert.deepEqual(kind.getReplicas(object), { replicas: 3, requirements });
    assert.equal(fieldOf(kind.reviseReplica(object, 1), "spec", "replicas"), 1);
    assert.deepEqual(kind.getDependencies(object), [settings]);
    assert.throws(() => kind.getReplicas(objectOf(kind)), /^Error: spec.replicas of .* default\/x is required/);
  });

  for (const { status, healthy } of [
    { status: { observedGeneration: 1, updatedReplicas: 3, availableReplicas: 3 }, healthy: true },
    { status: { observedGeneration: 0, updatedReplicas: 3, availableReplicas: 3 }, healthy: false },
    { status: { observedGeneration: 1, updatedReplicas: 2, availableReplicas: 3 }, healthy: false },
    { status: { observedGeneration: 1, updatedReplicas: 3, availableReplicas: 2 }, healthy: false },
  ]) {
    test(`${kind.kind.kind}: ${JSON.stringify(status)} is ${healthy ? "" : "not "}healthy`, () => {
      assert.equal(kind.interpretHealth({ ...object, status }), healthy);
    });
  }
}

test("CloneSet: counters are added up, revisions are the last, other fields of the template stay", () => {
  const kind = cloneSet as Required<Interpretation>;
  const template = objectOf(kind, { status: { replicas: 9, conditions: [], updateRevision: "old" } });
  const items = itemsOf({ replicas: 1, readyReplicas: 1, updateRevision: "a" }, { replicas: 2, updateRevision: "b" });
  assert.deepEqual(kind.aggregateStatus(template, [...items, { clusterName: "m3" }], 0)["status"], {
    conditions: [],
    replicas: 3,
    updatedReplicas: 0,
    readyReplicas: 1,
    availableReplicas: 0,
    updatedReadyReplicas: 0,
    expectedUpdatedReplicas: 0,
    updateRevision: "b",
  });
});

test("UnitedDeployment: one condition of each type, the last member's", () => {
  const kind = unitedDeployment as Required<Interpretation>;
  const items = itemsOf(
    { replicas: 1, conditions: [{ type: "Ready", status: "False" }] },
    { replicas: 1, conditions: [{ type: "Ready", status: "True" }] },
  );
  const aggregated = kind.aggregateStatus(objectOf(kind), items, 0);
  assert.deepEqual(fieldOf(aggregated, "status", "conditions"), [{ type: "Ready", status: "True" }]);
  assert.equal(kind.aggregateStatus(aggregated, items, 0), aggregated);
});

test("DaemonSet: healthy once updated and available wherever it is wanted", () => {
  const kind = kruiseDaemonSet as Required<Interpretation>;
  const counts = { observedGeneration: 1, desiredNumberScheduled: 2, updatedNumberScheduled: 2, numberAvailable: 2 };
  assert.equal(kind.interpretHealth(objectOf(kind, { status: counts })), true);
  assert.equal(kind.interpretHealth(objectOf(kind, { status: { ...counts, numberAvailable: 1 } })), false);
  assert.deepEqual(kind.getDependencies(objectOf(kind, { spec: podTemplate })), [settings]);
});

test("SidecarSet: pods are added up; healthy when all that match are updated; references have no namespace", () => {
  const kind = sidecarSet as Required<Interpretation>;
  const items = itemsOf({ matchedPods: 2, updatedPods: 1 }, { matchedPods: 1, updatedPods: 1, readyPods: 1 });
  assert.deepEqual(kind.aggregateStatus(objectOf(kind), items, 0)["status"], {
    matchedPods: 3,
    updatedPods: 2,
    readyPods: 1,
  });
  assert.equal(kind.interpretHealth(objectOf(kind)), false);
  assert.equal(kind.interpretHealth(objectOf(kind, { status: { matchedPods: 0 } })), true);
  assert.equal(kind.interpretHealth(objectOf(kind, { status: { matchedPods: 2, updatedPods: 1 } })), false);
  const { namespace: _, ...anywhere } = settings;
  assert.deepEqual(kind.getDependencies(objectOf(kind, { spec: podSpec })), [anywhere]);
});

test("AdvancedCronJob: running jobs of all members; what its pods refer to", () => {
  const kind = advancedCronJob as Required<Interpretation>;
  const items = itemsOf({ active: [{ name: "a" }], type: "Job" }, { active: [{ name: "b" }], lastScheduleTime: "t" });
  const template = objectOf(kind, { status: { active: [{ name: "gone" }] } });
  assert.deepEqual(kind.aggregateStatus(template, items, 0)["status"], {
    active: [{ name: "a" }, { name: "b" }],
    type: "Job",
    lastScheduleTime: "t",
  });
  for (const name of ["jobTemplate", "broadcastJobTemplate"]) {
    const spec = { template: { [name]: { spec: podTemplate } } };
    assert.deepEqual(kind.getDependencies(objectOf(kind, { spec })), [settings]);
  }
});
