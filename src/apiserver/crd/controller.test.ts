import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { builtinResources } from "#api/builtin/index.ts";
import { CustomResourceDefinition } from "#api/kinds.ts";
import { inProcessTransport } from "#client/in-process-transport.ts";
import { createInformerFactory } from "#client/informers.ts";
import { createClient } from "#client/rest-client.ts";
import { isApiError } from "#machinery/api-error.ts";
import type { Kind, KubeObject } from "#machinery/object.ts";
import type { Schema } from "#machinery/schema.ts";
import { silentLogger } from "#std/logger.ts";
import { systemRandom } from "#std/random.ts";
import { eventually } from "#std/testing.ts";
import { systemClock } from "#std/time.ts";
import { memoryStorage } from "#storage/memory/memory-storage.ts";
import { call, testAdmin, testServer } from "../testing.ts";
import { startCrdController } from "./controller.ts";
import { testCrd, testVersion, Widget } from "./testing.ts";

/** A server with a running controller. */
async function start(t: TestContext, storage = memoryStorage({ clock: systemClock })) {
  const server = await testServer({ resources: builtinResources, storage });
  const client = createClient(inProcessTransport(server.handle, testAdmin));
  const end = new AbortController();
  t.after(async () => {
    end.abort(new Error("the test is over"));
    await client.close();
    await server.close();
  });
  const base = { client, clock: systemClock, random: systemRandom(), log: silentLogger, signal: end.signal };
  const informers = createInformerFactory(base);
  await startCrdController({ ...base, informers, registry: server.registry, webhooks: () => undefined });
  return { server, client, storage };
}

function conditionOf(crd: CustomResourceDefinition, type: string): string | undefined {
  return crd.status?.conditions?.find((condition) => condition.type === type)?.status;
}

const name = "widgets.example.com";

test("a definition is served within milliseconds, with defaults, pruning, validation and status", async (t) => {
  const { server, client } = await start(t);
  const created = await client.create(CustomResourceDefinition, testCrd());
  assert.deepEqual(created.status?.storedVersions, ["v1"]);
  assert.equal(created.metadata.generation, 1);
  await eventually("the resource", () => server.registry.find("example.com", "v1", "widgets") !== undefined);
  await eventually(
    "Established",
    async () => conditionOf(await client.get(CustomResourceDefinition, { name }), "Established") === "True",
  );

  const draft = {
    metadata: { namespace: "default", name: "a" },
    spec: { mode: "fast", extra: 1 },
    status: { phase: "x" },
  };
  const widget = await client.create(Widget, draft);
  assert.deepEqual(widget["spec"], { mode: "fast", size: 1 });
  assert.equal(widget["status"], undefined);
  assert.equal(widget.metadata.generation, 1);

  const reported = await client.update(
    Widget,
    { ...widget, spec: {}, status: { phase: "Ready" } },
    { subresource: "status" },
  );
  assert.deepEqual(
    [reported["spec"], reported["status"], reported.metadata.generation],
    [widget["spec"], { phase: "Ready" }, 1],
  );
  const grown = await client.update(Widget, { ...reported, spec: { size: 5 }, status: {} });
  assert.deepEqual([grown["status"], grown.metadata.generation], [{ phase: "Ready" }, 2]);

  await assert.rejects(client.update(Widget, { ...grown, spec: { size: -1 } }), {
    reason: "Invalid",
    message:
      'Widget.example.com "a" is invalid: spec.size: Invalid value: -1: spec.size in body should be greater than or equal to 0',
  });
  await assert.rejects(client.create(CustomResourceDefinition, testCrd({ scope: "World" })), (error) =>
    isApiError(error, "Invalid"),
  );
});

test("what a newer schema and newer rules refuse may stay as it was, with a warning for the rules", async (t) => {
  const { server, client } = await start(t);
  const crd = await client.create(CustomResourceDefinition, testCrd());
  await eventually("the resource", () => server.registry.find("example.com", "v1", "widgets") !== undefined);
  await client.create(Widget, { metadata: { namespace: "default", name: "a" }, spec: { size: 9, mode: "fast" } });
  const stricter: Schema = {
    type: "object",
    properties: {
      spec: {
        type: "object",
        properties: {
          size: { type: "integer", maximum: 3, "x-kubernetes-validations": [{ rule: "self < 3", message: "too big" }] },
          mode: { type: "string", enum: ["slow"] },
          replicas: { type: "integer" },
        },
      },
    },
  };
  const versions = [testVersion("v1", { storage: true, schema: { openAPIV3Schema: stricter } })];
  await eventually("the stricter definition", async () => {
    const found = await client.get(CustomResourceDefinition, { name });
    const written = client.update(CustomResourceDefinition, { ...found, spec: { ...crd.spec, versions } });
    return written.then(
      () => true,
      () => false,
    );
  });
  const path = "/apis/example.com/v1/namespaces/default/widgets/a";
  const patch = (spec: object) =>
    call(server, "PATCH", path, { body: { spec }, headers: { "content-type": "application/merge-patch+json" } });
  let replicas = 1;
  await eventually("the warning", async () => {
    const { status, headers, text } = await patch({ replicas: replicas++ });
    assert.equal(status, 200, text);
    return String(headers["warning"]) === '299 - "spec.size: Invalid value: 9: too big"';
  });
  assert.equal((await patch({ size: 8 })).status, 422);
  assert.equal((await patch({ mode: "quick" })).status, 422);
});

test("tables have the definition's columns, discovery its names", async (t) => {
  const { server, client } = await start(t);
  const additionalPrinterColumns = [{ name: "Size", type: "integer", jsonPath: ".spec.size" }];
  const names = { ...testCrd().spec.names, shortNames: ["wd"], categories: ["all"] };
  const versions = [testVersion("v1", { storage: true, additionalPrinterColumns })];
  await client.create(CustomResourceDefinition, testCrd({ names, versions }));
  await eventually("the resource", () => server.registry.find("example.com", "v1", "widgets") !== undefined);
  await client.create(Widget, { metadata: { namespace: "default", name: "a" }, spec: { size: 3 } });
  const table = await call(server, "GET", "/apis/example.com/v1/widgets", {
    headers: { accept: "application/json;as=Table;g=meta.k8s.io;v=v1" },
  });
  const { columnDefinitions, rows } = table.body as Record<string, Record<string, unknown>[]>;
  assert.deepEqual(
    columnDefinitions?.map((column) => column["name"]),
    ["Name", "Size"],
  );
  assert.deepEqual(rows?.[0]?.["cells"], ["a", 3]);
  const { body } = await call(server, "GET", "/apis/example.com/v1");
  const [resource] = body["resources"] as Record<string, unknown>[];
  assert.deepEqual(resource?.["shortNames"], ["wd"]);
  assert.deepEqual(resource["verbs"], [
    "delete",
    "deletecollection",
    "get",
    "list",
    "patch",
    "create",
    "update",
    "watch",
  ]);
});

test("a deleted definition takes its objects along, and waits for those that are held", async (t) => {
  const { server, client } = await start(t);
  await client.create(CustomResourceDefinition, testCrd());
  await eventually("the resource", () => server.registry.find("example.com", "v1", "widgets") !== undefined);
  await client.create(Widget, { metadata: { namespace: "default", name: "free" } });
  const held = await client.create(Widget, {
    metadata: { namespace: "default", name: "held", finalizers: ["example.com/wait"] },
  });
  await client.delete(CustomResourceDefinition, { name });
  await eventually("the free object to go", async () => (await client.list(Widget)).items.length === 1);
  const waiting = await client.get(CustomResourceDefinition, { name });
  assert.equal(conditionOf(waiting, "Terminating"), "True");
  await assert.rejects(client.create(Widget, { metadata: { namespace: "default", name: "late" } }), {
    reason: "Forbidden",
    message:
      'widgets.example.com "late" is forbidden: create not allowed while custom resource definition is terminating',
  });
  const present: KubeObject = await client.get(Widget, held.metadata);
  await client.update(Widget, { ...present, metadata: { ...present.metadata, finalizers: [] } });
  await eventually(
    "the definition to go",
    async () => (await client.find(CustomResourceDefinition, { name })) === undefined,
  );
  await eventually("the resource to go", () => server.registry.find("example.com", "v1", "widgets") === undefined);
});

test("a name that is taken is refused until it is free", async (t) => {
  const { client } = await start(t);
  await client.create(CustomResourceDefinition, testCrd());
  const names = { plural: "gadgets", singular: "gadget", kind: "Widget", listKind: "GadgetList" };
  await client.create(CustomResourceDefinition, testCrd({ names }));
  const second = async () => client.get(CustomResourceDefinition, { name: "gadgets.example.com" });
  await eventually("the conflict", async () => conditionOf(await second(), "NamesAccepted") === "False");
  assert.equal(conditionOf(await second(), "Established"), "False");
  await client.delete(CustomResourceDefinition, { name });
  await eventually("the name to be free", async () => conditionOf(await second(), "Established") === "True");
});

test("after a restart every stored definition is served at once", async (t) => {
  const first = await start(t);
  const crds = Array.from({ length: 20 }, (_, index) => {
    const plural = `things${String(index)}`;
    const kind = `Thing${String(index)}`;
    return testCrd({ names: { plural, singular: kind.toLowerCase(), kind, listKind: `${kind}List` } });
  });
  await Promise.all(crds.map((crd) => first.client.create(CustomResourceDefinition, crd)));
  await eventually("all to be established", async () => {
    const { items } = await first.client.list(CustomResourceDefinition);
    return items.every((crd) => conditionOf(crd, "Established") === "True");
  });
  const { server } = await start(t, first.storage);
  for (const { spec } of crds) assert.ok(server.registry.find("example.com", "v1", spec.names.plural) !== undefined);
});

test("versions share their objects, and a version that is no longer served is gone", async (t) => {
  const { server, client } = await start(t);
  const crd = testCrd({ versions: [testVersion("v1", { storage: true }), testVersion("v2")] });
  await client.create(CustomResourceDefinition, crd);
  await eventually("v2", () => server.registry.find("example.com", "v2", "widgets") !== undefined);
  await client.create(Widget, { metadata: { namespace: "default", name: "a" }, spec: { mode: "slow" } });
  const other = await client.get({ ...Widget, version: "v2" }, { namespace: "default", name: "a" });
  assert.deepEqual([other.apiVersion, other["spec"]], ["example.com/v2", { mode: "slow", size: 1 }]);
  await eventually(
    "Established",
    async () => conditionOf(await client.get(CustomResourceDefinition, { name }), "Established") === "True",
  );
  const present = await client.get(CustomResourceDefinition, { name });
  const versions = present.spec.versions.map((version) => ({ ...version, served: version.name === "v1" }));
  await client.update(CustomResourceDefinition, { ...present, spec: { ...present.spec, versions } });
  await eventually("v2 to go", () => server.registry.find("example.com", "v2", "widgets") === undefined);
  assert.ok(server.registry.find("example.com", "v1", "widgets") !== undefined);
});

test("objects written under an earlier schema are read by the present one", async (t) => {
  const { server, client } = await start(t);
  await client.create(CustomResourceDefinition, testCrd());
  await eventually("the resource", () => server.registry.find("example.com", "v1", "widgets") !== undefined);
  const ref = { namespace: "default", name: "a" };
  await client.create(Widget, { metadata: ref, spec: { mode: "slow", replicas: 2 } });
  await eventually(
    "Established",
    async () => conditionOf(await client.get(CustomResourceDefinition, { name }), "Established") === "True",
  );
  const present = await client.get(CustomResourceDefinition, { name });
  const before = server.registry.find("example.com", "v1", "widgets");
  const schema = {
    openAPIV3Schema: {
      type: "object",
      properties: {
        spec: {
          type: "object",
          properties: { mode: { type: "string" }, color: { type: "string", default: "red" } },
        },
      },
    },
  } as const;
  const versions = present.spec.versions.map((version) => ({ ...version, schema }));
  await client.update(CustomResourceDefinition, { ...present, spec: { ...present.spec, versions } });
  await eventually("the new schema", () => server.registry.find("example.com", "v1", "widgets") !== before);
  const expected = { mode: "slow", color: "red" };
  assert.deepEqual((await client.get(Widget, ref))["spec"], expected);
  assert.deepEqual((await client.list(Widget)).items[0]?.["spec"], expected);
});

test("each version sees what its schema names, whichever wrote it", async (t) => {
  const { server, client } = await start(t);
  const v2 = testVersion("v2", {
    schema: {
      openAPIV3Schema: {
        type: "object",
        properties: { spec: { type: "object", properties: { mode: { type: "string" } } } },
      },
    },
  });
  await client.create(CustomResourceDefinition, testCrd({ versions: [testVersion("v1", { storage: true }), v2] }));
  await eventually("v2", () => server.registry.find("example.com", "v2", "widgets") !== undefined);
  const WidgetV2: Kind = { ...Widget, version: "v2" };
  await client.create(WidgetV2, { metadata: { namespace: "default", name: "a" }, spec: { mode: "fast" } });
  await client.create(Widget, { metadata: { namespace: "default", name: "b" }, spec: { mode: "slow" } });
  const specs = async (kind: Kind) => (await client.list(kind)).items.map((item) => item["spec"]);
  assert.deepEqual(await specs(Widget), [
    { mode: "fast", size: 1 },
    { mode: "slow", size: 1 },
  ]);
  assert.deepEqual(await specs(WidgetV2), [{ mode: "fast" }, { mode: "slow" }]);
});

test("a definition that serves nothing still takes its objects along", async (t) => {
  const { server, client, storage } = await start(t);
  await client.create(CustomResourceDefinition, testCrd());
  await eventually("the resource", () => server.registry.find("example.com", "v1", "widgets") !== undefined);
  await client.create(Widget, { metadata: { namespace: "default", name: "a" } });
  await eventually(
    "Established",
    async () => conditionOf(await client.get(CustomResourceDefinition, { name }), "Established") === "True",
  );
  const present = await client.get(CustomResourceDefinition, { name });
  const versions = present.spec.versions.map((version) => ({ ...version, served: false }));
  await client.update(CustomResourceDefinition, { ...present, spec: { ...present.spec, versions } });
  await eventually("the resource to go", () => server.registry.find("example.com", "v1", "widgets") === undefined);
  await client.delete(CustomResourceDefinition, { name });
  await eventually(
    "the definition to go",
    async () => (await client.find(CustomResourceDefinition, { name })) === undefined,
  );
  const left = await storage.range({ prefix: "/registry/example.com/" });
  assert.equal(left.count, 0);
});
