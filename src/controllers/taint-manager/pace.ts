// When each of many evictions may happen, at so many per second, the higher priorities first: a key that has to wait is told how
// long, and comes back for its turn. Nobody sleeps meanwhile. Pure but for what it remembers.
// Upstream: the sleep in karmada pkg/controllers/cluster/taint_manager.go, which knows no priorities.

interface Waiting {
  readonly priority: number;
  readonly place: number;
}

export class EvictionPace {
  readonly #intervalMilliseconds: number;
  readonly #waiting = new Map<string, Waiting>();
  /** By priority: who waits, in the order in which they came. */
  readonly #lines = new Map<number, Map<string, Waiting>>();
  #places = 0;
  #next = Number.NEGATIVE_INFINITY;

  constructor(ratePerSecond: number) {
    this.#intervalMilliseconds = 1000 / ratePerSecond;
  }

  /** How long the key has to wait (milliseconds); 0: it may go now, and its turn is over. `now` never goes back. */
  waitFor(key: string, priority: number, now: number): number {
    const known = this.#waiting.get(key);
    if (known !== undefined && known.priority !== priority) this.forget(key);
    const waiting = this.#waiting.get(key) ?? this.#enter(key, priority);
    const wait = Math.max(0, this.#next - now) + this.#before(waiting) * this.#intervalMilliseconds;
    if (wait > 0) return wait;
    this.forget(key);
    this.#next = Math.max(now, this.#next) + this.#intervalMilliseconds;
    return 0;
  }

  /** The key has nothing to evict any more. */
  forget(key: string): void {
    const waiting = this.#waiting.get(key);
    if (waiting === undefined) return;
    this.#waiting.delete(key);
    const line = this.#lines.get(waiting.priority);
    line?.delete(key);
    if (line?.size === 0) this.#lines.delete(waiting.priority);
  }

  #enter(key: string, priority: number): Waiting {
    const waiting = { priority, place: this.#places++ };
    this.#waiting.set(key, waiting);
    const line = this.#lines.get(priority) ?? new Map<string, Waiting>();
    this.#lines.set(priority, line.set(key, waiting));
    return waiting;
  }

  /** How many go before it, at most: of its own line those are counted, too, that have given up since. */
  #before({ priority, place }: Waiting): number {
    let count = 0;
    for (const [other, line] of this.#lines) {
      const [first] = line.values();
      if (other > priority) count += line.size;
      else if (other === priority && first !== undefined) count += Math.min(place - first.place, line.size - 1);
    }
    return count;
  }
}
