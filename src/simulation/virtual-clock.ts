// Time that goes from step to step: the earliest timer is next, chance chooses among those due at the same moment, and
// before the next one all promises come as far as they can.
import type { Random } from "#std/random.ts";
import { sleepOn } from "#std/sleep-on.ts";
import type { Clock } from "#std/time.ts";

/** When every simulated world begins. */
const startMilliseconds = Date.UTC(2026, 0, 1);

interface Timer {
  readonly dueAt: number;
  /** Chosen by chance; decides among timers due at the same moment. */
  readonly rank: number;
  readonly sequence: number;
  /** Undefined: cancelled. */
  run: (() => void) | undefined;
}

export interface VirtualClockOptions {
  readonly random: Random;
  /** A turn of the real event loop, in which all promises that wait for no timer are done. */
  readonly turn: () => Promise<void>;
}

/** The clock of a simulated world. `run` lets it go on. */
export class VirtualClock implements Clock {
  readonly #random: Random;
  readonly #turn: () => Promise<void>;
  readonly #timers: Timer[] = [];
  #elapsed = 0;
  #sequence = 0;
  #steps = 0;

  constructor({ random, turn }: VirtualClockOptions) {
    this.#random = random;
    this.#turn = turn;
  }

  /** How many steps have been taken. */
  get steps(): number {
    return this.#steps;
  }

  now(): number {
    return startMilliseconds + Math.floor(this.#elapsed);
  }

  monotonic(): number {
    return this.#elapsed;
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, milliseconds, signal);
  }

  timer(milliseconds: number, run: () => void): () => void {
    const dueAt = this.#elapsed + Math.max(0, milliseconds);
    const timer: Timer = { dueAt, rank: this.#random.uint32(), sequence: this.#sequence++, run };
    this.#push(timer);
    return () => {
      timer.run = undefined;
    };
  }

  yield(): Promise<void> {
    return this.sleep(0);
  }

  /** Takes steps until `promise` is settled or `milliseconds` have passed, which fails. Resolves to what it came to. */
  async run<T>(promise: Promise<T>, milliseconds: number): Promise<T> {
    const outcome = { isSettled: false };
    const settle = (): void => {
      outcome.isSettled = true;
    };
    promise.then(settle, settle);
    const end = this.#elapsed + milliseconds;
    await this.#turn();
    while (!outcome.isSettled) {
      const timer = this.#pop();
      if (timer === undefined) throw new Error("nothing can happen any more, and what was waited for has not");
      if (timer.dueAt > end) throw new Error(`not within ${milliseconds} simulated milliseconds`);
      this.#elapsed = Math.max(this.#elapsed, timer.dueAt);
      this.#steps++;
      timer.run?.();
      await this.#turn();
    }
    return await promise;
  }

  /** Adds to the heap. */
  #push(timer: Timer): void {
    const timers = this.#timers;
    let index = timers.length;
    timers.push(timer);
    while (index > 0) {
      const above = (index - 1) >> 1;
      const parent = timers[above];
      if (parent === undefined || !isBefore(timer, parent)) break;
      timers[index] = parent;
      index = above;
    }
    timers[index] = timer;
  }

  /** The earliest timer that has not been cancelled. */
  #pop(): Timer | undefined {
    for (;;) {
      const first = this.#timers[0];
      const last = this.#timers.pop();
      if (first === undefined || last === undefined) return undefined;
      if (first !== last) this.#sink(last);
      if (first.run !== undefined) return first;
    }
  }

  #sink(timer: Timer): void {
    const timers = this.#timers;
    let index = 0;
    for (;;) {
      const left = timers[2 * index + 1];
      const right = timers[2 * index + 2];
      if (left === undefined) break;
      const goRight = right !== undefined && isBefore(right, left);
      const below = goRight ? right : left;
      if (!isBefore(below, timer)) break;
      timers[index] = below;
      index = 2 * index + (goRight ? 2 : 1);
    }
    timers[index] = timer;
  }
}

function isBefore(left: Timer, right: Timer): boolean {
  if (left.dueAt !== right.dueAt) return left.dueAt < right.dueAt;
  return left.rank === right.rank ? left.sequence < right.sequence : left.rank < right.rank;
}
