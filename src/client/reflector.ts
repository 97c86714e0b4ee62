// Keeps an object cache equal to an API server's objects of one kind, for as long as its signal lives: list, then watch;
// after a broken watch go on from the last revision, after an expired one list again and find out what was missed.
// Upstream: k8s.io/client-go/tools/cache/reflector.go.
import { errorText, isApiError } from "#machinery/api-error.ts";
import type { Kind, KubeObject } from "#machinery/object.ts";
import { type Backoff, backoffDelay } from "#std/backoff.ts";
import type { Logger } from "#std/logger.ts";
import type { Pacer } from "#std/pacer.ts";
import { type Random, randomFraction } from "#std/random.ts";
import type { Clock } from "#std/time.ts";
import { isSameState } from "./cell.ts";
import type { Client } from "./client.ts";
import { type CellEvent, type CollectionReader, collectionReader, type KeyedCell } from "./collection-reader.ts";
import type { ObjectCache } from "./object-cache.ts";
import { isOlderVersion } from "./resource-version.ts";

/** Objects per page of a list: about 10 ms of parsing. */
const listPageObjects = 500;
/** Servers are asked to end a watch after this many seconds, up to twice as many by chance. */
const watchTimeoutSecondsMin = 300;
/** A watch that brings nothing for so long, not even a bookmark (about one a minute), is taken for dead. */
export const watchSilenceMilliseconds = 150_000;
/** A watch that lived for so long was healthy: the next failure begins with a short wait again. */
const watchHealthyMilliseconds = 5_000;

const failureBackoff: Backoff = { firstMilliseconds: 200, maxMilliseconds: 30_000, jitter: 1 };
/** A kind whose CustomResourceDefinition is not there yet is looked for more often than a sick server. */
const missingKindBackoff: Backoff = { firstMilliseconds: 200, maxMilliseconds: 8_000, jitter: 0.5 };

export interface ReflectorOptions<T extends KubeObject> {
  readonly kind: Kind<T>;
  readonly cache: ObjectCache<T>;
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly pacer: Pacer;
  readonly signal: AbortSignal;
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly metadataOnly?: boolean;
  readonly keepManagedFields?: boolean;
  /** Called after each list that has been taken in whole. */
  readonly onListed: () => void;
}

/** Runs until the signal aborts. Never rejects. */
export async function reflect<T extends KubeObject>(options: ReflectorOptions<T>): Promise<void> {
  const reflector = new Reflector(options);
  while (!options.signal.aborted) await reflector.step();
}

class Reflector<T extends KubeObject> {
  readonly #options: ReflectorOptions<T>;
  readonly #reader: CollectionReader<T>;
  /** The cache holds everything up to here; undefined: list first. */
  #revision: string | undefined;
  #listedBefore = false;
  /** Whether the present watch has brought anything. */
  #progress = false;
  /** In a row. */
  #failures = 0;

  constructor(options: ReflectorOptions<T>) {
    this.#options = options;
    this.#reader = collectionReader(options, options.keepManagedFields === true);
  }

  /** One list or one watch, and after a failure the wait that it earns. */
  async step(): Promise<void> {
    const { clock, signal } = this.#options;
    const startedAt = clock.monotonic();
    this.#progress = false;
    try {
      if (this.#revision === undefined) {
        this.#revision = await this.#list();
      } else {
        await this.#watch(this.#revision);
        this.#requireHealthy(clock.monotonic() - startedAt);
        this.#failures = 0;
      }
    } catch (error) {
      if (!signal.aborted) await this.#recover(error);
    }
  }

  #requireHealthy(livedMilliseconds: number): void {
    if (!this.#progress && livedMilliseconds < watchHealthyMilliseconds) throw new ShortWatchError();
  }

  async #recover(error: unknown): Promise<void> {
    const { clock, random, signal } = this.#options;
    const expired = error instanceof RevisionWentBackError || isApiError(error, "Expired", "Gone");
    const missing = isApiError(error, "NotFound");
    if (this.#progress && !expired) this.#failures = 0;
    this.#failures++;
    this.#report(error);
    if (expired || missing) this.#revision = undefined;
    if (expired && this.#failures === 1) return; // the ordinary case: list again at once
    const delay = backoffDelay(missing ? missingKindBackoff : failureBackoff, this.#failures, random);
    await clock.sleep(delay, signal).catch(() => undefined);
  }

  /** Watches end and expire every day, and a kind may not be there yet; only what lasts is worth a warning. */
  #report(error: unknown): void {
    const { log } = this.#options;
    const quiet =
      this.#failures < 3 || error instanceof ShortWatchError || isApiError(error, "NotFound", "Expired", "Gone");
    const fields = { error: errorText(error), failures: this.#failures };
    if (quiet) log.debug("list or watch failed, trying again", fields);
    else log.warn("list or watch failed, trying again", fields);
  }

  /** Brings the cache to the state of a list. Its revision. */
  async #list(): Promise<string> {
    const { cache, pacer, onListed } = this.#options;
    const initial = !this.#listedBefore;
    const { cells, revision } = await this.#listPages();
    const gone = new Set(cache.keys());
    for (const { key, cell } of cells) {
      const known = cache.cell(key);
      gone.delete(key);
      if (known === undefined || !isSameState(known, cell)) cache.putCell(key, cell, initial);
      await pacer.pause();
    }
    for (const key of gone) cache.delete(key);
    this.#listedBefore = true;
    onListed();
    return revision;
  }

  async #listPages(): Promise<{ readonly cells: readonly KeyedCell<T>[]; readonly revision: string }> {
    const { pacer, namespace, labelSelector, metadataOnly = false, signal } = this.#options;
    const base = { namespace, labelSelector, metadataOnly, signal };
    const cells: KeyedCell<T>[] = [];
    let next: string | undefined;
    for (;;) {
      let page;
      try {
        page = await this.#reader.list({ ...base, limit: listPageObjects, continue: next });
      } catch (error) {
        if (next === undefined || !isApiError(error, "Expired", "Gone")) throw error;
        // The history went away between two pages: whole, then.
        page = await this.#reader.list(base);
        cells.length = 0;
      }
      for (const cell of page.cells) cells.push(cell);
      await pacer.pause();
      next = page.continue;
      if (next === undefined) return { cells, revision: page.revision };
    }
  }

  async #watch(since: string): Promise<void> {
    const { clock, random, pacer, namespace, labelSelector, metadataOnly = false } = this.#options;
    const timeoutSeconds = Math.floor(watchTimeoutSecondsMin * (1 + randomFraction(random)));
    using session = new WatchSession(clock, this.#options.signal);
    const base = { namespace, labelSelector, metadataOnly };
    const events = this.#reader.watch({ ...base, resourceVersion: since, timeoutSeconds, signal: session.signal });
    for await (const event of events) {
      session.alive();
      this.#take(event);
      await pacer.pause();
    }
  }

  #take(event: CellEvent<T>): void {
    const { cache } = this.#options;
    const last = this.#revision ?? "";
    if (event.type === "BOOKMARK") {
      if (isOlderVersion(event.resourceVersion, last)) throw new RevisionWentBackError(event.resourceVersion, last);
      this.#revision = event.resourceVersion;
      this.#progress = true;
      return;
    }
    const { type, key, cell } = event;
    const revision = cell.resourceVersion;
    const known = cache.cell(key);
    // The same event twice is no news. An older one means that the server lost its newest past: look at everything.
    if (type !== "DELETED" && known !== undefined && isSameState(known, cell)) return;
    if (isOlderVersion(revision, last)) throw new RevisionWentBackError(revision, last);
    this.#revision = revision;
    this.#progress = true;
    if (type === "DELETED") cache.delete(key, cell);
    else cache.putCell(key, cell);
  }
}

/** The signal of one watch: it aborts with its parent, or when nothing has come for too long. */
class WatchSession implements Disposable {
  readonly #clock: Clock;
  readonly #parent: AbortSignal;
  readonly #controller = new AbortController();
  readonly #follow: () => void;
  #heardAt: number;
  #cancelTimer: () => void;

  constructor(clock: Clock, parent: AbortSignal) {
    this.#clock = clock;
    this.#parent = parent;
    this.#heardAt = clock.monotonic();
    this.#follow = () => {
      this.#controller.abort(parent.reason);
    };
    if (parent.aborted) this.#follow();
    parent.addEventListener("abort", this.#follow, { once: true });
    this.#cancelTimer = this.#arm(watchSilenceMilliseconds);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  alive(): void {
    this.#heardAt = this.#clock.monotonic();
  }

  [Symbol.dispose](): void {
    this.#cancelTimer();
    this.#parent.removeEventListener("abort", this.#follow);
  }

  /** One timer per silence, not one per event. */
  #arm(milliseconds: number): () => void {
    return this.#clock.timer(milliseconds, () => {
      const left = this.#heardAt + watchSilenceMilliseconds - this.#clock.monotonic();
      if (left > 0) this.#cancelTimer = this.#arm(left);
      else this.#controller.abort(new Error("the watch has fallen silent"));
    });
  }
}

class RevisionWentBackError extends Error {
  constructor(revision: string, last: string) {
    super(`the server's revision went back from ${last} to ${revision}`);
  }
}

class ShortWatchError extends Error {
  constructor() {
    super("the watch ended as soon as it began");
  }
}
