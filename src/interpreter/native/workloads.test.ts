// Deployment, ReplicaSet, StatefulSet, DaemonSet: replicas, shares, statuses, generations, health.
import assert from "node:assert/strict";
import test from "node:test";
import type { AggregatedStatusItem } from "#api/work/binding.ts";
import { fieldOf } from "#machinery/guards.ts";
import type { KubeObject } from "#machinery/object.ts";
import type { Interpretation } from "../interpretation.ts";
import { daemonSet as daemonSetHooks } from "./daemon-set.ts";
import { deployment as deploymentHooks } from "./deployment.ts";
import { replicaSet as replicaSetHooks } from "./replica-set.ts";
import { statefulSet as statefulSetHooks } from "./stateful-set.ts";

// Each test asks for hooks that its kind has.
const daemonSet = daemonSetHooks as Required<Interpretation>;
const deployment = deploymentHooks as Required<Interpretation>;
const replicaSet = replicaSetHooks as Required<Interpretation>;
const statefulSet = statefulSetHooks as Required<Interpretation>;

const generationAnnotation = "resourcetemplate.karmada.io/generation";

function workload(
  kind: string,
  { spec = {}, status, metadata = {} }: { spec?: object; status?: object; metadata?: object } = {},
): KubeObject {
  return {
    apiVersion: "apps/v1",
    kind,
    metadata: { name: "web", namespace: "default", ...metadata },
    spec: { selector: {}, template: { spec: { containers: [{ name: "c" }] } }, ...spec },
    ...(status === undefined ? {} : { status }),
  };
}

function items(...statuses: (object | undefined)[]): AggregatedStatusItem[] {
  return statuses.map((status, index) => ({
    clusterName: `m${index + 1}`,
    ...(status === undefined ? {} : { status: { ...status } }),
  }));
}

const scaled: readonly [string, Required<Interpretation>][] = [
  ["Deployment", deployment],
  ["ReplicaSet", replicaSet],
  ["StatefulSet", statefulSet],
];

for (const [kind, native] of scaled) {
  test(`${kind}: replicas are spec.replicas, absent 0`, () => {
    assert.equal(native.getReplicas(workload(kind, { spec: { replicas: 3 } })).replicas, 3);
    assert.equal(native.getReplicas(workload(kind)).replicas, 0);
  });

  test(`${kind}: a share replaces spec.replicas only where there is one, and the template stays as it was`, () => {
    const template = workload(kind, { spec: { replicas: 3 } });
    const before = structuredClone(template);
    const revised = native.reviseReplica(template, 1);
    assert.deepEqual(revised, workload(kind, { spec: { replicas: 1 } }));
    assert.deepEqual(template, before);
    assert.equal(revised.metadata, template.metadata, "unchanged parts are shared");
    const without = workload(kind);
    assert.equal(native.reviseReplica(without, 1), without);
  });

  test(`${kind}: replicas follow the member only with the label`, () => {
    const observed = workload(kind, { spec: { replicas: 7 } });
    const desired = workload(kind, { spec: { replicas: 3 } });
    const labelled = { ...desired, metadata: { ...desired.metadata, labels: { [retainLabel]: "true" } } };
    const expected = kind === "Deployment" ? { ...labelled, spec: observed["spec"] } : labelled;
    assert.deepEqual(retained(native, labelled, observed), expected);
    assert.equal(retained(native, desired, observed), desired);
  });
}

function retained(native: Interpretation, desired: KubeObject, observed: KubeObject): KubeObject {
  return native.retain?.(desired, observed) ?? desired;
}

const retainLabel = "resourcetemplate.karmada.io/retain-replicas";

test("Deployment: retaining replicas that the member does not have is an error", () => {
  const desired = workload("Deployment", { metadata: { labels: { [retainLabel]: "true" } } });
  assert.throws(() => deployment.retain(desired, workload("Deployment")), {
    message: "failed to get spec.replicas from Deployment default/web",
  });
});

const reflections: readonly { kind: string; native: Required<Interpretation>; status: object; reflected: object }[] = [
  {
    kind: "Deployment",
    native: deployment,
    status: {
      observedGeneration: 4,
      replicas: 3,
      updatedReplicas: 2,
      readyReplicas: 0,
      unavailableReplicas: 1,
      conditions: [],
      collisionCount: 1,
    },
    reflected: { observedGeneration: 4, replicas: 3, updatedReplicas: 2, unavailableReplicas: 1 },
  },
  {
    kind: "ReplicaSet",
    native: replicaSet,
    status: { replicas: 0, fullyLabeledReplicas: 1, readyReplicas: 1 },
    reflected: { replicas: 0, readyReplicas: 1 },
  },
  {
    kind: "StatefulSet",
    native: statefulSet,
    status: { observedGeneration: 2, replicas: 1, currentReplicas: 1, currentRevision: "x" },
    reflected: { observedGeneration: 2, availableReplicas: 0, replicas: 1, currentReplicas: 1 },
  },
  {
    kind: "DaemonSet",
    native: daemonSet,
    status: { observedGeneration: 1, desiredNumberScheduled: 2, numberReady: 1, numberAvailable: 1 },
    reflected: {
      observedGeneration: 1,
      currentNumberScheduled: 0,
      numberMisscheduled: 0,
      desiredNumberScheduled: 2,
      numberReady: 1,
      numberAvailable: 1,
    },
  },
];

for (const { kind, native, status, reflected } of reflections) {
  test(`${kind}: the reflected status has both generations and the counters`, () => {
    const member = workload(kind, {
      status,
      metadata: { generation: 4, annotations: { [generationAnnotation]: "7" } },
    });
    assert.deepEqual(native.reflectStatus(member), { generation: 4, resourceTemplateGeneration: 7, ...reflected });
  });

  test(`${kind}: no status is reflected as none, a missing generation as an error`, () => {
    assert.equal(native.reflectStatus(workload(kind)), undefined);
    assert.throws(() => native.reflectStatus(workload(kind, { status })), {
      message: `annotation ${generationAnnotation} of ${kind} default/web is not a number: ""`,
    });
  });
}

test("Deployment: counters are added up, conditions of the template kept, zeros left out", () => {
  const template = workload("Deployment", {
    metadata: { generation: 2 },
    status: { observedGeneration: 1, replicas: 9, unavailableReplicas: 9, conditions: [{ type: "Available" }] },
  });
  const aggregated = deployment.aggregateStatus(
    template,
    items({ replicas: 2, readyReplicas: 1, updatedReplicas: 2 }, undefined, { replicas: 1, readyReplicas: 1 }),
    0,
  );
  assert.deepEqual(aggregated["status"], {
    conditions: [{ type: "Available" }],
    observedGeneration: 1,
    replicas: 3,
    readyReplicas: 2,
    updatedReplicas: 2,
  });
});

test("a status that is the same already gives the same object", () => {
  const template = workload("Deployment", {
    metadata: { generation: 1 },
    status: { observedGeneration: 1, replicas: 2 },
  });
  const current = { generation: 1, observedGeneration: 1, resourceTemplateGeneration: 1 };
  assert.equal(deployment.aggregateStatus(template, items({ replicas: 2, ...current }), 0), template);
});

test("DaemonSet: counters that Go never leaves out are there as 0", () => {
  const aggregated = daemonSet.aggregateStatus(workload("DaemonSet", { metadata: { generation: 1 } }), [], 0);
  assert.deepEqual(aggregated["status"], {
    observedGeneration: 1,
    currentNumberScheduled: 0,
    numberMisscheduled: 0,
    desiredNumberScheduled: 0,
    numberReady: 0,
  });
});

const upToDate = { generation: 5, observedGeneration: 5, resourceTemplateGeneration: 3 };
for (const { name, statuses, observed } of [
  { name: "every member is up to date", statuses: [upToDate, { ...upToDate, generation: 4 }], observed: 3 },
  { name: "a member's controller lags", statuses: [upToDate, { ...upToDate, observedGeneration: 4 }], observed: 1 },
  { name: "a member has an older template", statuses: [{ ...upToDate, resourceTemplateGeneration: 2 }], observed: 1 },
  { name: "a member's status is not back", statuses: [upToDate, undefined], observed: 1 },
  {
    name: "a member is ahead of this template",
    statuses: [{ ...upToDate, resourceTemplateGeneration: 4 }],
    observed: 3,
  },
  { name: "there is no member", statuses: [], observed: 3 },
]) {
  for (const [kind, native] of [...scaled, ["DaemonSet", daemonSet] as const]) {
    test(`${kind}: observedGeneration when ${name}`, () => {
      const template = workload(kind, { metadata: { generation: 3 }, status: { observedGeneration: 1 } });
      const status = fieldOf(native.aggregateStatus(template, items(...statuses), 0), "status") as Record<
        string,
        unknown
      >;
      assert.equal(status["observedGeneration"], observed);
    });
  }
}

for (const { kind, native, name, spec = {}, status, healthy } of [
  {
    kind: "Deployment",
    native: deployment,
    name: "all is rolled out",
    spec: { replicas: 2 },
    status: { observedGeneration: 3, updatedReplicas: 2, availableReplicas: 2 },
    healthy: true,
  },
  {
    kind: "Deployment",
    native: deployment,
    name: "the generation is old",
    spec: { replicas: 2 },
    status: { observedGeneration: 2, updatedReplicas: 2, availableReplicas: 2 },
    healthy: false,
  },
  {
    kind: "Deployment",
    native: deployment,
    name: "not all are updated",
    spec: { replicas: 2 },
    status: { observedGeneration: 3, updatedReplicas: 1, availableReplicas: 2 },
    healthy: false,
  },
  {
    kind: "Deployment",
    native: deployment,
    name: "not all are available",
    spec: { replicas: 2 },
    status: { observedGeneration: 3, updatedReplicas: 2, availableReplicas: 1 },
    healthy: false,
  },
  { kind: "Deployment", native: deployment, name: "there is no status", spec: {}, status: undefined, healthy: false },
  {
    kind: "StatefulSet",
    native: statefulSet,
    name: "all is rolled out",
    spec: { replicas: 1 },
    status: { observedGeneration: 3, updatedReplicas: 1, availableReplicas: 1 },
    healthy: true,
  },
  {
    kind: "StatefulSet",
    native: statefulSet,
    name: "not all are available",
    spec: { replicas: 1 },
    status: { observedGeneration: 3, updatedReplicas: 1 },
    healthy: false,
  },
  {
    kind: "ReplicaSet",
    native: replicaSet,
    name: "all are available",
    spec: { replicas: 1 },
    status: { observedGeneration: 3, availableReplicas: 1 },
    healthy: true,
  },
  {
    kind: "ReplicaSet",
    native: replicaSet,
    name: "not all are available",
    spec: { replicas: 2 },
    status: { observedGeneration: 3, availableReplicas: 1 },
    healthy: false,
  },
  {
    kind: "DaemonSet",
    native: daemonSet,
    name: "all are available",
    status: { observedGeneration: 3, desiredNumberScheduled: 2, updatedNumberScheduled: 2, numberAvailable: 2 },
    healthy: true,
  },
  {
    kind: "DaemonSet",
    native: daemonSet,
    name: "not all are updated",
    status: { observedGeneration: 3, desiredNumberScheduled: 2, updatedNumberScheduled: 1, numberAvailable: 2 },
    healthy: false,
  },
  {
    kind: "DaemonSet",
    native: daemonSet,
    name: "not all are available",
    status: { observedGeneration: 3, desiredNumberScheduled: 1, updatedNumberScheduled: 1 },
    healthy: false,
  },
]) {
  test(`${kind}: ${healthy ? "healthy" : "unhealthy"} when ${name}`, () => {
    const object = workload(kind, { spec, metadata: { generation: 3 }, ...(status === undefined ? {} : { status }) });
    assert.equal(native.interpretHealth(object), healthy);
  });
}

test("StatefulSet: claims made from its templates are no dependencies", () => {
  const volumes = ["data", "shared"].map((name) => ({ name, persistentVolumeClaim: { claimName: name } }));
  const object = workload("StatefulSet", {
    spec: {
      template: { spec: { containers: [], volumes } },
      volumeClaimTemplates: [{ metadata: { name: "data" }, spec: {} }],
    },
  });
  assert.deepEqual(statefulSet.getDependencies(object), [
    { apiVersion: "v1", kind: "PersistentVolumeClaim", namespace: "default", name: "shared" },
  ]);
});
