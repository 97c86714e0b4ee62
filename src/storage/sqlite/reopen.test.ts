import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, test } from "node:test";
import { ApiError } from "#machinery/api-error.ts";
import { systemClock } from "#std/time.ts";
import { eventTexts, openWatch, put, rejectsWith, remove, texts, write } from "../conformance/case.ts";
import { MvccEngine } from "../mvcc.ts";
import type { Storage, StoredEntry } from "../storage.ts";
import { DatabaseError } from "./failure.ts";
import { decodeRecords } from "./record-codec.ts";
import { RecordDatabase } from "./record-database.ts";
import { type SqliteOptions, sqliteStorage } from "./sqlite-storage.ts";

const directory = mkdtempSync(join(tmpdir(), "sqlite-reopen-"));
let stores = 0;
after(() => {
  rmSync(directory, { recursive: true });
});

const newPath = (): string => join(directory, `${++stores}.db`);
const open = (path: string, options: Partial<SqliteOptions> = {}): Promise<Storage> =>
  sqliteStorage({ path, ballastBytes: 4096, ...options });

/** A closed store with some content. */
async function madeStore(): Promise<string> {
  const path = newPath();
  const storage = await open(path);
  for (let index = 0; index < 50; index++) await write(storage, put(`/a/${index}`, `${index} `.repeat(500)));
  for (let index = 0; index < 50; index += 5) await write(storage, remove(`/a/${index}`));
  await storage.close();
  return path;
}

/** The entries of a store, read in this thread. */
function readWithoutThread(file: string): readonly StoredEntry[] {
  const options = { file, ballastBytes: 4_096, busyMilliseconds: 0, clock: systemClock };
  const database = new RecordDatabase(options);
  try {
    const engine = new MvccEngine();
    engine.startRestore(database.compactedRevision);
    for (const chunk of database.load()) for (const record of decodeRecords(chunk, "copies")) engine.restore(record);
    engine.endRestore();
    return engine.range({ prefix: "" }).entries;
  } finally {
    database.close();
  }
}

/** The text of the refusal to open `path`. */
async function refusal(path: string): Promise<string> {
  try {
    await (await open(path)).close();
  } catch (error) {
    assert.ok(error instanceof ApiError, String(error));
    return error.message;
  }
  return assert.fail("was opened");
}

test("comes back with its entries, its revisions and its past", async () => {
  const path = newPath();
  let storage = await open(path);
  await write(storage, put("/a", "1"), put("/b", "1"));
  await write(storage, put("/a", "2"), remove("/b"));
  await storage.compact(storage.revision);
  await write(storage, put("/c", "3"));
  await write(storage, remove("/a"));
  const before = await storage.range({ prefix: "" });
  const past = await storage.range({ prefix: "", revision: 3 });
  await storage.close();

  storage = await open(path);
  assert.deepEqual(await storage.range({ prefix: "" }), before);
  assert.deepEqual(await storage.range({ prefix: "", revision: 3 }), past);
  assert.deepEqual([storage.revision, storage.compactedRevision], [5, 3]);
  await rejectsWith(openWatch(storage, "/", 2).next(), "Expired");
  const watch = openWatch(storage, "/", 3);
  assert.equal((await write(storage, put("/a", "4"))).revision, 6);
  assert.deepEqual(eventTexts(await watch.until(6)), [
    "3 put /a=2",
    "3 delete /b=1",
    "4 put /c=3",
    "5 delete /a=2",
    "6 put /a=4",
  ]);
  watch.abort();
  await storage.close();
});

test("lets a watch go on over restarts and compactions, each change once", async () => {
  const path = newPath();
  const seen: string[] = [];
  let next = 2;
  for (let life = 0; life < 5; life++) {
    const storage = await open(path, { historyEventsMax: 60 });
    const watch = openWatch(storage, "/", next);
    for (let round = 0; round < 50; round++) await write(storage, put(`/${round % 7}`, `${life}.${round}`));
    seen.push(...eventTexts(await watch.until(storage.revision)));
    next = storage.revision + 1;
    for (let round = 50; round < 60; round++) await write(storage, put(`/${round % 7}`, `${life}.${round}`));
    watch.abort();
    await storage.close();
  }
  const storage = await open(path);
  seen.push(...eventTexts(await openWatch(storage, "/", next).until(storage.revision)));
  const expected = Array.from({ length: 300 }, (_, index) => {
    const [life, round] = [Math.floor(index / 60), index % 60];
    return `${index + 2} put /${round % 7}=${life}.${round}`;
  });
  assert.deepEqual(seen, expected);
  assert.ok(storage.compactedRevision > 200, "the past is forgotten on disk, too");
  await storage.close();
});

test("gives space back after deletions and compaction", async () => {
  const path = newPath();
  let storage = await open(path);
  const value = "x".repeat(4_000);
  const all = Array.from({ length: 6_000 }, (_, index) => `/${index}`);
  await Promise.all(all.map((key) => write(storage, put(key, value))));
  await Promise.all(all.slice(100).map((key) => write(storage, remove(key))));
  const full = statSync(path).size;
  await storage.compact(storage.revision);
  await storage.close();
  assert.ok(full > 20_000_000, `${full} bytes`);
  const small = statSync(path).size;
  assert.ok(small < 8_000_000, `${small} bytes are left of ${full}`);
  storage = await open(path);
  assert.equal((await storage.range({ prefix: "" })).count, 100);
  await storage.close();
});

test("is for its owner's eyes and for one process at a time", async () => {
  const path = newPath();
  const storage = await open(path);
  await write(storage, put("/a", "1"));
  for (const suffix of ["", "-wal", "-shm", "-lock", "-reserve"]) {
    assert.equal(statSync(path + suffix).mode & 0o777, 0o600, suffix);
  }
  assert.match(await refusal(path), /in use by another process/);
  await storage.close();
  await (await open(path)).close();
});

test("can be read by others while it is open, but not written", async () => {
  const path = newPath();
  const storage = await open(path);
  await write(storage, put("/a", "1"));
  const other = new DatabaseSync(path);
  assert.deepEqual(
    { ...other.prepare("SELECT key, CAST(value AS TEXT) AS text FROM records").get() },
    { key: "/a", text: "1" },
  );
  await write(storage, put("/a", "2"));
  other.exec("UPDATE records SET value = x'00' WHERE sequence = 1");
  await assert.rejects(write(storage, put("/a", "3")), /another program has written/);
  await assert.rejects(write(storage, put("/a", "3")), /takes no more writes/);
  assert.deepEqual(texts((await storage.range({ prefix: "" })).entries), ["/a=2"]);
  assert.ok(storage.failure);
  other.close();
  await storage.close();
  assert.match(await refusal(path), /fails its checksum.*restore it from a backup/);
});

test("waits for a program that holds the file, and says so when it holds it too long", async () => {
  const path = newPath();
  const storage = await open(path, { busyMilliseconds: 50 });
  const other = new DatabaseSync(path);
  other.exec("BEGIN IMMEDIATE");
  const waiting = write(storage, put("/a", "1"));
  await assert.rejects(waiting, (error) => error instanceof ApiError && error.reason === "ServiceUnavailable");
  other.exec("ROLLBACK");
  await write(storage, put("/a", "2"));
  other.close();
  await storage.close();
});

test("refuses what is not its own, and says what to do", async () => {
  const text = newPath();
  writeFileSync(text, "apiVersion: v1\n".repeat(100));
  assert.match(await refusal(text), /not a whole database.*Restore it from a backup, or move it away/);
  const empty = newPath();
  writeFileSync(empty, "");
  assert.match(await refusal(empty), /is empty, which no store ever is/);
  const foreign = newPath();
  const database = new DatabaseSync(foreign);
  database.exec("CREATE TABLE records (id INTEGER PRIMARY KEY)");
  database.close();
  assert.match(await refusal(foreign), /a database of another program. Name another file/);
  assert.match(await refusal(join(directory, "none", "s.db")), /cannot open .*ENOENT/);
  const newer = await madeStore();
  const later = new DatabaseSync(newer);
  later.exec("PRAGMA user_version = 7");
  later.close();
  assert.match(await refusal(newer), /newer version of this program \(format 7; this one knows 1\)/);
});

test("notices records that are missing", async () => {
  for (const [what, statement, message] of [
    ["of the past", "DELETE FROM records WHERE sequence = 30", /record 31 .* damaged: revision 32 follows revision 30/],
    ["the newest", "DELETE FROM records WHERE sequence > 30", /the newest records are missing/],
    ["all", "DELETE FROM records", /the newest records are missing/],
    ["how far it is compacted", "DELETE FROM meta", /does not say how far it is compacted/],
  ] as const) {
    const path = await madeStore();
    const database = new DatabaseSync(path);
    if (what !== "of the past") database.exec("UPDATE meta SET value = 40");
    database.exec(statement);
    database.close();
    assert.match(await refusal(path), message, what);
  }
});

test("never opens a damaged file as if it were whole", async () => {
  const whole = await madeStore();
  const bytes = readFileSync(whole);
  const storage = await open(whole);
  const content = texts((await storage.range({ prefix: "" })).entries);
  await storage.close();
  const path = newPath();
  let refused = 0;
  const damages = [
    ...Array.from({ length: 12 }, (_, index) => ({ cut: 4_096 * (index + 1) })),
    ...Array.from({ length: 40 }, (_, index) => ({ flip: (index * 7_919 + 100) % bytes.length })),
  ].filter((damage) => !("cut" in damage) || damage.cut < bytes.length);
  for (const damage of damages) {
    copyFileSync(whole, path);
    if ("cut" in damage) truncateSync(path, damage.cut);
    else {
      const copy = Buffer.from(bytes);
      copy[damage.flip] = (copy[damage.flip] ?? 0) ^ 0x55;
      writeFileSync(path, copy);
    }
    try {
      // A flip in a part of a page that is not in use does no harm.
      assert.deepEqual(texts(readWithoutThread(path)), content, JSON.stringify(damage));
    } catch (error) {
      if (!(error instanceof DatabaseError)) throw error;
      assert.match(error.message, /[Rr]estore it from a backup|another program|newer version/, JSON.stringify(damage));
      refused++;
    }
  }
  assert.ok(refused > damages.length / 2, `${refused} of ${damages.length} damages were noticed`);
});
