import assert from "node:assert/strict";
import { test } from "node:test";
import type { Service } from "#api/kinds.ts";
import { serviceStatus } from "./decide.ts";

function serviceOf(spec: Service["spec"], status?: Service["status"]): Service {
  const metadata = { name: "web", namespace: "ns", uid: "u" };
  return { apiVersion: "v1", kind: "Service", metadata, spec, ...(status && { status }) };
}

test("a load balancer gets one address and keeps it", () => {
  const status = serviceStatus(serviceOf({ type: "LoadBalancer" }));
  assert.match(status.loadBalancer?.ingress?.[0]?.ip ?? "", /^172\.31\.\d+\.\d+$/);
  assert.equal(serviceStatus(serviceOf({ type: "LoadBalancer" }, status)), status);
});

test("another type, or another class, gets none", () => {
  assert.deepEqual(serviceStatus(serviceOf({ type: "ClusterIP" })), {});
  assert.deepEqual(serviceStatus(serviceOf({ type: "LoadBalancer", loadBalancerClass: "example.com/x" })), {});
});

test("who is no load balancer any more loses the address", () => {
  const status = serviceStatus(serviceOf({ type: "LoadBalancer" }));
  assert.deepEqual(serviceStatus(serviceOf({ type: "ClusterIP" }, status)), { loadBalancer: {} });
});
