// Stores with a known fault each, to prove that the checkers bite. A mutant wraps the storage port; product code knows
// nothing of it. Each wraps one server's store: what it remembers is gone with that server, as its memory would be.
import type {
  Storage,
  StoredEntry,
  Transaction,
  TransactionResult,
  WatchBatch,
  WatchOptions,
} from "#storage/storage.ts";

/** How one store turns into a faulty one. */
export type StorageMutant = (storage: Storage) => Storage;

/** By what each does wrong. */
export const storageMutants: Readonly<Record<string, StorageMutant>> = {
  "acknowledge-before-durable": (storage) =>
    changed(storage, { transact: (wanted) => acknowledgeEarly(storage, wanted) }),
  "skip-resource-version-check": (storage) => changed(storage, { transact: (wanted) => skipCompare(storage, wanted) }),
  "drop-event-after-reconnect": (storage) => changed(storage, { watch: (options) => dropFirst(storage, options) }),
  "deliver-event-twice": (storage) => changed(storage, { watch: (options) => repeatLast(storage, options) }),
  "stale-cache-read": (storage) => changed(storage, { get: staleReader(storage) }),
};

function changed(storage: Storage, faulty: Partial<Pick<Storage, "transact" | "watch" | "get">>): Storage {
  return {
    get revision() {
      return storage.revision;
    },
    get compactedRevision() {
      return storage.compactedRevision;
    },
    get failure() {
      return storage.failure;
    },
    get: faulty.get ?? ((key) => storage.get(key)),
    range: (options) => storage.range(options),
    transact: faulty.transact ?? ((wanted) => storage.transact(wanted)),
    watch: faulty.watch ?? ((options) => storage.watch(options)),
    requestProgress: () => {
      storage.requestProgress();
    },
    compact: (revision) => storage.compact(revision),
    close: () => storage.close(),
  };
}

/** Answers unconditional writes while they are still on their way to the disk. */
async function acknowledgeEarly(storage: Storage, wanted: Transaction): Promise<TransactionResult> {
  const outcome = storage.transact(wanted);
  if (wanted.compare.length > 0) return await outcome;
  outcome.catch(() => undefined);
  return { succeeded: true, revision: storage.revision + 1, current: [] };
}

/** Answers all writes while they are still on their way to the disk, if they would succeed now. */
export const acknowledgingEarly: StorageMutant = (storage) =>
  changed(storage, {
    async transact(wanted) {
      const current = await Promise.all(wanted.compare.map(({ key }) => storage.get(key)));
      const holds = wanted.compare.every(
        ({ modRevision }, index) => (current[index]?.modRevision ?? 0) === modRevision,
      );
      const outcome = storage.transact(wanted);
      if (!holds) return await outcome;
      outcome.catch(() => undefined);
      return { succeeded: true, revision: storage.revision + 1, current: [] };
    },
  });

function skipCompare(storage: Storage, wanted: Transaction): Promise<TransactionResult> {
  return storage.transact({ compare: [], operations: wanted.operations });
}

/** A watch that continues an earlier one misses its first event. */
async function* dropFirst(storage: Storage, options: WatchOptions): AsyncGenerator<WatchBatch, undefined> {
  let mayDrop = options.startRevision > 2;
  for await (const batch of storage.watch(options)) {
    const events = mayDrop ? batch.events.slice(1) : batch.events;
    if (batch.events.length > 0) mayDrop = false;
    yield { ...batch, events };
  }
  return undefined;
}

/** A watch whose batches carry their last event once more. */
async function* repeatLast(storage: Storage, options: WatchOptions): AsyncGenerator<WatchBatch, undefined> {
  for await (const batch of storage.watch(options))
    yield { ...batch, events: [...batch.events, ...batch.events.slice(-1)] };
  return undefined;
}

/** Every second read of a key is answered with what the one before it saw. */
function staleReader(storage: Storage): Storage["get"] {
  const cache = new Map<string, StoredEntry | undefined>();
  return async (key) => {
    if (cache.has(key)) {
      const cached = cache.get(key);
      cache.delete(key);
      return cached;
    }
    const entry = await storage.get(key);
    cache.set(key, entry);
    return entry;
  };
}
