// Turns a burst of news about one key into few writes: the first waits a moment for more of the burst, the next keeps its
// distance. Costs a status at most that moment, and saves most of its writes.
import type { Clock } from "#std/time.ts";

export interface Distances {
  /** How long the first news of a key waits for more. */
  readonly settleMilliseconds: number;
  /** How long after a write the next one comes at the soonest. */
  readonly apartMilliseconds: number;
}

export class Spacing {
  readonly #clock: Clock;
  readonly #distances: Distances;
  /** When each key may be written next; only keys with news, or written a moment ago. */
  readonly #due = new Map<string, number>();

  constructor(clock: Clock, distances: Distances) {
    this.#clock = clock;
    this.#distances = distances;
  }

  /** How long the key has to wait now that there is news of it; 0: not at all. */
  waitMilliseconds(key: string): number {
    const now = this.#clock.monotonic();
    const due = this.#due.get(key) ?? now + this.#distances.settleMilliseconds;
    this.#due.set(key, due);
    return Math.max(0, due - now);
  }

  /** The news has been dealt with: by a write, or without one. */
  settle(key: string, written: boolean): void {
    this.#due.delete(key);
    if (!written) return;
    const now = this.#clock.monotonic();
    this.#due.set(key, now + this.#distances.apartMilliseconds);
    for (const [oldest, due] of this.#due) {
      if (due > now) break;
      this.#due.delete(oldest);
    }
  }
}
