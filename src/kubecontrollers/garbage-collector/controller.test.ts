import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { ConfigMap, CustomResourceDefinition, Event, Namespace } from "#api/kinds.ts";
import { testCrd, Widget } from "#apiserver/crd/testing.ts";
import type { Client } from "#client/client.ts";
import { isApiError } from "#machinery/api-error.ts";
import type { KubeObject, OwnerReference } from "#machinery/object.ts";
import { eventually } from "#std/testing.ts";
import { startTestPlane, type TestPlane } from "../testing.ts";
import { garbageCollector } from "./controller.ts";

let plane: TestPlane;
let client: Client;
let names = 0;

before(async () => {
  plane = await startTestPlane([garbageCollector()]);
  client = plane.client;
});

after(() => plane.stop());

function ownedBy(owner: KubeObject, rest: Partial<OwnerReference> = {}): OwnerReference {
  const { apiVersion, kind, metadata } = owner;
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid ?? "", ...rest };
}

async function create(ownerReferences: readonly OwnerReference[] = [], finalizers: readonly string[] = []) {
  const name = `object-${++names}`;
  return await client.create(ConfigMap, { metadata: { namespace: "default", name, ownerReferences, finalizers } });
}

const find = (object: KubeObject) => client.find(ConfigMap, object.metadata);
const isGone = (object: KubeObject) => async () => ((await find(object)) === undefined ? true : undefined);
const gone = (object: KubeObject, what = "a deletion") => eventually(what, isGone(object));

test("garbage collector: what an owner leaves behind goes, down the line", async () => {
  const owner = await create();
  const child = await create([ownedBy(owner)]);
  const grandchild = await create([ownedBy(child)]);
  const other = await create();
  await client.delete(ConfigMap, owner.metadata);
  await gone(child);
  await gone(grandchild);
  assert.ok(await find(other));
});

test("garbage collector: an object with another owner only loses the reference", async () => {
  const [first, second] = [await create(), await create()];
  const child = await create([ownedBy(first), ownedBy(second)]);
  await client.delete(ConfigMap, first.metadata);
  const left = await eventually("the reference to be dropped", async () => {
    const found = await find(child);
    return found?.metadata.ownerReferences?.length === 1 ? found : undefined;
  });
  assert.equal(left.metadata.ownerReferences?.[0]?.uid, second.metadata.uid);
  await client.delete(ConfigMap, second.metadata);
  await gone(child);
});

test("garbage collector: an owner that never was, or is another object of that name, is no owner", async () => {
  const owner = await create();
  const never = await create([{ ...ownedBy(owner), name: "never-was" }]);
  const impostor = await create([ownedBy(owner, { uid: "another-uid" })]);
  const mine = await create([ownedBy(owner)]);
  await gone(never);
  await gone(impostor);
  assert.ok(await find(mine));
});

test("garbage collector: an owner in another namespace is no owner", async () => {
  const owner = await create();
  await client.create(Namespace, { metadata: { name: "elsewhere" }, spec: {}, status: {} });
  const metadata = { namespace: "elsewhere", name: "child", ownerReferences: [ownedBy(owner)] };
  const child = await client.create(ConfigMap, { metadata });
  await gone(child);
  assert.ok(await find(owner));
});

test("garbage collector: an owner of an unknown kind keeps its dependents", async () => {
  const stranger = await create([{ apiVersion: "unknown.example/v1", kind: "Stranger", name: "x", uid: "u" }]);
  const marker = await create([{ apiVersion: "v1", kind: "ConfigMap", name: "missing", uid: "u" }]);
  await gone(marker);
  assert.ok(await find(stranger));
});

test("garbage collector: orphaning keeps the dependents, without the reference", async () => {
  const owner = await create();
  const children = await Promise.all(Array.from({ length: 3 }, () => create([ownedBy(owner)])));
  await client.delete(ConfigMap, owner.metadata, { propagationPolicy: "Orphan" });
  await gone(owner);
  for (const child of children) assert.deepEqual((await find(child))?.metadata.ownerReferences ?? [], []);
});

test("garbage collector: a foreground deletion waits for those who block it, and for no others", async () => {
  const owner = await create();
  const held = ["example.com/hold"];
  const blocking = await create([ownedBy(owner, { blockOwnerDeletion: true })], held);
  const other = await create([ownedBy(owner)], held);
  const below = await create([ownedBy(blocking, { blockOwnerDeletion: true })], held);
  await client.delete(ConfigMap, owner.metadata, { propagationPolicy: "Foreground" });
  for (const object of [blocking, other, below]) {
    await eventually("a dependent to be deleted", async () => (await find(object))?.metadata.deletionTimestamp);
  }
  assert.ok(await find(owner));
  const release = async (object: KubeObject): Promise<void> => {
    const patch = {
      metadata: { finalizers: (await find(object))?.metadata.finalizers?.filter((each) => each !== held[0]) },
    };
    await client.patch(ConfigMap, object.metadata, { type: "merge", patch });
  };
  await release(blocking);
  assert.ok(await find(blocking), "it waits for the one below");
  await release(below);
  await gone(below);
  await gone(blocking);
  await gone(owner, "the owner to go while the one that does not block is held");
  assert.ok(await find(other));
  await release(other);
  await gone(other);
});

test("garbage collector: a circle that is deleted in the foreground comes to an end", async () => {
  const first = await create();
  const second = await create([ownedBy(first, { blockOwnerDeletion: true })]);
  const patch = { metadata: { ownerReferences: [ownedBy(second, { blockOwnerDeletion: true })] } };
  await client.patch(ConfigMap, first.metadata, { type: "merge", patch });
  await client.delete(ConfigMap, first.metadata, { propagationPolicy: "Foreground" });
  await gone(first);
  await gone(second);
});

test("garbage collector: a cluster-scoped object with a namespaced owner is left alone, and an event says why", async () => {
  const owner = await create();
  const reference = { ...ownedBy(owner), name: "missing" };
  const metadata = { name: "misled", ownerReferences: [reference] };
  await client.create(Namespace, { metadata, spec: {}, status: {} });
  const event = await eventually("an event", async () => {
    const { items } = await client.list(Event, { namespace: "default" });
    return items.find(({ reason }) => reason === "OwnerRefInvalidNamespace");
  });
  const text = `[v1/ConfigMap, namespace: , name: missing, uid: ${reference.uid}]`;
  assert.equal(event.message, `ownerRef ${text} does not exist in namespace ""`);
  assert.ok(await client.find(Namespace, { name: "misled" }));
});

test("garbage collector: custom resources join as soon as they are served, as owners and as dependents", async () => {
  await client.create(CustomResourceDefinition, testCrd());
  const makeWidget = async (name: string, ownerReferences: readonly OwnerReference[]) =>
    await eventually("the kind to be served", () =>
      client.create(Widget, { metadata: { namespace: "default", name, ownerReferences } }).catch(() => undefined),
    );
  const widget = await makeWidget("owner", []);
  const child = await create([ownedBy(widget)]);
  const owner = await create();
  const dependent = await makeWidget("dependent", [ownedBy(owner)]);
  await client.delete(Widget, widget.metadata);
  await gone(child);
  await client.delete(ConfigMap, owner.metadata);
  await eventually("the widget to go", async () =>
    (await client.find(Widget, dependent.metadata)) === undefined ? true : undefined,
  );
});

interface Plan {
  /** For each object, which earlier ones own it. */
  readonly owners: readonly (readonly number[])[];
  readonly deleted: readonly number[];
  readonly policy: "Background" | "Foreground";
}

const plans: fc.Arbitrary<Plan> = fc.integer({ min: 2, max: 8 }).chain((count) =>
  fc.record({
    owners: fc.tuple(
      ...Array.from({ length: count }, (_, index) =>
        fc.subarray(Array.from({ length: index }, (__, earlier) => earlier)),
      ),
    ),
    deleted: fc.subarray(Array.from({ length: count }, (_, index) => index)),
    policy: fc.constantFrom("Background" as const, "Foreground" as const),
  }),
);

/** Which objects are left in the end: those that nobody deleted and that have no owners, or an owner that is left. */
function survivors({ owners, deleted }: Plan): ReadonlySet<number> {
  const left = new Set<number>();
  for (const [index, own] of owners.entries()) {
    if (!deleted.includes(index) && (own.length === 0 || own.some((owner) => left.has(owner)))) left.add(index);
  }
  return left;
}

test("garbage collector: whatever owns what, and whatever is deleted, exactly those are left that should be", async () => {
  await fc.assert(
    fc.asyncProperty(plans, async (plan) => {
      const objects: KubeObject[] = [];
      for (const own of plan.owners) {
        const references = own.flatMap((owner) => ownedBy(objects[owner]!, { blockOwnerDeletion: true }));
        objects.push(await create(references));
      }
      const options = { propagationPolicy: plan.policy };
      await Promise.all(
        plan.deleted.map((index) => client.delete(ConfigMap, objects[index]!.metadata, options).catch(ignoreMissing)),
      );
      const left = survivors(plan);
      const expected = objects.map((object, index) => ({
        name: object.metadata.name,
        owners: left.has(index) ? (plan.owners[index] ?? []).filter((owner) => left.has(owner)).length : undefined,
      }));
      await eventually(`${JSON.stringify(plan)} to come to ${JSON.stringify(expected)}`, async () => {
        const found = await Promise.all(objects.map(find));
        const state = objects.map(({ metadata: { name } }, index) => {
          const now = found[index];
          return { name, owners: now === undefined ? undefined : (now.metadata.ownerReferences ?? []).length };
        });
        return JSON.stringify(state) === JSON.stringify(expected) ? true : undefined;
      });
    }),
    { numRuns: 40 },
  );
});

function ignoreMissing(error: unknown): void {
  if (!isApiError(error, "NotFound")) throw error;
}
