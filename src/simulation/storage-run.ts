// One seed of the store alone: users write and read, watchers follow, the disk crashes and fills up, all in virtual time.
// The rules it is held to are in checkers/; a mutant from mutants/ may stand in front of each store.
import { isApiError } from "#machinery/api-error.ts";
import { silentLogger } from "#std/logger.ts";
import { systemClock } from "#std/time.ts";
import type { Storage, StorageOperation, StoredEntry, Transaction } from "#storage/storage.ts";
import { brokenCondition, type ConditionalWrite } from "./checkers/conditional-writes.ts";
import { brokenReads, type ObservedRead, type ObservedWrite } from "./checkers/linear-reads.ts";
import { brokenDelivery, type CommittedChange, type WatchSpan } from "./checkers/watch-delivery.ts";
import type { StorageMutant } from "./mutants/storage-mutants.ts";
import { seededRandom } from "./seeded-random.ts";
import { SimulatedDisk } from "./simulated-disk.ts";
import { Trace } from "./trace.ts";
import { VirtualClock } from "./virtual-clock.ts";
import { storagePlan, type StorageStep } from "./workload/storage-plan.ts";

const stepsPerSeed = 120;
/** Until all that is still under way at the end must have come to an end. */
const calmMilliseconds = 5_000;
/** The longest that a plan takes, simulated. */
const runMillisecondsMax = 60_000;
const retryMilliseconds = 5;
const watchedPrefixes = ["/", "/a/"] as const;

export interface StorageRunOptions {
  readonly seed: number;
  readonly mutant?: StorageMutant;
  /** Instead of the seed's own plan, for shrinking. */
  readonly plan?: readonly StorageStep[];
}

export interface StorageRunResult {
  /** A sentence for each broken rule; empty: the seed held. */
  readonly broken: readonly string[];
  /** Equal for two runs of a seed. */
  readonly digest: string;
}

/** Runs one seed to its end. */
export async function runStorageSeed(options: StorageRunOptions): Promise<StorageRunResult> {
  const clock = new VirtualClock({ random: seededRandom(options.seed, 1), turn: () => systemClock.yield() });
  const world = new StorageWorld(clock, options);
  const plan = options.plan ?? storagePlan(seededRandom(options.seed, 2), stepsPerSeed);
  await clock.run(world.play(plan), runMillisecondsMax);
  return world.judge();
}

interface Mutable<T> {
  value: T;
}

class StorageWorld {
  readonly #clock: VirtualClock;
  readonly #disk: SimulatedDisk;
  readonly #mutant: StorageMutant;
  readonly #trace = new Trace();
  readonly #committed: CommittedChange[] = [];
  readonly #writes: Mutable<ObservedWrite>[] = [];
  readonly #reads: ObservedRead[] = [];
  readonly #conditional: ConditionalWrite[] = [];
  readonly #spans: Mutable<WatchSpan>[] = [];
  readonly #stop = new AbortController();
  #connections = new AbortController();
  #storage: Storage;
  #moments = 0;
  #values = 0;

  constructor(clock: VirtualClock, { seed, mutant }: StorageRunOptions) {
    this.#clock = clock;
    this.#mutant = mutant ?? ((storage) => storage);
    this.#disk = new SimulatedDisk({
      clock,
      random: seededRandom(seed, 3),
      log: silentLogger,
      onCommit: (events) => {
        for (const { revision, key, type } of events) {
          this.#committed.push({ revision, key, type });
          this.#trace.add(clock.monotonic(), `committed ${type} ${key} at ${String(revision)}`);
        }
      },
    });
    this.#storage = this.#mutant(this.#disk.open({ clock }));
  }

  async play(plan: readonly StorageStep[]): Promise<void> {
    for (const prefix of watchedPrefixes) void this.#watch(prefix);
    for (const step of plan) {
      await this.#clock.sleep(step.afterMilliseconds);
      this.#trace.add(this.#clock.monotonic(), "key" in step ? `${step.kind} ${step.key}` : step.kind);
      this.#take(step);
    }
    this.#disk.isFull = false;
    this.#crash();
    await this.#clock.sleep(calmMilliseconds);
    for (const key of new Set(this.#writes.map(({ value }) => value.key))) await this.#read(key);
    this.#stop.abort();
    this.#connections.abort();
    await this.#storage.close();
  }

  judge(): StorageRunResult {
    const writes = this.#writes.map(({ value }) => value);
    const broken = [
      ...brokenReads(writes, this.#reads),
      ...this.#spans.flatMap(({ value }) => brokenDelivery(this.#committed, value) ?? []),
      ...this.#conditional.flatMap((write) => brokenCondition(this.#committed, write) ?? []),
    ];
    return { broken, digest: this.#trace.digest() };
  }

  #take(step: StorageStep): void {
    if ("key" in step) void this.#operate(step.kind, step.key);
    else if (step.kind === "crash") this.#crash();
    else if (step.kind === "cut") this.#cut();
    else if (step.kind === "compact") this.#compact();
    else this.#disk.isFull = step.kind === "fill";
  }

  #compact(): void {
    const storage = this.#storage;
    storage.compact(storage.revision).catch((error: unknown) => {
      if (storage === this.#storage) ignoreExpected(error);
    });
  }

  #cut(): void {
    this.#connections.abort();
    this.#connections = new AbortController();
  }

  #crash(): void {
    this.#disk.crash();
    this.#storage = this.#mutant(this.#disk.open({ clock: this.#clock }));
    this.#cut();
  }

  async #operate(kind: "put" | "delete" | "update" | "read", key: string): Promise<void> {
    if (kind === "read") {
      await this.#read(key);
    } else if (kind === "update") {
      // The user of a conditional write reads, thinks, and writes; others may have been there meanwhile.
      const entry = await this.#read(key);
      await this.#clock.sleep(retryMilliseconds);
      await this.#write({ key, expected: entry?.modRevision ?? 0, isRemoval: false });
    } else {
      await this.#write({ key, expected: undefined, isRemoval: kind === "delete" });
    }
  }

  async #read(key: string): Promise<StoredEntry | undefined> {
    const begunAt = this.#moments++;
    const entry = await this.#storage.get(key);
    this.#reads.push({ key, value: entry && Buffer.from(entry.value).toString(), begunAt, endedAt: this.#moments++ });
    return entry;
  }

  async #write(wanted: { key: string; expected: number | undefined; isRemoval: boolean }): Promise<void> {
    const { key, expected, isRemoval } = wanted;
    const value = isRemoval ? undefined : String(this.#values++);
    const observed = { value: { key, value, begunAt: this.#moments++, endedAt: Infinity } };
    this.#writes.push(observed);
    const operation: StorageOperation =
      value === undefined ? { type: "delete", key } : { type: "put", key, value: Buffer.from(value) };
    const storage = this.#storage;
    const compare: Transaction["compare"] = expected === undefined ? [] : [{ key, modRevision: expected }];
    let isRefused = false;
    try {
      const { succeeded, revision } = await storage.transact({ compare, operations: [operation] });
      observed.value.endedAt = this.#moments++;
      isRefused = !succeeded;
      if (succeeded && expected !== undefined) this.#conditional.push({ key, expected, revision });
      this.#trace.add(this.#clock.monotonic(), `${succeeded ? "wrote" : "conflicted"} ${key} ${value ?? "nothing"}`);
    } catch (error) {
      // What a crashed server says reaches nobody: its write stays unanswered.
      if (storage !== this.#storage) return;
      ignoreExpected(error);
      isRefused = true;
    }
    if (isRefused) this.#writes.splice(this.#writes.indexOf(observed), 1);
  }

  /** Follows `prefix` to the end of the run; lists again only when it is told that the past is forgotten. */
  async #watch(prefix: string): Promise<void> {
    let span = this.#begin(prefix, this.#storage.revision + 1);
    while (!this.#stop.signal.aborted) {
      const { signal } = this.#connections;
      const startRevision = span.value.until + 1;
      try {
        for await (const batch of this.#storage.watch({ prefix, startRevision, signal })) {
          if (signal.aborted) break;
          const changes = batch.events.map(({ revision, key, type }) => ({ revision, key, type }));
          span.value = { ...span.value, until: batch.revision, changes: [...span.value.changes, ...changes] };
        }
      } catch (error) {
        ignoreExpected(error);
        if (isApiError(error, "Expired")) span = this.#begin(prefix, this.#storage.revision + 1);
      }
      await this.#clock.sleep(retryMilliseconds);
    }
  }

  #begin(prefix: string, from: number): Mutable<WatchSpan> {
    const span: Mutable<WatchSpan> = { value: { prefix, from, until: from - 1, changes: [] } };
    this.#spans.push(span);
    return span;
  }
}

/** A full disk and a forgotten past are answers; anything else is a bug. */
function ignoreExpected(error: unknown): void {
  if (!isApiError(error, "StorageFull", "Expired", "BadRequest")) throw error;
}
