// Turns a burst of news about one key into few writes: the first waits a moment for more of the burst, the next keeps its
// distance. Costs a status at most that moment, and saves most of its writes. When the process is behind with its work,
// the moments grow: it gets on with what the news tells of, and what is told of it is told once.
import type { Clock } from "#std/time.ts";

export interface Distances {
  /** How long the first news of a key waits for more. */
  readonly settleMilliseconds: number;
  /** How long after a write the next one comes at the soonest. */
  readonly apartMilliseconds: number;
}

/** A key waits for so many times what keys have come up late lately: about nothing, unless the process is busy. */
const latenessTimes = 50;
/** However busy the process is, news waits no longer than this for more. */
const waitMillisecondsMax = 3_000;
/** The weight of one key in what keys have come up late lately: one late key makes no difference. */
const smoothing = 0.1;
/** News that is due for so long will not be dealt with any more: its object has gone. */
const overdueMillisecondsMax = 60_000;

interface Due {
  readonly at: number;
  /** There is news to be dealt with; else it is only the distance to the last write. */
  readonly hasNews: boolean;
}

export class Spacing {
  readonly #clock: Clock;
  readonly #distances: Distances;
  /** When each key may be written next; only keys with news, or written a moment ago. */
  readonly #due = new Map<string, Due>();
  /** Milliseconds that keys have come up late lately. */
  #lateness = 0;

  constructor(clock: Clock, distances: Distances) {
    this.#clock = clock;
    this.#distances = distances;
  }

  /** How long the key has to wait now that there is news of it; 0: not at all. */
  waitMilliseconds(key: string): number {
    const now = this.#clock.monotonic();
    const known = this.#due.get(key);
    const at = known?.at ?? now + this.#stretched(this.#distances.settleMilliseconds);
    if (known?.hasNews === true && at <= now) this.#lateness += smoothing * (now - at - this.#lateness);
    this.#due.set(key, { at, hasNews: true });
    return Math.max(0, at - now);
  }

  /** The news has been dealt with: by a write, or without one. */
  settle(key: string, written: boolean): void {
    this.#due.delete(key);
    if (!written) return;
    const now = this.#clock.monotonic();
    this.#due.set(key, { at: now + this.#stretched(this.#distances.apartMilliseconds), hasNews: false });
    for (const [oldest, { at, hasNews }] of this.#due) {
      // News that is due keeps its turn: its key only has not come up yet.
      if (now < at + (hasNews ? overdueMillisecondsMax : 0)) break;
      this.#due.delete(oldest);
    }
  }

  #stretched(milliseconds: number): number {
    return Math.max(milliseconds, Math.min(waitMillisecondsMax, this.#lateness * latenessTimes));
  }
}
