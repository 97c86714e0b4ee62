// The main thread's end of the thread that databases live in. Several stores may share one: a thread is an engine of its
// own, with some 15 MB before it does anything.
import { Worker } from "node:worker_threads";
import { ApiError, errorText } from "#machinery/api-error.ts";
import { apiErrorOf } from "./failure.ts";
import type { DatabaseAnswer, DatabaseRequest } from "./messages.ts";

/** The thread keeps next to nothing: V8's own choice would be many times this. */
const youngGenerationMegabytes = 2;

interface Waiter {
  readonly resolve: (answer: DatabaseAnswer) => void;
  readonly reject: (error: Error) => void;
}

/** One store's way to its database in the thread. */
export interface DatabaseConnection {
  /** The answer to a request; failures are thrown. `transfer` names the buffers that need not be copied. */
  ask(request: DatabaseRequest, transfer?: readonly ArrayBuffer[]): Promise<DatabaseAnswer>;
  /** Has no more requests. The thread ends with its last connection. */
  end(): Promise<void>;
}

/**
 * A thread for the databases of any number of stores, which it serves in the order of their requests. It runs from the
 * first connection until the last has ended, and keeps the process alive only while an answer is due.
 */
export class DatabaseThread {
  #running: RunningThread | undefined;
  #connections = 0;
  #nextStore = 0;

  connect(): DatabaseConnection {
    const running = (this.#running ??= new RunningThread());
    this.#connections++;
    const store = this.#nextStore++;
    let isOpen = true;
    return {
      ask: (request, transfer = []) => running.ask(store, request, transfer),
      end: async () => {
        if (!isOpen) return;
        isOpen = false;
        if (--this.#connections > 0) return;
        this.#running = undefined;
        await running.stop();
      },
    };
  }
}

class RunningThread {
  readonly #worker: Worker;
  readonly #waiters: Waiter[] = [];
  /** Why there is no thread any more. */
  #gone: ApiError | undefined;

  constructor() {
    // The file beside this one, in whichever form this one has: as written, or compiled.
    const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
    this.#worker = new Worker(new URL(`./sqlite-worker.${extension}`, import.meta.url), {
      name: "sqlite",
      execArgv: [],
      resourceLimits: { maxYoungGenerationSizeMb: youngGenerationMegabytes },
    });
    this.#worker.unref();
    this.#worker.on("message", (answer: DatabaseAnswer) => {
      this.#settle(answer);
    });
    this.#worker.on("error", (error) => {
      this.#end(`the database's thread failed: ${errorText(error)}`);
    });
    this.#worker.on("exit", () => {
      this.#end("the database's thread has ended");
    });
  }

  async ask(store: number, request: DatabaseRequest, transfer: readonly ArrayBuffer[]): Promise<DatabaseAnswer> {
    if (this.#gone !== undefined) throw this.#gone;
    if (this.#waiters.length === 0) this.#worker.ref();
    const answer = await new Promise<DatabaseAnswer>((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
      this.#worker.postMessage({ store, request }, transfer);
    });
    if (answer.type === "failed") throw apiErrorOf(answer.failure);
    return answer;
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }

  #settle(answer: DatabaseAnswer): void {
    const waiter = this.#waiters.shift();
    if (this.#waiters.length === 0) this.#worker.unref();
    waiter?.resolve(answer);
  }

  #end(message: string): void {
    this.#gone ??= new ApiError("InternalError", message);
    for (const { reject } of this.#waiters.splice(0)) reject(this.#gone);
  }
}
