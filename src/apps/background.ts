// `up --background`: starts the same command as a process of its own and comes back when that says ready, or why not.
import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { CommandIo } from "#cli/command.ts";
import { logFile, prepareDataDirectory } from "#install/data-directory.ts";

/** Tells the child on which file descriptor its parent waits for the word. */
const readyVariable = "KARMADA_READY_FD";
const readyFd = 3;
const logTailLines = 20;

/** The descriptor to tell, where a parent waits. */
export function readyDescriptor(env: CommandIo["env"]): number | undefined {
  return env[readyVariable] === String(readyFd) ? readyFd : undefined;
}

/** Tells the waiting parent, if there is one, and lets go of it. */
export function tellReady(descriptor: number | undefined, text: string): void {
  if (descriptor === undefined) return;
  try {
    writeSync(descriptor, `${text}\n`);
    closeSync(descriptor);
  } catch {
    // The parent has gone; nobody waits any more.
  }
}

/** Resolves to the exit code of the command in the foreground: 0 when everything is ready. */
export async function startInBackground(
  argv: readonly string[],
  dataDir: string,
  io: CommandIo,
  signal: AbortSignal,
): Promise<number> {
  const logPath = join(await prepareDataDirectory(dataDir), logFile);
  const log = openSync(logPath, "w", 0o600);
  const program = process.argv[1] ?? "";
  // With the flags of this one: if the launcher had to begin again, the descriptor would be lost.
  const child = spawn(process.execPath, [...process.execArgv, program, ...argv.filter(isNotBackground)], {
    detached: true,
    stdio: ["ignore", log, log, "pipe"],
    // Not npm's any more: it is to outlive npm.
    env: { ...io.env, npm_command: undefined, [readyVariable]: String(readyFd) },
  });
  closeSync(log);
  const stop = (): void => void child.kill("SIGTERM");
  signal.addEventListener("abort", stop, { once: true });
  const word = await readWord(child.stdio[readyFd], child);
  signal.removeEventListener("abort", stop);
  if (word === undefined) {
    io.err(readFileSync(logPath, "utf8").trimEnd().split("\n").slice(-logTailLines).join("\n") + "\n");
    return 1;
  }
  child.unref();
  io.out(
    `${word} (process ${child.pid ?? 0}, output in ${logPath})\nstop it with: karmada down --data-dir ${dataDir}\n`,
  );
  return 0;
}

function isNotBackground(word: string): boolean {
  return word !== "--background";
}

/** What the child says before it lets go of the descriptor; undefined when it ends without a word. */
function readWord(stream: unknown, child: ReturnType<typeof spawn>): Promise<string | undefined> {
  return new Promise((done) => {
    let text = "";
    child.once("error", () => {
      done(undefined);
    });
    if (!isReadable(stream)) {
      done(undefined);
      return;
    }
    stream.on("data", (chunk) => (text += String(chunk)));
    stream.once("close", () => {
      done(text.trim() === "" ? undefined : text.trim());
    });
  });
}

function isReadable(stream: unknown): stream is NodeJS.ReadableStream {
  return typeof stream === "object" && stream !== null && "on" in stream && "once" in stream;
}
