// Custom resources in two versions that a webhook converts between: v1 has `spec.size`, v2 has `spec.dimensions.size`.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { childOf, listOf, textOf } from "#api/builtin/access.ts";
import { CustomResourceDefinition } from "#api/kinds.ts";
import type { Draft } from "#client/client.ts";
import { fieldOf, isKubeObject, isRecord } from "#machinery/guards.ts";
import { encodeJson, parseJson } from "#machinery/json.ts";
import type { Kind, KubeObject } from "#machinery/object.ts";
import type { Schema } from "#machinery/schema.ts";
import { eventually } from "#std/testing.ts";
import { systemClock } from "#std/time.ts";
import { startAdmissionServer } from "../admission/testing.ts";
import type { RunningApiServer } from "../start-api-server.ts";

interface Widget extends KubeObject {
  readonly spec: Readonly<Record<string, unknown>>;
}

const namespace = "default";
const v1: Kind<Widget> = {
  ...{ group: "example.com", version: "v1", kind: "Widget", plural: "widgets", singular: "widget" },
  ...{ listKind: "WidgetList", namespaced: true, shortNames: [], categories: [] },
};
const v2: Kind<Widget> = { ...v1, version: "v2" };

type Spec = CustomResourceDefinition["spec"];

const schemaOf = (spec: Readonly<Record<string, Schema>>) =>
  ({
    openAPIV3Schema: { type: "object", properties: { spec: { type: "object", properties: spec } } },
  }) as const;
const size: Schema = { type: "integer" };

function definition(storage: "v1" | "v2", reviewVersion = "v1"): Draft<CustomResourceDefinition> & { spec: Spec } {
  return {
    metadata: { name: "widgets.example.com" },
    spec: {
      group: "example.com",
      names: { plural: "widgets", kind: "Widget" },
      scope: "Namespaced",
      versions: [
        { name: "v1", served: true, storage: storage === "v1", schema: schemaOf({ size }) },
        {
          ...{ name: "v2", served: true, storage: storage === "v2" },
          schema: schemaOf({ dimensions: { type: "object", properties: { size } } }),
          selectableFields: [{ jsonPath: ".spec.dimensions.size" }],
        },
      ],
      conversion: {
        strategy: "Webhook",
        webhook: { clientConfig: { url: "https://hook/convert" }, conversionReviewVersions: [reviewVersion] },
      },
    },
  };
}

interface Hook {
  /** The sizes of the calls so far. */
  readonly calls: number[];
  /** What it answers instead, if anything. */
  says?: (request: Readonly<Record<string, unknown>>) => object;
  /** Waited for before it answers. */
  pause?: () => Promise<void>;
}

function convert(object: unknown, apiVersion: string): object {
  assert.ok(isKubeObject(object));
  const found = fieldOf(object, "spec", "size") ?? fieldOf(object, "spec", "dimensions", "size");
  const spec = apiVersion.endsWith("v1") ? { size: found } : { dimensions: { size: found } };
  return { ...object, apiVersion, spec };
}

async function start(t: TestContext, storage: "v1" | "v2" = "v1", reviewVersion?: string) {
  const hook: Hook = { calls: [] };
  const server = await startAdmissionServer(t, async ({ body, url }) => {
    assert.equal(url, "https://hook/convert?timeout=30s");
    const review = parseJson(body);
    assert.ok(isRecord(review));
    const request = childOf(review, "request") ?? {};
    const objects = listOf(request, "objects");
    hook.calls.push(objects.length);
    await hook.pause?.();
    const convertedObjects = objects.map((object) => convert(object, textOf(request, "desiredAPIVersion")));
    const good = { uid: request["uid"], convertedObjects, result: { status: "Success" } };
    return encodeJson({ ...review, request: undefined, response: hook.says?.(request) ?? good });
  });
  await server.client.create(CustomResourceDefinition, definition(storage, reviewVersion));
  await served(server);
  return { ...server, hook };
}

async function served({ client }: Pick<RunningApiServer, "client">): Promise<void> {
  await eventually("the definition to be served", () =>
    client.list(v2).then(
      () => true,
      () => false,
    ),
  );
}

const widget = (name: string, spec: object) => ({ metadata: { namespace, name }, spec: { ...spec } });

for (const reviewVersion of ["v1", "v1beta1"]) {
  test(`each version is read and written as it is, whichever is stored (${reviewVersion})`, async (t) => {
    const { client } = await start(t, "v1", reviewVersion);
    await client.create(v1, widget("one", { size: 1 }));
    await client.create(v2, widget("two", { dimensions: { size: 2 } }));
    for (const [name, number] of [
      ["one", 1],
      ["two", 2],
    ] as const) {
      const [first, second] = [await client.get(v1, { namespace, name }), await client.get(v2, { namespace, name })];
      assert.deepEqual([first.apiVersion, first.spec], ["example.com/v1", { size: number }]);
      assert.deepEqual([second.apiVersion, second.spec], ["example.com/v2", { dimensions: { size: number } }]);
      assert.equal(first.metadata.resourceVersion, second.metadata.resourceVersion);
    }
    const two = await client.get(v2, { namespace, name: "two" });
    const updated = await client.update(v2, { ...two, spec: { dimensions: { size: 3 } } });
    assert.deepEqual(updated.spec, { dimensions: { size: 3 } });
    await client.patch(v2, updated.metadata, { type: "merge", patch: { spec: { dimensions: { size: 4 } } } });
    assert.deepEqual((await client.get(v1, { namespace, name: "two" })).spec, { size: 4 });
    await client.delete(v2, { namespace, name: "two" });
    assert.equal(await client.find(v1, { namespace, name: "two" }), undefined);
  });
}

test("an update that changes nothing writes nothing", async (t) => {
  const { client } = await start(t, "v1");
  const made = await client.create(v2, widget("a", { dimensions: { size: 2 } }));
  const same = await client.update(v2, await client.get(v2, made.metadata));
  assert.equal(same.metadata.resourceVersion, made.metadata.resourceVersion);
});

test("a list is converted in few calls, what was converted is remembered, and selectors see the version asked for", async (t) => {
  const { client, hook } = await start(t, "v1");
  for (let index = 0; index < 150; index++) await client.create(v1, widget(`w${String(index)}`, { size: index % 3 }));
  assert.deepEqual(hook.calls, []);
  const { items } = await client.list(v2, { namespace });
  assert.equal(items.length, 150);
  assert.ok(items.every(({ apiVersion }) => apiVersion === "example.com/v2"));
  assert.deepEqual(hook.calls, [100, 50]);
  await client.list(v2, { namespace });
  assert.equal(hook.calls.length, 2);
  const some = await client.list(v2, { namespace, fieldSelector: "spec.dimensions.size=1" });
  assert.equal(some.items.length, 50);
});

test("watches see their own version, and an event is converted once for all of them", async (t) => {
  const { client, hook } = await start(t, "v1");
  const end = new AbortController();
  t.after(() => {
    end.abort();
  });
  const { metadata } = await client.list(v2, { namespace });
  const since = { namespace, resourceVersion: metadata.resourceVersion, signal: end.signal };
  const queues = [v2, v2, v1].map((kind) => {
    const seen: unknown[] = [];
    const read = async (): Promise<void> => {
      for await (const event of client.watch(kind, since)) {
        if (event.type !== "BOOKMARK") seen.push([event.type, event.object.apiVersion, event.object.spec]);
      }
    };
    void read();
    return seen;
  });
  const next = async (): Promise<readonly unknown[]> => {
    await eventually("all watches to say something", () => queues.every((seen) => seen.length > 0));
    return queues.map((seen) => seen.shift());
  };
  const made = await client.create(v1, widget("a", { size: 1 }));
  const [one, other, old] = await next();
  assert.deepEqual(one, ["ADDED", "example.com/v2", { dimensions: { size: 1 } }]);
  assert.deepEqual(other, one);
  assert.deepEqual(old, ["ADDED", "example.com/v1", { size: 1 }]);
  assert.deepEqual(hook.calls, [1]);
  await client.delete(v1, made.metadata);
  assert.deepEqual((await next())[0], ["DELETED", "example.com/v2", { dimensions: { size: 1 } }]);
  assert.deepEqual(hook.calls, [1]);
});

test("where the stored version moves on, old objects are read and come over as they are written", async (t) => {
  const { client, hook } = await start(t, "v1");
  await client.create(v1, widget("a", { size: 1 }));
  const crd = await client.get(CustomResourceDefinition, { name: "widgets.example.com" });
  await client.update(CustomResourceDefinition, { ...crd, spec: { ...crd.spec, ...definition("v2").spec } });
  const { status } = await client.get(CustomResourceDefinition, { name: "widgets.example.com" });
  assert.deepEqual(status?.storedVersions, ["v1", "v2"]);
  const found = await client.get(v2, { namespace, name: "a" });
  assert.deepEqual(found.spec, { dimensions: { size: 1 } });
  // Written as it is: once the new definition is served that is a change.
  await eventually("it to be stored otherwise", async () => {
    const written = await client.update(v2, found);
    return written.metadata.resourceVersion !== found.metadata.resourceVersion;
  });
  hook.calls.length = 0;
  assert.deepEqual((await client.get(v2, { namespace, name: "a" })).spec, { dimensions: { size: 1 } });
  assert.deepEqual(hook.calls, []);
});

test("a webhook that fails is told of, and what needs no conversion goes on", async (t) => {
  const { client, hook } = await start(t, "v1");
  await client.create(v1, widget("a", { size: 1 }));
  hook.says = ({ uid }) => ({ uid, result: { status: "Failure", message: "no idea" } });
  const message = "conversion webhook for example.com/v1, Kind=Widget failed: no idea";
  await assert.rejects(client.get(v2, { namespace, name: "a" }), { code: 500, message });
  await assert.rejects(client.list(v2, { namespace }), { code: 500, message });
  assert.equal((await client.get(v1, { namespace, name: "a" })).spec["size"], 1);
  await assert.rejects(client.create(v2, widget("b", {})), {
    message: "conversion webhook for example.com/v2, Kind=Widget failed: no idea",
  });
  delete hook.says;
  assert.deepEqual((await client.get(v2, { namespace, name: "a" })).spec, { dimensions: { size: 1 } });
});

test("many readers at once do not run a webhook over", async (t) => {
  const { client, hook } = await start(t, "v1");
  for (let index = 0; index < 40; index++) await client.create(v1, widget(`w${String(index)}`, { size: index }));
  let [now, most] = [0, 0];
  hook.pause = async () => {
    most = Math.max(most, ++now);
    await systemClock.sleep(5);
    now--;
  };
  const names = Array.from({ length: 40 }, (_, index) => `w${String(index)}`);
  const found = await Promise.all(names.map((name) => client.get(v2, { namespace, name })));
  assert.deepEqual(
    found.map(({ spec }) => spec),
    names.map((_, index) => ({ dimensions: { size: index } })),
  );
  assert.ok(most > 1 && most <= 16, `${String(most)} at once`);
});
