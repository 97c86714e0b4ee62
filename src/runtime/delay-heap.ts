// Keys that become due later, earliest first. A key waits once: for the earlier of two times.

interface Due {
  readonly key: string;
  readonly at: number;
  /** Breaks ties: first come, first served. */
  readonly sequence: number;
}

export class DelayHeap {
  /** A binary heap; entries that `#times` no longer knows are skipped when they come up. */
  #heap: Due[] = [];
  readonly #times = new Map<string, number>();
  #sequence = 0;

  get size(): number {
    return this.#times.size;
  }

  /** Sets the time of `key`, unless it waits for an earlier one already. */
  add(key: string, at: number): void {
    const known = this.#times.get(key);
    if (known !== undefined && known <= at) return;
    this.#times.set(key, at);
    this.#push({ key, at, sequence: this.#sequence++ });
    if (this.#heap.length > 2 * this.#times.size + 64) this.#rebuild();
  }

  delete(key: string): void {
    this.#times.delete(key);
  }

  /** When the next key is due. */
  next(): number | undefined {
    this.#dropStale();
    return this.#heap[0]?.at;
  }

  /** Takes out a key that is due at `now`. */
  take(now: number): string | undefined {
    this.#dropStale();
    const first = this.#heap[0];
    if (first === undefined || first.at > now) return undefined;
    this.#pop();
    this.#times.delete(first.key);
    return first.key;
  }

  #dropStale(): void {
    for (
      let first = this.#heap[0];
      first !== undefined && this.#times.get(first.key) !== first.at;
      first = this.#heap[0]
    ) {
      this.#pop();
    }
  }

  #rebuild(): void {
    this.#heap = this.#heap.filter(({ key, at }) => this.#times.get(key) === at).sort(byTime);
  }

  #push(due: Due): void {
    const heap = this.#heap;
    let index = heap.push(due) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || byTime(above, due) <= 0) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = due;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      let below = heap[child];
      const right = heap[child + 1];
      if (below !== undefined && right !== undefined && byTime(right, below) < 0) {
        child++;
        below = right;
      }
      if (below === undefined || byTime(last, below) <= 0) break;
      heap[index] = below;
      index = child;
    }
    heap[index] = last;
  }
}

function byTime(left: Due, right: Due): number {
  return left.at - right.at || left.sequence - right.sequence;
}
