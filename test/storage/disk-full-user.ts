// The process that disk-full.test.ts runs where there is little room: it fills the store, and checks what is promised then.
// Its last line on stdout is "ok" with figures. Arguments: the directory, and whether free space can come from outside.
import assert from "node:assert/strict";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ApiError } from "#machinery/api-error.ts";
import { silentLogger } from "#std/logger.ts";
import { sqliteStorage } from "#storage/sqlite/sqlite-storage.ts";
import type { Storage } from "#storage/storage.ts";

const [directory = "", mode = "disk"] = process.argv.slice(2);
const path = join(directory, "store.db");
const filler = join(directory, "filler");
const recoverMillisecondsMax = 20_000;
const value = Buffer.alloc(4_000, "0123456789");
const kept = new Set<string>();
let next = 0;

const open = (): Promise<Storage> => sqliteStorage({ path, ballastBytes: 4 * 1024 * 1024, log: silentLogger });

async function put(storage: Storage): Promise<void> {
  const key = `/o/${next++}`;
  await storage.transact({ compare: [{ key, modRevision: 0 }], operations: [{ type: "put", key, value }] });
  kept.add(key);
}

async function remove(storage: Storage, count: number): Promise<void> {
  const keys = [...kept].slice(0, count);
  await Promise.all(keys.map((key) => storage.transact({ compare: [], operations: [{ type: "delete", key }] })));
  for (const key of keys) kept.delete(key);
}

/** Puts, some at a time and then one by one, until one is refused for want of room. */
async function fill(storage: Storage): Promise<string> {
  await fillBy(storage, 16);
  return fillBy(storage, 1);
}

async function fillBy(storage: Storage, count: number): Promise<string> {
  for (;;) {
    const outcomes = await Promise.allSettled(Array.from({ length: count }, () => put(storage)));
    for (const outcome of outcomes) {
      if (outcome.status === "fulfilled") continue;
      const error: unknown = outcome.reason;
      assert.ok(error instanceof ApiError && error.reason === "StorageFull" && error.code === 507, String(error));
      return error.message;
    }
  }
}

async function recover(storage: Storage): Promise<void> {
  const endAt = Date.now() + recoverMillisecondsMax;
  for (;;) {
    try {
      await put(storage);
      return;
    } catch (error) {
      assert.ok(error instanceof ApiError && error.reason === "StorageFull", String(error));
      assert.ok(Date.now() < endAt, "there is room again, but writes are still refused");
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

async function checkReads(storage: Storage): Promise<void> {
  const { entries } = await storage.range({ prefix: "/o/" });
  assert.deepEqual(new Set(entries.map(({ key }) => key)), kept);
  assert.ok(entries.every((entry) => value.equals(entry.value)));
  assert.equal(storage.failure, undefined);
}

await writeFile(filler, Buffer.alloc(1024 * 1024, "filler"));
let storage = await open();
const message = await fill(storage);
assert.match(message, /no room to write to .*store\.db .*free some, or delete objects/);
const filled = kept.size;
await checkReads(storage);
await assert.rejects(put(storage), /no room/);

// A restart on the full disk.
await storage.close();
storage = await open();
await checkReads(storage);

// Room made through the store itself.
await remove(storage, 1);
await remove(storage, Math.floor(filled / 2));
await checkReads(storage);
await recover(storage);
const again = kept.size;
await fill(storage);
await checkReads(storage);
assert.ok(kept.size > again + filled / 4, `only ${kept.size - again} of about ${filled / 2} fitted again`);

// Room made from outside.
if (mode === "disk") {
  await rm(filler);
  await recover(storage);
  await fill(storage);
}
await checkReads(storage);
await storage.close();
storage = await open();
await checkReads(storage);
await remove(storage, kept.size);
await checkReads(storage);
await storage.close();
console.log(`ok: ${filled} objects of 4 KB fitted; ${message}`);
