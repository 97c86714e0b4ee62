// The watchers of a store. A watcher first replays the event log at its consumer's pace and holds nothing itself; once
// it has caught up, each commit group hands it one batch, which all watchers of its prefix share.
import { ApiError } from "#machinery/api-error.ts";
import { AsyncQueue } from "#std/async-queue.ts";
import type { Clock } from "#std/time.ts";
import type { StoredEvent, WatchBatch, WatchOptions } from "./storage.ts";

/** A replayed batch ends with the transaction that reaches this. */
const replayEventsMax = 1_000;

/** What the hub knows of its store. */
export interface WatchSource {
  readonly revision: number;
  readonly compactedRevision: number;
  /** See EventLog.read. */
  readEvents(
    prefix: string,
    from: number,
    eventsMax: number,
  ): { readonly events: readonly StoredEvent[]; readonly revision: number | undefined };
}

export interface WatchHubOptions {
  readonly clock: Clock;
  /** Events that may wait for a consumer before its watch is cut. */
  readonly watchBufferEventsMax: number;
  /** How long a quiet watch may stay without news of the store's revision while that moves on. */
  readonly progressMilliseconds: number;
}

/** Watchers by prefix. */
export class WatchHub {
  readonly #source: WatchSource;
  readonly #options: WatchHubOptions;
  readonly #watchers = new Set<Watcher>();
  /** Those that have caught up. */
  readonly #live = new Map<string, Set<Watcher>>();
  /** How many live prefixes have this length: a key is looked up once per length, not once per prefix. */
  readonly #lengths = new Map<number, number>();
  #cancelProgress: (() => void) | undefined;
  #closed: Error | undefined;

  constructor(source: WatchSource, options: WatchHubOptions) {
    this.#source = source;
    this.#options = options;
  }

  /** How many watches are open. */
  get size(): number {
    return this.#watchers.size;
  }

  watch(options: WatchOptions): AsyncIterable<WatchBatch, undefined> {
    return { [Symbol.asyncIterator]: () => this.#open(options) };
  }

  /** Hands a published commit group to the watchers that have caught up. */
  publish(events: readonly StoredEvent[], revision: number): void {
    if (this.#live.size === 0) return;
    const byPrefix = new Map<string, StoredEvent[]>();
    for (const event of events) {
      for (const length of this.#lengths.keys()) {
        if (length > event.key.length) continue;
        const prefix = event.key.slice(0, length);
        if (!this.#live.has(prefix)) continue;
        const found = byPrefix.get(prefix);
        if (found === undefined) byPrefix.set(prefix, [event]);
        else found.push(event);
      }
    }
    for (const [prefix, found] of byPrefix) {
      const batch: WatchBatch = { events: found, revision };
      for (const watcher of this.#live.get(prefix) ?? []) watcher.offer(batch);
    }
    this.#cancelProgress ??= this.#options.clock.timer(this.#options.progressMilliseconds, () => {
      this.#cancelProgress = undefined;
      this.progress();
    });
  }

  /** Tells every watcher that waits how far the store has come. */
  progress(): void {
    for (const watchers of this.#live.values()) {
      for (const watcher of watchers) watcher.offerProgress(this.#source.revision);
    }
  }

  /** Ends all watches, now and from now on, with `error`. What waits is still delivered. */
  close(error: Error): void {
    this.#closed = error;
    this.#cancelProgress?.();
    for (const watcher of this.#watchers) watcher.end(error);
  }

  #open(options: WatchOptions): Watcher {
    const watcher: Watcher = new Watcher({
      ...options,
      source: this.#source,
      bufferEventsMax: this.#options.watchBufferEventsMax,
      onLive: () => {
        this.#attach(watcher);
      },
      onGone: () => {
        this.#detach(watcher);
      },
    });
    if (this.#closed !== undefined) watcher.end(this.#closed);
    else if (!options.signal.aborted) this.#watchers.add(watcher);
    return watcher;
  }

  #attach(watcher: Watcher): void {
    const { prefix } = watcher;
    const watchers = this.#live.get(prefix);
    if (watchers !== undefined) {
      watchers.add(watcher);
      return;
    }
    this.#live.set(prefix, new Set([watcher]));
    this.#lengths.set(prefix.length, (this.#lengths.get(prefix.length) ?? 0) + 1);
  }

  #detach(watcher: Watcher): void {
    this.#watchers.delete(watcher);
    const { prefix } = watcher;
    const watchers = this.#live.get(prefix);
    if (watchers?.delete(watcher) !== true || watchers.size > 0) return;
    this.#live.delete(prefix);
    const sharers = (this.#lengths.get(prefix.length) ?? 1) - 1;
    if (sharers === 0) this.#lengths.delete(prefix.length);
    else this.#lengths.set(prefix.length, sharers);
  }
}

interface WatcherOptions extends WatchOptions {
  readonly source: WatchSource;
  readonly bufferEventsMax: number;
  readonly onLive: () => void;
  readonly onGone: () => void;
}

/** One watch: the iterator its consumer pulls. */
class Watcher implements AsyncIterator<WatchBatch, undefined> {
  readonly prefix: string;
  readonly #options: WatcherOptions;
  readonly #queue: AsyncQueue<WatchBatch>;
  readonly #onAbort = (): void => {
    this.#leave();
    this.#queue.cut();
  };
  /** The first revision not delivered or queued yet. */
  #from: number;
  #isLive = false;

  constructor(options: WatcherOptions) {
    this.prefix = options.prefix;
    this.#options = options;
    this.#from = options.startRevision;
    this.#queue = new AsyncQueue({
      weightMax: options.bufferEventsMax,
      onClose: () => {
        this.#leave();
      },
    });
    if (options.signal.aborted) this.#queue.cut();
    else options.signal.addEventListener("abort", this.#onAbort, { once: true });
  }

  next(): Promise<IteratorResult<WatchBatch, undefined>> {
    if (!this.#isLive && !this.#queue.ended) {
      const batch = this.#replay();
      if (batch !== undefined) return Promise.resolve({ done: false, value: batch });
    }
    return this.#queue.next();
  }

  return(): Promise<IteratorResult<WatchBatch, undefined>> {
    return this.#queue.return();
  }

  /** Takes in what a commit group changed under the prefix. */
  offer(batch: WatchBatch): void {
    const isWhole = (batch.events[0]?.revision ?? 0) >= this.#from;
    const events = isWhole ? batch.events : batch.events.filter(({ revision }) => revision >= this.#from);
    if (events.length === 0) return;
    this.#from = batch.revision + 1;
    if (this.#queue.push(isWhole ? batch : { events, revision: batch.revision }, events.length)) return;
    this.#leave();
    this.#queue.cut(
      new ApiError(
        "Expired",
        `too old resource version: the watch fell ${this.#options.bufferEventsMax} events behind`,
      ),
    );
  }

  /** News of the revision for a consumer that has seen everything else. */
  offerProgress(revision: number): void {
    if (this.#queue.length > 0 || revision < this.#from) return;
    this.#from = revision + 1;
    this.#queue.push({ events: [], revision }, 0);
  }

  end(error: Error): void {
    this.#leave();
    this.#queue.end(error);
  }

  #replay(): WatchBatch | undefined {
    const { source, onLive } = this.#options;
    if (this.#from < source.compactedRevision) {
      this.#leave();
      this.#queue.cut(expired(this.#from - 1, source));
      return undefined;
    }
    const from = this.#from;
    const isBehind = from <= source.revision;
    const read = isBehind ? source.readEvents(this.prefix, from, replayEventsMax) : { events: [], revision: undefined };
    if (read.revision === undefined) {
      this.#isLive = true;
      onLive();
    }
    if (!isBehind) return undefined;
    const revision = read.revision ?? source.revision;
    this.#from = revision + 1;
    return { events: read.events, revision };
  }

  #leave(): void {
    this.#options.signal.removeEventListener("abort", this.#onAbort);
    this.#options.onGone();
  }
}

/** The answer to a read or watch of what has been compacted, in upstream's words. */
export function expired(revision: number, source: Pick<WatchSource, "compactedRevision">): ApiError {
  return new ApiError("Expired", `too old resource version: ${revision} (${source.compactedRevision})`);
}
