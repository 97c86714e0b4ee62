// What goes first where controllers share a processor: bringing objects to where they belong goes before telling how they
// are. While controllers that lead have keys and get on with them, the workers of those that follow wait; not for ever, and
// not for leaders that are stuck.
import { abortable } from "#std/abort.ts";
import type { Clock } from "#std/time.ts";

/** How a controller stands to the others: neither, unless it says so. */
export type Standing = "leads" | "follows";

/** Leaders that have ended no key for so long are waiting for something themselves: nobody waits for them. */
const stallMilliseconds = 100;
/** Leaders without keys may have some again as soon as what they wrote has come round: so long they are still waited for. */
const lingerMilliseconds = 20;
/** Who listens from afar is told so often at most that leaders get on. */
const tellMilliseconds = 25;
/** So long followers are held back at a stretch at most. */
const holdMilliseconds = 5_000;
/** After such a stretch, followers and leaders share for so long. */
const shareMilliseconds = 1_000;

export class Precedence {
  readonly #clock: Clock;
  /** How many that lead have keys. */
  #leading = 0;
  #progressAt = -Infinity;
  #heldSince: number | undefined;
  #sharedUntil = -Infinity;
  #held = Promise.withResolvers<undefined>();
  #cancelTimer: (() => void) | undefined;
  #listener: ((isLeading: boolean) => void) | undefined;
  #toldAt = -Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** One who leads has keys now. */
  enter(): void {
    if (this.#leading++ > 0) return;
    this.#toldAt = -Infinity;
    this.progress();
  }

  /** It has none any more. */
  leave(): void {
    this.#leading--;
    this.progress();
    if (this.#leading === 0) this.#listener?.(false);
    if (this.#leading > 0 || this.#heldSince === undefined) return;
    this.#cancelTimer?.(); // it was set for leaders with keys, who have more patience
    this.#cancelTimer = undefined;
    this.#arm();
  }

  /** A key of one who leads has been dealt with. */
  progress(): void {
    const now = this.#clock.monotonic();
    this.#progressAt = now;
    if (this.#leading === 0 || now < this.#toldAt + tellMilliseconds) return;
    this.#toldAt = now;
    this.#listener?.(true);
  }

  /**
   * Tells `listener` when leaders have work, every now and then that they get on with it, and when they have none: for
   * followers elsewhere on the same processors.
   */
  onLeading(listener: (isLeading: boolean) => void): void {
    this.#listener = listener;
  }

  /** Something for a follower to await before its next key, or undefined if it may go on. Rejects when the signal aborts. */
  turn(signal: AbortSignal): Promise<unknown> | undefined {
    return this.#until() <= this.#clock.monotonic() ? undefined : this.#wait(signal);
  }

  async #wait(signal: AbortSignal): Promise<void> {
    this.#heldSince ??= this.#clock.monotonic();
    this.#arm();
    try {
      await abortable(this.#held.promise, signal);
    } finally {
      if (signal.aborted) this.#release();
    }
  }

  /** Until when followers are held if nothing happens any more. */
  #until(): number {
    const now = this.#clock.monotonic();
    if (now < this.#sharedUntil) return -Infinity;
    const patience = this.#leading === 0 ? lingerMilliseconds : stallMilliseconds;
    return Math.min(this.#progressAt + patience, (this.#heldSince ?? now) + holdMilliseconds);
  }

  #arm(): void {
    const wait = this.#until() - this.#clock.monotonic();
    this.#cancelTimer ??= this.#clock.timer(Math.max(0, wait), () => {
      this.#cancelTimer = undefined;
      if (this.#until() > this.#clock.monotonic()) this.#arm();
      else this.#release();
    });
  }

  #release(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    if (this.#heldSince === undefined) return;
    const now = this.#clock.monotonic();
    if (now >= this.#heldSince + holdMilliseconds) this.#sharedUntil = now + shareMilliseconds;
    this.#heldSince = undefined;
    this.#held.resolve(undefined);
    this.#held = Promise.withResolvers();
  }
}
