// Services, ingresses, volumes, budgets, autoscalers, accounts, secrets.
import assert from "node:assert/strict";
import test from "node:test";
import type { AggregatedStatusItem } from "#api/work/binding.ts";
import type { Interpretation } from "../interpretation.ts";
import { fieldOf } from "#machinery/guards.ts";
import type { KubeObject } from "#machinery/object.ts";
import { horizontalPodAutoscaler as horizontalPodAutoscalerHooks } from "./horizontal-pod-autoscaler.ts";
import { ingress as ingressHooks } from "./ingress.ts";
import { persistentVolumeClaim as persistentVolumeClaimHooks } from "./persistent-volume-claim.ts";
import { persistentVolume as persistentVolumeHooks } from "./persistent-volume.ts";
import { podDisruptionBudget as podDisruptionBudgetHooks } from "./pod-disruption-budget.ts";
import { secret as secretHooks } from "./secret.ts";
import { serviceAccount as serviceAccountHooks } from "./service-account.ts";
import { serviceImport as serviceImportHooks } from "./service-import.ts";
import { service as serviceHooks } from "./service.ts";

// Each test asks for hooks that its kind has.
const horizontalPodAutoscaler = horizontalPodAutoscalerHooks as Required<Interpretation>;
const ingress = ingressHooks as Required<Interpretation>;
const persistentVolumeClaim = persistentVolumeClaimHooks as Required<Interpretation>;
const persistentVolume = persistentVolumeHooks as Required<Interpretation>;
const podDisruptionBudget = podDisruptionBudgetHooks as Required<Interpretation>;
const secret = secretHooks as Required<Interpretation>;
const serviceAccount = serviceAccountHooks as Required<Interpretation>;
const serviceImport = serviceImportHooks as Required<Interpretation>;
const service = serviceHooks as Required<Interpretation>;

function object(apiVersion: string, kind: string, fields: object): KubeObject {
  return { apiVersion, kind, metadata: { name: "x", namespace: "default" }, ...fields };
}

function items(...statuses: (object | undefined)[]): AggregatedStatusItem[] {
  return statuses.map((status, index) => ({
    clusterName: `m${index + 1}`,
    ...(status === undefined ? {} : { status: { ...status } }),
  }));
}

const balanced = (status?: object): KubeObject =>
  object("v1", "Service", { spec: { type: "LoadBalancer" }, ...(status === undefined ? {} : { status }) });
const plain = object("v1", "Service", { spec: { type: "ClusterIP" }, status: { loadBalancer: {} } });

test("Service: allocated fields are retained where the member has them", () => {
  const desired = object("v1", "Service", { spec: { ports: [] } });
  const observed = object("v1", "Service", {
    spec: { clusterIP: "10.0.0.1", clusterIPs: ["10.0.0.1"], healthCheckNodePort: 30000, ports: [{ nodePort: 1 }] },
  });
  assert.deepEqual(fieldOf(service.retain(desired, observed), "spec"), {
    ports: [],
    healthCheckNodePort: 30000,
    clusterIP: "10.0.0.1",
  });
  assert.equal(service.retain(desired, object("v1", "Service", { spec: {} })), desired);
});

test("Service: only load balancers have a status that travels", () => {
  const loadBalancer = { ingress: [{ ip: "1.2.3.4" }] };
  assert.deepEqual(service.reflectStatus(balanced({ loadBalancer, conditions: [] })), { loadBalancer });
  assert.equal(service.reflectStatus(balanced()), undefined);
  assert.equal(service.reflectStatus(plain), undefined);
  assert.equal(service.aggregateStatus(plain, items({ loadBalancer }), 0), plain);
});

test("Service: addresses are united and sorted, ports as a set", () => {
  const port = (number: number, protocol = "TCP", error?: string): object => ({
    port: number,
    protocol,
    ...(error === undefined ? {} : { error }),
  });
  const statuses = items(
    { loadBalancer: { ingress: [{ ip: "2.2.2.2" }, { ip: "1.1.1.1", ports: [port(443), port(80)] }] } },
    undefined,
    { loadBalancer: { ingress: [{ ip: "1.1.1.1", ports: [port(80), port(80, "TCP", "E"), port(80, "SCTP")] }] } },
    { loadBalancer: { ingress: [{ hostname: "b" }, { hostname: "a" }, { ip: "1.1.1.1", ipMode: "VIP" }] } },
  );
  assert.deepEqual(fieldOf(service.aggregateStatus(balanced({ conditions: [] }), statuses, 0), "status"), {
    loadBalancer: {
      ingress: [
        { hostname: "a" },
        { hostname: "b" },
        { ip: "1.1.1.1", ports: [port(80, "SCTP"), port(80), port(80, "TCP", "E"), port(443)] },
        { ip: "1.1.1.1", ipMode: "VIP" },
        { ip: "2.2.2.2" },
      ],
    },
  });
});

test("Service and Ingress: healthy with an address", () => {
  const withAddress = { loadBalancer: { ingress: [{}, { hostname: "a" }] } };
  assert.equal(service.interpretHealth(plain), true);
  assert.equal(service.interpretHealth(balanced()), false);
  assert.equal(service.interpretHealth(balanced(withAddress)), true);
  const web = (status?: object): KubeObject =>
    object("networking.k8s.io/v1", "Ingress", { spec: {}, ...(status === undefined ? {} : { status }) });
  assert.equal(ingress.interpretHealth(web()), false);
  assert.equal(ingress.interpretHealth(web({ loadBalancer: { ingress: [{}] } })), false);
  assert.equal(ingress.interpretHealth(web(withAddress)), true);
});

test("Ingress: the whole status travels; addresses are united; TLS secrets are dependencies", () => {
  const status = { loadBalancer: { ingress: [{ ip: "1.1.1.1" }] } };
  const web = object("networking.k8s.io/v1", "Ingress", { spec: { tls: [{ secretName: "cert" }] }, status });
  assert.deepEqual(ingress.reflectStatus(web), status);
  assert.equal(ingress.aggregateStatus(web, items(status, status), 0), web);
  assert.deepEqual(fieldOf(ingress.aggregateStatus(web, [], 0), "status"), { loadBalancer: {} });
  assert.deepEqual(ingress.getDependencies(web), [
    { apiVersion: "v1", kind: "Secret", namespace: "default", name: "cert" },
  ]);
});

for (const { phases, phase } of [
  { phases: ["Bound", "Bound"], phase: "Bound" },
  { phases: ["Bound", "Pending"], phase: "Pending" },
  { phases: ["Pending", "Lost", "Bound"], phase: "Lost" },
  { phases: ["Bound", undefined], phase: "Pending" },
  { phases: [undefined, "Lost"], phase: "Lost" },
  { phases: [], phase: "Pending" },
]) {
  test(`PersistentVolumeClaim: ${phases.join(", ")} is ${phase}`, () => {
    const claim = object("v1", "PersistentVolumeClaim", { spec: {} });
    const statuses = items(...phases.map((each) => (each === undefined ? undefined : { phase: each })));
    assert.deepEqual(fieldOf(persistentVolumeClaim.aggregateStatus(claim, statuses, 0), "status"), { phase });
  });
}

test("PersistentVolumeClaim: the member's volume is retained, and Bound is healthy", () => {
  const desired = object("v1", "PersistentVolumeClaim", { spec: {} });
  const observed = object("v1", "PersistentVolumeClaim", { spec: { volumeName: "v" }, status: { phase: "Bound" } });
  assert.deepEqual(fieldOf(persistentVolumeClaim.retain(desired, observed), "spec"), { volumeName: "v" });
  assert.equal(persistentVolumeClaim.interpretHealth(observed), true);
  assert.equal(persistentVolumeClaim.interpretHealth(desired), false);
});

test("PersistentVolume: the claim is retained; the worst phase counts, a missing one as Pending", () => {
  const desired = object("v1", "PersistentVolume", { spec: {} });
  const claimRef = { name: "c" };
  const observed = object("v1", "PersistentVolume", { spec: { claimRef } });
  assert.deepEqual(fieldOf(persistentVolume.retain(desired, observed), "spec"), { claimRef });
  const phase = (...phases: (string | undefined)[]): unknown =>
    fieldOf(
      persistentVolume.aggregateStatus(
        desired,
        items(...phases.map((each) => (each === undefined ? undefined : { phase: each }))),
        0,
      ),
      "status",
    );
  assert.deepEqual(phase("Released", "Bound"), { phase: "Bound" });
  assert.deepEqual(phase("Bound", undefined), { phase: "Pending" });
  assert.deepEqual(phase("Available", "Failed"), { phase: "Failed" });
});

test("PodDisruptionBudget: counters are added up, pods named with their member", () => {
  const budget = object("policy/v1", "PodDisruptionBudget", { spec: {} });
  const status = { disruptionsAllowed: 1, currentHealthy: 2, desiredHealthy: 1, expectedPods: 2 };
  assert.deepEqual(
    fieldOf(
      podDisruptionBudget.aggregateStatus(budget, items({ ...status, disruptedPods: { p: "t" } }, status), 0),
      "status",
    ),
    { disruptionsAllowed: 2, currentHealthy: 4, desiredHealthy: 2, expectedPods: 4, disruptedPods: { "m1/p": "t" } },
  );
  assert.deepEqual(
    podDisruptionBudget.reflectStatus({ ...budget, status: { ...status, observedGeneration: 1 } }),
    status,
  );
  assert.equal(podDisruptionBudget.interpretHealth({ ...budget, status }), true);
  assert.equal(podDisruptionBudget.interpretHealth({ ...budget, status: { desiredHealthy: 1 } }), false);
  assert.equal(podDisruptionBudget.interpretHealth(budget), false);
});

test("HorizontalPodAutoscaler: replicas are added up", () => {
  const scaler = object("autoscaling/v2", "HorizontalPodAutoscaler", { spec: {}, status: { currentReplicas: 1 } });
  const statuses = items({ currentReplicas: 2, desiredReplicas: 3 }, { desiredReplicas: 1 });
  assert.deepEqual(fieldOf(horizontalPodAutoscaler.aggregateStatus(scaler, statuses, 0), "status"), {
    currentReplicas: 2,
    desiredReplicas: 4,
    currentMetrics: null,
  });
  assert.deepEqual(horizontalPodAutoscaler.reflectStatus(scaler), { currentReplicas: 1, desiredReplicas: 0 });
});

test("ServiceAccount: the member's secrets are kept beside the desired ones", () => {
  const desired = object("v1", "ServiceAccount", { secrets: [{ name: "mine" }] });
  const observed = object("v1", "ServiceAccount", { secrets: [{ name: "mine", uid: "u" }, { name: "token" }] });
  const retained = serviceAccount.retain(desired, observed);
  assert.deepEqual(retained["secrets"], [{ name: "mine" }, { name: "token" }]);
  assert.deepEqual(retained["imagePullSecrets"], []);
});

test("Secret: only a service account's token is the member's", () => {
  const observed = object("v1", "Secret", { data: { token: "dA==" } });
  const token = object("v1", "Secret", { type: "kubernetes.io/service-account-token", data: null });
  assert.deepEqual(fieldOf(secret.retain(token, observed), "data"), { token: "dA==" });
  const opaque = object("v1", "Secret", { type: "Opaque", data: { a: "Yg==" } });
  assert.equal(secret.retain(opaque, observed), opaque);
});

test("ServiceImport: the derived service and its slices are dependencies", () => {
  assert.deepEqual(serviceImport.getDependencies(object("multicluster.x-k8s.io/v1alpha1", "ServiceImport", {})), [
    { apiVersion: "v1", kind: "Service", namespace: "default", name: "derived-x" },
    {
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      namespace: "default",
      labelSelector: { matchLabels: { "kubernetes.io/service-name": "derived-x" } },
    },
  ]);
});
