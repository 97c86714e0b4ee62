// Lets others in during long loops: a list of many objects must not hold the event loop.
import type { Clock } from "#std/time.ts";

const stretchMilliseconds = 8;
/** The clock is looked at once in so many steps. */
const stepsPerLook = 16;

/** A function to call in each step of a loop; what it gives, if anything, is to be awaited: this turn has been long enough. */
export function yieldingEvery(clock: Clock): (signal: AbortSignal) => Promise<void> | undefined {
  let steps = 0;
  let since = clock.monotonic();
  return (signal) => {
    if (++steps % stepsPerLook !== 0 || clock.monotonic() - since < stretchMilliseconds) return undefined;
    return clock.yield().then(() => {
      since = clock.monotonic();
      signal.throwIfAborted();
    });
  };
}
