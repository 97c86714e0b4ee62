// A thread for scripts that are not quick: while one of them works, or loops without end, the event loop goes on.
import { Worker } from "node:worker_threads";
import { errorText } from "#machinery/api-error.ts";
import type { Clock } from "#std/time.ts";
import type { ScriptCall } from "./run-script.ts";
import { type ScriptEngine, scriptMillisecondsMax, type ScriptOutcome } from "./script-engine.ts";
import { ScriptError } from "./script-error.ts";

export type ThreadAnswer =
  /** The time of the call begins: the thread itself may have taken a while to begin. */
  | { readonly type: "begun" }
  | { readonly type: "done"; readonly outcome: ScriptOutcome }
  | { readonly type: "failed"; readonly text: string };

/** The thread ends scripts itself; this is for when it cannot. */
const graceMilliseconds = 1_000;
/** A thread that nobody needed for this long ends. */
const idleMilliseconds = 30_000;
/** Calls that wait, beside the one that runs. */
const waitingMax = 1_000;
const heapMegabytes = 256;

interface Waiting {
  readonly call: ScriptCall;
  readonly resolve: (outcome: ScriptOutcome) => void;
  readonly reject: (error: Error) => void;
}

/** Runs scripts one after the other on a thread that is there only while it is needed. Ends with the signal. */
export function threadScripts(clock: Clock, signal: AbortSignal): ScriptEngine {
  const thread = new ScriptThread(clock);
  signal.addEventListener("abort", () => {
    thread.close();
  });
  return (call) => thread.run(call);
}

class ScriptThread {
  readonly #clock: Clock;
  readonly #waiting: Waiting[] = [];
  #worker: Worker | undefined;
  #cancelTimer: () => void = () => undefined;
  #isClosed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  run(call: ScriptCall): Promise<ScriptOutcome> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) reject(new ScriptError(call, "the interpreter has ended"));
      else if (this.#waiting.length > waitingMax) reject(new ScriptError(call, "too many scripts wait to be run"));
      else if (this.#waiting.push({ call, resolve, reject }) === 1) this.#start();
    });
  }

  close(): void {
    this.#isClosed = true;
    const waiting = this.#waiting.splice(0);
    this.#end();
    for (const { call, reject } of waiting) reject(new ScriptError(call, "the interpreter has ended"));
  }

  #start(): void {
    const [first] = this.#waiting;
    this.#cancelTimer();
    if (first === undefined) {
      this.#worker?.unref();
      this.#cancelTimer = this.#clock.timer(idleMilliseconds, () => {
        this.#end();
      });
      return;
    }
    const worker = (this.#worker ??= this.#open());
    worker.ref();
    worker.postMessage(first.call);
  }

  #watchTime(): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#clock.timer(scriptMillisecondsMax + graceMilliseconds, () => {
      this.#end();
      this.#settle({ type: "failed", text: `the script takes longer than ${scriptMillisecondsMax} ms` });
    });
  }

  #open(): Worker {
    // The file beside this one, in whichever form this one has: as written, or compiled.
    const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
    const worker = new Worker(new URL(`./script-worker.${extension}`, import.meta.url), {
      name: "scripts",
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: heapMegabytes },
    });
    worker.on("message", (answer: ThreadAnswer) => {
      if (worker !== this.#worker) return;
      if (answer.type === "begun") this.#watchTime();
      else this.#settle(answer);
    });
    worker.on("error", (error) => {
      if (worker !== this.#worker) return;
      this.#worker = undefined;
      this.#settle({ type: "failed", text: `the script ended its thread: ${errorText(error)}` });
    });
    return worker;
  }

  #settle(answer: Exclude<ThreadAnswer, { readonly type: "begun" }>): void {
    const waiter = this.#waiting.shift();
    if (waiter === undefined) return;
    if (answer.type === "done") waiter.resolve(answer.outcome);
    else waiter.reject(new ScriptError(waiter.call, answer.text));
    this.#start();
  }

  #end(): void {
    this.#cancelTimer();
    const worker = this.#worker;
    this.#worker = undefined;
    void worker?.terminate();
  }
}
