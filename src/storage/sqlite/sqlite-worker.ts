// The databases' thread: fsync blocks here and not the event loop. Started by database-thread.ts.
import { parentPort } from "node:worker_threads";
import { invariant } from "#std/invariant.ts";
import { systemClock } from "#std/time.ts";
import { failureOf } from "./failure.ts";
import type { DatabaseAnswer, DatabaseRequest, StoreRequest } from "./messages.ts";
import { decodeRecords, letGo } from "./record-codec.ts";
import { RecordDatabase } from "./record-database.ts";

interface OpenStore {
  readonly database: RecordDatabase;
  loading?: Iterator<ArrayBuffer, undefined>;
}

/** Answers requests on `port`, one after the other. */
function serve(port: NonNullable<typeof parentPort>): void {
  const stores = new Map<number, OpenStore>();
  port.on("message", ({ store, request }: StoreRequest) => {
    const told = attempt(() => answer(stores, store, request));
    port.postMessage(told, told.type === "records" && told.records !== undefined ? [told.records] : []);
    if (request.type === "commit") stores.get(store)?.database.maintain();
  });
}

function answer(stores: Map<number, OpenStore>, store: number, request: DatabaseRequest): DatabaseAnswer {
  if (request.type === "open") {
    const database = new RecordDatabase({ ...request, clock: systemClock });
    stores.set(store, { database });
    return { type: "opened", compactedRevision: database.compactedRevision };
  }
  const open = stores.get(store);
  if (request.type === "close") {
    stores.delete(store);
    open?.database.close();
    return { type: "done" };
  }
  invariant(open, "the database is not open");
  if (request.type === "load") {
    const records = (open.loading ??= open.database.load()).next().value;
    if (records === undefined) delete open.loading;
    return { type: "records", records };
  }
  open.database.commit({ ...request, records: decodeRecords(request.records, "views") });
  letGo(request.records);
  return { type: "done" };
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
