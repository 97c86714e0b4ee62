// The log of a store in a SQLite database. Runs in the database's thread, where waiting for the disk is no harm.
import { statfsSync } from "node:fs";
import path from "node:path";
import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";
import { crc32 } from "node:zlib";
import { errorText } from "#machinery/api-error.ts";
import type { Clock } from "#std/time.ts";
import type { StoredRecord } from "../record.ts";
import { Ballast } from "./ballast.ts";
import { DatabaseError, kindOf } from "./failure.ts";
import { encodeRecords, recordBytes } from "./record-codec.ts";
import { openDatabase, pragma, whatToDo } from "./schema.ts";
import { lockStore } from "./store-lock.ts";

/**
 * Pages go from the write-ahead log to the database when so many wait. The database may have to grow by all of them, so
 * the reserve must be larger than this and the largest group together.
 */
const checkpointPages = 512;
/** Records are handed over in buffers of about this size when the store opens. */
const loadChunkBytes = 256 * 1024;
/** Empty pages go back to the file system when they are more than this, and more than this part of the file. */
const freePagesMax = 1_024;
const freePartMax = 1 / 4;
const vacuumPages = 512;
/** While room is scarce, a way back is tried at most this often. */
const recoverMilliseconds = 1_000;

export interface RecordDatabaseOptions {
  readonly file: string;
  readonly ballastBytes: number;
  readonly busyMilliseconds: number;
  readonly clock: Clock;
}

/** What one commit does; see LoggedGroup. */
export interface RecordCommit {
  readonly records: readonly StoredRecord[];
  readonly forgotten: { readonly compactedRevision: number; readonly sequences: Iterable<number> } | undefined;
  readonly isRelief: boolean;
}

export class RecordDatabase {
  readonly #options: RecordDatabaseOptions;
  readonly #lock: DatabaseSync;
  readonly #database: DatabaseSync;
  readonly #ballast: Ballast;
  readonly #begin: StatementSync;
  readonly #insert: StatementSync;
  readonly #remove: StatementSync;
  readonly #noteCompaction: StatementSync;
  readonly #end: StatementSync;
  readonly #dataVersion: StatementSync;
  readonly #walState: StatementSync;
  #expectedDataVersion: SQLOutputValue | undefined;
  /** There was no room for a checkpoint or the reserve: only what makes room is let in until there is. */
  #isScarce = false;
  #recoveryTriedAt = Number.NEGATIVE_INFINITY;
  /** Records were removed since maintenance last looked for empty pages. */
  #hasRemoved = false;
  /** Since it was set, nothing can be relied on. */
  #failure: DatabaseError | undefined;

  constructor(options: RecordDatabaseOptions) {
    this.#options = options;
    this.#lock = lockStore(options.file);
    try {
      this.#ballast = new Ballast(`${options.file}-reserve`, options.ballastBytes);
      this.#database = this.#open();
    } catch (error) {
      this.#lock.close();
      throw error;
    }
    const database = this.#database;
    this.#begin = database.prepare("BEGIN IMMEDIATE");
    this.#insert = database.prepare("INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?)");
    this.#remove = database.prepare("DELETE FROM records WHERE sequence = ?");
    this.#noteCompaction = database.prepare("UPDATE meta SET value = ? WHERE name = 'compactedRevision'");
    this.#end = database.prepare("COMMIT");
    this.#dataVersion = database.prepare("PRAGMA data_version");
    this.#expectDataVersion();
    this.#walState = database.prepare("PRAGMA wal_checkpoint(NOOP)");
    this.#isScarce = true;
    this.#recover();
  }

  get compactedRevision(): number {
    const value = this.#database.prepare("SELECT value FROM meta WHERE name = 'compactedRevision'").get()?.["value"];
    if (typeof value !== "number") throw this.#damaged("it does not say how far it is compacted");
    return value;
  }

  /** All records in the order in which they were written, in buffers. */
  *load(): Generator<ArrayBuffer, undefined> {
    const { file } = this.#options;
    const select = this.#database.prepare(
      "SELECT sequence, revision, create_revision, version, key, value, checksum FROM records ORDER BY sequence",
    );
    let records: StoredRecord[] = [];
    let bytes = 0;
    try {
      for (const row of select.iterate()) {
        const record = this.#recordOf(row);
        records.push(record);
        bytes += recordBytes(record);
        if (bytes < loadChunkBytes) continue;
        yield encodeRecords(records);
        records = [];
        bytes = 0;
      }
    } catch (error) {
      if (error instanceof DatabaseError) throw error;
      throw new DatabaseError("refused", `cannot read ${file}: ${errorText(error)}; ${whatToDo}`, { cause: error });
    }
    if (records.length > 0) yield encodeRecords(records);
    return undefined;
  }

  /** Makes a group durable. Throws a DatabaseError when nothing of it is kept. */
  commit(group: RecordCommit): void {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      if (!group.isRelief && !this.#recover()) throw this.#noRoom("what is left is kept for deletions");
      this.#commitWithReserve(group);
    } catch (error) {
      throw this.#commitError(error);
    }
  }

  /** Does what should not keep anyone waiting: to be called after the outcome of a commit has been told. */
  maintain(): void {
    if (this.#failure !== undefined) return;
    try {
      if (this.#hasRemoved || this.#isScarce) this.#vacuum();
      this.#hasRemoved = false;
      const wal = this.#walState.get();
      if (Number(wal?.["log"]) - Number(wal?.["checkpointed"]) < checkpointPages && !this.#isScarce) return;
      this.#checkpoint();
    } catch (error) {
      this.#noteScarcity(error);
    }
  }

  close(): void {
    try {
      this.#database.close();
    } finally {
      this.#lock.close();
    }
  }

  /** A disk may be too full even to open a database; the reserve helps then, too. */
  #open(): DatabaseSync {
    const { file, busyMilliseconds } = this.#options;
    try {
      return openDatabase(file, busyMilliseconds);
    } catch (error) {
      if (kindOf(error) !== "full" || !this.#ballast.isHeld) throw error;
      this.#ballast.release();
      return openDatabase(file, busyMilliseconds);
    }
  }

  #commitWithReserve(group: RecordCommit): void {
    try {
      this.#transact(group);
    } catch (error) {
      if (!group.isRelief || kindOf(error) !== "full" || !this.#ballast.isHeld) throw error;
      this.#ballast.release();
      this.#noteScarcity(error);
      // The write-ahead log takes room until its pages are in the database, which may have to grow for them.
      this.maintain();
      this.#transact(group);
    }
  }

  #transact({ records, forgotten }: RecordCommit): void {
    this.#begin.run();
    try {
      if (this.#dataVersion.get()?.["data_version"] !== this.#expectedDataVersion) {
        throw new DatabaseError("failed", `another program has written to ${this.#options.file}`);
      }
      // First what makes room.
      if (forgotten !== undefined) {
        for (const sequence of forgotten.sequences) this.#remove.run(sequence);
        this.#hasRemoved = true;
        this.#noteCompaction.run(forgotten.compactedRevision);
      }
      for (const record of records) {
        const { sequence, modRevision, createRevision, version, key, value } = record;
        this.#insert.run(sequence, modRevision, createRevision, version, key, value, checksumOf(record));
      }
      this.#end.run();
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      if (kindOf(error) === "full") this.#expectDataVersion();
      throw error;
    }
  }

  /**
   * SQLite counts what it reads anew as another's change: the writes of other programs, and after an error for want of room,
   * where it gives up its cache, its own.
   */
  #expectDataVersion(): void {
    this.#expectedDataVersion = this.#dataVersion.get()?.["data_version"];
  }

  /** Tries to get from scarcity to having the reserve again. Tells whether there is no scarcity now. */
  #recover(): boolean {
    if (!this.#isScarce) return true;
    const now = this.#options.clock.monotonic();
    if (now - this.#recoveryTriedAt < recoverMilliseconds) return false;
    this.#recoveryTriedAt = now;
    try {
      this.#checkpoint();
      this.#isScarce = !this.#ballast.hold();
    } catch (error) {
      this.#noteScarcity(error);
    }
    return !this.#isScarce;
  }

  #checkpoint(): void {
    this.#database.exec(`PRAGMA wal_checkpoint(${this.#isScarce ? "TRUNCATE" : "PASSIVE"})`);
  }

  /** After an error without which nobody's write is lost: for want of room, it is tried again later. */
  #noteScarcity(error: unknown): void {
    const kind = kindOf(error);
    if (kind === "failed") this.#failure = this.#commitError(error);
    if (kind !== "full") return;
    this.#expectDataVersion();
    this.#isScarce = true;
    this.#recoveryTriedAt = this.#options.clock.monotonic();
  }

  /** Gives empty pages back to the file system, some at a time. */
  #vacuum(): void {
    const free = pragma(this.#database, "freelist_count");
    const isWorth = free > freePagesMax && free > pragma(this.#database, "page_count") * freePartMax;
    if (isWorth || (this.#isScarce && free > 0)) this.#database.exec(`PRAGMA incremental_vacuum(${vacuumPages})`);
  }

  #recordOf(row: Record<string, SQLOutputValue>): StoredRecord {
    const { sequence, revision, create_revision: createRevision, version, key, value, checksum } = row;
    const isTyped =
      typeof sequence === "number" &&
      typeof revision === "number" &&
      typeof createRevision === "number" &&
      typeof version === "number" &&
      typeof key === "string" &&
      value instanceof Uint8Array;
    if (!isTyped) throw this.#damaged(`record ${String(sequence)} is not of the right types`);
    const type = version === 0 ? "delete" : "put";
    const record: StoredRecord = { type, key, value, sequence, modRevision: revision, createRevision, version };
    if (checksumOf(record) !== checksum) throw this.#damaged(`record ${sequence} (${key}) fails its checksum`);
    return record;
  }

  #damaged(what: string): DatabaseError {
    return new DatabaseError("refused", `${this.#options.file} is damaged: ${what}; ${whatToDo}`);
  }

  #commitError(error: unknown): DatabaseError {
    if (error instanceof DatabaseError && error.kind === "full") return error;
    const { file } = this.#options;
    const kind = kindOf(error);
    if (kind === "full") return this.#noRoom(errorText(error));
    if (kind === "busy") return new DatabaseError("busy", `another program holds ${file}: ${errorText(error)}`);
    this.#failure ??= new DatabaseError(
      "failed",
      `${file} takes no more writes: ${errorText(error)}. What was acknowledged is kept. Check the disk, then start again.`,
      { cause: error },
    );
    return this.#failure;
  }

  #noRoom(why: string): DatabaseError {
    const { file } = this.#options;
    return new DatabaseError(
      "full",
      `no room to write to ${file} (${why}${freeText(file)}); free some, or delete objects`,
    );
  }
}

function checksumOf({ sequence, modRevision, createRevision, version, key, value }: StoredRecord): number {
  return crc32(`${sequence} ${modRevision} ${createRevision} ${version} ${key}`, crc32(value));
}

/** How full the disk is, for people who read the message. */
function freeText(file: string): string {
  try {
    const { bavail, blocks, bsize } = statfsSync(path.dirname(file));
    const mebibyte = 1024 * 1024;
    return `; ${((bavail * bsize) / mebibyte).toFixed(1)} of ${((blocks * bsize) / mebibyte).toFixed(0)} MiB are free`;
  } catch {
    return "";
  }
}
