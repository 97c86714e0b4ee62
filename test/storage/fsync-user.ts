// The process that fsync-error.test.ts runs with a failing fsync. Arguments: the store, and the file whose presence makes it fail.
// Its last line on stdout is "ok" and the revision that was acknowledged last.
import assert from "node:assert/strict";
import { rm, writeFile } from "node:fs/promises";
import { isApiError } from "#machinery/api-error.ts";
import { put, textOf, write } from "#storage/conformance/case.ts";
import { sqliteStorage } from "#storage/sqlite/sqlite-storage.ts";

const [path = "", failing = ""] = process.argv.slice(2);
const storage = await sqliteStorage({ path, ballastBytes: 4_096 });
await write(storage, put("/a", "1"));
const { revision } = await write(storage, put("/a", "2"));

await writeFile(failing, "");
const isFatal = (error: unknown): boolean => {
  assert.ok(isApiError(error, "InternalError"), String(error));
  assert.match(error.message, /takes no more writes: disk I\/O error.*Check the disk, then start again/);
  return true;
};
await assert.rejects(write(storage, put("/a", "3")), isFatal);
assert.ok(storage.failure);
await rm(failing);
await assert.rejects(write(storage, put("/a", "4")), isFatal, "a later fsync that succeeds proves nothing");
assert.equal(textOf(await storage.get("/a")), "2");
assert.equal(storage.revision, revision);
await storage.close();
console.log(`ok ${revision}`);
