// The main thread's side of the local members' thread. With a thread of their own, members and control plane use two
// processors; their requests and answers go through message ports.
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { errorText } from "#machinery/api-error.ts";
import type { Precedence } from "#runtime/precedence.ts";
import { abortable } from "#std/abort.ts";
import { handlerOver } from "./handler-port.ts";
import type { LocalMember } from "./local-member.ts";
import type { FromMembers, StartOrder, ToMembers } from "./messages.ts";

/** What the launcher's thread finds its modules by (bin/launch.js). */
const resolver = fileURLToPath(new URL("../../../bin/resolve.js", import.meta.url));

export class MembersThread {
  /** Resolves if the thread fails, or ends without having been told to: to what is to be said of it. */
  readonly failed: Promise<Error>;
  readonly #ended: Promise<void>;
  readonly #worker: Worker;
  #isStopping = false;

  /** Begins to load what the thread needs; nothing is done before it is told to. */
  constructor(entry = ownEntry()) {
    const worker = new Worker(entry, { name: "members", execArgv: ["--require", resolver] });
    worker.unref();
    this.#worker = worker;
    this.#ended = new Promise((resolve) => {
      worker.once("exit", () => {
        resolve();
      });
    });
    this.failed = new Promise((resolve) => {
      worker.once("error", (error) => {
        resolve(new Error(`the thread of the local members failed: ${errorText(error)}`));
      });
      worker.once("exit", (code) => {
        if (!this.#isStopping) resolve(new Error(`the thread of the local members ended by itself, with ${code}`));
      });
    });
  }

  /** Starts the members; resolves when they answer requests. */
  async start(order: Omit<StartOrder, "type">, signal: AbortSignal): Promise<readonly LocalMember[]> {
    const answered = new Promise<FromMembers>((resolve) => {
      this.#worker.once("message", resolve);
    });
    this.#tell({ type: "start", ...order });
    const answer = await abortable(Promise.race([answered, this.failed]), signal);
    if (answer instanceof Error) throw answer;
    if (answer.type === "failed") throw new Error(answer.error);
    return answer.members.map(({ handler, ...facts }) => ({
      ...facts,
      handle: handlerOver(handler),
      close: () => this.stop(),
    }));
  }

  /** Members' own work waits for what goes first here. */
  follow(precedence: Precedence): void {
    precedence.onLeading((isLeading) => {
      this.#tell({ type: "leading", isLeading });
    });
  }

  /** Resolves when the members and the thread have ended. */
  async stop(): Promise<void> {
    if (!this.#isStopping) {
      this.#isStopping = true;
      this.#worker.ref();
      this.#tell({ type: "stop" });
    }
    await this.#ended;
  }

  #tell(message: ToMembers): void {
    this.#worker.postMessage(message);
  }
}

/** The file beside this one, in whichever form this one has: as written, or compiled. */
function ownEntry(): URL {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  return new URL(`./members-worker.${extension}`, import.meta.url);
}

/**
 * A thread for the members of `up`, if the arguments look as if it will want one; it does nothing but load. What reads
 * them in earnest comes later, and ends a thread that is not wanted.
 */
export function beginEarly([command, ...flags]: readonly string[]): MembersThread | undefined {
  const without = ["--single-thread", "--background", "--help", "-h"];
  const wanted = command === "up" && !flags.some((flag) => without.includes(flag));
  return wanted ? new MembersThread() : undefined;
}
