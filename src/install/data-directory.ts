// Where a control plane keeps what it has: a directory of its own with a format marker and a lock.
//   karmada.json       whose directory this is, and in which format
//   lock               held by the operating system while a control plane runs
//   running.json       pid and addresses of the process that holds the lock (meaningless without it)
//   ports.json         the loopback ports that stay the same over restarts
//   kubeconfig         contexts for the control plane and its members
//   clusters/<name>/   store.db and pki/ of each API server
import { readdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { ensurePrivateDirectory, readFileIfExists, writeFileAtomic } from "#std/files.ts";
import { isRecord } from "#machinery/guards.ts";
import { type Lock, tryLock } from "./lock.ts";

/** Moves on when an older version could not read what a newer one has written. */
const formatCurrent = 1;
const markerProduct = "karmada-ts data directory";

/** Output of `up --background`. */
export const logFile = "up.log";
/** What a start that was cut short may leave before it has written the marker. */
const leftBeforeMarker: ReadonlySet<string> = new Set(["lock", "lock-journal", logFile]);

/** A directory that cannot be used as asked; the message says why and what to do. */
export class DataDirectoryError extends Error {
  override readonly name = "DataDirectoryError";
}

/** What the running process says of itself. */
export interface Running {
  readonly pid: number;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly version: string;
  /** Address of each context, `https://127.0.0.1:port`. */
  readonly servers: Readonly<Record<string, string>>;
  /** Simulated or real, per member context. */
  readonly members: readonly string[];
}

export interface DataDirectory {
  /** Absolute. */
  readonly path: string;
  /** Absolute path of something inside. */
  file(...parts: readonly string[]): string;
  /** Gives the lock back and takes `running.json` away. */
  release(): Promise<void>;
}

export interface OpenOptions {
  readonly path: string;
  /** Begin with an empty directory: what a control plane of ours left there is deleted. */
  readonly fresh: boolean;
}

/** Opens and locks a data directory, making it if needed. DataDirectoryError when it is in use, not ours or too new. */
export async function openDataDirectory({ path, fresh }: OpenOptions): Promise<DataDirectory> {
  const root = await prepareDataDirectory(path);
  const lock = tryLock(join(root, "lock"));
  if (lock === undefined) throw new DataDirectoryError(await inUse(root, path));
  try {
    if (fresh) await empty(root);
    await writeFileAtomic(
      join(root, "karmada.json"),
      `${JSON.stringify({ product: markerProduct, format: formatCurrent })}\n`,
    );
    await rm(join(root, "running.json"), { force: true });
  } catch (error) {
    lock.release();
    throw error;
  }
  return directoryOf(root, lock);
}

/** Makes the directory if needed. DataDirectoryError when it is not ours or too new; what is in it stays as it is. */
export async function prepareDataDirectory(path: string): Promise<string> {
  const root = resolve(path);
  await ensurePrivateDirectory(root);
  await checkMarker(root);
  return root;
}

/** What runs on the directory, or undefined when nothing does. Never changes anything. */
export async function findRunning(path: string): Promise<Running | undefined> {
  const root = resolve(path);
  if ((await readFileIfExists(join(root, "karmada.json"))) === undefined) return undefined;
  const lock = tryLock(join(root, "lock"));
  if (lock !== undefined) {
    lock.release();
    return undefined;
  }
  return readRunning(root);
}

/** Tells others how to reach the process that holds the directory. */
export async function writeRunning(directory: DataDirectory, running: Running): Promise<void> {
  await writeFileAtomic(directory.file("running.json"), `${JSON.stringify(running, undefined, 2)}\n`);
}

function directoryOf(root: string, lock: Lock): DataDirectory {
  return {
    path: root,
    file: (...parts) => join(root, ...parts),
    async release() {
      await rm(join(root, "running.json"), { force: true });
      lock.release();
    },
  };
}

/** An empty directory is free to take; one with files must carry our marker, in a format we know. */
async function checkMarker(root: string): Promise<void> {
  const text = await readFileIfExists(join(root, "karmada.json"));
  if (text === undefined) {
    const found = (await readdir(root)).filter((name) => !leftBeforeMarker.has(name) && !name.endsWith(".tmp"));
    if (found.length === 0) return;
    throw new DataDirectoryError(
      `${root} is not a data directory of karmada (it holds ${found.slice(0, 3).join(", ")}…): name an empty or new one with --data-dir`,
    );
  }
  const format = formatOf(text.toString("utf8"));
  if (format === undefined) {
    throw new DataDirectoryError(
      `${join(root, "karmada.json")} is not readable: restore it, or name another directory with --data-dir`,
    );
  }
  if (format > formatCurrent) {
    throw new DataDirectoryError(
      `${root} was written by a newer version (format ${format}, this one knows ${formatCurrent}): ` +
        `use that version, or name another directory with --data-dir`,
    );
  }
}

function formatOf(text: string): number | undefined {
  try {
    const marker: unknown = JSON.parse(text);
    if (!isRecord(marker) || marker["product"] !== markerProduct) return undefined;
    return typeof marker["format"] === "number" ? marker["format"] : undefined;
  } catch {
    return undefined;
  }
}

async function inUse(root: string, asked: string): Promise<string> {
  const running = await readRunning(root);
  const who = running === undefined ? "another process" : `process ${running.pid}`;
  const flag = asked === ".karmada" ? "" : ` --data-dir ${asked}`;
  return `a control plane already runs on ${root} (${who}): stop it with "karmada down${flag}", or name another directory with --data-dir`;
}

async function readRunning(root: string): Promise<Running | undefined> {
  const text = await readFileIfExists(join(root, "running.json"));
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text.toString("utf8"));
    return isRunning(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRunning(value: unknown): value is Running {
  return (
    isRecord(value) && typeof value["pid"] === "number" && isRecord(value["servers"]) && Array.isArray(value["members"])
  );
}

/** Deletes everything but the lock that we hold and the log that we write. */
async function empty(root: string): Promise<void> {
  for (const name of await readdir(root)) {
    if (!leftBeforeMarker.has(name)) await rm(join(root, name), { recursive: true, force: true });
  }
}
