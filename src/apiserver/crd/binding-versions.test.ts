// Karmada's bindings in both of their versions, on one server: read, listed, watched and written as v1alpha1.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { crdOf } from "#api/crd.ts";
import { CustomResourceDefinition } from "#api/kinds.ts";
import { ResourceBinding } from "#api/work/binding.ts";
import type { Client } from "#client/client.ts";
import { inProcessTransport } from "#client/in-process-transport.ts";
import { createClient } from "#client/rest-client.ts";
import { cloneJson } from "#machinery/equality.ts";
import type { Kind, KubeObject } from "#machinery/object.ts";
import { eventually } from "#std/testing.ts";
import { startTestApiServer, type TestApiServer } from "../testing-server.ts";
import { testAdmin } from "../testing.ts";

interface OlderBinding extends KubeObject {
  readonly spec: Record<string, unknown>;
  readonly status?: Record<string, unknown>;
}
const older: Kind<OlderBinding> = { ...ResourceBinding, version: "v1alpha1" };

describe("bindings in two versions", () => {
  let server: TestApiServer;
  let client: Client;
  before(async () => {
    server = await startTestApiServer();
    client = createClient(inProcessTransport(server.handle, testAdmin));
    await client.create(CustomResourceDefinition, cloneJson(crdOf(ResourceBinding, { older: true })));
    await eventually("both versions to be served", () =>
      client.list(older).then(
        () => true,
        () => false,
      ),
    );
  });
  after(async () => {
    await client.close();
    await server.end();
  });

  const resource = { apiVersion: "apps/v1", kind: "Deployment", namespace: "default", name: "web" };
  const requests = { cpu: "250m" };

  test("what was written as v1alpha2 reads as v1alpha1", async () => {
    await client.create(ResourceBinding, {
      metadata: { namespace: "default", name: "web" },
      spec: {
        resource,
        replicas: 3,
        replicaRequirements: { resourceRequest: requests },
        placement: {},
        clusters: [{ name: "m1", replicas: 3 }],
      },
    });
    const ref = { namespace: "default", name: "web" };
    const { apiVersion, spec } = await client.get(older, ref);
    assert.equal(apiVersion, "work.karmada.io/v1alpha1");
    assert.deepEqual(spec, {
      resource: { ...resource, replicas: 3, resourcePerReplicas: requests },
      clusters: [{ name: "m1", replicas: 3 }],
    });
    const { items } = await client.list(older);
    assert.deepEqual(
      items.map((item) => item.spec["resource"]),
      [spec["resource"]],
    );
  });

  test("what was written as v1alpha1 is stored as v1alpha2", async () => {
    await client.create(older, {
      metadata: { namespace: "default", name: "old" },
      spec: { resource: { ...resource, replicas: 2, resourcePerReplicas: requests } },
    });
    const ref = { namespace: "default", name: "old" };
    const { spec } = await client.get(ResourceBinding, ref);
    assert.equal(spec.replicas, 2);
    assert.deepEqual(spec.replicaRequirements, { resourceRequest: requests });
    const patch = { spec: { clusters: [{ name: "m2" }] } };
    await client.patch(older, ref, { type: "merge", patch });
    const after = await client.get(ResourceBinding, ref);
    assert.deepEqual(after.spec.clusters, [{ name: "m2" }]);
    assert.equal(after.spec.replicas, 2);
  });

  test("its status, too", async () => {
    const ref = { namespace: "default", name: "web" };
    const item = { clusterName: "m1", applied: true, health: "Healthy" as const };
    const patch = { status: { aggregatedStatus: [item] } };
    await client.patch(ResourceBinding, ref, { type: "merge", patch }, { subresource: "status" });
    const { status } = await client.get(older, ref);
    assert.deepEqual(status?.["aggregatedStatus"], [{ clusterName: "m1", applied: true }]);
  });
});
