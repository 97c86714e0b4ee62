// The batches of a storage watch with ticks of a timer in between, in the order in which they come.
import type { Clock } from "#std/time.ts";
import type { WatchBatch } from "#storage/storage.ts";

export type TimedItem =
  { readonly kind: "batch"; readonly batch: WatchBatch } | { readonly kind: "tick" } | { readonly kind: "end" };

export interface TimedBatchesOptions {
  readonly source: AsyncIterable<WatchBatch, undefined>;
  readonly clock: Clock;
  /** How long until the next tick; undefined: no (more) ticks. Asked at the start and after each tick. */
  nextTickMilliseconds(): number | undefined;
}

/** One consumer, which calls `next` again only after it has been answered, and `close` in the end. */
export class TimedBatches {
  readonly #iterator: AsyncIterator<WatchBatch, undefined>;
  readonly #options: TimedBatchesOptions;
  #cancelTimer: (() => void) | undefined;
  #isAsked = false;
  #arrived: TimedItem | undefined;
  #failure: { readonly error: unknown } | undefined;
  #isTickDue = false;
  #wake: (() => void) | undefined;

  constructor(options: TimedBatchesOptions) {
    this.#options = options;
    this.#iterator = options.source[Symbol.asyncIterator]();
    this.#startTimer();
  }

  /** What comes next. Throws what the source throws. */
  async next(): Promise<TimedItem> {
    for (;;) {
      const arrived = this.#arrived;
      if (arrived !== undefined) {
        this.#arrived = undefined;
        return arrived;
      }
      if (this.#failure !== undefined) throw this.#failure.error;
      if (this.#isTickDue) {
        this.#isTickDue = false;
        this.#startTimer();
        return { kind: "tick" };
      }
      this.#ask();
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async close(): Promise<void> {
    this.#cancelTimer?.();
    await this.#iterator.return?.();
  }

  #ask(): void {
    if (this.#isAsked) return;
    this.#isAsked = true;
    this.#iterator.next().then(
      (result) => {
        this.#isAsked = false;
        this.#arrived = result.done === true ? { kind: "end" } : { kind: "batch", batch: result.value };
        this.#wake?.();
      },
      (error: unknown) => {
        this.#failure = { error };
        this.#wake?.();
      },
    );
  }

  #startTimer(): void {
    const milliseconds = this.#options.nextTickMilliseconds();
    if (milliseconds === undefined) return;
    this.#cancelTimer = this.#options.clock.timer(milliseconds, () => {
      this.#isTickDue = true;
      this.#wake?.();
    });
  }
}
