// Conformance: transactions, reads and ranges.
import assert from "node:assert/strict";
import type { Storage } from "../storage.ts";
import { transactionBytesMax, transactionOperationsMax } from "../transaction.ts";
import { put, rejectsWith, remove, type StorageCase, textOf, texts, write, writeAt } from "./case.ts";

export const writeCases: readonly StorageCase[] = [
  { name: "begins empty at a revision of at least 1", run: beginsEmpty },
  { name: "counts revisions per transaction and versions per key", run: countsRevisionsAndVersions },
  { name: "does a transaction only if every compare holds", run: compares },
  { name: "gives a transaction's changes one revision", run: oneRevisionPerTransaction },
  { name: "takes deleting what is not there as no change", run: deletesNothing },
  { name: "refuses transactions that no driver takes, changing nothing", run: refuses },
  { name: "lets exactly one of many writers at the same revision win", run: oneWinner },
  { name: "keeps bytes as they are, small and large", run: keepsBytes },
  { name: "ranges over a prefix in byte order, from a key on, up to a limit, and counts", run: ranges },
  { name: "ranges at an older revision", run: rangesInThePast },
  { name: "pages over a snapshot while others write", run: pages },
  { name: "refuses writes once it is closed", run: closes },
];

async function beginsEmpty(storage: Storage): Promise<void> {
  assert.ok(storage.revision >= 1);
  assert.ok(storage.compactedRevision <= storage.revision);
  assert.equal(await storage.get("/a"), undefined);
  assert.deepEqual(await storage.range({ prefix: "" }), { revision: storage.revision, entries: [], count: 0 });
}

async function countsRevisionsAndVersions(storage: Storage): Promise<void> {
  const start = storage.revision;
  assert.deepEqual(await write(storage, put("/a", "1")), { succeeded: true, revision: start + 1, current: [] });
  await write(storage, put("/b", "1"));
  await write(storage, put("/a", "2"));
  const entry = await storage.get("/a");
  assert.equal(textOf(entry), "2");
  assert.deepEqual(
    [entry?.key, entry?.createRevision, entry?.modRevision, entry?.version],
    ["/a", start + 1, start + 3, 2],
  );
  await write(storage, remove("/a"));
  assert.equal(await storage.get("/a"), undefined);
  await write(storage, put("/a", "3"));
  const again = await storage.get("/a");
  assert.deepEqual([again?.createRevision, again?.modRevision, again?.version], [start + 5, start + 5, 1]);
  assert.equal(storage.revision, start + 5);
}

async function compares(storage: Storage): Promise<void> {
  assert.equal((await writeAt(storage, 0, put("/a", "1"))).succeeded, true);
  const { revision } = storage;
  const refused = await storage.transact({
    compare: [
      { key: "/a", modRevision: 0 },
      { key: "/b", modRevision: 0 },
    ],
    operations: [put("/a", "2"), put("/b", "2")],
  });
  assert.equal(refused.succeeded, false);
  assert.equal(refused.revision, revision);
  assert.deepEqual(refused.current, [await storage.get("/a"), undefined]);
  assert.equal(storage.revision, revision);
  assert.equal((await writeAt(storage, revision - 1, put("/a", "2"))).succeeded, false);
  assert.equal((await writeAt(storage, revision, put("/a", "2"))).succeeded, true);
  assert.equal((await writeAt(storage, revision, remove("/a"))).succeeded, false);
  assert.equal((await writeAt(storage, revision + 1, remove("/a"))).succeeded, true);
  assert.equal((await writeAt(storage, 0, put("/a", "3"))).succeeded, true);
  const both = await storage.transact({
    compare: [{ key: "/a", modRevision: storage.revision }],
    operations: [put("/b", "4"), remove("/a")],
  });
  assert.equal(both.succeeded, true);
  assert.deepEqual(texts((await storage.range({ prefix: "/" })).entries), ["/b=4"]);
}

async function oneRevisionPerTransaction(storage: Storage): Promise<void> {
  await write(storage, put("/a", "1"), put("/b", "1"));
  const { revision } = await write(storage, put("/b", "2"), remove("/a"), put("/c", "2"), remove("/none"));
  const { entries } = await storage.range({ prefix: "/" });
  assert.deepEqual(texts(entries), ["/b=2", "/c=2"]);
  assert.deepEqual(
    entries.map(({ modRevision }) => modRevision),
    [revision, revision],
  );
}

async function deletesNothing(storage: Storage): Promise<void> {
  const { revision } = storage;
  assert.deepEqual(await write(storage, remove("/none")), { succeeded: true, revision, current: [] });
  assert.deepEqual(await write(storage), { succeeded: true, revision, current: [] });
  assert.equal(storage.revision, revision);
}

async function refuses(storage: Storage): Promise<void> {
  const { revision } = storage;
  await rejectsWith(write(storage, put("/a", "1"), remove("/a")), "BadRequest");
  for (const key of ["", "a\0b", "\ud800", "x".repeat(10_000)]) {
    await rejectsWith(write(storage, put(key, "1")), "BadRequest");
    await rejectsWith(storage.transact({ compare: [{ key, modRevision: 0 }], operations: [] }), "BadRequest");
  }
  const many = Array.from({ length: transactionOperationsMax + 1 }, (_, index) => put(`/${index}`, "1"));
  await rejectsWith(write(storage, ...many), "BadRequest");
  await rejectsWith(write(storage, put("/a", "x".repeat(transactionBytesMax))), "RequestEntityTooLarge");
  assert.equal(storage.revision, revision);
  assert.equal((await storage.range({ prefix: "" })).count, 0);
}

async function oneWinner(storage: Storage): Promise<void> {
  await write(storage, put("/count", "0"));
  for (let round = 1; round <= 20; round++) {
    const entry = await storage.get("/count");
    const attempts = Array.from({ length: 16 }, (_, writer) =>
      writeAt(storage, entry?.modRevision ?? 0, put("/count", `${round} by ${writer}`)),
    );
    const results = await Promise.all(attempts);
    const winners = results.flatMap(({ succeeded }, writer) => (succeeded ? [`${round} by ${writer}`] : []));
    assert.deepEqual(winners, [textOf(await storage.get("/count"))]);
    const losers = results.filter(({ succeeded }) => !succeeded);
    for (const { current, revision } of losers) assert.equal(current[0]?.modRevision, revision);
  }
}

async function keepsBytes(storage: Storage): Promise<void> {
  const every = Uint8Array.from({ length: 256 }, (_, index) => index);
  const large = new Uint8Array(1024 * 1024).fill(7);
  const slice = new Uint8Array(100_000).fill(9).subarray(500, 510);
  const values = { "/empty": new Uint8Array(0), "/every": every, "/large": large, "/slice": slice };
  for (const [key, value] of Object.entries(values)) {
    await storage.transact({ compare: [], operations: [{ type: "put", key, value }] });
  }
  for (const [key, value] of Object.entries(values)) {
    assert.equal(Buffer.compare((await storage.get(key))?.value ?? new Uint8Array(1), value), 0, key);
  }
}

async function ranges(storage: Storage): Promise<void> {
  const keys = ["/a/1", "/a/10", "/a/2", "/a/\uffee", "/a/\u{1f600}", "/b/1", "/a", "/ab", "a"];
  for (const key of keys.toReversed()) await write(storage, put(key, "x"));
  const range = async (prefix: string, from?: string, limit?: number): Promise<[string[], number]> => {
    const { entries, count, revision } = await storage.range({ prefix, from, limit });
    assert.equal(revision, storage.revision);
    return [entries.map(({ key }) => key), count];
  };
  assert.deepEqual(await range("/a/"), [keys.slice(0, 5), 5]);
  assert.deepEqual(await range("/a/", undefined, 2), [keys.slice(0, 2), 5]);
  assert.deepEqual(await range("/a/", "/a/10", 1), [["/a/10"], 4]);
  assert.deepEqual(await range("/a/", "/a/1\0"), [keys.slice(1, 5), 4]);
  assert.deepEqual(await range("/a/", "/", 0), [[], 5]);
  assert.deepEqual(await range("/a/", "/b"), [[], 0]);
  assert.deepEqual(await range("/b/1"), [["/b/1"], 1]);
  assert.deepEqual(await range("/c"), [[], 0]);
  assert.deepEqual(await range(""), [["/a", ...keys.slice(0, 5), "/ab", "/b/1", "a"], 9]);
}

async function rangesInThePast(storage: Storage): Promise<void> {
  await write(storage, put("/x/2", "1"));
  const early = storage.revision;
  await write(storage, put("/x/1", "2"));
  assert.deepEqual(texts((await storage.range({ prefix: "/x/", revision: early, limit: 1 })).entries), ["/x/2=1"]);
  await write(storage, remove("/x/1"), remove("/x/2"));
  await write(storage, put("/a/1", "1"), put("/a/2", "1"), put("/b", "1"));
  const { revision } = storage;
  await write(storage, put("/a/1", "2"), remove("/a/2"), put("/a/0", "2"));
  await write(storage, put("/a/2", "3"), remove("/a/1"));
  const then = await storage.range({ prefix: "/a/", revision });
  assert.deepEqual([texts(then.entries), then.count, then.revision], [["/a/1=1", "/a/2=1"], 2, revision]);
  const between = await storage.range({ prefix: "/a/", revision: revision + 1 });
  assert.deepEqual(texts(between.entries), ["/a/0=2", "/a/1=2"]);
  const paged = await storage.range({ prefix: "/a/", revision, from: "/a/2", limit: 1 });
  assert.deepEqual([texts(paged.entries), paged.count], [["/a/2=1"], 1]);
  const first = await storage.range({ prefix: "/a/", revision, limit: 1 });
  assert.deepEqual([texts(first.entries), first.count], [["/a/1=1"], 2]);
  const unchanged = await storage.range({ prefix: "/", revision: revision - 1, limit: 5 });
  assert.deepEqual([unchanged.entries, unchanged.count], [[], 0]);
  const now = await storage.range({ prefix: "/", revision: storage.revision });
  assert.deepEqual(texts(now.entries), ["/a/0=2", "/a/2=3", "/b=1"]);
  await rejectsWith(storage.range({ prefix: "/", revision: storage.revision + 1 }), "Timeout");
}

async function pages(storage: Storage): Promise<void> {
  const name = (index: number): string => `/p/${String(index).padStart(3, "0")}`;
  for (let index = 0; index < 100; index++) await write(storage, put(name(index), "then"));
  const { revision } = storage;
  const seen: string[] = [];
  for (let from: string | undefined = "/p/"; from !== undefined;) {
    const page = await storage.range({ prefix: "/p/", from, limit: 7, revision });
    assert.equal(page.count, 100 - seen.length);
    seen.push(...texts(page.entries));
    const last = page.entries.at(-1)?.key;
    from = page.count > page.entries.length && last !== undefined ? `${last}\0` : undefined;
    await write(
      storage,
      remove(name(seen.length + 3)),
      put(name(seen.length + 5), "now"),
      put(`/p/x${last ?? ""}`, ""),
    );
  }
  assert.deepEqual(
    seen,
    Array.from({ length: 100 }, (_, index) => `${name(index)}=then`),
  );
}

async function closes(storage: Storage): Promise<void> {
  const under = write(storage, put("/a", "1"));
  await Promise.all([storage.close(), storage.close()]);
  assert.equal((await under).succeeded, true);
  await rejectsWith(write(storage, put("/a", "2")), "ServiceUnavailable");
}
