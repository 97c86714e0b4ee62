import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ApiError } from "#machinery/api-error.ts";
import type { KubeObject } from "#machinery/object.ts";
import { silentLogger } from "#std/logger.ts";
import { ManualClock } from "#std/manual-clock.ts";
import type { Random } from "#std/random.ts";
import { FakeServer } from "./fake-server.ts";
import { inProcessTransport } from "./in-process-transport.ts";
import type { InformerEvent } from "./informer.ts";
import { createInformerFactory, type InformerFactoryOptions, shareInformers } from "./informers.ts";
import { watchSilenceMilliseconds } from "./reflector.ts";
import { createClient } from "./rest-client.ts";
import { ConfigMapKind } from "./testing.ts";

const noChance: Random = { uint32: () => 0, uuid: () => "" };

function setUp(options: Partial<InformerFactoryOptions> = {}) {
  const server = new FakeServer();
  const clock = new ManualClock();
  const controller = new AbortController();
  const client = createClient(inProcessTransport(server.handle, { name: "test", groups: [] }));
  const base = { client, clock, random: noChance, log: silentLogger, signal: controller.signal };
  const factory = createInformerFactory({ ...base, ...options });
  const seen: string[] = [];
  const start = () => {
    const informer = factory.for(ConfigMapKind);
    informer.onEvent((event) => seen.push(describe(event)));
    return informer;
  };
  const stop = async (): Promise<void> => {
    controller.abort(new Error("the test is over"));
    await clock.settle();
    assert.equal(server.watchers, 0, "a watch is left open");
    assert.equal(clock.pending, 0, "a timer is left");
  };
  return { server, clock, factory, start, stop, seen };
}

function describe(event: InformerEvent<KubeObject>): string {
  const { name, resourceVersion } = event.object.metadata;
  return `${event.type} ${name}@${resourceVersion ?? ""}${event.type === "added" && event.initial ? " initial" : ""}`;
}

function state(objects: readonly KubeObject[]): unknown {
  return objects.map(({ metadata: { name, namespace, uid, resourceVersion }, data }) => ({
    name,
    namespace,
    uid,
    resourceVersion,
    data,
  }));
}

test("informer: lists in key order, then follows changes; objects are frozen and without managed fields", async () => {
  const { server, clock, start, stop, seen } = setUp();
  server.put("b", { data: { a: "1" } });
  server.put("a");
  const informer = start();
  assert.equal(informer.synced, false);
  await clock.settle();
  assert.equal(informer.synced, true);
  await informer.waitForSync(new AbortController().signal);
  server.put("b", { data: { a: "2" } });
  server.put("c", {}, "other");
  server.delete("a");
  await clock.settle();
  assert.deepEqual(seen, [
    "added a@102 initial",
    "added b@101 initial",
    "updated b@103",
    "added c@104",
    "deleted a@105",
  ]);
  assert.deepEqual(state(informer.list()), state(server.objects));
  assert.deepEqual(
    informer.list("other").map(({ metadata }) => metadata.name),
    ["c"],
  );
  assert.deepEqual(informer.list("none"), []);
  const object = informer.get({ namespace: "default", name: "b" });
  assert.deepEqual(object?.["data"], { a: "2" });
  assert.ok(Object.isFrozen(object) && Object.isFrozen(object["data"]) && Object.isFrozen(object.metadata));
  assert.equal(object.metadata.managedFields, undefined);
  await stop();
});

test("informer: one per kind, and a late handler first hears of what is there", async () => {
  const { server, clock, factory, start, stop } = setUp();
  server.put("a");
  assert.equal(start(), factory.for(ConfigMapKind));
  await clock.settle();
  const late: string[] = [];
  const remove = factory.for(ConfigMapKind).onEvent((event) => late.push(describe(event)));
  assert.deepEqual(late, ["added a@101 initial"]);
  remove();
  server.put("b");
  await clock.settle();
  assert.equal(late.length, 1);
  assert.equal(server.requests.length, 2);
  await stop();
});

test("informer: a handler that throws keeps nobody from hearing", async () => {
  const { server, clock, factory, start, stop, seen } = setUp();
  factory.for(ConfigMapKind).onEvent(() => {
    throw new Error("bad handler");
  });
  start();
  await clock.settle();
  server.put("a");
  await clock.settle();
  assert.deepEqual(seen, ["added a@101"]);
  await stop();
});

test("informer: indexes follow every change", async () => {
  const { server, clock, start, stop } = setUp();
  const informer = start();
  const names = (value: string) => informer.byIndex("tag", value).map(({ metadata }) => metadata.name);
  await clock.settle();
  server.put("a", { tags: ["x", "y"] });
  await clock.settle();
  informer.addIndex("tag", (object) => (object["tags"] as string[] | undefined) ?? []);
  assert.deepEqual(names("x"), ["a"]);
  server.put("b", { tags: ["y"] });
  server.put("a", { tags: ["y", "z"] });
  await clock.settle();
  assert.deepEqual([names("x"), names("y"), names("z")], [[], ["a", "b"], ["a"]]);
  assert.deepEqual(
    informer.refs().map(({ name }) => name),
    ["a", "b"],
  );
  server.delete("a");
  await clock.settle();
  assert.deepEqual([names("y"), names("z")], [["b"], []]);
  assert.deepEqual(
    [informer.has({ namespace: "default", name: "a" }), informer.has({ namespace: "default", name: "b" })],
    [false, true],
  );
  assert.throws(() => informer.byIndex("none", "x"));
  await stop();
});

test("informer: after a cut it goes on from the last revision without listing again", async () => {
  const { server, clock, start, stop, seen } = setUp();
  server.put("a");
  start();
  await clock.settle();
  server.cut();
  server.put("b");
  await clock.until(() => seen.length === 2);
  assert.deepEqual(seen, ["added a@101 initial", "added b@102"]);
  assert.equal(server.requests.filter((path) => !path.includes("watch")).length, 1);
  assert.match(server.requests[2] ?? "", /resourceVersion=101&timeoutSeconds=300$/);
  await stop();
});

test("informer: an expired watch lists again and tells what was missed, a deletion above all", async () => {
  const { server, clock, start, stop, seen } = setUp();
  for (const name of ["a", "b", "c"]) server.put(name);
  const informer = start();
  await clock.settle();
  seen.length = 0;
  server.cut();
  server.delete("a");
  server.put("b", { data: { b: "2" } });
  server.put("d");
  server.delete("c");
  server.put("c"); // another object of the same name
  server.compact();
  await clock.until(() => seen.length > 0);
  assert.deepEqual(seen, ["updated b@105", "deleted c@103", "added c@108", "added d@106", "deleted a@101"]);
  assert.deepEqual(state(informer.list()), state(server.objects));
  await stop();
});

test("informer: bookmarks carry it over a compaction", async () => {
  const { server, clock, start, stop, seen } = setUp();
  start();
  await clock.settle();
  server.revision = 500; // other kinds were written to
  server.bookmark();
  server.compact();
  await clock.settle();
  server.cut();
  server.put("a");
  await clock.until(() => seen.length === 1);
  assert.equal(server.requests.filter((path) => !path.includes("watch")).length, 1);
  await stop();
});

test("informer: repeated events are no news", async () => {
  const { server, clock, start, stop, seen } = setUp();
  start();
  await clock.settle();
  server.put("a");
  server.repeat(1);
  server.repeat(1);
  await clock.settle();
  assert.deepEqual(seen, ["added a@101"]);
  await stop();
});

test("informer: a server put back to an old state is looked at afresh, even where revisions are used again", async () => {
  for (const newsBy of ["bookmark", "event"] as const) {
    const { server, clock, start, stop, seen } = setUp();
    server.put("a");
    const backup = server.objects;
    server.put("a", { data: { a: "2" } });
    server.put("b");
    const informer = start();
    await clock.settle();
    server.restore(backup, 101);
    await clock.until(() => server.watchers === 1);
    if (newsBy === "bookmark") server.bookmark();
    else server.put("a", { data: { a: "other" } }); // revision 102, as before, with other content
    await clock.until(() => seen.some((line) => line.startsWith("deleted b")));
    assert.deepEqual(state(informer.list()), state(server.objects));
    await stop();
  }
});

test("informer: users share one copy, which ends with its last user", async () => {
  const { server, clock, factory, stop } = setUp();
  server.put("a");
  const share = shareInformers(factory);
  const [one, other] = [share(), share()];
  const informer = one.for(ConfigMapKind);
  assert.equal(other.for(ConfigMapKind), informer);
  await clock.until(() => server.watchers === 1);
  one.stop(ConfigMapKind);
  one.stop(ConfigMapKind);
  server.put("b");
  await clock.until(() => informer.list().length === 2);
  assert.equal(one.for(ConfigMapKind), informer, "who comes back finds it still going");
  one.stop(ConfigMapKind);
  other.stop(ConfigMapKind);
  await clock.until(() => server.watchers === 0);
  assert.notEqual(other.for(ConfigMapKind), informer);
  await clock.until(() => server.watchers === 1);
  await stop();
});

test("informer: errors are waited out longer and longer; a watch error does not list again", async () => {
  const { server, clock, start, stop } = setUp();
  const informer = start();
  await clock.settle();
  server.failure = new ApiError("ServiceUnavailable", "down");
  server.cut();
  await clock.settle();
  const before = server.requests.length;
  await clock.advance(60_000);
  const tries = server.requests.length - before;
  assert.ok(tries >= 5 && tries <= 12, `${tries} tries in a minute`);
  server.failure = undefined;
  server.put("a");
  await clock.until(() => informer.list().length === 1);
  assert.equal(server.requests.filter((path) => !path.includes("watch")).length, 1);
  await stop();
});

test("informer: a kind that is not there yet is waited for", async () => {
  const { server, clock, start, stop } = setUp();
  server.failure = new ApiError("NotFound", "the server could not find the requested resource");
  const informer = start();
  await clock.advance(120_000);
  assert.equal(informer.synced, false);
  server.failure = undefined;
  server.put("a");
  await clock.until(() => informer.synced, 13_000);
  assert.equal(informer.list().length, 1);
  await stop();
});

test("informer: a kind that goes away is not taken for deleted objects", async () => {
  const { server, clock, start, stop, seen } = setUp();
  server.put("a");
  const informer = start();
  await clock.settle();
  server.failure = new ApiError("NotFound", "the server could not find the requested resource");
  server.cut();
  await clock.advance(60_000);
  assert.equal(informer.list().length, 1);
  server.failure = undefined;
  server.delete("a");
  await clock.until(() => informer.list().length === 0);
  assert.deepEqual(seen, ["added a@101 initial", "deleted a@101"]);
  await stop();
});

test("informer: a watch without a sign of life is opened anew", async () => {
  const { server, clock, start, stop } = setUp();
  start();
  await clock.settle();
  await clock.advance(watchSilenceMilliseconds / 2);
  server.bookmark();
  await clock.advance(watchSilenceMilliseconds - 1);
  assert.equal(server.requests.length, 2);
  await clock.advance(2);
  assert.equal(server.requests.length, 3);
  await stop();
});

test("informer: long lists come in pages, and whole when the history goes away in between", async () => {
  const { server, clock, start, stop } = setUp();
  for (let index = 0; index < 1200; index++) server.put(`c-${index}`);
  let lists = 0;
  const { handle } = server;
  const informerOf = async (expire: boolean) => {
    const handler: typeof handle = (request) => {
      if (expire && ++lists === 2) server.compact();
      if (expire && lists === 2) server.revision++;
      return handle(request);
    };
    const client = createClient(inProcessTransport(handler, { name: "test", groups: [] }));
    const signal = new AbortController();
    const factory = createInformerFactory({
      client,
      clock,
      random: noChance,
      log: silentLogger,
      signal: signal.signal,
    });
    const informer = factory.for(ConfigMapKind);
    await clock.until(() => informer.synced);
    assert.equal(informer.list().length, 1200);
    signal.abort(new Error("over"));
  };
  await informerOf(false);
  assert.match(server.requests[2] ?? "", /limit=500&continue=1300%3A1000/);
  server.compactedBefore = 0;
  server.requests.length = 0;
  await informerOf(true);
  start();
  await stop();
});

test("informer: stopping forgets it; waiting for it ends with the reason", async () => {
  const { server, clock, factory, start, stop } = setUp();
  server.failure = new ApiError("NotFound", "not yet");
  const informer = start();
  const waiting = informer.waitForSync(new AbortController().signal);
  factory.stop(ConfigMapKind);
  await assert.rejects(waiting, { message: "the informer of configmaps has been stopped" });
  server.failure = undefined;
  const again = factory.for(ConfigMapKind);
  assert.notEqual(again, informer);
  await clock.until(() => again.synced);
  const aborted = AbortSignal.abort(new Error("enough"));
  await assert.rejects(again.waitForSync(aborted), { message: "enough" });
  await stop();
});

test("informer: selectors and namespaces go with every request", async () => {
  const { server, clock, start, stop } = setUp({ defaultLabelSelector: "a=b", namespace: "x", metadataOnly: true });
  start();
  await clock.settle();
  assert.deepEqual(
    server.requests.map((path) => path.replace(/&timeoutSeconds=.*/, "")),
    [
      "/api/v1/namespaces/x/configmaps?labelSelector=a%3Db&limit=500",
      "/api/v1/namespaces/x/configmaps?watch=true&allowWatchBookmarks=true&labelSelector=a%3Db&resourceVersion=100",
    ],
  );
  await stop();
});

type Step =
  | { readonly kind: "put" | "delete"; readonly name: string }
  | { readonly kind: "cut" | "compact" | "bookmark" | "turn" };

test("informer: comes to the server's state whatever happens, and every event fits the one before", async () => {
  const name = fc.constantFrom("a", "b", "c", "d");
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constantFrom("put" as const, "delete" as const), name }) },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constantFrom("cut" as const, "compact" as const, "bookmark" as const, "turn" as const),
      }),
    },
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array<Step>(step, { maxLength: 40 }),
      fc.integer({ min: 1, max: 6 }),
      async (steps, cutAfterEvents) => {
        const { server, clock, start, stop } = setUp();
        server.cutAfterEvents = cutAfterEvents;
        const informer = start();
        const known = new Map<string, string | undefined>();
        informer.onEvent((event) => {
          const { name: key, uid } = event.object.metadata;
          assert.equal(known.has(key), event.type !== "added", `${event.type} ${key}`);
          if (event.type === "updated") assert.equal(event.old.metadata.uid, uid);
          if (event.type === "deleted") known.delete(key);
          else known.set(key, uid);
        });
        for (const current of steps) {
          if (current.kind === "put") server.put(current.name);
          else if (current.kind === "delete") server.delete(current.name);
          else if (current.kind === "turn") await clock.settle();
          else server[current.kind]();
        }
        await clock.until(() => JSON.stringify(state(informer.list())) === JSON.stringify(state(server.objects)));
        assert.deepEqual(
          [...known.keys()].sort(),
          server.objects.map(({ metadata }) => metadata.name),
        );
        await stop();
      },
    ),
    { numRuns: 60 },
  );
});
