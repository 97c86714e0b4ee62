// The database file: who may open it, how it is made, and its two tables. Everything here runs in the database's thread.
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { errorText } from "#machinery/api-error.ts";
import { privateFileMode } from "#std/files.ts";
import { DatabaseError, isDamage, kindOf } from "./failure.ts";

/** "KTS" and a 1, in the file's header: the sign that a file is ours. */
const applicationId = 0x4b54_5331;
/** Raised with each change of the tables that older programs could not read. */
const schemaVersion = 1;
const pageBytes = 4_096;
/** A write-ahead log that has grown beyond this is cut back when it is begun anew. */
const walBytesMax = 16 * 1024 * 1024;

const tables = `
  CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  -- One row per change, in the order of the changes; a row of version 0 says that its key was deleted.
  CREATE TABLE records (
    sequence INTEGER PRIMARY KEY,
    revision INTEGER NOT NULL,
    create_revision INTEGER NOT NULL,
    version INTEGER NOT NULL,
    key TEXT NOT NULL,
    value BLOB NOT NULL,
    checksum INTEGER NOT NULL
  ) STRICT;
  INSERT INTO meta VALUES ('compactedRevision', 1);
`;

/**
 * Opens the database at `file`, making it where there is none. Fails with a DatabaseError that says what to do.
 * Another program that holds the file (a backup, a look with the sqlite3 tool) is waited for.
 */
export function openDatabase(file: string, busyMilliseconds: number): DatabaseSync {
  const database = connect(file, busyMilliseconds);
  try {
    checkOwner(database, file);
    // Readers beside us (sqlite3, backups) are welcome, so the lock stays NORMAL; writers are noticed by data_version.
    const mode = database.prepare("PRAGMA journal_mode = WAL").get()?.["journal_mode"];
    if (mode !== "wal") {
      throw new DatabaseError("refused", `${file} lies on a file system that SQLite's write-ahead log cannot use.`);
    }
    database.exec(`
      PRAGMA synchronous = FULL;
      PRAGMA wal_autocheckpoint = 0;
      PRAGMA journal_size_limit = ${walBytesMax};
    `);
    checkWhole(database, file);
    return database;
  } catch (error) {
    database.close();
    throw openError(error, file);
  }
}

/** The text to end messages about damage with. */
export const whatToDo = "restore it from a backup, or move it away to begin with an empty store";

function connect(file: string, busyMilliseconds: number): DatabaseSync {
  try {
    if (!existsSync(file)) create(file);
    if (statSync(file).size === 0) {
      throw new DatabaseError(
        "refused",
        `${file} is empty, which no store ever is: it was cut off. ${sentence(whatToDo)}`,
      );
    }
    return new DatabaseSync(file, { timeout: busyMilliseconds });
  } catch (error) {
    throw openError(error, file);
  }
}

/** Makes the file under another name first: a database file is whole or absent, so an empty one is never taken for new. */
function create(file: string): void {
  const draft = `${file}.new`;
  rmSync(draft, { force: true });
  rmSync(`${draft}-journal`, { force: true });
  closeSync(openSync(draft, "wx", privateFileMode));
  const database = new DatabaseSync(draft);
  try {
    database.exec(`
      PRAGMA page_size = ${pageBytes};
      PRAGMA auto_vacuum = INCREMENTAL;
      PRAGMA synchronous = FULL;
      BEGIN;
      PRAGMA application_id = ${applicationId};
      PRAGMA user_version = ${schemaVersion};
      ${tables}
      COMMIT;
    `);
  } finally {
    database.close();
  }
  renameSync(draft, file);
  syncDirectory(path.dirname(file));
}

function checkOwner(database: DatabaseSync, file: string): void {
  if (pragma(database, "application_id") !== applicationId) {
    throw new DatabaseError("refused", `${file} is a database of another program. Name another file or directory.`);
  }
  const version = pragma(database, "user_version");
  if (version > schemaVersion) {
    throw new DatabaseError(
      "refused",
      `${file} was written by a newer version of this program (format ${version}; this one knows ${schemaVersion}). ` +
        "Start that version again, or name another file or directory.",
    );
  }
}

/** Damaged pages are found here rather than by whoever reads them some day. */
function checkWhole(database: DatabaseSync, file: string): void {
  const findings = database
    .prepare("PRAGMA quick_check(3)")
    .all()
    .map((row) => String(row["quick_check"]));
  if (findings.length === 1 && findings[0] === "ok") return;
  throw new DatabaseError("refused", `${file} is damaged (${findings.join("; ")}). ${sentence(whatToDo)}`);
}

/** The number that a pragma tells. */
export function pragma(database: DatabaseSync, name: string): number {
  const value = database.prepare(`PRAGMA ${name}`).get()?.[name];
  return typeof value === "number" ? value : 0;
}

/** What opening `file` failed with, for people. */
export function openError(error: unknown, file: string): DatabaseError {
  if (error instanceof DatabaseError) return error;
  if (isDamage(error)) {
    return new DatabaseError("refused", `${file} is not a whole database (${errorText(error)}). ${sentence(whatToDo)}`);
  }
  const kind = kindOf(error);
  return new DatabaseError(kind === "failed" ? "refused" : kind, `cannot open ${file}: ${errorText(error)}`);
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** Makes the new name last. Where a system cannot open directories, the rename is all there is. */
function syncDirectory(directory: string): void {
  try {
    const handle = openSync(directory, "r");
    try {
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "EIO") throw error;
  }
}
