// The database's thread: fsync blocks here and not the event loop. Started by database-thread.ts.
import { parentPort } from "node:worker_threads";
import { invariant } from "#std/invariant.ts";
import { systemClock } from "#std/time.ts";
import { failureOf } from "./failure.ts";
import type { DatabaseAnswer, DatabaseRequest } from "./messages.ts";
import { decodeRecords } from "./record-codec.ts";
import { RecordDatabase } from "./record-database.ts";

/** Answers requests on `port`, one after the other. */
function serve(port: NonNullable<typeof parentPort>): void {
  let database: RecordDatabase | undefined;
  let loading: Iterator<ArrayBuffer, undefined> | undefined;

  const answer = (request: DatabaseRequest): DatabaseAnswer => {
    if (request.type === "open") {
      database = new RecordDatabase({ ...request, clock: systemClock });
      return { type: "opened", compactedRevision: database.compactedRevision };
    }
    if (request.type === "close") {
      database?.close();
      return { type: "done" };
    }
    invariant(database, "the database is not open");
    if (request.type === "load") {
      loading ??= database.load();
      return { type: "records", records: loading.next().value };
    }
    database.commit({ ...request, records: decodeRecords(request.records, "views") });
    return { type: "done" };
  };

  port.on("message", (request: DatabaseRequest) => {
    const told = attempt(() => answer(request));
    port.postMessage(told, told.type === "records" && told.records !== undefined ? [told.records] : []);
    if (request.type === "commit") database?.maintain();
    if (request.type === "close") port.close();
  });
}

function attempt(run: () => DatabaseAnswer): DatabaseAnswer {
  try {
    return run();
  } catch (error) {
    return { type: "failed", failure: failureOf(error) };
  }
}

invariant(parentPort, "this file is a worker's");
serve(parentPort);
