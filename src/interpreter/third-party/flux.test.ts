// The kinds of Flux and Argo's Workflow: what a member keeps, dependencies, statuses, health.
import assert from "node:assert/strict";
import test from "node:test";
import { fieldOf } from "#machinery/guards.ts";
import type { DependentObject, Interpretation } from "../interpretation.ts";
import { bucket } from "./bucket.ts";
import { gitRepository } from "./git-repository.ts";
import { helmChart } from "./helm-chart.ts";
import { helmRelease } from "./helm-release.ts";
import { helmRepository } from "./helm-repository.ts";
import { kustomization } from "./kustomization.ts";
import { ociRepository } from "./oci-repository.ts";
import { itemsOf, objectOf } from "./testing.ts";
import { workflow } from "./workflow.ts";

const secretRef = { name: "s" };
const verify = { secretRef: { name: "v" } };

const cases: readonly { hooks: Interpretation; spec: object; dependencies: readonly string[]; reason: string }[] = [
  { hooks: bucket, spec: { secretRef }, dependencies: ["Secret/s"], reason: "Succeeded" },
  { hooks: helmRepository, spec: { secretRef }, dependencies: ["Secret/s"], reason: "Succeeded" },
  { hooks: helmChart, spec: { verify }, dependencies: ["Secret/v"], reason: "ChartPullSucceeded" },
  { hooks: gitRepository, spec: { secretRef, verify }, dependencies: ["Secret/s", "Secret/v"], reason: "Succeeded" },
  {
    hooks: ociRepository,
    spec: { secretRef, verify, certSecretRef: { name: "c" }, serviceAccountName: "a" },
    dependencies: ["Secret/c", "Secret/s", "Secret/v", "ServiceAccount/a"],
    reason: "Succeeded",
  },
  {
    hooks: kustomization,
    spec: { decryption: { secretRef }, kubeConfig: verify, serviceAccountName: "a" },
    dependencies: ["Secret/s", "Secret/v", "ServiceAccount/a"],
    reason: "ReconciliationSucceeded",
  },
  {
    hooks: helmRelease,
    spec: {
      valuesFrom: [
        { kind: "ConfigMap", name: "values" },
        { kind: "Secret", name: "s" },
      ],
      chart: { spec: { verify } },
      serviceAccountName: "a",
    },
    dependencies: ["ConfigMap/values", "Secret/s", "Secret/v", "ServiceAccount/a"],
    reason: "ReconciliationSucceeded",
  },
];

function names(dependencies: readonly DependentObject[]): readonly string[] {
  return dependencies.map(({ kind, name }) => `${kind}/${name}`);
}

for (const { hooks, spec, dependencies, reason } of cases) {
  const kind = hooks as Required<Interpretation>;
  const ready = (status: string, why: string): object => ({ conditions: [{ type: "Ready", status, reason: why }] });

  test(`${kind.kind.kind}: what it refers to`, () => {
    assert.deepEqual(names(kind.getDependencies(objectOf(kind, { spec }))), dependencies);
    assert.deepEqual(kind.getDependencies(objectOf(kind)), []);
  });

  test(`${kind.kind.kind}: healthy when Ready because of ${reason}`, () => {
    assert.equal(kind.interpretHealth(objectOf(kind, { status: ready("True", reason) })), true);
    assert.equal(kind.interpretHealth(objectOf(kind, { status: ready("True", "Progressing") })), false);
    assert.equal(kind.interpretHealth(objectOf(kind, { status: ready("False", reason) })), false);
  });

  test(`${kind.kind.kind}: a member says whether it is suspended`, () => {
    const observed = objectOf(kind, { spec: { suspend: true } });
    assert.equal(fieldOf(kind.retain(objectOf(kind), observed), "spec", "suspend"), true);
    const desired = objectOf(kind, { spec });
    assert.equal(kind.retain(desired, objectOf(kind)), desired);
  });

  test(`${kind.kind.kind}: equal conditions become one that says who said what`, () => {
    const condition = { type: "Ready", status: "True", reason, message: "fine" };
    const items = itemsOf({ conditions: [condition] }, { conditions: [condition, { ...condition, status: "False" }] });
    const aggregated = kind.aggregateStatus(objectOf(kind), items, 0);
    assert.deepEqual(fieldOf(aggregated, "status", "conditions"), [
      { ...condition, message: "m1=fine, m2=fine" },
      { ...condition, status: "False", message: "m2=fine" },
    ]);
    assert.equal(fieldOf(kind.aggregateStatus(aggregated, [], 0), "status", "conditions"), undefined, "all have left");
  });
}

test("HelmRelease: failures are the sum of the members', however often they are added up", () => {
  const kind = helmRelease as Required<Interpretation>;
  const items = itemsOf({ failures: 1 }, { failures: 2, lastAppliedRevision: "1.0.1" });
  const once = kind.aggregateStatus(objectOf(kind, { status: { failures: 5 } }), items, 0);
  assert.equal(fieldOf(once, "status", "failures"), 3);
  assert.equal(fieldOf(once, "status", "lastAppliedRevision"), "1.0.1");
  assert.equal(kind.aggregateStatus(once, items, 0), once);
});

test("Workflow: replicas are its parallelism; the member keeps the record of its run", () => {
  const kind = workflow as Required<Interpretation>;
  const object = objectOf(kind, { spec: { parallelism: 4, nodeSelector: { disk: "ssd" } } });
  assert.deepEqual(kind.getReplicas(object), {
    replicas: 4,
    requirements: { nodeClaim: { nodeSelector: { disk: "ssd" } } },
  });
  assert.deepEqual(kind.getReplicas(objectOf(kind)), { replicas: 1, requirements: undefined });
  assert.equal(fieldOf(kind.reviseReplica(object, 2), "spec", "parallelism"), 2);
  const observed = objectOf(kind, { spec: { suspend: true }, status: { phase: "Running" } });
  assert.deepEqual(kind.retain(objectOf(kind), observed), observed);
});

test("Workflow: healthy unless its phase is absent, Error or Failed", () => {
  const kind = workflow as Required<Interpretation>;
  for (const [phase, healthy] of [
    ["Running", true],
    ["Succeeded", true],
    ["Error", false],
    ["Failed", false],
    ["", false],
  ] as const) {
    assert.equal(kind.interpretHealth(objectOf(kind, { status: { phase } })), healthy, phase);
  }
  assert.equal(kind.interpretHealth(objectOf(kind)), false);
});

test("Workflow: what it refers to, each once", () => {
  const kind = workflow as Required<Interpretation>;
  const spec = {
    serviceAccountName: "a",
    executor: { serviceAccountName: "a" },
    volumeClaimTemplates: [{ metadata: { name: "work" } }],
    volumes: [{ name: "v", secret: { secretName: "s" } }],
    imagePullSecrets: [{ name: "pull" }],
  };
  assert.deepEqual(names(kind.getDependencies(objectOf(kind, { spec }))), [
    "Secret/pull",
    "Secret/s",
    "ServiceAccount/a",
    "PersistentVolumeClaim/work",
  ]);
});
