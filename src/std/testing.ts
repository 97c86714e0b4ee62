// Waiting in tests and measurements: for conditions, never for a time. Not used outside them.
import { systemClock } from "./time.ts";

const eventuallyMilliseconds = 60_000;
const lookMilliseconds = 5;

/** Looks again and again until there is something; an error at the deadline. */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
  withinMilliseconds = eventuallyMilliseconds,
): Promise<T> {
  const deadline = systemClock.monotonic() + withinMilliseconds;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (systemClock.monotonic() > deadline) throw new Error(`not in time: ${what}`);
    await systemClock.sleep(lookMilliseconds);
  }
}
