// Bodies on their way in and out: bounded in size and time, and no faster than the other end reads.
import type { Readable, Writable } from "node:stream";
import type { Clock } from "#std/time.ts";
import type { TurnBudget } from "#std/turn-budget.ts";
import { requestBodyBytesMax } from "../request/body.ts";

/** How long a request's body may take to arrive. */
const bodyMillisecondsMax = 60_000;
/** How much of a body that is too large is still read, so that its sender comes to read the answer. */
const discardedBytesMax = 64 * 1024 * 1024;
/** What comes within so long after something was sent waits until then, and goes in one piece. */
const gatherMilliseconds = 5;
/** So much goes at once. */
const gatherBytes = 64 * 1024;
/** Writes of one turn of the event loop, in all connections; a large one counts for as many as it has of these bytes. */
export const writesOfTurn = 100;
const bytesOfWrite = 32 * 1024;
/** A reader that has not taken anything for so long is given up. */
const stalledMillisecondsMax = 120_000;

/**
 * The bytes of a request's body; undefined without any. One that is too large is cut behind the limit: the handler sees
 * that, and says so to whoever has been let in. Rejects when the sender leaves or takes too long.
 */
export function readBody(source: Readable, clock: Clock): Promise<Uint8Array | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    let isDone = false;
    const finish = (end: () => void): void => {
      if (isDone) return;
      isDone = true;
      cancel();
      end();
    };
    const cancel = clock.timer(bodyMillisecondsMax, () => {
      finish(() => {
        reject(new Error(`the body of the request did not arrive within ${bodyMillisecondsMax} ms`));
      });
    });
    source.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (!isDone) chunks.push(chunk);
      if (bytes > discardedBytesMax) source.destroy();
      if (bytes > requestBodyBytesMax)
        finish(() => {
          resolve(Buffer.concat(chunks));
        });
    });
    source.on("end", () => {
      finish(() => {
        resolve(bytes === 0 ? undefined : joined(chunks));
      });
    });
    const fail = (): void => {
      finish(() => {
        reject(new Error("the sender left before its request was whole"));
      });
    };
    source.on("error", fail);
    source.on("close", fail);
  });
}

function joined(chunks: readonly Buffer[]): Buffer {
  const [first] = chunks;
  return first !== undefined && chunks.length === 1 ? first : Buffer.concat(chunks);
}

/**
 * Sends chunks as fast as they are read. Ends when the source does, or when the reader leaves or stalls. What follows
 * closely on something is gathered: a watch of busy objects would else be a system call, a record of TLS and a turn of
 * the reader's for each event. Writes to many readers share turns of the event loop by `budget`.
 */
export async function writeChunks(
  sink: Writable,
  chunks: AsyncIterable<Uint8Array>,
  { clock, budget }: { readonly clock: Clock; readonly budget: TurnBudget },
): Promise<void> {
  const gathered = new Gathering(sink, clock, budget);
  try {
    for await (const chunk of chunks) {
      if (sink.destroyed) return;
      const pause = gathered.add(chunk);
      if (pause !== undefined) await pause;
      if (gathered.isHeldUp && !(await drained(sink, clock))) return;
    }
  } finally {
    if (!sink.destroyed) gathered.flush();
    gathered.stop();
  }
  sink.end();
}

class Gathering {
  readonly #sink: Writable;
  readonly #clock: Clock;
  readonly #budget: TurnBudget;
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  #writtenAt = -Infinity;
  #cancel: (() => void) | undefined;
  /** What is gathered goes when this resolves. */
  #turn: Promise<void> | undefined;

  constructor(sink: Writable, clock: Clock, budget: TurnBudget) {
    this.#sink = sink;
    this.#clock = clock;
    this.#budget = budget;
  }

  /** The reader has not taken yet what it was sent. */
  get isHeldUp(): boolean {
    return this.#sink.writableNeedDrain;
  }

  /** What to await before more is added, if anything. */
  add(chunk: Uint8Array): Promise<void> | undefined {
    this.#chunks.push(chunk);
    this.#bytes += chunk.byteLength;
    const isMuch = this.#bytes >= gatherBytes;
    if (this.#turn === undefined) {
      const wait = this.#writtenAt + gatherMilliseconds - this.#clock.monotonic();
      if (wait <= 0 || isMuch) this.#flushInTurn();
      else
        this.#cancel ??= this.#clock.timer(wait, () => {
          this.#flushInTurn();
        });
    }
    return isMuch ? this.#turn : undefined;
  }

  #flushInTurn(): void {
    this.stop();
    const pause = this.#budget.spend(Math.max(1, this.#bytes / bytesOfWrite));
    if (pause === undefined) this.flush();
    else
      this.#turn = pause.then(() => {
        this.#turn = undefined;
        this.flush();
      });
  }

  flush(): void {
    this.stop();
    const [first] = this.#chunks;
    if (first === undefined || this.#sink.destroyed) return;
    const whole = this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks, this.#bytes);
    this.#chunks = [];
    this.#bytes = 0;
    this.#writtenAt = this.#clock.monotonic();
    this.#sink.write(whole);
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}

/** Resolves when the sink takes more: true; or when it is gone or has stalled: false, and it is destroyed. */
function drained(sink: Writable, clock: Clock): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (canGoOn: boolean): void => {
      cancel();
      sink.off("drain", onDrain);
      sink.off("close", onClose);
      resolve(canGoOn);
    };
    const onDrain = (): void => {
      settle(true);
    };
    const onClose = (): void => {
      settle(false);
    };
    const cancel = clock.timer(stalledMillisecondsMax, () => {
      sink.destroy();
      settle(false);
    });
    if (sink.destroyed) {
      settle(false);
      return;
    }
    sink.on("drain", onDrain);
    sink.on("close", onClose);
  });
}
