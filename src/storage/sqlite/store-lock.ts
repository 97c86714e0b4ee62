// One store, one process: SQLite holds a file lock of the operating system's on a file beside the database, so the lock ends
// with the process however that ends. The database itself stays open to readers such as backup tools.
import { closeSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { privateFileMode } from "#std/files.ts";
import { DatabaseError, kindOf } from "./failure.ts";
import { openError } from "./schema.ts";

/** Takes the lock of the store at `file`. The lock lasts until the returned connection is closed. */
export function lockStore(file: string): DatabaseSync {
  const lockFile = `${file}-lock`;
  let database: DatabaseSync | undefined;
  try {
    closeSync(openSync(lockFile, "a", privateFileMode));
    database = new DatabaseSync(lockFile);
    database.exec("BEGIN EXCLUSIVE");
    return database;
  } catch (error) {
    database?.close();
    if (kindOf(error) !== "busy") throw openError(error, file);
    throw new DatabaseError(
      "locked",
      `${file} is in use by another process. Stop that one first, or name another file.`,
    );
  }
}
