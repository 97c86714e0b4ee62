// Conformance by random histories against the model: transactions one by one and many at once, ranges at any revision,
// compactions, and watches opened at any moment from any revision, each of which must see every change once, in order.
import assert from "node:assert/strict";
import fc from "fast-check";
import { isApiError } from "#machinery/api-error.ts";
import type { Storage, StoredEntry, StoredEvent, Transaction, TransactionResult } from "../storage.ts";
import { type MakeStorage, type OpenWatch, openWatch, put, rejectsWith, remove, textOf } from "./case.ts";
import { StorageModel } from "./model.ts";

const keys = ["/a", "/a/1", "/a/2", "/a/\u{1f600}", "/a/\uffee", "/b/1"];
const prefixes = ["", "/", "/a", "/a/", "/b/", "/c"];

export const propertyCases: readonly {
  readonly name: string;
  readonly run: (make: MakeStorage, histories: number) => Promise<void>;
}[] = [
  {
    name: "agrees with the model over random histories",
    run: (make, histories) => checkHistories(make, histories, {}),
  },
  {
    name: "agrees with the model while it forgets by itself",
    run: (make, histories) => checkHistories(make, histories, { historyEventsMax: 8 }),
  },
];

/** How a random transaction compares a key: with its present revision, with none, or with a wrong one. */
interface Step {
  readonly kind: "transact" | "range" | "watch" | "compact";
  /** Transactions given to the store in the same turn. */
  readonly together: readonly {
    readonly compare: readonly (readonly [string, "present" | "absent" | "wrong"])[];
    readonly operations: readonly (readonly [string, string | undefined])[];
  }[];
  readonly prefix: string;
  readonly from: string;
  readonly limit: number;
  /** A place between the oldest and the newest revision. */
  readonly fraction: number;
}

const key = fc.constantFrom(...keys);
const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom("transact", "transact", "transact", "range", "range", "watch", "compact"),
  together: fc.array(
    fc.record({
      compare: fc.array(fc.tuple(key, fc.constantFrom("present", "present", "absent", "wrong")), { maxLength: 2 }),
      operations: fc.uniqueArray(fc.tuple(key, fc.option(fc.string({ maxLength: 3 }), { nil: undefined })), {
        maxLength: 3,
        selector: ([name]) => name,
      }),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  prefix: fc.constantFrom(...prefixes),
  from: fc.constantFrom("", ...keys),
  limit: fc.integer({ min: 0, max: 8 }),
  fraction: fc.double({ min: 0, max: 1, noNaN: true }),
});

interface Run {
  readonly storage: Storage;
  readonly model: StorageModel;
  readonly watches: RunWatch[];
}

interface RunWatch {
  readonly watch: OpenWatch;
  readonly prefix: string;
  readonly start: number;
  /** Read after each step, so that it is live; the others replay everything at the end. */
  readonly isEager: boolean;
  readonly seen: StoredEvent[];
}

async function checkHistories(
  make: MakeStorage,
  histories: number,
  bounds: { historyEventsMax?: number },
): Promise<void> {
  const property = fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
    const storage = await make(bounds);
    const run: Run = { storage, model: new StorageModel(storage.revision), watches: [] };
    try {
      for (const one of steps) {
        await takeStep(run, one);
        for (const watch of run.watches) if (watch.isEager) await readOn(watch, run.model);
      }
      await checkWatches(run);
    } finally {
      await storage.close();
    }
  });
  await fc.assert(property, { numRuns: histories });
}

async function takeStep(run: Run, { kind, together, prefix, from, limit, fraction }: Step): Promise<void> {
  const { storage, model, watches } = run;
  const oldest = storage.compactedRevision;
  const revision = oldest + Math.round(fraction * (storage.revision - oldest));
  switch (kind) {
    case "transact": {
      const transactions = together.map((plan) => transactionOf(plan, model));
      const results = await Promise.all(transactions.map((transaction) => storage.transact(transaction)));
      // All were planned on the same state; the store takes them in the order in which they were given.
      for (const [index, transaction] of transactions.entries()) {
        assert.deepEqual(plainResult(results[index]), plainResult(model.transact(transaction)));
      }
      assert.equal(storage.revision, model.revision);
      return;
    }
    case "range": {
      const found = await storage.range({ prefix, from, limit, revision });
      const expected = model.range(prefix, from, limit, revision);
      assert.deepEqual([found.entries.map(plain), found.count], [expected.entries.map(plain), expected.count]);
      if (oldest > 1) await rejectsWith(storage.range({ prefix, revision: oldest - 1 }), "Expired");
      return;
    }
    case "watch": {
      const start = revision + (fraction > 0.9 ? 2 : 0);
      watches.push({ watch: openWatch(storage, prefix, start), prefix, start, isEager: limit % 2 === 0, seen: [] });
      return;
    }
    case "compact":
      await storage.compact(revision);
      assert.equal(storage.compactedRevision, revision);
      return;
  }
}

/** Reads all watches to the end. Those that begin in what has been forgotten must say so. */
async function checkWatches({ storage, model, watches }: Run): Promise<void> {
  for (const one of watches) {
    const { watch, prefix, start, seen } = one;
    try {
      await readOn(one, model);
      assert.deepEqual(seen.map(plainEvent), model.eventsSince(start, prefix).map(plainEvent));
    } catch (error) {
      if (!isApiError(error, "Expired")) throw error;
      assert.ok(
        start < storage.compactedRevision,
        `a watch from ${start} ended at compaction ${storage.compactedRevision}`,
      );
    }
    watch.abort();
  }
}

async function readOn({ watch, start, seen }: RunWatch, { revision }: StorageModel): Promise<void> {
  if (start <= revision) seen.push(...(await watch.until(revision)));
}

function transactionOf({ compare, operations }: Step["together"][number], model: StorageModel): Transaction {
  const present = model.range("", "", Number.POSITIVE_INFINITY, model.revision).entries;
  return {
    compare: compare.map(([name, how]) => {
      const current = present.find((entry) => entry.key === name)?.modRevision ?? 0;
      return { key: name, modRevision: how === "present" ? current : how === "absent" ? 0 : current + 1 };
    }),
    operations: operations.map(([name, text]) => (text === undefined ? remove(name) : put(name, text))),
  };
}

function plain(entry: StoredEntry | undefined): unknown {
  if (entry === undefined) return undefined;
  return [entry.key, textOf(entry), entry.createRevision, entry.modRevision, entry.version];
}

function plainEvent({ type, key, revision, entry, previous }: StoredEvent): unknown {
  return [type, key, revision, plain(entry), plain(previous)];
}

function plainResult(result: TransactionResult | undefined): unknown {
  return [result?.succeeded, result?.revision, result?.current.map(plain)];
}
