// Lets others in during long work that waits for nothing: loops ask after each piece whether it is time to yield.
import type { Clock } from "./time.ts";

/** How long one turn of the event loop may be held before others are let in. */
const turnMilliseconds = 4;

export interface Pacer {
  /** Something to await when the turn has been held long enough, else undefined. Shared by loops that share a thread. */
  pause(): Promise<void> | undefined;
}

/** A pacer that yields about every `milliseconds`. */
export function createPacer(clock: Clock, milliseconds = turnMilliseconds): Pacer {
  let heldSince = clock.monotonic();
  const yieldOnce = async (): Promise<void> => {
    await clock.yield();
    heldSince = clock.monotonic();
  };
  return {
    pause() {
      return clock.monotonic() - heldSince < milliseconds ? undefined : yieldOnce();
    },
  };
}
