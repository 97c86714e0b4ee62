import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigMap, CustomResourceDefinition, Pod, ResourceQuota, Secret, Service } from "#api/kinds.ts";
import { testCrd, Widget } from "#apiserver/crd/testing.ts";
import { deepEqual } from "#machinery/equality.ts";
import { eventually } from "#std/testing.ts";
import { startTestPlane, type TestPlane } from "../testing.ts";
import { resourceQuotas } from "./controller.ts";

const namespace = "default";

async function usage({ client }: TestPlane, used: Readonly<Record<string, string>>): Promise<void> {
  let last: unknown;
  const reads = async () => {
    const quota = await client.get(ResourceQuota, { namespace, name: "q" });
    last = quota.status;
    return deepEqual(quota.status?.used ?? {}, used) ? true : undefined;
  };
  await eventually(`the usage ${JSON.stringify(used)}`, reads).catch((error: unknown) => {
    throw new Error(`the status is ${JSON.stringify(last)}`, { cause: error });
  });
}

function createQuota({ client }: TestPlane, hard: Readonly<Record<string, string>>): Promise<ResourceQuota> {
  return client.create(ResourceQuota, { metadata: { namespace, name: "q" }, spec: { hard } });
}

const podNamed = (name: string) => ({
  metadata: { namespace, name },
  spec: { containers: [{ name: "c", image: "i", resources: { requests: { cpu: "500m" } } }] },
});

test("what was there is counted, what comes is charged, what goes is given back", async (t) => {
  const plane = await startTestPlane([resourceQuotas()]);
  t.after(plane.stop);
  const { client } = plane;
  await client.create(ConfigMap, { metadata: { namespace, name: "before" } });
  await createQuota(plane, { configmaps: "2", secrets: "1", "requests.cpu": "1", pods: "5" });
  await usage(plane, { configmaps: "1", secrets: "0", "requests.cpu": "0", pods: "0" });
  await client.create(ConfigMap, { metadata: { namespace, name: "after" } });
  await usage(plane, { configmaps: "2", secrets: "0", "requests.cpu": "0", pods: "0" });
  await assert.rejects(client.create(ConfigMap, { metadata: { namespace, name: "more" } }), {
    message:
      'configmaps "more" is forbidden: exceeded quota: q, requested: configmaps=1, used: configmaps=2, limited: configmaps=2',
  });
  await client.delete(ConfigMap, { namespace, name: "before" });
  await usage(plane, { configmaps: "1", secrets: "0", "requests.cpu": "0", pods: "0" });
  await client.create(ConfigMap, { metadata: { namespace, name: "more" } });
  await client.create(Pod, podNamed("a"));
  await client.create(Secret, { metadata: { namespace, name: "s" } });
  await usage(plane, { configmaps: "2", secrets: "1", "requests.cpu": "500m", pods: "1" });
});

test("a pod that ends gives back what it took", async (t) => {
  const plane = await startTestPlane([resourceQuotas()]);
  t.after(plane.stop);
  const { client } = plane;
  await createQuota(plane, { "requests.cpu": "1", pods: "5", "count/pods": "5" });
  await usage(plane, { "requests.cpu": "0", pods: "0", "count/pods": "0" });
  const pod = await client.create(Pod, podNamed("a"));
  await client.update(Pod, { ...pod, status: { phase: "Succeeded" } }, { subresource: "status" });
  await usage(plane, { "requests.cpu": "0", pods: "0", "count/pods": "1" });
});

test("a quota that changes limits something else", async (t) => {
  const plane = await startTestPlane([resourceQuotas()]);
  t.after(plane.stop);
  const { client } = plane;
  await client.create(Service, { metadata: { namespace, name: "s" }, spec: { ports: [{ port: 80 }] } });
  const quota = await createQuota(plane, { configmaps: "2" });
  await usage(plane, { configmaps: "0" });
  const changed = { spec: { hard: { configmaps: null, "count/services": "1" } } };
  await client.patch(ResourceQuota, quota.metadata, { type: "merge", patch: changed });
  await usage(plane, { "count/services": "2" }); // `kubernetes` is one, too.
});

test("custom resources are counted, also those whose definition comes after the quota", async (t) => {
  const plane = await startTestPlane([resourceQuotas()]);
  t.after(plane.stop);
  const { client } = plane;
  await createQuota(plane, { "count/widgets.example.com": "1" });
  await client.create(CustomResourceDefinition, testCrd());
  await usage(plane, { "count/widgets.example.com": "0" });
  const created = await eventually("the resource", () =>
    client.create(Widget, { metadata: { namespace, name: "a" } }).catch(() => undefined),
  );
  await usage(plane, { "count/widgets.example.com": "1" });
  await assert.rejects(client.create(Widget, { metadata: { namespace, name: "b" } }), /exceeded quota: q/);
  await client.delete(Widget, created.metadata);
  await usage(plane, { "count/widgets.example.com": "0" });
});
