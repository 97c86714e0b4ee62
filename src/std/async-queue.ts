// A bounded queue between code that pushes and one consumer that awaits. Streams (watches, response bodies) stand on it.
import { invariant } from "./invariant.ts";

export interface AsyncQueueOptions {
  /** The total weight that may wait for the consumer. */
  readonly weightMax: number;
  /** Called once when the stream is over for the consumer: it left, or it has been told of the end. */
  readonly onClose?: () => void;
}

interface Waiter<T> {
  resolve(result: IteratorResult<T, undefined>): void;
  reject(error: Error): void;
}

interface Item<T> {
  readonly value: T;
  readonly weight: number;
}

const over = { done: true, value: undefined } as const;

/** Push on one side, `for await` on the other. Leaving the loop closes the queue. */
export class AsyncQueue<T> implements AsyncIterableIterator<T, undefined> {
  readonly #weightMax: number;
  readonly #onClose: () => void;
  #items: Item<T>[] = [];
  /** Items before this index are taken already; they are dropped in bulk. */
  #head = 0;
  #weight = 0;
  #waiter: Waiter<T> | undefined;
  #ended = false;
  #error: Error | undefined;
  #closed = false;

  constructor({ weightMax, onClose = () => undefined }: AsyncQueueOptions) {
    this.#weightMax = weightMax;
    this.#onClose = onClose;
  }

  /** How many items wait for the consumer. */
  get length(): number {
    return this.#items.length - this.#head;
  }

  /** Whether nothing more can be pushed. */
  get ended(): boolean {
    return this.#ended;
  }

  /**
   * Adds an item. False when it has not been taken in, because the queue is at an end or because it is full:
   * the caller decides whether that drops the item, cuts the consumer off, or makes it wait.
   * An item heavier than the whole queue is let in when nothing else waits.
   */
  push(value: T, weight = 1): boolean {
    if (this.#ended) return false;
    const waiter = this.#waiter;
    if (waiter !== undefined) {
      this.#waiter = undefined;
      waiter.resolve({ done: false, value });
      return true;
    }
    if (this.length > 0 && this.#weight + weight > this.#weightMax) return false;
    this.#items.push({ value, weight });
    this.#weight += weight;
    return true;
  }

  /** Nothing more will come. The consumer still gets what waits, then the end, or `error`. */
  end(error?: Error): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#error = error;
    const waiter = this.#waiter;
    if (waiter === undefined) return;
    this.#waiter = undefined;
    this.#close();
    if (error === undefined) waiter.resolve(over);
    else waiter.reject(error);
  }

  /** Like `end`, but drops what waits: the consumer is told next. */
  cut(error?: Error): void {
    this.#drop();
    this.end(error);
  }

  next(): Promise<IteratorResult<T, undefined>> {
    const item = this.#items[this.#head];
    if (item !== undefined) {
      this.#take(item);
      return Promise.resolve({ done: false, value: item.value });
    }
    if (this.#ended) return this.#tellEnd();
    invariant(this.#waiter === undefined, "an AsyncQueue has one consumer, which awaits one item at a time");
    return new Promise((resolve, reject) => {
      this.#waiter = { resolve, reject };
    });
  }

  return(): Promise<IteratorResult<T, undefined>> {
    this.cut();
    this.#error = undefined;
    this.#close();
    return Promise.resolve(over);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #tellEnd(): Promise<IteratorResult<T, undefined>> {
    const error = this.#error;
    this.#error = undefined; // told once; after that it is simply over
    this.#close();
    return error === undefined ? Promise.resolve(over) : Promise.reject(error);
  }

  #take(item: Item<T>): void {
    this.#head++;
    this.#weight -= item.weight;
    if (this.#head === this.#items.length) {
      this.#items = [];
      this.#head = 0;
    } else if (this.#head >= 1024) {
      this.#items.splice(0, this.#head);
      this.#head = 0;
    }
  }

  #drop(): void {
    this.#items = [];
    this.#head = 0;
    this.#weight = 0;
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#onClose();
  }
}
