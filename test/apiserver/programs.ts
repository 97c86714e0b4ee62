// Runs the real kubectl and helm against a server, in the versions that are here.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";

/** A program, by what tests call it. */
export interface Program {
  readonly name: string;
  readonly path: string;
}

export interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function found(programs: readonly (readonly [name: string, variable: string])[]): readonly Program[] {
  return programs.flatMap(([name, variable]) => {
    const at = process.env[variable];
    return at === undefined ? [] : [{ name, path: at }];
  });
}

/** The versions of kubectl that are here; none: the environment names none. */
export const kubectls = found([
  ["kubectl", "KUBECTL"],
  ["kubectl 1.32", "KUBECTL_OLD"],
]);

export const helms = found([
  ["helm 4", "HELM"],
  ["helm 3", "HELM_OLD"],
]);

/** Runs a program to its end, whatever comes of it. */
export function run(
  program: Program,
  args: readonly string[],
  { input = "", env = {} }: { readonly input?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = spawn(program.path, args, { env: { ...process.env, ...env } });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
    child.on("error", reject);
    child.on("close", (code) => {
      resolve({ code: code ?? -1, out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() });
    });
    child.stdin.end(input);
  });
}

/** kubectl with a kubeconfig. */
export interface Kubectl {
  try(args: string, input?: string): Promise<Run>;
  /** Fails the test when kubectl does. Gives what it printed. */
  good(args: string, input?: string): Promise<string>;
}

export function kubectlOf(program: Program, kubeconfig: string): Kubectl {
  const attempt = (args: string, input = ""): Promise<Run> =>
    run(program, ["--kubeconfig", kubeconfig, ...args.split(" ")], { input });
  return {
    try: attempt,
    async good(args, input) {
      const { code, out, err } = await attempt(args, input);
      assert.equal(code, 0, `${program.name} ${args}: ${err}${out}`);
      return out;
    },
  };
}
