import assert from "node:assert/strict";
import { test } from "node:test";
import { apiErrorOf, DatabaseError, failureOf, isDamage } from "./failure.ts";

function sqliteError(errcode: number): Error {
  return Object.assign(new Error("disk I/O error"), { code: "ERR_SQLITE_ERROR", errcode });
}

for (const [what, error, kind, reason, code] of [
  ["a full disk", sqliteError(13), "full", "StorageFull", 507],
  ["a quota", sqliteError(778), "full", "StorageFull", 507],
  ["no room for the shared memory file", sqliteError(4874), "full", "StorageFull", 507],
  ["a lock that another program holds", sqliteError(5), "busy", "ServiceUnavailable", 503],
  ["a snapshot that is too old to write on", sqliteError(517), "busy", "ServiceUnavailable", 503],
  ["a failed fsync", sqliteError(1034), "failed", "InternalError", 500],
  ["a damaged page", sqliteError(11), "failed", "InternalError", 500],
  ["anything unknown", "thrown text", "failed", "InternalError", 500],
  ["a store in use", new DatabaseError("locked", "in use"), "locked", "Conflict", 409],
] as const) {
  test(`${what} is told as ${reason}`, () => {
    const failure = failureOf(error);
    assert.equal(failure.kind, kind);
    const told = apiErrorOf(failure);
    assert.deepEqual([told.reason, told.code], [reason, code]);
    assert.notEqual(told.message, "");
  });
}

test("knows damage from other failures", () => {
  assert.deepEqual(
    [11, 26, 267, 13, 10].map((code) => isDamage(sqliteError(code))),
    [true, true, true, false, false],
  );
});
