// A control plane as users start it, `bin/karmada up` in a process of its own, and what it tells of itself on `/metrics`.
import { type ChildProcess, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Client } from "#client/client.ts";
import { httpTransport } from "#client/http-transport.ts";
import { loadKubeconfig } from "#client/kubeconfig.ts";
import { createClient } from "#client/rest-client.ts";

const startMillisecondsMax = 60_000;
const launcher = join(import.meta.dirname, "..", "bin", "karmada");

export interface ControlPlane {
  /** From just before the exec to the line that says ready. */
  readonly readyMilliseconds: number;
  /** `performance.now()` just before the exec. */
  readonly startedAt: number;
  /** By name of the context. */
  client(context: string): Promise<Client>;
  figures(): Promise<Figures>;
  /** Of the event loop of the local members, which have a thread of their own. */
  memberLag(): Promise<Pick<Figures, "lagP99" | "lagMax">>;
  stop(): Promise<void>;
}

export interface Figures {
  readonly lagP50: number;
  readonly lagP99: number;
  readonly lagMax: number;
  readonly residentMegabytes: number;
  readonly cpuSeconds: number;
}

/** Starts it and resolves when it says ready. */
export async function startControlPlane(dataDir: string, flags: readonly string[]): Promise<ControlPlane> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [launcher, "up", "--data-dir", dataDir, ...flags], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<void>((resolve) =>
    child.once("exit", () => {
      resolve();
    }),
  );
  await saysReady(child);
  const readyMilliseconds = performance.now() - startedAt;
  const clients: Client[] = [];
  let ofMember: Promise<Client> | undefined;
  const client = async (context: string): Promise<Client> => {
    const text = await readFile(join(dataDir, "kubeconfig"), "utf8");
    const { config } = await loadKubeconfig(text, { context, readFile: (path) => readFile(path) });
    const made = createClient(httpTransport(config), { userAgent: "bench" });
    clients.push(made);
    return made;
  };
  return {
    readyMilliseconds,
    startedAt,
    client,
    figures: async () => readFigures(clients[0] ?? (await client("karmada-apiserver"))),
    memberLag: async () => readFigures(await (ofMember ??= client("member1"))),
    async stop() {
      await Promise.all(clients.map((each) => each.close()));
      child.kill("SIGTERM");
      await ended;
    },
  };
}

function saysReady(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new Error("the control plane did not become ready in time"));
    }, startMillisecondsMax);
    let text = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      if (!text.includes("ready in ")) return;
      clearTimeout(timer);
      resolve();
    });
    child.once("exit", (code) => {
      clearTimeout(timer);
      reject(new Error(`the control plane ended with ${String(code)} before it was ready`));
    });
  });
}

/** The first client's server must be the control plane. Those of the event loop begin anew with each reading. */
async function readFigures(client: Client): Promise<Figures> {
  const { body } = await client.raw("GET", "/metrics");
  const text = Buffer.from(body).toString();
  const value = (name: string): number => {
    const found = new RegExp(`^${name} (\\S+)$`, "m").exec(text);
    if (found === null) throw new Error(`/metrics has no ${name}`);
    return Number(found[1]);
  };
  return {
    lagP50: value("nodejs_eventloop_lag_p50_seconds") * 1e3,
    lagP99: value("nodejs_eventloop_lag_p99_seconds") * 1e3,
    lagMax: value("nodejs_eventloop_lag_max_seconds") * 1e3,
    residentMegabytes: value("process_resident_memory_bytes") / 1e6,
    cpuSeconds: value("process_cpu_seconds_total"),
  };
}
