// Deadlines and waiting under an AbortSignal. Listeners and timers are given back as soon as they are not needed:
// a signal often lives as long as the process.
import type { Clock } from "./time.ts";

/** The reason of a signal that `deadlineSignal` aborted because its time was over. */
export class DeadlineError extends Error {
  override readonly name = "TimeoutError";
}

/** A signal of ours. Disposing it (`using`) lets go of its timer and of its parent; it then never aborts any more. */
export type DeadlineSignal = AbortSignal & Disposable;

/** A signal that aborts after `milliseconds` (reason: a DeadlineError) or together with `parent` (its reason). */
export function deadlineSignal(clock: Clock, milliseconds: number, parent?: AbortSignal): DeadlineSignal {
  const controller = new AbortController();
  let cancelTimer = (): void => undefined;
  const release = (): void => {
    cancelTimer();
    parent?.removeEventListener("abort", followParent);
  };
  const followParent = (): void => {
    release();
    controller.abort(parent?.reason);
  };
  if (parent?.aborted === true) {
    controller.abort(parent.reason);
  } else {
    parent?.addEventListener("abort", followParent, { once: true });
    cancelTimer = clock.timer(milliseconds, () => {
      release();
      controller.abort(new DeadlineError(`not done within ${milliseconds} ms`));
    });
  }
  return Object.assign(controller.signal, { [Symbol.dispose]: release });
}

/** What `promise` comes to, or a rejection with the signal's reason as soon as it aborts. The work itself goes on. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) {
    promise.catch(() => undefined); // nobody will look at it any more
    return Promise.reject(abortReason(signal));
  }
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      reject(abortReason(signal));
    };
    signal.addEventListener("abort", stop, { once: true });
    promise.then(resolve, reject).finally(() => {
      signal.removeEventListener("abort", stop);
    });
  });
}

/** Resolves when the signal has aborted. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener(
      "abort",
      () => {
        resolve();
      },
      { once: true },
    );
  });
}

/** The reason of an aborted signal as an Error. */
export function abortReason(signal: AbortSignal): Error {
  const reason: unknown = signal.reason;
  return reason instanceof Error ? reason : new Error("aborted", { cause: reason });
}
