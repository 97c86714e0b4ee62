// The engine of the embedded stores: the present entries by key, the recent past as a log of events, and the watchers.
// It keeps what drivers have made durable; a CommitGroup plans the next changes on top without touching it.
import { ApiError } from "#machinery/api-error.ts";
import { type Clock, systemClock } from "#std/time.ts";
import { invariant } from "#std/invariant.ts";
import { CommitGroup } from "./commit-group.ts";
import { EventLog, type MvccEntry, type MvccEvent } from "./event-log.ts";
import { checkOrder, damaged, entryOf, type StoredRecord } from "./record.ts";
import { SortedKeys } from "./sorted-keys.ts";
import type { RangeOptions, RangeResult, StoredEntry, WatchBatch, WatchOptions } from "./storage.ts";
import { expired, WatchHub } from "./watch-hub.ts";

export interface MvccOptions {
  readonly clock?: Clock | undefined;
  /** How many past changes watches and reads of older revisions can go back. */
  readonly historyEventsMax?: number | undefined;
  /** How many bytes of values the past may keep alive. Absent: a part of what the present takes, within bounds. */
  readonly historyBytesMax?: number | undefined;
  /** How many events may wait for a watch's consumer before the watch is cut. */
  readonly watchBufferEventsMax?: number | undefined;
  /** How long a quiet watch may stay without news of the store's revision while that moves on. */
  readonly progressMilliseconds?: number | undefined;
}

const historyEventsMaxDefault = 100_000;
/** Losing the past costs watchers a list: the larger the store, the more of it is kept. */
const historyOfPresent = 1 / 4;
const historyBytesLeast = 4 * 1024 * 1024;
const historyBytesMost = 32 * 1024 * 1024;
const watchBufferEventsMaxDefault = 20_000;
const progressMillisecondsDefault = 1_000;

/** The past is shortened in steps of this part of its limits, not with every write. */
const trimStep = 1 / 8;
/** What a read of a revision that is yet to come is told to wait, as upstream. */
const futureRetrySeconds = 1;

/** Records that a driver need not keep any more, and the compaction that let go of them. */
export interface Forgotten {
  readonly compactedRevision: number;
  /** To be removed in this order: an entry always before the tombstone that hides it. */
  readonly sequences: readonly number[];
}

/** One store's state in memory. */
export class MvccEngine {
  readonly #entries = new Map<string, MvccEntry>();
  readonly #keys = new SortedKeys();
  readonly #log = new EventLog();
  readonly #hub: WatchHub;
  readonly #historyEventsMax: number;
  readonly #historyBytesMax: number | undefined;
  /** What the values of the present take. */
  #presentBytes = 0;
  #revision = 1;
  #compactedRevision = 1;
  #sequence = 0;
  #forgotten: number[] = [];
  /** The compaction that a driver has been told of last. */
  #toldCompaction = 1;

  constructor(options: MvccOptions = {}) {
    this.#historyEventsMax = options.historyEventsMax ?? historyEventsMaxDefault;
    this.#historyBytesMax = options.historyBytesMax;
    this.#hub = new WatchHub(this, {
      clock: options.clock ?? systemClock,
      watchBufferEventsMax: options.watchBufferEventsMax ?? watchBufferEventsMaxDefault,
      progressMilliseconds: options.progressMilliseconds ?? progressMillisecondsDefault,
    });
  }

  get revision(): number {
    return this.#revision;
  }

  get compactedRevision(): number {
    return this.#compactedRevision;
  }

  /** The number of the newest record. */
  get sequence(): number {
    return this.#sequence;
  }

  /** How many watches are open. */
  get watchers(): number {
    return this.#hub.size;
  }

  get(key: string): MvccEntry | undefined {
    return this.#entries.get(key);
  }

  range({ prefix, from = prefix, limit = Number.POSITIVE_INFINITY, revision }: RangeOptions): RangeResult {
    if (revision === undefined || revision === this.#revision) {
      const { keys, count } = this.#keys.range(prefix, from, limit);
      return { revision: this.#revision, entries: this.#entriesOf(keys), count };
    }
    if (revision < this.#compactedRevision) throw expired(revision, this);
    if (revision > this.#revision) throw tooLarge(revision, this.#revision);
    return this.#rangeAt(revision, { prefix, from, limit });
  }

  watch(options: WatchOptions): AsyncIterable<WatchBatch, undefined> {
    return this.#hub.watch(options);
  }

  /** See WatchHub.progress. */
  requestProgress(): void {
    this.#hub.progress();
  }

  /** A plan of changes on top of what is here. */
  begin(): CommitGroup {
    return new CommitGroup(this);
  }

  /** Takes over a group, which the driver has made durable, and tells the watchers. No other group may have come between. */
  publish(group: CommitGroup): void {
    invariant(group.baseSequence === this.#sequence, "a commit group was published out of turn");
    if (group.events.length === 0) return;
    for (const event of group.events) this.#apply(event);
    this.#trim();
    this.#hub.publish(group.events, this.#revision);
  }

  /** Forgets what is older than `revision`. What it already has forgotten stays so. */
  compact(revision: number): void {
    if (revision > this.#revision) {
      throw new ApiError("BadRequest", `revision ${revision} is yet to come: the store is at ${this.#revision}`);
    }
    if (revision <= this.#compactedRevision) return;
    this.#compactedRevision = revision;
    for (const event of this.#log.trimBefore(revision)) {
      if (event.previous !== undefined) this.#forgotten.push(event.previous.sequence);
      if (event.type === "delete") this.#forgotten.push(event.sequence);
    }
  }

  /** Up to `max` records that compaction has let go of since the last call; undefined when there is nothing to tell. */
  takeForgotten(max: number): Forgotten | undefined {
    if (this.#forgotten.length === 0 && this.#toldCompaction === this.#compactedRevision) return undefined;
    this.#toldCompaction = this.#compactedRevision;
    return { compactedRevision: this.#compactedRevision, sequences: this.#forgotten.splice(0, max) };
  }

  /** Gives back what a driver could not remove this time. */
  returnForgotten(forgotten: Forgotten): void {
    this.#toldCompaction = 0;
    this.#forgotten = [...forgotten.sequences, ...this.#forgotten];
  }

  /** Begins to take in what a driver has on disk. `compactedRevision`: records before it are present entries without a past. */
  startRestore(compactedRevision: number): void {
    invariant(this.#sequence === 0, "only an empty engine can be restored");
    this.#compactedRevision = compactedRevision;
    this.#toldCompaction = compactedRevision;
  }

  /** Takes in the next record, in the order in which they were written. */
  restore(record: StoredRecord): void {
    const { type, key, sequence, modRevision: revision } = record;
    const previous = this.#entries.get(key);
    checkOrder(record, previous, this);
    const entry = type === "put" ? entryOf(record) : previous;
    if (revision >= this.#compactedRevision) {
      if (entry === undefined) throw damaged(record, "it deletes a key that is not there");
      this.#apply({ type, key, revision, entry, previous, sequence });
      return;
    }
    // Superseded before the compaction, but not removed yet when the store was left.
    if (previous !== undefined) this.#forgotten.push(previous.sequence);
    if (type === "delete") this.#forgotten.push(sequence);
    this.#place(type, key, entry, previous);
    this.#revision = revision;
    this.#sequence = sequence;
  }

  /** Ends the restoration. */
  endRestore(): void {
    if (this.#revision < this.#compactedRevision) {
      throw new ApiError(
        "InternalError",
        `the newest records are missing: they end at revision ${this.#revision}, before ${this.#compactedRevision}`,
      );
    }
    this.#trim();
  }

  /** Ends all watches with `error`. */
  close(error: Error): void {
    this.#hub.close(error);
  }

  /** For the hub: see EventLog.read. */
  readEvents(prefix: string, from: number, eventsMax: number): { events: MvccEvent[]; revision: number | undefined } {
    return this.#log.read(prefix, from, eventsMax);
  }

  /** The present, with the keys put back that have changed since. */
  #rangeAt(revision: number, { prefix, from, limit }: { prefix: string; from: string; limit: number }): RangeResult {
    const changed = this.#log.changedSince(revision, prefix);
    const { keys, count } = this.#keys.range(prefix, from, limit + changed.size);
    const lastKey = keys.length < count ? keys.at(-1) : undefined;
    let countThen = count;
    const back: StoredEntry[] = [];
    for (const [key, entry] of changed) {
      if (this.#keys.isBefore(key, from)) continue;
      countThen += (entry === undefined ? 0 : 1) - (this.#entries.has(key) ? 1 : 0);
      const isInReach = lastKey === undefined || !this.#keys.isBefore(lastKey, key);
      if (entry !== undefined && isInReach) back.push(entry);
    }
    const entries = this.#entriesOf(keys.filter((key) => !changed.has(key)));
    if (back.length > 0) {
      entries.push(...back);
      entries.sort((left, right) => (this.#keys.isBefore(left.key, right.key) ? -1 : 1));
    }
    if (entries.length > limit) entries.length = limit;
    return { revision, entries, count: countThen };
  }

  #entriesOf(keys: readonly string[]): StoredEntry[] {
    const entries: StoredEntry[] = [];
    for (const key of keys) {
      const entry = this.#entries.get(key);
      if (entry !== undefined) entries.push(entry);
    }
    return entries;
  }

  #apply(event: MvccEvent): void {
    this.#place(event.type, event.key, event.entry, event.previous);
    this.#log.append(event);
    this.#revision = event.revision;
    this.#sequence = event.sequence;
  }

  #place(type: MvccEvent["type"], key: string, entry: MvccEntry | undefined, previous: MvccEntry | undefined): void {
    this.#presentBytes -= previous?.value.byteLength ?? 0;
    if (type === "delete" || entry === undefined) {
      if (this.#entries.delete(key)) this.#keys.delete(key);
      return;
    }
    this.#presentBytes += entry.value.byteLength;
    this.#entries.set(key, entry);
    if (previous === undefined) this.#keys.add(key);
  }

  #trim(): void {
    const bytesMax = this.#historyBytesMax ?? historyBytesFor(this.#presentBytes);
    const isWithin =
      this.#log.length <= this.#historyEventsMax * (1 + trimStep) && this.#log.bytes <= bytesMax * (1 + trimStep);
    if (!isWithin) this.compact(this.#log.oldestWithin(this.#historyEventsMax, bytesMax));
  }
}

function historyBytesFor(presentBytes: number): number {
  return Math.min(historyBytesMost, Math.max(historyBytesLeast, presentBytes * historyOfPresent));
}

function tooLarge(revision: number, current: number): ApiError {
  return new ApiError("Timeout", `Timeout: Too large resource version: ${revision}, current: ${current}`, {
    details: {
      causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }],
      retryAfterSeconds: futureRetrySeconds,
    },
  });
}
