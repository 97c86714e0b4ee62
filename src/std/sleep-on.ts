// A clock's `sleep` made of its `timer`: for the clocks whose time is not the machine's.
import { abortReason } from "./abort.ts";
import type { Clock } from "./time.ts";

/** Resolves after `milliseconds` of the clock; rejects with the signal's reason as soon as it aborts. */
export function sleepOn(clock: Pick<Clock, "timer">, milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(abortReason(signal));
      return;
    }
    const onAbort = (): void => {
      cancel();
      if (signal !== undefined) reject(abortReason(signal));
    };
    const cancel = clock.timer(milliseconds, () => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    });
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}
