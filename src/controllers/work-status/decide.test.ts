// Reports of member objects in their exact shape.
import assert from "node:assert/strict";
import { test } from "node:test";
import { deploymentWith, workWith } from "../testing.ts";
import { reportFindings } from "./decide.ts";

const configMap = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "c", namespace: "default" } };
const role = { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", metadata: { name: "r" } };

function work(manifest: Parameters<typeof reportFindings>[0]["spec"]["workload"] = {}): ReturnType<typeof workWith> {
  return workWith("m1", { workload: manifest });
}

test("group, namespace and status are left out where there is none; resource never is", () => {
  const one = work({ manifests: [deploymentWith()] });
  assert.deepEqual(reportFindings(one, [{ status: { replicas: 2 }, health: "Healthy" }]), [
    {
      identifier: {
        ordinal: 0,
        group: "apps",
        version: "v1",
        kind: "Deployment",
        resource: "",
        namespace: "default",
        name: "nginx",
      },
      status: { replicas: 2 },
      health: "Healthy",
    },
  ]);
  const core = reportFindings(work({ manifests: [configMap] }), [{ status: undefined, health: "Healthy" }]);
  assert.deepEqual(core, [
    {
      identifier: { ordinal: 0, version: "v1", kind: "ConfigMap", resource: "", namespace: "default", name: "c" },
      health: "Healthy",
    },
  ]);
  const cluster = reportFindings(work({ manifests: [role] }), [{ status: undefined, health: "Unknown" }]);
  assert.equal(cluster?.[0]?.identifier.namespace, undefined);
});

test("the same report is none, and an object that has gone leaves the last one for a while", () => {
  const finding = { status: { replicas: 2 }, health: "Healthy" as const };
  const before = work({ manifests: [deploymentWith()] });
  const manifestStatuses = reportFindings(before, [finding]) ?? [];
  const reported = { ...before, status: { manifestStatuses } };
  assert.equal(reportFindings(reported, [finding]), undefined);
  assert.equal(reportFindings(reported, [undefined]), undefined);
  assert.deepEqual(reportFindings(reported, [undefined], true), [
    { identifier: manifestStatuses[0]?.identifier, health: "Unknown" },
  ]);
  assert.equal(reportFindings(before, [undefined], true), undefined, "one that was never seen");
  assert.equal(reportFindings(reported, [{ ...finding, health: "Unhealthy" }])?.[0]?.health, "Unhealthy");
});

test("a report on another object is dropped", () => {
  const before = work({ manifests: [configMap] });
  const stale = workWith(
    "m1",
    { workload: { manifests: [configMap] } },
    {
      manifestStatuses: reportFindings(work({ manifests: [role] }), [{ status: undefined, health: "Healthy" }]) ?? [],
    },
  );
  assert.equal(reportFindings(before, [undefined]), undefined);
  assert.deepEqual(reportFindings(stale, [undefined]), []);
});

test("a status that could not be told leaves the one that was known; the health is told all the same", () => {
  const before = work({ manifests: [deploymentWith()] });
  const manifestStatuses = reportFindings(before, [{ status: { replicas: 2 }, health: "Healthy" }]) ?? [];
  const reported = reportFindings({ ...before, status: { manifestStatuses } }, [{ health: "Unhealthy" }]);
  assert.deepEqual(reported, [{ ...manifestStatuses[0], health: "Unhealthy" }]);
  const [first] = reportFindings(before, [{ health: "Unknown" }]) ?? [];
  assert.deepEqual([first?.status, first?.health], [undefined, "Unknown"]);
});
