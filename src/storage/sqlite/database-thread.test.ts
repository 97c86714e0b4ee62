import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { put, rejectsWith, texts, write } from "../conformance/case.ts";
import type { Storage } from "../storage.ts";
import { DatabaseThread } from "./database-thread.ts";
import { sqliteStorage } from "./sqlite-storage.ts";

const directory = mkdtempSync(join(tmpdir(), "database-thread-"));
after(() => {
  rmSync(directory, { recursive: true });
});

const open = (thread: DatabaseThread, name: string): Promise<Storage> =>
  sqliteStorage({ path: join(directory, name), ballastBytes: 4096, thread });

test("database thread: stores that share it keep to themselves", async () => {
  const thread = new DatabaseThread();
  const [one, other] = await Promise.all([open(thread, "one.db"), open(thread, "other.db")]);
  const writes = Array.from({ length: 100 }, (_, index) =>
    write(index % 2 === 0 ? one : other, put("/a/x", `${index}`)),
  );
  await Promise.all(writes);
  assert.deepEqual(texts((await one.range({ prefix: "" })).entries), ["/a/x=98"]);
  assert.deepEqual(texts((await other.range({ prefix: "" })).entries), ["/a/x=99"]);
  assert.equal(other.revision, 51);
  await Promise.all([one.close(), other.close()]);
});

test("database thread: goes on until its last store has closed, and starts again with the next", async () => {
  const thread = new DatabaseThread();
  const first = await open(thread, "first.db");
  const second = await open(thread, "second.db");
  await write(first, put("/a/x", "1"));
  await first.close();
  await write(second, put("/a/x", "2"));
  await second.close();
  const again = await open(thread, "first.db");
  assert.deepEqual(texts((await again.range({ prefix: "" })).entries), ["/a/x=1"]);
  await again.close();
});

test("database thread: a store that cannot be opened is no harm to the others", async () => {
  const thread = new DatabaseThread();
  const store = await open(thread, "held.db");
  await rejectsWith(open(thread, "held.db"), "Conflict");
  await write(store, put("/a/x", "1"));
  await store.close();
});
