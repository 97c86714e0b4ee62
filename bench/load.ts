// Load from outside: wrk for HTTP/1.1, h2load for HTTP/2 (Debian packages `wrk` and `nghttp2-client`). Both share the
// processors with the server, so what the server itself spent stands beside the rates.
import { spawn, spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

export interface Load {
  readonly url: string;
  readonly token: string;
  /** Sent with POST; absent: GET. */
  readonly body?: Buffer;
  readonly seconds: number;
  /** For the files that the programs read. */
  readonly directory: string;
}

export interface Loaded {
  readonly requests: number;
  readonly perSecond: number;
}

type Tool = "wrk" | "h2load";

const packages: Readonly<Record<Tool, string>> = { wrk: "wrk", h2load: "nghttp2-client" };
/** Requests at once: wrk's connections, and h2load's connections by streams. */
const connections = { wrk: 64, h2load: 8 } as const;
const streamsOfConnection = 8;

/** Which of the programs are not here, each with the way to get it. */
export function missingTools(): readonly string[] {
  return (["wrk", "h2load"] as const)
    .filter((tool) => spawnSync("which", [tool]).status !== 0)
    .map((tool) => `${tool} is not here: run tools/bench-parts, or install the package ${packages[tool]}`);
}

/** HTTP/1.1, 64 connections. */
export async function loadHttp1({ url, token, body, seconds, directory }: Load): Promise<Loaded> {
  const script = join(directory, "request.lua");
  const headers = `wrk.headers["Authorization"] = "Bearer ${token}"\nwrk.headers["Content-Type"] = "application/json"\n`;
  const bodyFile = join(directory, "body.json");
  if (body !== undefined) await writeFile(bodyFile, body);
  const post = `wrk.method = "POST"\nlocal file = io.open("${bodyFile}", "rb")\nwrk.body = file:read("*a")\nfile:close()\n`;
  await writeFile(script, body === undefined ? headers : `${headers}${post}`);
  const args = ["-t1", `-c${connections.wrk}`, `-d${seconds}s`, "--timeout", "10s", "-s", script, url];
  const text = await run("wrk", args);
  const bad = /Non-2xx or 3xx responses: (\d+)/.exec(text)?.[1];
  if (bad !== undefined) throw new Error(`${bad} requests of wrk to ${url} failed`);
  return { requests: found(text, /(\d+) requests in/), perSecond: found(text, /Requests\/sec:\s+([\d.]+)/) };
}

/** HTTP/2, 8 connections of 8 streams. */
export async function loadHttp2({ url, token, body, seconds, directory }: Load): Promise<Loaded> {
  const args = ["-D", String(seconds), "-c", String(connections.h2load), "-m", String(streamsOfConnection)];
  args.push("-H", `authorization: Bearer ${token}`, "-H", "content-type: application/json");
  if (body !== undefined) {
    const bodyFile = join(directory, "body.json");
    await writeFile(bodyFile, body);
    args.push("-d", bodyFile);
  }
  const text = await run("h2load", [...args, url]);
  const requests = found(text, /status codes: (\d+) 2xx/);
  const failed = found(text, /, (\d+) 4xx/) + found(text, /, (\d+) 5xx/);
  if (failed > 0) throw new Error(`${failed} requests of h2load to ${url} failed`);
  return { requests, perSecond: found(text, /finished in [\d.]+s, ([\d.]+) req\/s/) };
}

function found(text: string, pattern: RegExp): number {
  const value = pattern.exec(text)?.[1];
  if (value === undefined) throw new Error(`the load generator said no ${pattern.source}:\n${text}`);
  return Number(value);
}

function run(tool: Tool, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(tool, args, { stdio: ["ignore", "pipe", "pipe"] });
    let text = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => (text += chunk.toString()));
    }
    child.once("error", reject);
    child.once("exit", (code) => {
      if (code === 0) resolve(text);
      else reject(new Error(`${tool} ended with ${String(code)}:\n${text}`));
    });
  });
}
