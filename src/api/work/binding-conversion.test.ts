import assert from "node:assert/strict";
import test from "node:test";
import { convertBinding } from "./binding-conversion.ts";

const reference = { apiVersion: "apps/v1", kind: "Deployment", namespace: "default", name: "nginx" };
const head = { kind: "ResourceBinding", metadata: { name: "nginx-deployment", namespace: "default" } };
const condition = { type: "Scheduled", status: "True" };

const older = {
  ...{ apiVersion: "work.karmada.io/v1alpha1", ...head },
  spec: {
    resource: { ...reference, replicas: 2, resourcePerReplicas: { cpu: "1" } },
    clusters: [{ name: "m1", replicas: 2 }],
  },
  status: { conditions: [condition], aggregatedStatus: [{ clusterName: "m1", applied: true, status: { a: 1 } }] },
};

const stored = {
  ...{ apiVersion: "work.karmada.io/v1alpha2", ...head },
  spec: {
    resource: reference,
    replicas: 2,
    replicaRequirements: { resourceRequest: { cpu: "1" } },
    clusters: [{ name: "m1", replicas: 2 }],
  },
  status: older.status,
};

test("a binding of v1alpha1 is stored with its replicas beside the reference", () => {
  assert.deepEqual(convertBinding(older, "work.karmada.io/v1alpha2"), stored);
});

test("and comes back as it was", () => {
  assert.deepEqual(convertBinding(stored, "work.karmada.io/v1alpha1"), older);
});

test("what v1alpha1 does not know is left out", () => {
  const rich = {
    ...stored,
    spec: { ...stored.spec, schedulerName: "s", resource: { ...reference, uid: "u" } },
    status: { conditions: [], lastScheduledTime: "t", aggregatedStatus: [{ clusterName: "m1", health: "Healthy" }] },
  };
  const status = { conditions: [], aggregatedStatus: [{ clusterName: "m1" }] };
  assert.deepEqual(convertBinding(rich, "work.karmada.io/v1alpha1"), { ...older, status });
});

test("a binding without spec or status stays without", () => {
  const bare = { apiVersion: "work.karmada.io/v1alpha1", ...head };
  assert.deepEqual(convertBinding(bare, "work.karmada.io/v1alpha2"), { ...bare, apiVersion: stored.apiVersion });
  assert.equal(convertBinding(stored, stored.apiVersion), stored);
});
