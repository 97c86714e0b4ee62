// The process as the programs see it: streams, environment, and the signals that end it.
import { text } from "node:stream/consumers";
import type { CommandIo } from "#cli/command.ts";
import { systemRandom } from "#std/random.ts";
import { keepAlive, systemClock } from "#std/time.ts";

/** A launcher and npm pass a signal on that the terminal has sent to all of them: one press arrives up to three times. */
const samePressMilliseconds = 500;

/** Standard streams, environment and clock of this process. */
export function processIo(): CommandIo {
  // A reader that has gone (`| head`) is no error of ours.
  process.stdout.on("error", () => undefined);
  return {
    out: (line) => void process.stdout.write(line),
    err: (line) => void process.stderr.write(line),
    readInput: () => text(process.stdin),
    outIsTerminal: process.stdout.isTTY,
    columns: process.stdout.isTTY ? process.stdout.columns : undefined,
    env: process.env,
    cwd: process.cwd(),
    clock: systemClock,
    random: systemRandom(),
  };
}

/** How often a process that npm has started looks whether npm is still there. */
const parentCheckMilliseconds = 250;

/**
 * A signal that aborts on Ctrl-C, SIGTERM and SIGHUP. A second Ctrl-C ends the process at once. npx does not pass
 * SIGTERM on to what it has started, so a process of npm's ends with its parent.
 */
export function interruptible(): { readonly signal: AbortSignal; end(): void } {
  const controller = new AbortController();
  const release = keepAlive();
  let first: number | undefined;
  const onSignal = (name: NodeJS.Signals): void => {
    const now = systemClock.monotonic();
    if (first === undefined) {
      first = now;
      controller.abort(new Error(`ended by ${name}`));
    } else if (now - first > samePressMilliseconds) {
      process.exit(130);
    }
  };
  const names = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const name of names) process.on(name, onSignal);
  const unfollow =
    process.env["npm_command"] === undefined
      ? undefined
      : followParent(() => {
          onSignal("SIGTERM");
        });
  return {
    signal: controller.signal,
    end() {
      unfollow?.();
      release();
      for (const name of names) process.off(name, onSignal);
    },
  };
}

/** Calls `gone` once when the parent process has ended. Returns what stops the looking. */
function followParent(gone: () => void): () => void {
  const parent = process.ppid;
  let cancel = (): void => undefined;
  const look = (): void => {
    if (process.ppid === parent) cancel = systemClock.timer(parentCheckMilliseconds, look);
    else gone();
  };
  look();
  return () => {
    cancel();
  };
}
