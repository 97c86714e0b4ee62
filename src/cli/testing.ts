// A session at the terminal for tests: command lines as a user types them, on servers in this process; what they print is
// kept as a transcript that a test compares with what it should be.
import type { Client, Transport } from "#client/client.ts";
import type { HttpConfig } from "#client/http-transport.ts";
import { systemRandom } from "#std/random.ts";
import { type Clock, systemClock } from "#std/time.ts";
import { type Command, type CommandIo, flag } from "./command.ts";
import { commands } from "./commands/all.ts";
import { runProgram } from "./program.ts";

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface SessionOptions {
  readonly client: Client;
  /** Reaches what no kubeconfig names: members. */
  readonly openTransport?: (config: HttpConfig) => Transport;
  /** Clients of other kubeconfigs, by context. */
  readonly contexts?: Readonly<Record<string, Client>>;
  readonly commands?: readonly Command[];
  readonly cwd?: string;
  readonly input?: string;
  readonly clock?: Clock;
}

/** Gives a function that runs one command line; words are split at blanks. */
export function startSession(options: SessionOptions): (line: string, input?: string) => Promise<Ran> {
  return async (line, input = "") => {
    let out = "";
    let err = "";
    const io: CommandIo = {
      out: (text) => (out += text),
      err: (text) => (err += text),
      readInput: () => Promise.resolve(input),
      outIsTerminal: false,
      columns: undefined,
      env: {},
      cwd: options.cwd ?? "/",
      clock: options.clock ?? systemClock,
      random: systemRandom(),
    };
    const code = await runProgram(
      {
        name: "karmadactl",
        summary: "",
        commands: options.commands ?? commands,
        globalFlags: { namespace: flag.string("Namespace.", "", { short: "n" }) },
        footer: "",
        connect: ({ karmadaContext, namespace }) => {
          const context = typeof karmadaContext === "string" ? karmadaContext : "";
          const client = context === "" ? options.client : options.contexts?.[context];
          if (client === undefined) return Promise.reject(new Error(`there is no context ${context}`));
          const asked = typeof namespace === "string" && namespace !== "" ? namespace : "default";
          return Promise.resolve({ client, server: `https://${context}`, context, namespace: asked });
        },
        openTransport:
          options.openTransport ??
          (() => {
            throw new Error("this session reaches no members");
          }),
      },
      { argv: line.split(" ").filter(Boolean), io, signal: new AbortController().signal },
    );
    return { code, out, err };
  };
}

/** What a terminal would show of the lines: each after a `$`, its output, its errors, a code that is not 0. */
export async function transcript(
  run: (line: string, input?: string) => Promise<Ran>,
  lines: readonly string[],
): Promise<string> {
  let text = "";
  for (const line of lines) {
    const { code, out, err } = await run(line);
    text += `$ ${line}\n${out}${err}${code === 0 ? "" : `(exit code ${code})\n`}`;
  }
  return text;
}
