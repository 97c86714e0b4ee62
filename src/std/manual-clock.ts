// A clock for tests that stands still until it is told to go on: no test sleeps, and timers fire in a fixed order.
import { sleepOn } from "./sleep-on.ts";
import type { Clock } from "./time.ts";

/** Turns of the event loop that are given to promises before time goes on. */
const settleTurns = 5;

interface Timer {
  readonly dueAt: number;
  readonly sequence: number;
  readonly run: () => void;
}

/** A Clock moved by hand. Wall time begins at `startMilliseconds`, monotonic time at 0. */
export class ManualClock implements Clock {
  readonly #start: number;
  #elapsed = 0;
  #sequence = 0;
  readonly #timers = new Set<Timer>();

  constructor(startMilliseconds = Date.UTC(2026, 0, 1)) {
    this.#start = startMilliseconds;
  }

  now(): number {
    return this.#start + this.#elapsed;
  }

  monotonic(): number {
    return this.#elapsed;
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, milliseconds, signal);
  }

  timer(milliseconds: number, run: () => void): () => void {
    const timer = { dueAt: this.#elapsed + Math.max(0, milliseconds), sequence: this.#sequence++, run };
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
    };
  }

  yield(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }

  /** How many timers wait. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Lets promises that wait for no timer come as far as they can. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < settleTurns; turn++) await this.yield();
  }

  /** Lets `milliseconds` pass, firing the timers on the way. */
  async advance(milliseconds: number): Promise<void> {
    const end = this.#elapsed + milliseconds;
    await this.settle();
    for (let timer = this.#earliest(); timer !== undefined && timer.dueAt <= end; timer = this.#earliest()) {
      await this.#fire(timer);
    }
    this.#elapsed = end;
    await this.settle();
  }

  /** Jumps from timer to timer until `condition` holds; fails when it does not within `limitMilliseconds`. */
  async until(condition: () => boolean, limitMilliseconds = 3_600_000): Promise<void> {
    const end = this.#elapsed + limitMilliseconds;
    await this.settle();
    while (!condition()) {
      const timer = this.#earliest();
      if (timer === undefined || timer.dueAt > end) {
        throw new Error(`the condition does not hold after ${this.#elapsed} ms: ${condition.toString()}`);
      }
      await this.#fire(timer);
    }
  }

  async #fire(timer: Timer): Promise<void> {
    this.#timers.delete(timer);
    this.#elapsed = Math.max(this.#elapsed, timer.dueAt);
    timer.run();
    await this.settle();
  }

  #earliest(): Timer | undefined {
    let earliest: Timer | undefined;
    for (const timer of this.#timers) {
      const before =
        earliest === undefined ||
        timer.dueAt < earliest.dueAt ||
        (timer.dueAt === earliest.dueAt && timer.sequence < earliest.sequence);
      if (before) earliest = timer;
    }
    return earliest;
  }
}
