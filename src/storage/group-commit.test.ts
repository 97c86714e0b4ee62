import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError } from "#machinery/api-error.ts";
import { silentLogger } from "#std/logger.ts";
import { openWatch, put, rejectsWith, remove, texts, write, writeAt } from "./conformance/case.ts";
import { type CommitLog, type GroupCommitOptions, GroupCommitStorage, type LoggedGroup } from "./group-commit.ts";
import { MvccEngine } from "./mvcc.ts";

/** A log that answers as the test says. */
function scriptedLog(options: Pick<GroupCommitOptions, "gathered"> = {}) {
  const groups: LoggedGroup[] = [];
  let outcome: () => Promise<void> = () => Promise.resolve();
  const log: CommitLog = {
    append(group) {
      groups.push(group);
      return outcome();
    },
    close: () => Promise.resolve(),
  };
  const storage = new GroupCommitStorage({ engine: new MvccEngine(), log, logger: silentLogger, ...options });
  const answer = (run: () => Promise<void>): void => {
    outcome = run;
  };
  return { storage, groups, answer };
}

/** A log with room for a number of records, and for so many more when a group is for relief. */
function smallDisk(room: number, reserve: number) {
  const script = scriptedLog();
  let used = 0;
  script.answer(() => {
    const group = script.groups.at(-1);
    const removed = group?.forgotten?.sequences.length ?? 0;
    const added = group?.events.length ?? 0;
    if (used - removed + added > room + (group?.isRelief === true ? reserve : 0)) {
      return Promise.reject(new ApiError("StorageFull", "no room"));
    }
    used += added - removed;
    return Promise.resolve();
  });
  return { ...script, used: () => used };
}

test("shows and acknowledges a group only once it is durable", async () => {
  const { storage, answer } = scriptedLog();
  const durable = Promise.withResolvers<void>();
  answer(() => durable.promise);
  const watch = openWatch(storage, "/", 2);
  const seen = watch.next();
  const told: string[] = [];
  const written = write(storage, put("/a", "1")).then(() => told.push("written"));
  void seen.then(() => told.push("watched"));
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  assert.deepEqual([storage.revision, await storage.get("/a"), told.length], [1, undefined, 0]);
  durable.resolve();
  await Promise.all([written, seen]);
  assert.equal(storage.revision, 2);
  watch.abort();
});

test("puts no group together before what comes at about the same time has come", async () => {
  const turns: (() => void)[] = [];
  const { storage, groups } = scriptedLog({ gathered: () => new Promise((resolve) => turns.push(resolve)) });
  const settled = async (): Promise<void> => {
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  };
  const writes = [write(storage, put("/a", "1"))];
  await settled();
  writes.push(write(storage, put("/b", "1")));
  await settled();
  assert.deepEqual([groups.length, turns.length], [0, 1]);
  turns.shift()?.();
  await Promise.all(writes);
  assert.deepEqual(
    groups.map(({ events }) => events.map(({ key }) => key)),
    [["/a", "/b"]],
  );
  assert.equal(turns.length, 0, "an idle store waits for nothing");
  await storage.close();
});

test("gathers what comes while a group is on its way into the next", async () => {
  const { storage, groups, answer } = scriptedLog();
  const first = Promise.withResolvers<void>();
  answer(() => (groups.length === 1 ? first.promise : Promise.resolve()));
  const writes = [write(storage, put("/a", "1")), write(storage, put("/b", "1"))];
  while (groups.length === 0) await Promise.resolve();
  writes.push(write(storage, put("/a", "2")), writeAt(storage, 2, put("/a", "3")), write(storage, remove("/b")));
  first.resolve();
  const results = await Promise.all(writes);
  assert.deepEqual(
    groups.map(({ events }) => events.map(({ revision, key }) => `${revision} ${key}`)),
    [
      ["2 /a", "3 /b"],
      ["4 /a", "5 /b"],
    ],
  );
  assert.deepEqual(
    results.map(({ succeeded, revision }) => [succeeded, revision]),
    [
      [true, 2],
      [true, 3],
      [true, 4],
      [false, 4],
      [true, 5],
    ],
  );
});

test("changes nothing when its log fails for a while, and recovers", async () => {
  const { storage, answer } = scriptedLog();
  await write(storage, put("/a", "1"));
  answer(() => Promise.reject(new ApiError("ServiceUnavailable", "another program holds the file")));
  const failing = [write(storage, put("/a", "2")), writeAt(storage, 0, put("/a", "3"))];
  for (const result of failing) await rejectsWith(result, "ServiceUnavailable");
  assert.equal(storage.revision, 2);
  assert.equal(storage.failure, undefined);
  answer(() => Promise.resolve());
  assert.equal((await write(storage, put("/a", "4"))).revision, 3);
});

test("takes no more writes after its log has failed for good, and goes on reading", async () => {
  const { storage, answer, groups } = scriptedLog();
  await write(storage, put("/a", "1"));
  const failure = new ApiError("InternalError", "fsync failed");
  answer(() => Promise.reject(failure));
  await assert.rejects(write(storage, put("/a", "2")), failure);
  answer(() => Promise.resolve());
  await assert.rejects(write(storage, put("/a", "3")), failure);
  assert.equal(storage.failure, failure);
  assert.equal(groups.length, 2);
  assert.deepEqual(texts((await storage.range({ prefix: "/" })).entries), ["/a=1"]);
  await storage.close();
});

test("drops the past when the disk is full, and goes on if that makes room", async () => {
  const { storage, used } = smallDisk(10, 0);
  for (let round = 0; round < 30; round++) await write(storage, put(`/${round % 3}`, String(round)));
  assert.ok(used() <= 10);
  assert.ok(storage.compactedRevision > 1);
  assert.deepEqual(texts((await storage.range({ prefix: "/" })).entries), ["/0=27", "/1=28", "/2=29"]);
});

test("refuses puts on a full disk, lets deletions through, and recovers", async () => {
  const { storage } = smallDisk(5, 2);
  for (let index = 0; index < 5; index++) await write(storage, put(`/${index}`, "x"));
  const { revision } = storage;
  await rejectsWith(write(storage, put("/5", "x")), "StorageFull");
  assert.equal(storage.revision, revision);
  const mixed = await Promise.allSettled([
    write(storage, put("/6", "x")),
    write(storage, remove("/0")),
    write(storage, remove("/1"), put("/7", "x")),
    write(storage, remove("/2")),
  ]);
  assert.deepEqual(
    mixed.map(({ status }) => status),
    ["rejected", "fulfilled", "rejected", "fulfilled"],
  );
  assert.deepEqual(texts((await storage.range({ prefix: "/" })).entries), ["/1=x", "/3=x", "/4=x"]);
  await write(storage, remove("/3")); // the newest revision's past is always kept, so one more makes the room
  await write(storage, put("/8", "x"));
  assert.deepEqual(texts((await storage.range({ prefix: "/" })).entries), ["/1=x", "/4=x", "/8=x"]);
  assert.equal(storage.failure, undefined);
});

test("refuses deletions, too, when there is no reserve", async () => {
  const { storage } = smallDisk(3, 0);
  for (let index = 0; index < 3; index++) await write(storage, put(`/${index}`, "x"));
  await rejectsWith(write(storage, remove("/0")), "StorageFull");
  assert.equal((await storage.range({ prefix: "/" })).count, 3);
});

test("bounds what waits for a slow disk", async () => {
  const { storage, answer } = scriptedLog();
  const stuck = Promise.withResolvers<void>();
  answer(() => stuck.promise);
  const value = new Uint8Array(1024 * 1024);
  const writes = Array.from({ length: 80 }, (_, index) =>
    storage.transact({ compare: [], operations: [{ type: "put", key: `/${index}`, value }] }),
  );
  const refused = await Promise.race(writes.slice(70).map((one) => one.catch((error: unknown) => error)));
  assert.ok(refused instanceof ApiError && refused.reason === "TooManyRequests");
  stuck.resolve();
  const outcomes = await Promise.allSettled(writes);
  const kept = outcomes.filter(({ status }) => status === "fulfilled").length;
  assert.equal((await storage.range({ prefix: "/" })).count, kept);
  assert.ok(kept >= 60 && kept < 80);
});

test("notes a compaction and removes what it lets go of, without keeping later writes", async () => {
  const { storage, groups } = scriptedLog();
  for (let round = 0; round < 1_000; round++) await write(storage, put("/a", String(round)));
  groups.length = 0;
  await storage.compact(storage.revision);
  const sequences = groups.flatMap(({ forgotten }) => [...(forgotten?.sequences ?? [])]);
  assert.deepEqual(
    sequences,
    Array.from({ length: 998 }, (_, index) => index + 1),
  );
  assert.ok(groups.length > 1);
  assert.ok(groups.every(({ forgotten }) => forgotten?.compactedRevision === storage.revision));
});
