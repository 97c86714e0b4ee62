// The main thread's end of the database's thread.
import { Worker } from "node:worker_threads";
import { ApiError, errorText } from "#machinery/api-error.ts";
import { apiErrorOf } from "./failure.ts";
import type { DatabaseAnswer, DatabaseRequest } from "./messages.ts";

/** The thread keeps next to nothing, and a process has one for each store: V8's own choice would be many times this. */
const youngGenerationMegabytes = 2;

interface Waiter {
  readonly resolve: (answer: DatabaseAnswer) => void;
  readonly reject: (error: Error) => void;
}

/** Asks a thread of its own. The thread keeps the process alive only while an answer is due. */
export class DatabaseThread {
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

  /** The answer to a request; failures are thrown. `transfer` names the buffers that need not be copied. */
  async ask(request: DatabaseRequest, transfer: readonly ArrayBuffer[] = []): Promise<DatabaseAnswer> {
    if (this.#gone !== undefined) throw this.#gone;
    if (this.#waiters.length === 0) this.#worker.ref();
    const answer = await new Promise<DatabaseAnswer>((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
      this.#worker.postMessage(request, transfer);
    });
    if (answer.type === "failed") throw apiErrorOf(answer.failure);
    return answer;
  }

  /** Ends the thread. */
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
