import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ConfigMap, CustomResourceDefinition, Namespace, Secret, Service } from "#api/kinds.ts";
import { testCrd, Widget } from "#apiserver/crd/testing.ts";
import type { Client } from "#client/client.ts";
import { eventually } from "#std/testing.ts";
import { startTestPlane, type TestPlane } from "../testing.ts";
import { namespaceController } from "./controller.ts";

let plane: TestPlane;
let client: Client;

before(async () => {
  plane = await startTestPlane([namespaceController()]);
  client = plane.client;
});

after(() => plane.stop());

const namespaceGone = (name: string) =>
  eventually(`${name} to go`, async () => ((await client.find(Namespace, { name })) === undefined ? true : undefined));

async function createNamespace(name: string, finalizers: readonly string[] = []): Promise<void> {
  await client.create(Namespace, { metadata: { name, finalizers }, spec: {}, status: {} });
}

test("namespace controller: an empty namespace goes", async () => {
  await createNamespace("empty");
  await client.delete(Namespace, { name: "empty" });
  await namespaceGone("empty");
});

test("namespace controller: all content goes, other namespaces keep theirs", async () => {
  await createNamespace("full");
  for (const namespace of ["full", "default"]) {
    await client.create(ConfigMap, { metadata: { namespace, name: "a" } });
    await client.create(Secret, { metadata: { namespace, name: "a" } });
    const spec = { ports: [{ port: 80 }] };
    await client.create(Service, { metadata: { namespace, name: "a" }, spec });
  }
  await client.delete(Namespace, { name: "full" });
  await namespaceGone("full");
  for (const kind of [ConfigMap, Secret, Service]) {
    assert.deepEqual((await client.list(kind, { namespace: "full" })).items, []);
    assert.ok(await client.find(kind, { namespace: "default", name: "a" }));
  }
});

test("namespace controller: what is held back is told of, and waited for", async () => {
  await createNamespace("held");
  const ref = { namespace: "held", name: "a" };
  await client.create(ConfigMap, { metadata: { ...ref, finalizers: ["example.com/hold"] } });
  await client.delete(Namespace, { name: "held" });
  const namespace = await eventually("conditions", async () => {
    const found = await client.find(Namespace, { name: "held" });
    return found?.status?.conditions === undefined ? undefined : found;
  });
  assert.equal(namespace.status?.phase, "Terminating");
  assert.deepEqual(
    namespace.status.conditions?.filter(({ status }) => status === "True").map(({ message }) => message),
    [
      "Some resources are remaining: configmaps. has 1 resource instances",
      "Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances",
    ],
  );
  await client.patch(ConfigMap, ref, { type: "merge", patch: { metadata: { finalizers: null } } });
  await namespaceGone("held");
});

test("namespace controller: a namespace with a finalizer of its own stays, emptied, until that is gone", async () => {
  await createNamespace("own", ["example.com/mine"]);
  await client.create(ConfigMap, { metadata: { namespace: "own", name: "a" } });
  await client.delete(Namespace, { name: "own" });
  const left = await eventually("the kubernetes finalizer to go", async () => {
    const found = await client.find(Namespace, { name: "own" });
    return (found?.spec?.finalizers ?? []).length === 0 ? found : undefined;
  });
  assert.equal(
    left.status?.conditions?.every(({ status }) => status === "False"),
    true,
  );
  await client.patch(Namespace, { name: "own" }, { type: "merge", patch: { metadata: { finalizers: null } } });
  await namespaceGone("own");
});

test("namespace controller: custom resources go too", async () => {
  await client.create(CustomResourceDefinition, testCrd());
  await createNamespace("custom");
  const create = () => client.create(Widget, { metadata: { namespace: "custom", name: "a" } }).catch(() => undefined);
  await eventually("the kind to be served", create);
  await client.delete(Namespace, { name: "custom" });
  await namespaceGone("custom");
  assert.deepEqual((await client.list(Widget, { namespace: "custom" })).items, []);
});
