// Runs the real kubectl against a server, in the versions that are here.
import assert from "node:assert/strict";
import { type Ran, runProgram } from "../e2e/plane.ts";

/** A program, by what tests call it. */
export interface Program {
  readonly name: string;
  readonly path: string;
}

/** The versions of kubectl that are here; none: the environment names none. */
export const kubectls: readonly Program[] = [
  { name: "kubectl", path: process.env["KUBECTL"] ?? "" },
  { name: "kubectl 1.32", path: process.env["KUBECTL_OLD"] ?? "" },
].filter(({ path }) => path !== "");

/** kubectl with a kubeconfig. */
export interface Kubectl {
  try(args: string, input?: string): Promise<Ran>;
  /** Fails the test when kubectl does. Gives what it printed. */
  good(args: string, input?: string): Promise<string>;
}

export function kubectlOf(program: Program, kubeconfig: string): Kubectl {
  const attempt = (args: string, input = ""): Promise<Ran> =>
    runProgram(program.path, ["--kubeconfig", kubeconfig, ...args.split(" ")], { input });
  return {
    try: attempt,
    async good(args, input) {
      const { code, out, err } = await attempt(args, input);
      assert.equal(code, 0, `${program.name} ${args}: ${err}${out}`);
      return out;
    },
  };
}
