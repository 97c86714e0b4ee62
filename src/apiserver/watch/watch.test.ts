import assert from "node:assert/strict";
import { test } from "node:test";
import { fieldOf, isRecord } from "#machinery/guards.ts";
import { parseJson } from "#machinery/json.ts";
import { ManualClock } from "#std/manual-clock.ts";
import { systemClock } from "#std/time.ts";
import { memoryStorage } from "#storage/memory/memory-storage.ts";
import type { ApiServer } from "../options.ts";
import { call, configMaps, testAdmin, testServer } from "../testing.ts";

const maps = "/api/v1/namespaces/default/configmaps";

interface Line {
  readonly type: unknown;
  readonly name: unknown;
  readonly revision: unknown;
  readonly value: Readonly<Record<string, unknown>>;
}

/** Opens a watch; `next(n)` reads n lines. */
async function openWatch(server: ApiServer, path: string, headers: Readonly<Record<string, string>> = {}) {
  const stop = new AbortController();
  const response = await server.handle({ method: "GET", path, headers, user: testAdmin, signal: stop.signal });
  assert.ok(!(response.body instanceof Uint8Array), "a watch must be a stream");
  const lines = response.body[Symbol.asyncIterator]();
  return {
    response,
    async next(count: number): Promise<Line[]> {
      const read: Line[] = [];
      while (read.length < count) {
        const result: IteratorResult<Uint8Array, unknown> = await lines.next();
        assert.ok(result.done !== true, `the watch ended after ${String(read.length)} of ${String(count)} lines`);
        read.push(lineOf(result.value));
      }
      return read;
    },
    async tryNext(): Promise<Line | undefined> {
      const result: IteratorResult<Uint8Array, unknown> = await lines.next();
      return result.done === true ? undefined : lineOf(result.value);
    },
    async ends(): Promise<void> {
      assert.equal((await lines.next()).done, true);
    },
    async stop(): Promise<void> {
      stop.abort();
      await lines.return?.();
    },
  };
}

function lineOf(chunk: Uint8Array): Line {
  const text = Buffer.from(chunk).toString("utf8");
  assert.ok(text.endsWith("\n"), "each line is a chunk of its own");
  const value = parseJson(text);
  assert.ok(isRecord(value));
  const object = value["object"];
  return {
    type: value["type"],
    name: fieldOf(object, "metadata", "name"),
    revision: fieldOf(object, "metadata", "resourceVersion"),
    value,
  };
}

function summary(lines: readonly Line[]): unknown[] {
  return lines.map(({ type, name }) => [type, name]);
}

async function create(server: ApiServer, name: string, labels: Record<string, string> = {}): Promise<string> {
  const { body, status } = await call(server, "POST", maps, { body: { metadata: { name, labels } } });
  assert.equal(status, 201);
  return String(fieldOf(body, "metadata", "resourceVersion"));
}

test("a watch from now shows what is there, then every change", async () => {
  const server = await testServer();
  await create(server, "a");
  const watch = await openWatch(server, "/api/v1/configmaps?watch=true");
  assert.equal(watch.response.headers["content-type"], "application/json");
  assert.deepEqual(summary(await watch.next(1)), [["ADDED", "a"]]);
  const created = await create(server, "b");
  await call(server, "PUT", `${maps}/b`, { body: { metadata: { name: "b" }, data: { x: "1" } } });
  await call(server, "DELETE", `${maps}/b`);
  const lines = await watch.next(3);
  assert.deepEqual(summary(lines), [
    ["ADDED", "b"],
    ["MODIFIED", "b"],
    ["DELETED", "b"],
  ]);
  const revisions = lines.map(({ revision }) => Number(revision));
  assert.equal(revisions[0], Number(created));
  assert.ok(revisions.every((revision, index) => index === 0 || revision > (revisions[index - 1] ?? 0)));
  await watch.stop();
  await server.close();
});

test("a watch from a revision shows only what came after it", async () => {
  const server = await testServer();
  const first = await create(server, "a");
  await create(server, "b");
  const watch = await openWatch(server, `/api/v1/configmaps?watch=1&resourceVersion=${first}`);
  assert.deepEqual(summary(await watch.next(1)), [["ADDED", "b"]]);
  await watch.stop();
  await server.close();
});

test("a selector turns changes into comings and goings", async () => {
  const server = await testServer();
  await create(server, "a", { tier: "web" });
  await create(server, "b");
  const watch = await openWatch(server, "/api/v1/configmaps?watch=true&labelSelector=tier%3Dweb");
  await watch.next(1);
  const put = async (name: string, labels: Record<string, string>): Promise<void> => {
    await call(server, "PUT", `${maps}/${name}`, { body: { metadata: { name, labels } } });
  };
  await put("b", { tier: "web" });
  await put("b", { tier: "web", more: "1" });
  await put("b", { tier: "db" });
  await put("b", { tier: "cache" });
  await call(server, "DELETE", `${maps}/a`);
  const lines = await watch.next(4);
  assert.deepEqual(summary(lines), [
    ["ADDED", "b"],
    ["MODIFIED", "b"],
    ["DELETED", "b"],
    ["DELETED", "a"],
  ]);
  // It is shown as it was when it still matched, at the revision of the change.
  assert.equal(fieldOf(lines[2]?.value, "object", "metadata", "labels", "tier"), "web");
  assert.ok(Number(lines[2]?.revision) > Number(lines[1]?.revision));
  await watch.stop();
  await server.close();
});

test("a watch list ends its initial events with an annotated bookmark, even without objects", async () => {
  const server = await testServer();
  const path =
    "/api/v1/configmaps?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true";
  const empty = await openWatch(server, path);
  const [bookmark] = await empty.next(1);
  assert.equal(bookmark?.type, "BOOKMARK");
  assert.equal(fieldOf(bookmark.value, "object", "metadata", "annotations", "k8s.io/initial-events-end"), "true");
  await empty.stop();
  const revision = await create(server, "a");
  const full = await openWatch(server, path);
  const lines = await full.next(2);
  assert.deepEqual(
    lines.map(({ type }) => type),
    ["ADDED", "BOOKMARK"],
  );
  assert.equal(lines[1]?.revision, revision);
  await full.stop();
  await server.close();
});

for (const { query, message } of [
  {
    query: "sendInitialEvents=true",
    message: "resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan",
  },
  {
    query: "resourceVersionMatch=NotOlderThan",
    message:
      "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided",
  },
  {
    query: "sendInitialEvents=true&resourceVersionMatch=Exact",
    message: 'resourceVersionMatch: Unsupported value: "Exact": supported values: "NotOlderThan"',
  },
]) {
  test(`a watch with ${query} is refused`, async () => {
    const server = await testServer();
    const answer = await call(server, "GET", `/api/v1/configmaps?watch=true&${query}`);
    assert.equal(answer.status, 422);
    assert.equal(answer.body["message"], `ListOptions.meta.k8s.io "" is invalid: ${message}`);
    await server.close();
  });
}

test("a watch from a compacted revision answers with one ERROR event", async () => {
  const storage = memoryStorage();
  const server = await testServer({ storage });
  const first = await create(server, "a");
  await create(server, "b");
  await create(server, "c");
  await storage.compact(storage.revision);
  const watch = await openWatch(server, `/api/v1/configmaps?watch=true&resourceVersion=${first}`);
  const [line] = await watch.next(1);
  assert.equal(line?.type, "ERROR");
  assert.equal(fieldOf(line.value, "object", "code"), 410);
  assert.equal(fieldOf(line.value, "object", "reason"), "Expired");
  await watch.ends();
  await server.close();
});

test("a watch from a revision that is of a lost past is told to list again", async () => {
  const server = await testServer();
  const watch = await openWatch(server, `${maps}?watch=true&resourceVersion=999999`);
  const [line] = await watch.next(1);
  assert.equal(line?.type, "ERROR");
  assert.equal(fieldOf(line.value, "object", "code"), 410);
  assert.match(String(fieldOf(line.value, "object", "message")), /^too large resource version: 999999, current: \d+$/);
  await watch.stop();
  await server.close();
});

test("watchers of the same view get the same bytes", async () => {
  const server = await testServer();
  const path = "/api/v1/configmaps?watch=true&resourceVersion=1";
  const open = async () => {
    const signal = new AbortController().signal;
    const { body } = await server.handle({ method: "GET", path, headers: {}, user: testAdmin, signal });
    assert.ok(!(body instanceof Uint8Array));
    return body[Symbol.asyncIterator]();
  };
  const [left, right] = [await open(), await open()];
  await create(server, "a");
  const [one, other] = await Promise.all([left.next(), right.next()]);
  assert.equal(one.value, other.value);
  await Promise.all([left.return?.(), right.return?.()]);
  await server.close();
});

test("a watch ends at its time-out and when the server closes", async () => {
  const clock = new ManualClock();
  const server = await testServer({ clock });
  const short = await openWatch(server, "/api/v1/configmaps?watch=true&timeoutSeconds=1&resourceVersion=1");
  const long = await openWatch(server, "/api/v1/configmaps?watch=true&resourceVersion=1");
  const shortEnds = short.ends();
  await clock.advance(1_000);
  await shortEnds;
  const ended = long.ends();
  await server.close();
  await ended;
});

test("a watch of metadata and of tables", async () => {
  const server = await testServer();
  await create(server, "a", { k: "v" });
  await create(server, "b");
  const partial = await openWatch(server, "/api/v1/configmaps?watch=true", {
    accept: "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json",
  });
  const [line] = await partial.next(1);
  assert.equal(fieldOf(line?.value, "object", "kind"), "PartialObjectMetadata");
  assert.deepEqual(fieldOf(line?.value, "object", "metadata", "labels"), { k: "v" });
  await partial.stop();
  const table = await openWatch(server, "/api/v1/configmaps?watch=true", {
    accept: "application/json;as=Table;v=v1;g=meta.k8s.io,application/json",
  });
  const rows = await table.next(2);
  assert.ok(Array.isArray(fieldOf(rows[0]?.value, "object", "columnDefinitions")));
  assert.equal(fieldOf(rows[1]?.value, "object", "columnDefinitions"), null);
  await table.stop();
  await server.close();
});

test("bookmarks come every minute, and shortly before the end", async () => {
  const clock = new ManualClock();
  const server = await testServer({ clock });
  const path = "/api/v1/configmaps?watch=true&resourceVersion=2&allowWatchBookmarks=true&timeoutSeconds=100";
  const watch = await openWatch(server, path);
  const read = watch.next(3);
  await clock.advance(1);
  const revision = await create(server, "a");
  await clock.advance(60_000);
  await clock.advance(38_500);
  const lines = await read;
  assert.deepEqual(
    lines.map(({ type }) => type),
    ["ADDED", "BOOKMARK", "BOOKMARK"],
  );
  assert.deepEqual(
    lines.map(({ revision: at }) => at),
    [revision, revision, revision],
  );
  assert.equal(fieldOf(lines[1]?.value, "object", "metadata", "annotations"), undefined);
  await watch.stop();
  await server.close();
});

test("a watch ends when its kind is served no more", async () => {
  const server = await testServer();
  const watch = await openWatch(server, "/apis/example.com/v1/widgets?watch=true&resourceVersion=1");
  const ended = watch.ends();
  server.registry.set(configMaps);
  server.registry.remove("example.com", "v1", "widgets");
  await ended;
  await server.close();
});

test("a reader that falls behind is cut, the others are not hurt", async () => {
  const storage = memoryStorage({ watchBufferEventsMax: 10 });
  const server = await testServer({ storage });
  const path = "/api/v1/configmaps?watch=true&resourceVersion=1";
  const slow = await openWatch(server, path);
  const quick = await openWatch(server, path);
  await create(server, "first");
  await Promise.all([slow.next(1), quick.next(1)]);
  // Both wait for more, then only one goes on reading.
  const seen: Line[] = [];
  const reading = (async () => {
    while (seen.length < 40) seen.push(...(await quick.next(1)));
  })();
  const next = slow.next(1);
  for (let index = 0; index < 40; index++) {
    await create(server, `m-${String(index)}`);
    // A reader is quick if it reads each line before the next ten are written.
    while (seen.length <= index) await Promise.race([reading, systemClock.yield()]);
  }
  await Promise.all([reading, next]);
  assert.equal(seen.length, 40);
  let count = 0;
  for (;;) {
    const result = await slow.tryNext();
    if (result === undefined) break;
    count++;
    assert.notEqual(result.type, "ERROR");
  }
  assert.ok(count < 40, `it saw ${String(count)} and then the end`);
  await quick.stop();
  await server.close();
});
