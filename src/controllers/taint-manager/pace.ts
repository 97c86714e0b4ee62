// When each of many evictions may happen, at so many per second: a key that has to wait gets a time, and comes back for it.
// Nobody sleeps meanwhile. Pure but for what it remembers. Upstream: the sleep in karmada pkg/controllers/cluster/taint_manager.go.

export class EvictionPace {
  readonly #intervalMilliseconds: number;
  /** Times given out and not used yet, by key. */
  readonly #given = new Map<string, number>();
  #next = Number.NEGATIVE_INFINITY;

  constructor(ratePerSecond: number) {
    this.#intervalMilliseconds = 1000 / ratePerSecond;
  }

  /** How long the key has to wait (milliseconds); 0: it may go now, and its time is used up. `now` never goes back. */
  waitFor(key: string, now: number): number {
    const at = this.#given.get(key) ?? this.#give(key, now);
    if (at > now) return at - now;
    this.#given.delete(key);
    return 0;
  }

  /** The key has nothing to evict any more. */
  forget(key: string): void {
    this.#given.delete(key);
  }

  #give(key: string, now: number): number {
    const at = Math.max(now, this.#next);
    this.#next = at + this.#intervalMilliseconds;
    this.#given.set(key, at);
    return at;
  }
}
