// The SQLite driver: the engine holds the store in memory, a database in a thread of its own makes groups durable.
// Reads and watches never wait for the disk. A file holds one store: any sqlite3 tool can read and back it up.
import { invariant } from "#std/invariant.ts";
import type { Logger } from "#std/logger.ts";
import { silentLogger } from "#std/logger.ts";
import { type Clock, endOfTurn, systemClock } from "#std/time.ts";
import { type CommitLog, GroupCommitStorage } from "../group-commit.ts";
import { MvccEngine, type MvccOptions } from "../mvcc.ts";
import { recordOf } from "../record.ts";
import type { Storage } from "../storage.ts";
import { type DatabaseConnection, DatabaseThread } from "./database-thread.ts";
import { decodeRecords, encodeRecords, letGo } from "./record-codec.ts";

export interface SqliteOptions extends MvccOptions {
  /** The database file; its directory must exist. Files beside it begin with its name. */
  readonly path: string;
  /** Shared with other stores. Absent: one of its own. */
  readonly thread?: DatabaseThread | undefined;
  readonly log?: Logger | undefined;
  readonly clock?: Clock | undefined;
  /** Disk space held in reserve so that objects can be deleted when the disk is full. */
  readonly ballastBytes?: number | undefined;
  /** How long a write waits for another program that holds the file, such as a backup. */
  readonly busyMilliseconds?: number | undefined;
}

/** More than the write-ahead log ever holds back from the database; see record-database.ts. */
const ballastBytesDefault = 8 * 1024 * 1024;
const busyMillisecondsDefault = 5_000;

/** Opens the store at `path`, or makes it. Rejects with an ApiError that says what to do when it cannot be used. */
export async function sqliteStorage(options: SqliteOptions): Promise<Storage> {
  const { path, log = silentLogger, clock = systemClock } = options;
  const engine = new MvccEngine(options);
  const thread = (options.thread ?? new DatabaseThread()).connect();
  try {
    const startedAt = clock.monotonic();
    await restore(engine, thread, options);
    log.info("opened the store", {
      path,
      revision: engine.revision,
      compactedRevision: engine.compactedRevision,
      milliseconds: Math.round(clock.monotonic() - startedAt),
    });
  } catch (error) {
    await thread.ask({ type: "close" }).catch(() => undefined);
    await thread.end();
    throw error;
  }
  return new GroupCommitStorage({ engine, log: databaseLog(thread), logger: log, gathered: endOfTurn });
}

async function restore(
  engine: MvccEngine,
  thread: DatabaseConnection,
  { path: file, ballastBytes = ballastBytesDefault, busyMilliseconds = busyMillisecondsDefault }: SqliteOptions,
): Promise<void> {
  const opened = await thread.ask({ type: "open", file, ballastBytes, busyMilliseconds });
  invariant(opened.type === "opened", "the database's thread answered out of turn");
  engine.startRestore(opened.compactedRevision);
  // The next chunk is on its way while this one is taken in.
  let next = thread.ask({ type: "load" });
  for (;;) {
    const answer = await next;
    invariant(answer.type === "records", "the database's thread answered out of turn");
    if (answer.records === undefined) break;
    next = thread.ask({ type: "load" });
    next.catch(() => undefined); // when what follows fails, nobody waits for it
    for (const record of decodeRecords(answer.records, "copies")) engine.restore(record);
    letGo(answer.records);
  }
  engine.endRestore();
}

function databaseLog(thread: DatabaseConnection): CommitLog {
  return {
    async append({ events, forgotten, isRelief }) {
      const records = encodeRecords(events.map(recordOf));
      const coded =
        forgotten === undefined
          ? undefined
          : { compactedRevision: forgotten.compactedRevision, sequences: Float64Array.from(forgotten.sequences) };
      await thread.ask({ type: "commit", records, forgotten: coded, isRelief }, [records]);
    },
    async close() {
      try {
        await thread.ask({ type: "close" });
      } finally {
        await thread.end();
      }
    },
  };
}
