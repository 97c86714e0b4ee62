// A control plane as a user starts it, for end-to-end tests: its own process, its own data directory, real kubectl.
import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

export const root = path.join(import.meta.dirname, "..", "..");
export const karmada = path.join(root, "bin", "karmada");
export const karmadactl = path.join(root, "bin", "karmadactl");
const readyDeadline = 60_000;
/** The context of the control plane in kubeconfigs. */
const hub = "karmada-apiserver";

export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Plane {
  readonly directory: string;
  readonly process: ChildProcess;
  /** Everything that the process has printed so far. */
  output(): string;
  kubeconfig: string;
  /** Runs kubectl; fails the test when kubectl fails. Gives what it printed. */
  kubectl(args: readonly string[] | string, options?: RunOptions): Promise<string>;
  /** Runs kubectl, whatever comes of it. */
  tryKubectl(args: readonly string[] | string, options?: RunOptions): Promise<Ran>;
  tryKarmadactl(args: readonly string[] | string, options?: RunOptions): Promise<Ran>;
  /** Ends the process and resolves to its exit code or signal. */
  stop(signal?: NodeJS.Signals): Promise<number | NodeJS.Signals | null>;
  /** Stops it and deletes its directory. */
  dispose(): Promise<void>;
}

export interface RunOptions {
  readonly context?: string;
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly timeout?: number;
}

/** For tests of kubectl: they are skipped, with a word about it, where there is none. */
export const needsKubectl = { skip: process.env["KUBECTL"] === undefined && "no kubectl here: set KUBECTL to one" };

/** kubectl of the test parts or of the environment; undefined, with a word about it, where there is none. */
export function findKubectl(say: (text: string) => void): string | undefined {
  const found = process.env["KUBECTL"];
  if (found === undefined) say("skipped: no kubectl here (set KUBECTL to one)");
  return found;
}

/** Starts `karmada up` and waits until it says ready. */
export async function startPlane(args: readonly string[] = [], directory?: string): Promise<Plane> {
  const home = directory ?? mkdtempSync(path.join(tmpdir(), "karmada-e2e-"));
  const data = path.join(home, "data");
  const child = spawn(process.execPath, [karmada, "up", "--data-dir", data, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, HOME: home },
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8");
    stream.on("data", (chunk: string) => (text += chunk));
  }
  const kubeconfig = path.join(data, "kubeconfig");
  const run = (
    program: string,
    first: readonly string[],
    args: readonly string[] | string,
    options: RunOptions = {},
  ): Promise<Ran> =>
    runProgram(program, [...first, ...contextOf(options), ...(typeof args === "string" ? args.split(" ") : args)], {
      ...options,
      env: { HOME: home, KUBECONFIG: kubeconfig, ...options.env },
    });
  const plane: Plane = {
    directory: home,
    process: child,
    kubeconfig,
    output: () => text,
    tryKubectl: (args, options) => run(process.env["KUBECTL"] ?? "kubectl", [], args, options),
    tryKarmadactl: (args, options) => run(process.execPath, [karmadactl], args, { ...options, context: "" }),
    async kubectl(args, options) {
      const { code, out, err } = await plane.tryKubectl(args, options);
      assert.equal(code, 0, `kubectl ${String(args)}: ${err}${out}`);
      return out;
    },
    async stop(signal = "SIGTERM") {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode ?? child.signalCode;
      const ended = new Promise<number | NodeJS.Signals | null>((resolve) => {
        child.once("exit", (code, by) => {
          resolve(code ?? by);
        });
      });
      child.kill(signal);
      return ended;
    },
    async dispose() {
      await plane.stop("SIGKILL");
      rmSync(home, { recursive: true, force: true });
    },
  };
  await eventually("karmada up to say ready", readyDeadline, () => {
    if (child.exitCode !== null) throw new Error(`karmada up ended with ${String(child.exitCode)}:\n${text}`);
    return /ready in \d+ ms/.test(text);
  });
  return plane;
}

/** Runs one component as a process of its own against the control plane of a kubeconfig. */
export function startComponent(name: string, kubeconfig: string, flags: readonly string[] = []): ChildProcess {
  const args = [karmada, name, "--kubeconfig", kubeconfig, "--leader-elect", "--log-level", "error", ...flags];
  return spawn(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"] });
}

/** Waits until `holds` gives something true; an assertion that throws counts as not yet. Fails at the deadline. */
export async function eventually<T>(
  what: string,
  deadlineMilliseconds: number,
  holds: () => T | Promise<T>,
): Promise<T> {
  const deadline = performance.now() + deadlineMilliseconds;
  for (let wait = 10; ; wait = Math.min(wait * 1.5, 250)) {
    let last: unknown;
    try {
      const value = await holds();
      if (value) return value;
    } catch (error) {
      if (!(error instanceof assert.AssertionError)) throw error;
      last = error;
    }
    if (performance.now() > deadline) {
      throw new Error(`waited ${String(deadlineMilliseconds / 1000)} s in vain for ${what}`, { cause: last });
    }
    await sleep(wait);
  }
}

/** Runs a program to its end. */
export async function runProgram(program: string, args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const child = spawn(program, args, { env: { ...process.env, ...options.env }, timeout: options.timeout ?? 60_000 });
  let out = "";
  let err = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (out += chunk));
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (err += chunk));
  child.stdin.on("error", () => undefined);
  child.stdin.end(options.input ?? "");
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      resolve({ code, out, err });
    });
  });
}

/** Runs kubectl, in member1 unless told otherwise; fails the test when it fails or warns. Gives what it printed. */
export async function quietly(
  plane: Plane,
  args: readonly string[] | string,
  { context = "member1", ...options }: RunOptions = {},
): Promise<string> {
  const { code, out, err } = await plane.tryKubectl(args, { context, ...options });
  assert.equal(code, 0, `kubectl ${String(args)}: ${err}${out}`);
  assert.equal(err, "", `kubectl ${String(args)} warns`);
  return out;
}

/** Runs kubectl in member1 with nothing but a token. */
export async function withToken(plane: Plane, token: string, args: string): Promise<Ran> {
  const server = await quietly(plane, "config view --minify -o jsonpath={.clusters[0].cluster.server}");
  const own = ["--kubeconfig", "/dev/null", "--server", server, "--insecure-skip-tls-verify", "--token", token];
  return plane.tryKubectl([...own, ...args.split(" ")], { context: "" });
}

/** A certificate request for somebody of `devs`, in base64, and the file of its key; undefined: openssl is not here. */
export function certificateRequest(
  directory: string,
  name: string,
): { readonly request: string; readonly key: string } | undefined {
  const key = path.join(directory, `${name}.key`);
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key];
  const args = ["req", "-new", ...curve, "-subj", `/O=devs/CN=${name}`];
  try {
    const request = execFileSync("openssl", args, { stdio: ["ignore", "pipe", "ignore"] }).toString("base64");
    return { request, key };
  } catch {
    return undefined;
  }
}

/** What a JSONPath template makes of objects; nothing where there are none. */
export async function readPath(plane: Plane, what: string, template: string, context = hub): Promise<string> {
  const args = ["get", ...what.split(" "), "--ignore-not-found", "-o", `jsonpath=${template}`];
  return (await plane.tryKubectl(args, { context })).out;
}

/** Whether a process of this pid lives. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function contextOf({ context = hub }: RunOptions): string[] {
  return context === "" ? [] : ["--context", context];
}
