// A line in which a higher rank goes first; among equals, first come, first served. Ranks are few: a queue for each.

export class RankedLane<T> {
  readonly #queues = new Map<number, Fifo<T>>();
  /** Of the queues, highest first. */
  #ranks: number[] = [];

  push(item: T, rank: number): void {
    let queue = this.#queues.get(rank);
    if (queue === undefined) {
      queue = new Fifo();
      this.#queues.set(rank, queue);
      this.#ranks = [...this.#ranks, rank].sort((left, right) => right - left);
    }
    queue.push(item);
  }

  /** Who is next; who does not wait any more is dropped on the way. */
  first(waits: (item: T) => boolean): T | undefined {
    for (let rank = this.#ranks[0]; rank !== undefined; rank = this.#ranks[0]) {
      const queue = this.#queues.get(rank);
      for (let item = queue?.first(); item !== undefined; item = queue?.first()) {
        if (waits(item)) return item;
        queue?.shift();
      }
      this.#queues.delete(rank);
      this.#ranks.shift();
    }
    return undefined;
  }

  shift(): T | undefined {
    const rank = this.#ranks[0];
    return rank === undefined ? undefined : this.#queues.get(rank)?.shift();
  }
}

/** First in, first out, without moving everything at each step. */
export class Fifo<T> {
  #items: (T | undefined)[] = [];
  #head = 0;

  push(item: T): void {
    this.#items.push(item);
  }

  first(): T | undefined {
    return this.#items[this.#head];
  }

  shift(): T | undefined {
    const item = this.#items[this.#head];
    if (this.#head >= this.#items.length) return undefined;
    this.#items[this.#head++] = undefined;
    if (this.#head === this.#items.length) {
      this.#items = [];
      this.#head = 0;
    } else if (this.#head >= 1024 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }
}
