// The thread of the local members: starts them, serves what the main thread asks of them, and ends them when told to.
// Started by members-thread.ts.
import { join } from "node:path";
import { MessageChannel, type MessagePort, parentPort } from "node:worker_threads";
import { errorText } from "#machinery/api-error.ts";
import { Precedence } from "#runtime/precedence.ts";
import { invariant } from "#std/invariant.ts";
import { systemRandom } from "#std/random.ts";
import { systemClock } from "#std/time.ts";
import { DatabaseThread } from "#storage/sqlite/database-thread.ts";
import { loggerOf } from "../logger.ts";
import { serveHandler } from "./handler-port.ts";
import { type LocalMember, startLocalMember } from "./local-member.ts";
import type { FromMembers, StartOrder, ToMembers } from "./messages.ts";

/** Obeys `main`. The thread ends when it has been told to stop and everything has ended. */
function serveMembers(main: MessagePort): void {
  const end = new AbortController();
  const precedence = new Precedence(systemClock);
  let isLeading = false;
  const running: LocalMember[] = [];
  let starting: Promise<unknown> = Promise.resolve();
  const ports: MessagePort[] = [];
  main.on("message", (order: ToMembers) => {
    switch (order.type) {
      case "start":
        starting = startMembers(order, precedence, running, end.signal).then(
          () => {
            tellStarted(main, running, ports);
          },
          (error: unknown) => {
            main.postMessage({ type: "failed", error: errorText(error) } satisfies FromMembers);
          },
        );
        break;
      case "leading":
        if (order.isLeading && isLeading) precedence.progress();
        else if (order.isLeading) precedence.enter();
        else if (isLeading) precedence.leave();
        isLeading = order.isLeading;
        break;
      case "stop":
        end.abort(new Error("the control plane ends"));
        void starting
          .then(() => Promise.all(running.map((member) => member.close())))
          .finally(() => {
            for (const port of ports) port.close();
            main.close();
          });
    }
  });
}

/** Starts all; those that could be started are in `running` even if others could not. */
async function startMembers(
  { members, directory, podStartMilliseconds, logLevel }: StartOrder,
  precedence: Precedence,
  running: LocalMember[],
  signal: AbortSignal,
): Promise<void> {
  const log = loggerOf(logLevel);
  const databaseThread = new DatabaseThread();
  const file = (...parts: readonly string[]): string => join(directory, ...parts);
  const started = await Promise.allSettled(
    members.map(({ name, port }) =>
      startLocalMember({
        ...{ name, port, directory: { file }, databaseThread, podStartMilliseconds, precedence, signal },
        ...{ clock: systemClock, random: systemRandom(), log: log.child({ cluster: name }) },
      }),
    ),
  );
  for (const each of started) if (each.status === "fulfilled") running.push(each.value);
  for (const each of started) if (each.status === "rejected") throw each.reason;
}

function tellStarted(main: MessagePort, started: readonly LocalMember[], ports: MessagePort[]): void {
  const told = started.map(({ name, server, authority, kubeconfig, handle }) => {
    const { port1, port2 } = new MessageChannel();
    serveHandler(port1, handle);
    ports.push(port1);
    return { name, server, authority, kubeconfig, handler: port2 };
  });
  main.postMessage(
    { type: "started", members: told } satisfies FromMembers,
    told.map(({ handler }) => handler),
  );
}

invariant(parentPort, "this file is a worker's");
serveMembers(parentPort);
