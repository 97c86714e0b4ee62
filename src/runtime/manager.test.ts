import assert from "node:assert/strict";
import { test } from "node:test";
import { configMaps, namespaces, permissiveStrategy, testAdmin, testResource, testServer } from "#apiserver/testing.ts";
import { ConfigMap, Namespace } from "#api/kinds.ts";
import { inProcessTransport } from "#client/in-process-transport.ts";
import { createInformerFactory } from "#client/informers.ts";
import { createClient } from "#client/rest-client.ts";
import { ApiError } from "#machinery/api-error.ts";
import { type Logger, silentLogger } from "#std/logger.ts";
import { ManualClock } from "#std/manual-clock.ts";
import type { Random } from "#std/random.ts";
import { type Controller, defineController, done, requeueAfter, TerminalError, watches } from "./controller.ts";
import { type ManagerOptions, startManager } from "./manager.ts";

const noChance: Random = { uint32: () => 0, uuid: () => "" };
const leases = testResource(
  { group: "coordination.k8s.io", kind: "Lease", plural: "leases" },
  { strategy: { ...permissiveStrategy, allowUnconditionalUpdate: false } },
);

async function setUp() {
  const clock = new ManualClock();
  const server = await testServer({ clock, resources: [namespaces, configMaps, leases] });
  const ofServer = clock.pending;
  const controller = new AbortController();
  const { signal } = controller;
  const client = createClient(inProcessTransport(server.handle, testAdmin));
  const informers = createInformerFactory({ client, clock, random: noChance, log: silentLogger, signal });
  const lines: string[] = [];
  const log = recordingLogger(lines);
  const start = (controllers: readonly Controller[], options: Partial<ManagerOptions> = {}) =>
    startManager({ client, informers, controllers, clock, random: noChance, log, signal, ...options });
  const create = (name: string) => client.create(ConfigMap, { metadata: { name, namespace: "default" } });
  const change = async (name: string, fields: Partial<ConfigMap>) => {
    const object = await client.get(ConfigMap, { namespace: "default", name });
    await client.update(ConfigMap, { ...object, ...fields });
  };
  const stop = async (...managers: { readonly stopped: Promise<void> }[]): Promise<void> => {
    controller.abort(new Error("the test is over"));
    await clock.settle();
    await Promise.all(managers.map(({ stopped }) => stopped));
    assert.equal(clock.pending, ofServer, "a timer is left");
    await server.close();
  };
  return { clock, client, start, create, change, stop, lines };
}

function recordingLogger(lines: string[]): Logger {
  const write = (level: string) => (message: string, fields?: Readonly<Record<string, unknown>>) => {
    const { object, error } = fields ?? {};
    lines.push(`${level} ${message} ${typeof object === "string" ? object : JSON.stringify(error)}`);
  };
  const log: Logger = {
    debug: () => undefined,
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
    child: () => log,
  };
  return log;
}

test("manager: reconciles what is there, then what changes, each key once at a time", async () => {
  const { clock, client, start, create, change, stop } = await setUp();
  await create("a");
  const seen: string[] = [];
  const working = new Set<string>();
  const manager = start([
    defineController({
      name: "watcher",
      for: [ConfigMap],
      options: {},
      async reconcile(key, { informers }) {
        assert.equal(working.has(key.name), false);
        working.add(key.name);
        await clock.yield();
        seen.push(`${key.namespace ?? ""}/${key.name} ${informers.for(ConfigMap).get(key)?.data?.["x"] ?? "none"}`);
        working.delete(key.name);
        return done;
      },
    }),
  ]);
  await manager.synced;
  await clock.settle();
  await create("b");
  await change("a", { data: { x: "1" } });
  await clock.until(() => seen.length === 3);
  await client.delete(ConfigMap, { namespace: "default", name: "a" });
  await clock.until(() => seen.length === 4);
  assert.deepEqual(seen, ["default/a none", "default/b none", "default/a 1", "default/a none"]);
  assert.deepEqual(manager.queueDepths(), { watcher: 0 });
  assert.equal(manager.figures()[0]?.done, 4);
  await stop(manager);
});

test("manager: failures are logged in one place, back off, and a terminal one is not tried again", async () => {
  const { clock, start, create, stop, lines } = await setUp();
  for (const name of ["conflict", "fails", "hopeless"]) await create(name);
  const tries: Record<string, number[]> = { conflict: [], fails: [], hopeless: [] };
  const manager = start([
    defineController({
      name: "failing",
      for: [ConfigMap],
      options: {},
      reconcile({ name }) {
        const mine = tries[name] ?? [];
        mine.push(clock.monotonic());
        if (name === "hopeless") throw new TerminalError("no way");
        if (mine.length === 4) return Promise.resolve(done);
        throw name === "conflict" ? new ApiError("Conflict", "modified") : new Error("not yet");
      },
    }),
  ]);
  await clock.until(() => tries["fails"]?.length === 4 && tries["conflict"]?.length === 4);
  await clock.advance(10_000);
  assert.deepEqual(
    tries["fails"]?.map((at) => at - (tries["fails"]?.[0] ?? 0)),
    [0, 5, 15, 35],
  );
  assert.equal(tries["hopeless"]?.length, 1);
  assert.deepEqual(lines.sort(), [
    "error reconcile failed for good default/hopeless",
    ...Array.from({ length: 3 }, () => "warn reconcile failed, trying again default/fails"),
  ]);
  const { failed, terminal, done: well } = manager.figures()[0]!;
  assert.deepEqual({ failed, terminal, well }, { failed: 6, terminal: 1, well: 2 });
  await stop(manager);
});

test("manager: requeues, mapped kinds, filtered updates and sources fill the queue", async () => {
  const { clock, start, create, change, stop } = await setUp();
  const seen: string[] = [];
  const manager = start([
    defineController({
      name: "many-ways",
      for: [ConfigMap],
      changed: (object, old) => JSON.stringify(object["data"]) !== JSON.stringify(old["data"]),
      watches: [
        watches(Namespace, ({ metadata }) => [{ kind: ConfigMap, namespace: metadata.name, name: "of-namespace" }]),
      ],
      options: { waitMilliseconds: 1000 },
      async source(args) {
        await args.clock.sleep(args.options.waitMilliseconds, args.signal);
        args.enqueue({ kind: ConfigMap, namespace: "default", name: "of-source" });
      },
      reconcile({ name }, { options }) {
        seen.push(name);
        return Promise.resolve(
          name === "again" && seen.length < 4 ? requeueAfter(options.waitMilliseconds * 10) : done,
        );
      },
    }),
  ]);
  await manager.synced;
  await clock.settle();
  assert.deepEqual(seen, ["of-namespace"]);
  await create("again");
  await clock.until(() => seen.length === 4);
  assert.deepEqual(seen, ["of-namespace", "again", "of-source", "again"]);
  assert.equal(clock.monotonic(), 10_000);
  await change("again", { immutable: false });
  await clock.advance(1000);
  assert.equal(seen.length, 4);
  await stop(manager);
});

test("manager: keys of a watch of low priority go after others", async () => {
  const { clock, start, create, stop } = await setUp();
  const seen: string[] = [];
  const low = watches(ConfigMap, ({ metadata }, old) =>
    old === undefined && metadata.name === "rule" ? ["a", "b"].map((name) => ({ kind: Namespace, name })) : [],
  );
  const manager = start([
    defineController({
      name: "patient",
      for: [ConfigMap],
      watches: [{ ...low, priority: "low" }],
      options: {},
      workers: 1,
      reconcile({ name }) {
        seen.push(name);
        return Promise.resolve(done);
      },
    }),
  ]);
  await manager.synced;
  await clock.settle();
  await Promise.all([create("rule"), create("other"), create("third")]);
  await clock.settle();
  assert.deepEqual(seen.toSorted(), ["a", "b", "other", "rule", "third"]);
  assert.ok(seen.indexOf("other") < seen.indexOf("b"), seen.join());
  await stop(manager);
});

test("manager: nothing is reconciled before everything a controller reads has been listed", async () => {
  const { clock, start, create, stop } = await setUp();
  await create("a");
  const Missing = { ...Namespace, group: "example.com", plural: "missings" };
  let reconciles = 0;
  const controller = (name: string, kinds: Controller["watches"] = []): Controller =>
    defineController({
      name,
      for: [ConfigMap],
      watches: kinds,
      options: {},
      reconcile() {
        reconciles++;
        return Promise.resolve(done);
      },
    });
  const blocked = start([controller("blocked", [watches(Missing, () => [])])]);
  await clock.advance(60_000);
  assert.equal(reconciles, 0);
  assert.deepEqual(blocked.queueDepths(), { blocked: 1 });
  const other = start([controller("other")]);
  await other.synced;
  await clock.settle();
  assert.equal(reconciles, 1);
  await stop(blocked, other);
  await assert.rejects(blocked.synced, { message: "the test is over" });
});

test("manager: a source that fails is started again", async () => {
  const { clock, start, stop, lines } = await setUp();
  let starts = 0;
  const manager = start([
    defineController({
      name: "source",
      for: [],
      options: {},
      source() {
        starts++;
        if (starts < 3) throw new Error("no luck");
        return Promise.resolve();
      },
      reconcile: () => Promise.resolve(done),
    }),
  ]);
  await clock.until(() => starts === 3);
  assert.equal(clock.monotonic(), 3000);
  assert.equal(lines.length, 2);
  await stop(manager);
});

test("manager: of two processes one works; the other takes over when it is gone, and at once when it says goodbye", async () => {
  const { clock, client, start, create, stop } = await setUp();
  const seen: string[] = [];
  const controller = (identity: string): Controller =>
    defineController({
      name: "leader",
      for: [ConfigMap],
      options: {},
      reconcile({ name }) {
        seen.push(`${identity} ${name}`);
        return Promise.resolve(done);
      },
    });
  const runAs = (identity: string) => {
    const life = new AbortController();
    const leaderElection = { namespace: "default", name: "manager", identity };
    return { life, manager: start([controller(identity)], { signal: life.signal, leaderElection }) };
  };
  const first = runAs("first");
  await clock.until(() => first.manager.leading);
  const second = runAs("second");
  await create("a");
  await clock.advance(60_000);
  assert.deepEqual(seen, ["first a"]);
  assert.deepEqual([first.manager.leading, second.manager.leading], [true, false]);

  first.life.abort(new Error("goodbye"));
  await first.manager.stopped;
  const leftAt = clock.monotonic();
  await clock.until(() => second.manager.leading);
  assert.ok(clock.monotonic() - leftAt <= 2000);
  await clock.settle();
  assert.deepEqual(seen, ["first a", "second a"]);
  assert.equal(first.manager.lostLease, false);

  // Someone else takes the Lease by force: the second ends, and writes nothing more.
  const lease = await client.get({ ...leases.kind }, { namespace: "default", name: "manager" });
  const spec = { ...(lease["spec"] as object), holderIdentity: "usurper" };
  await client.update({ ...leases.kind }, { ...lease, spec });
  await clock.until(() => second.manager.lostLease);
  await second.manager.stopped;
  await create("b");
  await clock.advance(60_000);
  assert.equal(seen.length, 2);
  second.life.abort(new Error("over"));
  await stop();
});
