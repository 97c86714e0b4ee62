// The storage port: keys, values and one revision counter, in etcd's vocabulary (etcd/api/etcdserverpb/rpc.proto: KV, Watch).
// Drivers: memory, sqlite; etcd will follow. All pass one conformance suite (conformance/).

/** A key with its newest (or asked-for) value. `value` is shared: never written to by anyone. */
export interface StoredEntry {
  readonly key: string;
  readonly value: Uint8Array;
  /** Revision of the transaction that created the key. */
  readonly createRevision: number;
  /** Revision of the transaction that wrote this value. */
  readonly modRevision: number;
  /** 1 at creation, +1 with each write since. */
  readonly version: number;
}

/** Holds in a transaction iff the key's mod revision is exactly this; 0 means that the key does not exist. */
export interface Compare {
  readonly key: string;
  readonly modRevision: number;
}

export type StorageOperation =
  | { readonly type: "put"; readonly key: string; readonly value: Uint8Array }
  | { readonly type: "delete"; readonly key: string };

export interface Transaction {
  /** All must hold; none holds trivially. */
  readonly compare: readonly Compare[];
  /** Done together, at one new revision, if the compares hold. A key appears at most once. */
  readonly operations: readonly StorageOperation[];
}

export interface TransactionResult {
  readonly succeeded: boolean;
  /** The revision this transaction made, or the current one when it did not succeed or changed nothing. */
  readonly revision: number;
  /** When it did not succeed: the present entry (or undefined) of each compared key, in order. */
  readonly current: readonly (StoredEntry | undefined)[];
}

export interface RangeOptions {
  /** All keys that begin with this. `""` means every key. */
  readonly prefix: string;
  /** Begin at this key, itself included (for paging); it need not exist. */
  readonly from?: string | undefined;
  /** At most this many entries. */
  readonly limit?: number | undefined;
  /** As of this revision; absent: now. Compacted: ApiError Expired. In the future: ApiError Timeout. */
  readonly revision?: number | undefined;
}

export interface RangeResult {
  /** The store's revision when it was read (with `revision` given: that one). */
  readonly revision: number;
  /** By key, in byte order. */
  readonly entries: readonly StoredEntry[];
  /** How many keys from `from` on the range has, regardless of `limit`. */
  readonly count: number;
}

export interface StoredEvent {
  readonly type: "put" | "delete";
  readonly key: string;
  /** The revision of the transaction. */
  readonly revision: number;
  /** The new entry; for a delete the last one before it, with its old modRevision. */
  readonly entry: StoredEntry;
  /** What the key held before, if anything. */
  readonly previous: StoredEntry | undefined;
}

export interface WatchOptions {
  readonly prefix: string;
  /** First revision wanted; may be yet to come. Compacted: the iterator throws ApiError Expired. */
  readonly startRevision: number;
  /** Its abort ends the watch, without an error. */
  readonly signal: AbortSignal;
}

/** Events of one or more whole transactions in order, or (no events) news that the store has come to `revision` unchanged here. */
export interface WatchBatch {
  readonly events: readonly StoredEvent[];
  /** Everything up to this revision has been delivered. */
  readonly revision: number;
}

export interface Storage {
  /** The newest durable revision; at least 1. */
  readonly revision: number;
  /** The oldest revision that range and watch can still answer from. */
  readonly compactedRevision: number;
  /** Why it takes no more writes, once that is so: its disk has failed. Reads go on. */
  readonly failure: Error | undefined;
  /** The newest entry of a key, or undefined. */
  get(key: string): Promise<StoredEntry | undefined>;
  range(options: RangeOptions): Promise<RangeResult>;
  /** Resolves only when the outcome is durable. ApiError StorageFull when the disk is: nothing was changed then. */
  transact(transaction: Transaction): Promise<TransactionResult>;
  /**
   * Events from `startRevision` on, each once and in order. A watcher that falls too far behind
   * (watchBufferEventsMax) is ended with ApiError Expired; others do not notice.
   */
  watch(options: WatchOptions): AsyncIterable<WatchBatch, undefined>;
  /**
   * Asks that every watch which has caught up hear of the store's revision now, by a batch without events.
   * Unasked they hear of it every second or so while the store moves on.
   */
  requestProgress(): void;
  /** Forgets what is older than `revision`. Later reads below it answer Expired. */
  compact(revision: number): Promise<void>;
  /** Waits for what is under way, then lets go of files and threads. Idempotent. */
  close(): Promise<void>;
}
