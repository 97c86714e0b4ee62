// Conformance: lists, discovery, watches and informers.
import assert from "node:assert/strict";
import { ConfigMap } from "#api/kinds.ts";
import type { KubeObject } from "#machinery/object.ts";
import { silentLogger } from "#std/logger.ts";
import { systemRandom } from "#std/random.ts";
import { systemClock } from "#std/time.ts";
import type { WatchEvent } from "../client.ts";
import { createDiscovery } from "../discovery.ts";
import { createInformerFactory } from "../informers.ts";
import { type ClientCase, type Context, eventually, timeLimit } from "./case.ts";

export const streamCases: readonly ClientCase[] = [
  { name: "lists come in order, by page, by label and by field, or as metadata alone", run: lists },
  { name: "discovery finds kinds by the words users have", run: discovers },
  {
    name: "watches of the same thing see the same, in the order of the writes; resuming misses nothing",
    run: watchesInOrder,
  },
  { name: "a watch without a version begins with what is there; it can be metadata alone", run: watchesFromNow },
  { name: "a watch from forgotten history is told to list again; one that times out ends", run: expires },
  { name: "informers come to what the server has, and their objects cannot be changed", run: informs },
];

async function lists(context: Context): Promise<void> {
  const { admin } = context;
  const namespace = await context.namespace();
  for (const name of ["b", "a", "c"]) {
    await admin.create(ConfigMap, { metadata: { namespace, name, labels: { tier: name === "a" ? "x" : "y" } } });
  }
  const names = (items: readonly KubeObject[]): string => items.map(({ metadata }) => metadata.name).join("");
  const page = await admin.list(ConfigMap, { namespace, limit: 2 });
  assert.deepEqual([names(page.items), page.metadata.remainingItemCount], ["ab", 1]);
  const rest = await admin.list(ConfigMap, { namespace, limit: 2, continue: page.metadata.continue });
  assert.deepEqual([names(rest.items), rest.metadata.continue], ["c", undefined]);
  assert.equal(rest.metadata.resourceVersion, page.metadata.resourceVersion);
  assert.equal(names((await admin.list(ConfigMap, { namespace, labelSelector: "tier in (y)" })).items), "bc");
  assert.equal(names((await admin.list(ConfigMap, { namespace, fieldSelector: "metadata.name=a" })).items), "a");
  const [partial] = (await admin.list<KubeObject>(ConfigMap, { namespace, metadataOnly: true })).items;
  assert.deepEqual(
    [partial?.kind, partial?.metadata.name, partial?.["data"]],
    ["PartialObjectMetadata", "a", undefined],
  );
}

async function discovers(context: Context): Promise<void> {
  const discovery = createDiscovery(context.admin);
  for (const [word, plural] of [
    ["deploy", "deployments"],
    ["cm", "configmaps"],
    ["ConfigMap", "configmaps"],
    ["roles.rbac.authorization.k8s.io", "roles"],
  ] as const) {
    assert.equal((await discovery.kindFor(word)).plural, plural);
  }
  const snapshot = await discovery.snapshot();
  assert.equal(await discovery.refresh(), snapshot);
  assert.deepEqual(snapshot.failures, []);
}

async function watchesInOrder(context: Context): Promise<void> {
  const { admin } = context;
  const namespace = await context.namespace();
  const { metadata } = await admin.list(ConfigMap, { namespace });
  const writes = 30;
  const collect = async (resourceVersion: string | undefined, count: number): Promise<string[]> => {
    const controller = new AbortController();
    const seen: string[] = [];
    const events = admin.watch(ConfigMap, { namespace, resourceVersion, signal: controller.signal });
    for await (const event of events) {
      if (event.type === "BOOKMARK") continue;
      seen.push(`${event.type} ${event.object.metadata.name}@${event.object.metadata.resourceVersion ?? ""}`);
      if (seen.length === count) controller.abort();
    }
    return seen;
  };
  const watchers = [collect(metadata.resourceVersion, 2 * writes), collect(metadata.resourceVersion, 2 * writes)];
  await Promise.all(
    Array.from({ length: writes }, async (_, index) => {
      const ref = { namespace, name: `c-${index}` };
      await admin.create(ConfigMap, { metadata: ref });
      if (index % 2 === 0) await admin.delete(ConfigMap, ref);
      else await admin.patch(ConfigMap, ref, { type: "merge", patch: { data: { a: "1" } } });
    }),
  );
  const [first = [], second] = await Promise.all(watchers);
  assert.deepEqual(first, second);
  const revisions = first.map((line) => Number(line.split("@")[1]));
  assert.deepEqual(
    revisions,
    revisions.toSorted((left, right) => left - right),
  );
  const middle = String(revisions[writes - 1]);
  assert.deepEqual(await collect(middle, writes), first.slice(writes));
}

async function watchesFromNow(context: Context): Promise<void> {
  const { admin } = context;
  const namespace = await context.namespace();
  await admin.create(ConfigMap, { metadata: { namespace, name: "a" }, data: { x: "1" } });
  const first = await firstEvent(admin.watch(ConfigMap, { namespace, signal: timeLimit() }));
  assert.ok(first?.type === "ADDED");
  assert.deepEqual([first.object.kind, first.object.data], ["ConfigMap", { x: "1" }]);
  const partial = await firstEvent(admin.watch(ConfigMap, { namespace, metadataOnly: true, signal: timeLimit() }));
  assert.ok(partial?.type === "ADDED");
  assert.deepEqual([partial.object.kind, partial.object.data], ["PartialObjectMetadata", undefined]);
}

async function expires(context: Context): Promise<void> {
  const { admin, server } = context;
  const namespace = await context.namespace();
  const { metadata } = await admin.create(ConfigMap, { metadata: { namespace, name: "a" } });
  for (const name of ["b", "c"]) await admin.create(ConfigMap, { metadata: { namespace, name } });
  await server.compact();
  const { resourceVersion } = metadata;
  await assert.rejects(firstEvent(admin.watch(ConfigMap, { namespace, resourceVersion, signal: timeLimit() })), {
    reason: "Expired",
  });
  const { metadata: now } = await admin.list(ConfigMap, { namespace });
  const options = { namespace, resourceVersion: now.resourceVersion, timeoutSeconds: 1, signal: timeLimit() };
  for await (const event of admin.watch(ConfigMap, options)) assert.equal(event.type, "BOOKMARK");
}

async function informs(context: Context): Promise<void> {
  const { admin } = context;
  const namespace = await context.namespace();
  const end = new AbortController();
  const base = { client: admin, clock: systemClock, random: systemRandom(), log: silentLogger };
  const informer = createInformerFactory({ ...base, namespace, signal: end.signal }).for(ConfigMap);
  await informer.waitForSync(timeLimit());
  await admin.create(ConfigMap, { metadata: { namespace, name: "a" }, data: { x: "1" } });
  await admin.create(ConfigMap, { metadata: { namespace, name: "b" } });
  await admin.delete(ConfigMap, { namespace, name: "b" });
  await eventually(() => {
    assert.deepEqual(
      informer.list().map(({ metadata }) => metadata.name),
      ["a"],
    );
  });
  const object = informer.get({ namespace, name: "a" });
  assert.ok(object !== undefined);
  assert.throws(() => Object.assign(object.data ?? {}, { x: "2" }), TypeError);
  end.abort(new Error("over"));
}

async function firstEvent<T>(events: AsyncIterable<WatchEvent<T>>): Promise<WatchEvent<T> | undefined> {
  for await (const event of events) return event;
  return undefined;
}
