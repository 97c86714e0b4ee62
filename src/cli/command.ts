// What a command is: data from which parsing, help and documentation follow, and one function that runs it.
import type { Client, Transport } from "#client/client.ts";
import type { HttpConfig } from "#client/http-transport.ts";
import type { Clock } from "#std/time.ts";
import type { Random } from "#std/random.ts";

/** The outside world as a command sees it; tests and golden transcripts hand in their own. */
export interface CommandIo {
  out(text: string): void;
  err(text: string): void;
  /** All of standard input as text. */
  readInput(): Promise<string>;
  readonly outIsTerminal: boolean;
  /** Width of the terminal in columns; undefined without one. */
  readonly columns: number | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly clock: Clock;
  readonly random: Random;
}

export interface Flag<Type extends string, T> {
  readonly type: Type;
  readonly doc: string;
  readonly default: T;
  /** One letter. */
  readonly short?: string;
  /** Shown in help: `--data-dir <directory>`. */
  readonly placeholder?: string;
  /** What `--flag` means without a value; the value itself then follows a `=` only. */
  readonly bare?: string;
  /** Refuses a value; the text says what would be valid. */
  check?(value: T): string | undefined;
}

interface FlagExtras<T> {
  readonly short?: string;
  readonly placeholder?: string;
  readonly bare?: string;
  check?(value: T): string | undefined;
}

/** Makers of flags. A flag named `dataDir` is written `--data-dir`. */
export const flag = {
  boolean: (doc: string, extras: FlagExtras<boolean> = {}): Flag<"boolean", boolean> => ({
    type: "boolean",
    doc,
    default: false,
    ...extras,
  }),
  string: (doc: string, value = "", extras: FlagExtras<string> = {}): Flag<"string", string> => ({
    type: "string",
    doc,
    default: value,
    ...extras,
  }),
  number: (doc: string, value: number, extras: FlagExtras<number> = {}): Flag<"number", number> => ({
    type: "number",
    doc,
    default: value,
    ...extras,
  }),
  /** May be given several times, or once with commas. */
  list: (doc: string, extras: FlagExtras<readonly string[]> = {}): Flag<"list", readonly string[]> => ({
    type: "list",
    doc,
    default: [],
    ...extras,
  }),
} as const;

type AnyFlag =
  Flag<"boolean", boolean> | Flag<"string", string> | Flag<"number", number> | Flag<"list", readonly string[]>;
export type Flags = Readonly<Record<string, AnyFlag>>;
export type FlagValues<F extends Flags> = { readonly [K in keyof F]: F[K]["default"] };

export interface Argument {
  readonly name: string;
  readonly doc: string;
  readonly required?: boolean;
  /** Takes all that remain. */
  readonly variadic?: boolean;
}

export interface Invocation<F extends Flags> {
  readonly args: readonly string[];
  readonly flags: FlagValues<F>;
  /** Names of the flags that the user gave, so that a default can be told from a choice. */
  readonly given: ReadonlySet<string>;
  readonly io: CommandIo;
  /** Aborts on Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal;
  /** A client for the kubeconfig and context that flags and environment name. Only for programs that speak to a server. */
  readonly connect: () => Promise<Connection>;
  /** A client for another kubeconfig and context; empty: as kubectl finds them. */
  readonly connectTo: (place: { readonly kubeconfig: string; readonly context: string }) => Promise<Connection>;
  /** A connection from its parts, where no kubeconfig names it. Nothing is opened before the first request. */
  readonly openTransport: (config: HttpConfig) => Transport;
  /** The program's name as users type it: `karmadactl`, `kubectl karmada`. */
  readonly program: string;
}

export interface Connection {
  readonly client: Client;
  readonly server: string;
  /** PEM of the authority that the kubeconfig names. */
  readonly authority?: string;
  /** Whether the kubeconfig says not to check the server's certificate. */
  readonly insecureSkipTlsVerify?: boolean;
  readonly context: string;
  /** The namespace of `--namespace`, the context, or `default`. */
  readonly namespace: string;
}

export interface Command<F extends Flags = Flags> {
  readonly name: string;
  readonly group: string;
  readonly summary: string;
  readonly description?: string;
  /** Lines as a user types them, with a `#` comment line before each. `$0` is the program's name. */
  readonly examples?: readonly string[];
  readonly aliases?: readonly string[];
  readonly args?: readonly Argument[];
  readonly flags: F;
  /** The exit code; undefined is 0. Throw UsageError or ApiError for what went wrong. */
  run(invocation: Invocation<F>): Promise<number | undefined>;
}

/** Declares a command. The identity function, for inference of the flags. */
export function defineCommand<F extends Flags>(command: Command<F>): Command<F> {
  return command;
}

/** The user asked for something that cannot be; the message says what would be valid. Exit code 1. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
