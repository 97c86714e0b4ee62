import assert from "node:assert/strict";
import { test } from "node:test";
import type { MutableObject } from "#machinery/admission.ts";
import { storedVersionOf } from "./conversion.ts";

test("an Event of events.k8s.io is stored as a v1 Event and comes back the same", () => {
  const conversion = storedVersionOf({ group: "events.k8s.io", version: "v1", kind: "Event" });
  const served = {
    apiVersion: "events.k8s.io/v1",
    kind: "Event",
    metadata: { name: "e" },
    regarding: { kind: "Pod", name: "p" },
    note: "started",
    reportingController: "kubelet",
    eventTime: "2026-01-01T00:00:00.000000Z",
  };
  const object: MutableObject = structuredClone(served);
  conversion?.close(object);
  assert.deepEqual(object, {
    apiVersion: "v1",
    kind: "Event",
    metadata: { name: "e" },
    involvedObject: { kind: "Pod", name: "p" },
    message: "started",
    reportingComponent: "kubelet",
    eventTime: "2026-01-01T00:00:00.000000Z",
  });
  conversion?.open(object);
  assert.deepEqual(object, served);
});

test("a v1 autoscaler is stored as v2; what v1 cannot say travels in annotations", () => {
  const conversion = storedVersionOf({ group: "autoscaling", version: "v1", kind: "HorizontalPodAutoscaler" });
  const scaleTargetRef = { kind: "Deployment", name: "web" };
  const object: MutableObject = {
    apiVersion: "autoscaling/v1",
    kind: "HorizontalPodAutoscaler",
    metadata: { name: "h" },
    spec: { scaleTargetRef, maxReplicas: 3, targetCPUUtilizationPercentage: 60 },
  };
  conversion?.close(object);
  const cpu = { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 60 } } };
  assert.deepEqual(object["spec"], { scaleTargetRef, minReplicas: 1, maxReplicas: 3, metrics: [cpu] });
  const memory = {
    type: "Resource",
    resource: { name: "memory", target: { type: "AverageValue", averageValue: "1Gi" } },
  };
  Object.assign(object["spec"] as object, { metrics: [cpu, memory], behavior: { scaleDown: { selectPolicy: "Max" } } });
  const v2 = structuredClone(object);
  conversion?.open(object);
  assert.deepEqual(object["spec"], {
    scaleTargetRef,
    minReplicas: 1,
    maxReplicas: 3,
    targetCPUUtilizationPercentage: 60,
  });
  assert.deepEqual(Object.keys(object.metadata["annotations"] as object).sort(), [
    "autoscaling.alpha.kubernetes.io/behavior",
    "autoscaling.alpha.kubernetes.io/metrics",
  ]);
  conversion?.close(object);
  assert.deepEqual((object["spec"] as Record<string, unknown>)["metrics"], [cpu, memory]);
  assert.equal(object.apiVersion, v2.apiVersion);
});

test("other kinds are stored as they are served", () => {
  assert.equal(storedVersionOf({ group: "apps", version: "v1", kind: "Deployment" }), undefined);
});
