// Loopback ports that are free when first chosen and stay the same over restarts.
import { createServer } from "node:net";
import { isRecord } from "#machinery/guards.ts";
import { readFileIfExists, writeFileAtomic } from "#std/files.ts";

/** The port of each name: remembered in `file`, or free ones of the system's choice, then remembered. */
export async function stablePorts(
  file: string,
  names: readonly string[],
  host = "127.0.0.1",
): Promise<Map<string, number>> {
  const ports = parsePorts((await readFileIfExists(file))?.toString("utf8"));
  const missing = names.filter((name) => !ports.has(name));
  if (missing.length > 0) {
    const fresh = await freePorts(missing.length, host, new Set(ports.values()));
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

/** Distinct free ports: all are held open until the last one is known. */
async function freePorts(count: number, host: string, taken: ReadonlySet<number>): Promise<number[]> {
  const held = await Promise.all(Array.from({ length: count + taken.size }, () => holdPort(host)));
  await Promise.all(held.map(({ release }) => release()));
  return held.map(({ port }) => port).filter((port) => !taken.has(port));
}

function holdPort(host: string): Promise<{ port: number; release: () => Promise<void> }> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen({ host, port: 0 }, () => {
      const address = server.address();
      resolve({
        port: typeof address === "object" && address !== null ? address.port : 0,
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
