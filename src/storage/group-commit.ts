// The storage port over an engine in memory and a log that makes groups of transactions durable. All embedded drivers
// are this with a log of their own. Transactions queue while a group is on its way; then they become the next group.
// Nothing of a group can be seen before its log says that it is durable, and nothing of it remains when the log fails.
import { ApiError, errorText, isApiError } from "#machinery/api-error.ts";
import type { Logger } from "#std/logger.ts";
import type { MvccEvent } from "./event-log.ts";
import type { Forgotten, MvccEngine } from "./mvcc.ts";
import type { RangeResult, Storage, Transaction, TransactionResult, WatchBatch } from "./storage.ts";
import type { RangeOptions, StoredEntry, WatchOptions } from "./storage.ts";
import { checkTransaction, operationBytes } from "./transaction.ts";

const groupOperationsMax = 1_000;
const groupBytesMax = 2 * 1024 * 1024;
/** What may wait for the log; more is refused, so that memory stays bounded when the disk is slow. */
const queuedTransactionsMax = 20_000;
const queuedBytesMax = 64 * 1024 * 1024;
/** Records removed with one group: at least this many, and more than it adds, so that removing keeps up with adding. */
const forgottenMin = 256;
const forgottenPerEvent = 2;

/** What a log makes durable in one step: all of it or nothing. */
export interface LoggedGroup {
  readonly events: readonly MvccEvent[];
  /** Records to remove, and the compaction to note with it. */
  readonly forgotten: Forgotten | undefined;
  /** It makes room, or may at least: a log that keeps a reserve for a full disk uses it now. */
  readonly isRelief: boolean;
}

/** Where groups become durable. Calls come one at a time. */
export interface CommitLog {
  /**
   * Resolves when the group is durable. Rejects when nothing of it is kept: with ApiError StorageFull for want of room,
   * ServiceUnavailable when trying again may help. Any other failure leaves it open what is kept: it is the last call.
   */
  append(group: LoggedGroup): Promise<void>;
  close(): Promise<void>;
}

interface Request {
  readonly transaction: Transaction;
  readonly bytes: number;
  readonly resolve: (result: TransactionResult) => void;
  readonly reject: (error: unknown) => void;
}

export interface GroupCommitOptions {
  readonly engine: MvccEngine;
  readonly log: CommitLog;
  readonly logger: Logger;
  /** What to await before a group is put together: who writes at about the same time shares the price of one. */
  readonly gathered?: () => Promise<void>;
}

/** A store: `engine` holds it, `log` makes it last. */
export class GroupCommitStorage implements Storage {
  readonly #engine: MvccEngine;
  readonly #log: CommitLog;
  readonly #logger: Logger;
  readonly #gathered: (() => Promise<void>) | undefined;
  #failure: Error | undefined;
  #requests: Request[] = [];
  #requestBytes = 0;
  /** Said already that there is no room. */
  #isFull = false;
  #work: Promise<Error | undefined> | undefined;
  #closed: Promise<void> | undefined;

  constructor({ engine, log, logger, gathered }: GroupCommitOptions) {
    this.#engine = engine;
    this.#log = log;
    this.#logger = logger;
    this.#gathered = gathered;
  }

  get revision(): number {
    return this.#engine.revision;
  }

  get compactedRevision(): number {
    return this.#engine.compactedRevision;
  }

  get failure(): Error | undefined {
    return this.#failure;
  }

  get(key: string): Promise<StoredEntry | undefined> {
    return Promise.resolve(this.#engine.get(key));
  }

  async range(options: RangeOptions): Promise<RangeResult> {
    return Promise.resolve(this.#engine.range(options));
  }

  watch(options: WatchOptions): AsyncIterable<WatchBatch, undefined> {
    return this.#engine.watch(options);
  }

  requestProgress(): void {
    this.#engine.requestProgress();
  }

  async transact(transaction: Transaction): Promise<TransactionResult> {
    if (this.#closed !== undefined) throw closedError();
    if (this.#failure !== undefined) throw this.#failure;
    checkTransaction(transaction);
    const bytes = transaction.operations.reduce((sum, operation) => sum + operationBytes(operation), 0);
    if (this.#requests.length >= queuedTransactionsMax || this.#requestBytes + bytes > queuedBytesMax) {
      throw new ApiError("TooManyRequests", "the disk does not keep up: too many writes wait for it", {
        details: { retryAfterSeconds: 1 },
      });
    }
    return new Promise((resolve, reject) => {
      this.#requests.push({ transaction, bytes, resolve, reject });
      this.#requestBytes += bytes;
      void this.#start();
    });
  }

  async compact(revision: number): Promise<void> {
    if (this.#closed !== undefined) throw closedError();
    this.#engine.compact(revision);
    const error = await this.#start();
    if (error !== undefined) throw error;
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    await this.#start();
    this.#engine.close(closedError());
    await this.#log.close();
  }

  /** Lets the work go on until nothing waits. Resolves then, to the error that keeps it from removing records, if any. */
  #start(): Promise<Error | undefined> {
    this.#work ??= this.#run();
    return this.#work;
  }

  async #run(): Promise<Error | undefined> {
    await Promise.resolve(); // all who call in this turn get into the first group
    for (;;) {
      if (this.#requests.length > 0) await this.#gathered?.();
      const requests = this.#takeRequests();
      const forgotten = this.#engine.takeForgotten(forgottenMin + forgottenPerEvent * requests.length);
      const isIdle = requests.length === 0;
      const error = isIdle && forgotten === undefined ? undefined : await this.#commit(requests, forgotten, false);
      if (isApiError(error, "StorageFull")) await this.#relieve(requests, error);
      else if (error !== undefined) for (const { reject } of requests) reject(error);
      if (!isIdle || this.#requests.length > 0 || (forgotten !== undefined && error === undefined)) continue;
      this.#work = undefined; // what could not be removed now waits for the next write
      return error;
    }
  }

  /** One group. Resolves to the log's error, if any; then nothing has happened and the requests are still open. */
  async #commit(
    requests: readonly Request[],
    forgotten: Forgotten | undefined,
    isRelief: boolean,
  ): Promise<Error | undefined> {
    const group = this.#engine.begin();
    const results = requests.map(({ transaction }) => group.evaluate(transaction));
    if (group.events.length > 0 || forgotten !== undefined) {
      try {
        await this.#log.append({ events: group.events, forgotten, isRelief });
      } catch (error) {
        if (forgotten !== undefined) this.#engine.returnForgotten(forgotten);
        return this.#note(error);
      }
      this.#engine.publish(group);
      if (group.events.some(({ type }) => type === "put")) this.#isFull = false;
    }
    requests.forEach(({ resolve }, index) => {
      const result = results[index];
      if (result !== undefined) resolve(result);
    });
    return undefined;
  }

  /**
   * No room for `requests`. First the past goes, which may make enough; then only deletions are tried, with the log's
   * reserve, for they are what a user makes room with. The others get the error.
   */
  async #relieve(requests: readonly Request[], error: ApiError): Promise<void> {
    if (!this.#isFull) this.#logger.error("no room for a write; dropping the history", { error: errorText(error) });
    this.#isFull = true;
    this.#engine.compact(this.#engine.revision);
    let freed = false;
    for (let forgotten = this.#takeAll(); forgotten !== undefined; forgotten = this.#takeAll()) {
      if ((await this.#commit([], forgotten, true)) !== undefined) break;
      freed ||= forgotten.sequences.length > 0;
    }
    if (freed && (await this.#commit(requests, undefined, false)) === undefined) return;
    const deletions = requests.filter(({ transaction }) =>
      transaction.operations.every(({ type }) => type === "delete"),
    );
    for (const request of requests) if (!deletions.includes(request)) request.reject(error);
    if (deletions.length === 0) return;
    const remaining = await this.#commit(deletions, undefined, true);
    if (remaining !== undefined) for (const { reject } of deletions) reject(remaining);
  }

  /** Failures that are neither want of room nor passing end the store's writes: what the log holds is not known any more. */
  #note(thrown: unknown): Error {
    const error = thrown instanceof Error ? thrown : new ApiError("InternalError", errorText(thrown));
    if (isApiError(error, "StorageFull", "ServiceUnavailable")) return error;
    if (this.#failure === undefined) this.#logger.error("the store takes no more writes", { error: error.message });
    this.#failure ??= error;
    return this.#failure;
  }

  #takeAll(): Forgotten | undefined {
    return this.#engine.takeForgotten(forgottenMin);
  }

  #takeRequests(): Request[] {
    let operations = 0;
    let bytes = 0;
    let count = 0;
    for (const request of this.#requests) {
      operations += request.transaction.operations.length;
      bytes += request.bytes;
      if (count > 0 && (operations > groupOperationsMax || bytes > groupBytesMax)) break;
      count++;
      this.#requestBytes -= request.bytes;
    }
    return this.#requests.splice(0, count);
  }
}

function closedError(): ApiError {
  return new ApiError("ServiceUnavailable", "the store is closed");
}
