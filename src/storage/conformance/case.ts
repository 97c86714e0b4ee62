// What the cases of the conformance suite are made of, and their one-line ways to write, to read and to watch.
import assert from "node:assert/strict";
import { ApiError, type Reason } from "#machinery/api-error.ts";
import type { Clock } from "#std/time.ts";
import type { Storage, StorageOperation, StoredEvent, TransactionResult } from "../storage.ts";

/** Bounds that embedded drivers take; a driver whose server has bounds of its own may ignore them and skip such cases. */
export interface StorageBounds {
  readonly clock?: Clock;
  readonly historyEventsMax?: number;
  readonly historyBytesMax?: number;
  readonly watchBufferEventsMax?: number;
  readonly progressMilliseconds?: number;
}

export type MakeStorage = (bounds: StorageBounds) => Promise<Storage>;

export interface StorageCase {
  /** A sentence about the store. */
  readonly name: string;
  readonly options?: StorageBounds;
  readonly run: (storage: Storage) => Promise<void>;
}

export function put(key: string, text: string): StorageOperation {
  return { type: "put", key, value: Buffer.from(text) };
}

export function remove(key: string): StorageOperation {
  return { type: "delete", key };
}

/** Does the operations in one transaction, whatever is there. */
export function write(storage: Storage, ...operations: readonly StorageOperation[]): Promise<TransactionResult> {
  return storage.transact({ compare: [], operations });
}

/** Does one operation if its key is at `modRevision`. */
export function writeAt(
  storage: Storage,
  modRevision: number,
  operation: StorageOperation,
): Promise<TransactionResult> {
  return storage.transact({ compare: [{ key: operation.key, modRevision }], operations: [operation] });
}

export function textOf(entry: { readonly value: Uint8Array } | undefined): string | undefined {
  return entry === undefined ? undefined : Buffer.from(entry.value).toString();
}

/** `key=text` of all entries, to compare at a glance. */
export function texts(entries: readonly { readonly key: string; readonly value: Uint8Array }[]): string[] {
  return entries.map((entry) => `${entry.key}=${textOf(entry) ?? ""}`);
}

/** `revision type key=text` of all events, `text` being what is there after it or, for a delete, was before. */
export function eventTexts(events: readonly StoredEvent[]): string[] {
  return events.map(({ type, key, revision, entry }) => `${revision} ${type} ${key}=${textOf(entry) ?? ""}`);
}

export async function rejectsWith(promise: Promise<unknown>, reason: Reason): Promise<void> {
  await assert.rejects(promise, (error) => error instanceof ApiError && error.reason === reason, `not ${reason}`);
}

/** A watch that is read by hand. */
export interface OpenWatch {
  /** All events up to `revision`, which the watch must reach. Checks that batches come in order and transactions whole. */
  until(revision: number): Promise<StoredEvent[]>;
  /** The next batch without more. */
  next(): Promise<{ readonly events: readonly StoredEvent[]; readonly revision: number } | undefined>;
  /** Leaves the watch as a `for await` does. */
  leave(): Promise<void>;
  abort(): void;
}

export function openWatch(storage: Storage, prefix: string, startRevision: number): OpenWatch {
  const controller = new AbortController();
  const watch = storage.watch({ prefix, startRevision, signal: controller.signal });
  const iterator = watch[Symbol.asyncIterator]();
  let reached = startRevision - 1;
  const next = async (): Promise<{ events: readonly StoredEvent[]; revision: number } | undefined> => {
    const { value } = await iterator.next();
    return value;
  };
  return {
    next,
    abort: () => {
      controller.abort();
    },
    leave: async () => {
      await iterator.return?.();
    },
    async until(revision) {
      const events: StoredEvent[] = [];
      while (reached < revision) {
        const pending = next();
        storage.requestProgress();
        const batch = await pending;
        assert.ok(batch, "the watch ended");
        assert.ok(batch.revision > reached, `a batch of revision ${batch.revision} came after ${reached}`);
        for (const event of batch.events) {
          assert.ok(event.revision > reached && event.revision <= batch.revision, "an event outside of its batch");
          assert.ok(event.revision >= (events.at(-1)?.revision ?? 0), "events out of order");
          events.push(event);
        }
        reached = batch.revision;
      }
      return events;
    },
  };
}
