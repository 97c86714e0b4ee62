// What a controller has to look at. A key that waits twice is looked at once; one key is never worked on twice at a time;
// failures wait longer and longer. Upstream: k8s.io/client-go/util/workqueue and controller-runtime pkg/controller/priorityqueue.
import { type Backoff, backoffDelay } from "#std/backoff.ts";
import { invariant } from "#std/invariant.ts";
import type { Random } from "#std/random.ts";
import type { Clock } from "#std/time.ts";
import { DelayHeap } from "./delay-heap.ts";
import { Fifo, RankedLane } from "./ranked-lane.ts";

/** Upstream's per-item limiter: 5 ms doubling to 1,000 s. */
const retryBackoffDefault: Backoff = { firstMilliseconds: 5, maxMilliseconds: 1_000_000, jitter: 0 };

/** Of so many keys taken in a row, one comes from the low lane if any waits there. */
const lowLaneTurn = 8;

/** `low` is for what was there before: a restart's backlog gives way to what users do now. */
export type Priority = "normal" | "low";

export interface WorkQueueOptions<T> {
  readonly clock: Clock;
  readonly random: Random;
  readonly keyOf: (item: T) => string;
  readonly backoff?: Backoff;
  /** Higher goes first, whatever its lane; asked when a key is added. Absent: all are equal. */
  readonly rankOf?: ((item: T) => number) | undefined;
  /** Is told when the first key comes in and when none waits or is worked on any more. */
  readonly onBusy?: (isBusy: boolean) => void;
}

export interface AddOptions {
  readonly afterMilliseconds?: number | undefined;
  readonly priority?: Priority;
}

export interface WorkQueueFigures {
  /** Keys ready to be taken. */
  readonly depth: number;
  /** Keys that wait for their time. */
  readonly delayed: number;
  /** Keys being worked on. */
  readonly active: number;
  readonly adds: number;
  readonly retries: number;
  readonly waitMillisecondsTotal: number;
  readonly waitMillisecondsMax: number;
}

interface Entry<T> {
  item: T;
  readonly key: string;
  state: "waiting" | "active" | "activeAndDirty";
  priority: Priority;
  rank: number;
  addedAt: number;
}

/** A place in a lane; void once its entry is worked on or has another place. */
interface Ticket<T> {
  readonly entry: Entry<T>;
  readonly priority: Priority;
  readonly rank: number;
}

export class WorkQueue<T> {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #keyOf: (item: T) => string;
  readonly #backoff: Backoff;
  readonly #rankOf: (item: T) => number;
  readonly #onBusy: ((isBusy: boolean) => void) | undefined;
  readonly #entries = new Map<string, Entry<T>>();
  readonly #lanes: Record<Priority, RankedLane<Ticket<T>>> = { normal: new RankedLane(), low: new RankedLane() };
  #waiting = 0;
  #sinceLow = 0;
  readonly #delays = new DelayHeap();
  readonly #delayed = new Map<string, { readonly item: T; readonly isRetry: boolean }>();
  #timer: { readonly at: number; readonly cancel: () => void } | undefined;
  readonly #failures = new Map<string, number>();
  readonly #takers = new Fifo<(item: T | undefined) => void>();
  #closed = false;
  #isBusy = false;
  #adds = 0;
  #retries = 0;
  #waitTotal = 0;
  #waitMax = 0;

  constructor({ clock, random, keyOf, rankOf, backoff = retryBackoffDefault, onBusy }: WorkQueueOptions<T>) {
    this.#clock = clock;
    this.#random = random;
    this.#keyOf = keyOf;
    this.#backoff = backoff;
    this.#rankOf = rankOf ?? (() => 0);
    this.#onBusy = onBusy;
  }

  /** Adds a key, now or later. While it waits it is there once; added while it is worked on, it is worked on again. */
  add(item: T, { afterMilliseconds = 0, priority = "normal" }: AddOptions = {}): void {
    if (this.#closed) return;
    const key = this.#keyOf(item);
    if (afterMilliseconds > 0) this.#delay(key, item, afterMilliseconds, false);
    else this.#add(key, item, priority);
  }

  /** Adds a key after the wait that its failures in a row have earned. How many those are. */
  retry(item: T): number {
    const key = this.#keyOf(item);
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    this.#retries++;
    if (!this.#closed) this.#delay(key, item, backoffDelay(this.#backoff, failures, this.#random), true);
    return failures;
  }

  /** Ends a row of failures; a retry that still waits is not needed any more. */
  forget(item: T): void {
    const key = this.#keyOf(item);
    if (!this.#failures.delete(key)) return;
    if (this.#delayed.get(key)?.isRetry !== true) return;
    this.#delayed.delete(key);
    this.#delays.delete(key);
  }

  /** The next key, as soon as there is one; undefined once the queue is closed. Every key taken is given back by `done`. */
  take(): Promise<T | undefined> {
    if (this.#closed) return Promise.resolve(undefined);
    const entry = this.#next();
    if (entry !== undefined) return Promise.resolve(this.#start(entry));
    return new Promise((resolve) => {
      this.#takers.push(resolve);
    });
  }

  /** Ends the work on a key; if it was added meanwhile, it waits again at the end of the line. */
  done(item: T): void {
    const key = this.#keyOf(item);
    const entry = this.#entries.get(key);
    if (entry === undefined || entry.state === "waiting") return;
    this.#entries.delete(key);
    if (entry.state === "activeAndDirty" && !this.#closed) this.#enter(key, entry.item, entry.priority);
    this.#tellBusy();
  }

  /** Drops everything that waits and lets the takers go. */
  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#delayed.clear();
    for (let taker = this.#takers.shift(); taker !== undefined; taker = this.#takers.shift()) taker(undefined);
    this.#tellBusy();
  }

  figures(): WorkQueueFigures {
    return {
      depth: this.#waiting,
      delayed: this.#delayed.size,
      active: this.#entries.size - this.#waiting,
      adds: this.#adds,
      retries: this.#retries,
      waitMillisecondsTotal: this.#waitTotal,
      waitMillisecondsMax: this.#waitMax,
    };
  }

  #add(key: string, item: T, priority: Priority): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) {
      this.#enter(key, item, priority);
      return;
    }
    entry.item = item;
    if (entry.state === "waiting") {
      const lane = priority === "normal" ? priority : entry.priority;
      const rank = this.#rankOf(item);
      if (entry.priority !== lane || entry.rank !== rank) {
        Object.assign(entry, { priority: lane, rank }); // the ticket that it had is void now
        this.#lane(entry);
      }
    } else if (entry.state === "active") {
      entry.state = "activeAndDirty";
      entry.priority = priority;
    } else if (priority === "normal") {
      entry.priority = "normal";
    }
  }

  #enter(key: string, item: T, priority: Priority): void {
    this.#adds++;
    const rank = this.#rankOf(item);
    const entry: Entry<T> = { key, item, state: "waiting", priority, rank, addedAt: this.#clock.monotonic() };
    this.#entries.set(key, entry);
    this.#tellBusy();
    this.#waiting++;
    const taker = this.#takers.shift();
    if (taker === undefined) this.#lane(entry);
    else taker(this.#start(entry));
  }

  #tellBusy(): void {
    const isBusy = !this.#closed && this.#entries.size > 0;
    if (isBusy === this.#isBusy) return;
    this.#isBusy = isBusy;
    this.#onBusy?.(isBusy);
  }

  #start(entry: Entry<T>): T {
    entry.state = "active";
    this.#waiting--;
    const waited = this.#clock.monotonic() - entry.addedAt;
    this.#waitTotal += waited;
    this.#waitMax = Math.max(this.#waitMax, waited);
    return entry.item;
  }

  #lane(entry: Entry<T>): void {
    const { priority, rank } = entry;
    this.#lanes[priority].push({ entry, priority, rank }, rank);
  }

  #next(): Entry<T> | undefined {
    const lowFirst = this.#sinceLow >= lowLaneTurn - 1;
    const [lane, other] = lowFirst ? (["low", "normal"] as const) : (["normal", "low"] as const);
    const [first, second] = [this.#firstIn(lane), this.#firstIn(other)];
    const takesOther = first === undefined || (second !== undefined && second.rank > first.rank);
    const next = takesOther ? second : first;
    if (next !== undefined) this.#lanes[takesOther ? other : lane].shift();
    this.#sinceLow = next?.priority === "low" || lowFirst ? 0 : this.#sinceLow + 1;
    return next;
  }

  #firstIn(priority: Priority): Entry<T> | undefined {
    const waits = ({ entry, rank }: Ticket<T>): boolean =>
      entry.state === "waiting" && entry.priority === priority && entry.rank === rank;
    return this.#lanes[priority].first(waits)?.entry;
  }

  #delay(key: string, item: T, milliseconds: number, isRetry: boolean): void {
    const known = this.#delayed.get(key);
    this.#delayed.set(key, { item, isRetry: isRetry && known?.isRetry !== false });
    this.#delays.add(key, this.#clock.monotonic() + milliseconds);
    this.#arm();
  }

  #arm(): void {
    const at = this.#delays.next();
    if (at === undefined || (this.#timer !== undefined && this.#timer.at <= at)) return;
    this.#timer?.cancel();
    const wait = Math.max(0, at - this.#clock.monotonic());
    const cancel = this.#clock.timer(wait, () => {
      this.#timer = undefined;
      this.#addDue();
    });
    this.#timer = { at, cancel };
  }

  #addDue(): void {
    // Timers may fire a fraction of a millisecond early.
    const now = this.#clock.monotonic() + 1;
    for (let key = this.#delays.take(now); key !== undefined; key = this.#delays.take(now)) {
      const due = this.#delayed.get(key);
      invariant(due, `work queue: ${key} is due but unknown`);
      this.#delayed.delete(key);
      this.#add(key, due.item, "normal");
    }
    this.#arm();
  }
}
