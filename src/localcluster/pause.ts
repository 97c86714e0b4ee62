// Lets a burst of changes pass before the next write for a key: many small changes then make one write.
import { type ObjectRef, refKey } from "#machinery/object.ts";

/** Pauses after writes, by key. Bounded by the objects that there are, if `forget` is called for those that go. */
export class Pause {
  readonly #milliseconds: number;
  readonly #lastWrites = new Map<string, number>();

  constructor(milliseconds: number) {
    this.#milliseconds = milliseconds;
  }

  /** Milliseconds until the next write for a key; 0: now. */
  left(key: ObjectRef, monotonicNow: number): number {
    const last = this.#lastWrites.get(refKey(key));
    return last === undefined ? 0 : Math.max(0, last + this.#milliseconds - monotonicNow);
  }

  wrote(key: ObjectRef, monotonicNow: number): void {
    this.#lastWrites.set(refKey(key), monotonicNow);
  }

  forget(key: ObjectRef): void {
    this.#lastWrites.delete(refKey(key));
  }
}
