// The clock port. Everything that waits or stamps takes a Clock; only this file touches the real one.

/** A source of time. The simulation hands out a virtual one. */
export interface Clock {
  /** Wall time, milliseconds since the Unix epoch. */
  now(): number;
  /** Monotonic time in milliseconds, from an arbitrary origin. Durations and deadlines use this one. */
  monotonic(): number;
  /** Resolves after `milliseconds`; rejects with the signal's reason as soon as it aborts. Never keeps the process alive. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
  /** Calls `run` once after `milliseconds`, unless the returned function is called first. Never keeps the process alive. */
  timer(milliseconds: number, run: () => void): () => void;
  /** Resolves in a later turn of the event loop, so that long work can let others in. */
  yield(): Promise<void>;
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (milliseconds, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(asError(signal.reason));
        return;
      }
      const stop = startTimer(milliseconds, () => {
        signal?.removeEventListener("abort", cancel);
        resolve();
      });
      function cancel(): void {
        stop();
        reject(asError(signal?.reason));
      }
      signal?.addEventListener("abort", cancel, { once: true });
    }),
  timer: startTimer,
  yield: yieldInTurn(),
};

/** Node's timers hold no more, and run at once what is to wait longer: a CronJob of once a year for example. */
const timerMillisecondsMax = 2 ** 31 - 1;

function startTimer(milliseconds: number, run: () => void): () => void {
  let timer: NodeJS.Timeout;
  const start = (left: number): void => {
    const now = Math.min(left, timerMillisecondsMax);
    timer = setTimeout(() => {
      if (left > now) start(left - now);
      else run();
    }, now);
    timer.unref();
  };
  start(milliseconds);
  return () => {
    clearTimeout(timer);
  };
}

/**
 * Each who yields gets a turn of the event loop to itself. All `setImmediate` callbacks run in one turn: of thirty loops that
 * each yield every few milliseconds, none would have let sockets and timers in.
 */
function yieldInTurn(): () => Promise<void> {
  let waiting: (() => void)[] = [];
  let first = 0;
  const next = (): void => {
    waiting[first++]?.();
    if (first < waiting.length) {
      setImmediate(next);
      return;
    }
    waiting = [];
    first = 0;
  };
  return () =>
    new Promise((resolve) => {
      if (waiting.push(resolve) === 1) setImmediate(next);
    });
}

/**
 * Resolves when all that has come in this turn of the event loop has been begun: for what is done once for all of it.
 * Unlike a clock's yield this never takes longer, so that many may wait for it, and it is not for long work.
 */
export function endOfTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

const idleMilliseconds = 2 ** 30;

/** Keeps the process alive until the returned function is called: clocks never do. For programs, not for libraries. */
export function keepAlive(): () => void {
  const timer = setInterval(() => undefined, idleMilliseconds);
  return () => {
    clearInterval(timer);
  };
}

/** RFC 3339 with second precision and `Z`: the form of metav1.Time on the wire. */
export function formatTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, "Z");
}

/** RFC 3339 with microseconds: the form of metav1.MicroTime on the wire (Lease, Event). */
export function formatMicroTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace("Z", "000Z");
}

/** Milliseconds since the epoch of an RFC 3339 text, or undefined where it is not one. */
export function parseTime(text: string | undefined): number | undefined {
  const milliseconds = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(milliseconds) ? undefined : milliseconds;
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error("aborted");
}
