// Loopback ports that are free when first chosen and stay the same over restarts.
import { createHash } from "node:crypto";
import { createServer } from "node:net";
import { resolve as resolvePath } from "node:path";
import { isRecord } from "#machinery/guards.ts";
import { readFileIfExists, writeFileAtomic } from "#std/files.ts";

/** Linux gives connections ports from 32768 on, others from 49152 on. */
const portFirst = 20_000;
const portsCount = 12_000;
const triesMax = 1_000;

/** The port of each name: remembered in `file`, or free ones, then remembered. */
export async function stablePorts(
  file: string,
  names: readonly string[],
  host = "127.0.0.1",
): Promise<Map<string, number>> {
  const ports = parsePorts((await readFileIfExists(file))?.toString("utf8"));
  const missing = names.filter((name) => !ports.has(name));
  if (missing.length > 0) {
    const fresh = await freePorts(file, missing.length, host, new Set(ports.values()));
    missing.forEach((name, index) => ports.set(name, fresh[index] ?? 0));
    await writeFileAtomic(file, `${JSON.stringify(Object.fromEntries(ports), undefined, 2)}\n`);
  }
  return ports;
}

function parsePorts(text: string | undefined): Map<string, number> {
  const ports = new Map<string, number>();
  if (text === undefined) return ports;
  try {
    const value: unknown = JSON.parse(text);
    if (isRecord(value)) {
      for (const [name, port] of Object.entries(value)) if (typeof port === "number") ports.set(name, port);
    }
  } catch {
    // Unreadable: choose anew. Only the addresses change, and the kubeconfig is written with them.
  }
  return ports;
}

/**
 * Distinct free ports: all are held open until the last one is known. Below those that systems give to connections, or
 * a connection could take one while nothing listens. Where they start is the file's: planes keep out of each other's way.
 */
async function freePorts(file: string, count: number, host: string, taken: ReadonlySet<number>): Promise<number[]> {
  const digest = createHash("sha256").update(resolvePath(file)).digest();
  const held: Held[] = [];
  for (let tried = 0; held.length < count && tried < triesMax; tried++) {
    const port = portFirst + ((digest.readUInt32BE(0) + tried) % portsCount);
    const one = taken.has(port) ? undefined : await holdPort(host, port);
    if (one !== undefined) held.push(one);
  }
  await Promise.all(held.map(({ release }) => release()));
  if (held.length < count)
    throw new Error(`no free ports of ${host} from ${String(portFirst)} on: end what holds them`);
  return held.map(({ port }) => port);
}

interface Held {
  readonly port: number;
  readonly release: () => Promise<void>;
}

/** Undefined: someone else has it. */
function holdPort(host: string, port: number): Promise<Held | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => {
      resolve(undefined);
    });
    server.listen({ host, port }, () => {
      resolve({
        port,
        release: () =>
          new Promise((released) => {
            server.close(() => {
              released();
            });
          }),
      });
    });
  });
}
