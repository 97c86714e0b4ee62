// Runs a list of commands as one program: parsing, help, errors and exit codes, over commander.
import { Command as Parser, CommanderError, Option } from "commander";
import type { Transport } from "#client/client.ts";
import { type HttpConfig, httpTransport } from "#client/http-transport.ts";
import { ApiError, errorText } from "#machinery/api-error.ts";
import {
  type Argument,
  type Command,
  type CommandIo,
  type Connection,
  type Flags,
  type Invocation,
  UsageError,
} from "./command.ts";

export interface Program {
  readonly name: string;
  readonly summary: string;
  readonly commands: readonly Command[];
  /** Flags that every command takes. */
  readonly globalFlags: Flags;
  /** Shown at the end of the help. */
  readonly footer: string;
  /** How commands reach a server; gets the global flags. */
  connect(flags: Values, io: CommandIo): Promise<Connection>;
  /** Absent: over HTTPS. */
  readonly openTransport?: (config: HttpConfig) => Transport;
}

export interface RunOptions {
  readonly argv: readonly string[];
  readonly io: CommandIo;
  readonly signal: AbortSignal;
}

/** Runs one command line; resolves to the exit code. Never throws for what a user or a server did. */
export async function runProgram(program: Program, { argv, io, signal }: RunOptions): Promise<number> {
  let exitCode = 0;
  let running = "";
  const parser = new Parser(program.name)
    .description(program.summary)
    .exitOverride()
    .commandsGroup("Other Commands:")
    .helpCommand("help [command]", "Help about any command")
    .configureHelp({ optionDescription })
    .showHelpAfterError(`See "${program.name} --help".`);
  configureOutput(parser, io);
  addFlags(parser, program.globalFlags);
  if (program.footer !== "") parser.addHelpText("after", `\n${program.footer}`);
  for (const command of program.commands) {
    addCommand(parser, program, command, async (args, values, given) => {
      const connect = (): Promise<Connection> => program.connect(values, io);
      const connectTo: Invocation<Flags>["connectTo"] = ({ kubeconfig, context }) =>
        program.connect({ ...values, kubeconfig, karmadaContext: context }, io);
      const openTransport = program.openTransport ?? httpTransport;
      const ways = { connect, connectTo, openTransport, program: program.name };
      running = ` ${command.name}`;
      checkFlags({ ...program.globalFlags, ...command.flags }, values);
      exitCode = (await command.run({ args, flags: values, given, io, signal, ...ways })) ?? 0;
    });
  }
  try {
    if (argv.length === 0) parser.outputHelp();
    else await parser.parseAsync(withBareValues(argv, program), { from: "user" });
    return exitCode;
  } catch (error) {
    return reportError(error, `${program.name}${running}`, io, signal);
  }
}

/** `--dry-run` as `--dry-run=client`, for flags that have such a meaning: what follows is then no value of theirs. */
function withBareValues(argv: readonly string[], { commands, globalFlags }: Program): string[] {
  const command = commands.find(({ name, aliases }) => argv.some((word) => word === name || aliases?.includes(word)));
  const bare = new Map<string, string>();
  for (const [name, definition] of Object.entries({ ...globalFlags, ...command?.flags })) {
    if (definition.bare !== undefined) bare.set(longName(name), definition.bare);
  }
  return argv.map((word) => (bare.has(word) ? `${word}=${bare.get(word) ?? ""}` : word));
}

function reportError(error: unknown, words: string, io: CommandIo, signal: AbortSignal): number {
  // Commander has printed its own message by now; help and version come here too, with exit code 0.
  if (error instanceof CommanderError) return error.exitCode;
  if (signal.aborted) return 130;
  if (error instanceof ApiError) io.err(`Error from server (${error.reason}): ${error.message}\n`);
  else if (error instanceof UsageError) io.err(`error: ${error.message}\nSee "${words} --help".\n`);
  else io.err(`error: ${errorText(error)}\n`);
  return 1;
}

type FlagValue = boolean | string | number | readonly string[];
type Values = Readonly<Record<string, FlagValue>>;
type Action = (args: readonly string[], values: Values, given: ReadonlySet<string>) => Promise<void>;

function addCommand(parser: Parser, program: Program, command: Command, action: Action): void {
  const sub = parser
    .command(command.name)
    .summary(command.summary)
    .description(command.description ?? command.summary)
    .helpGroup(`${command.group}:`)
    .aliases([...(command.aliases ?? [])])
    .allowExcessArguments(false)
    .showHelpAfterError(`See "${program.name} ${command.name} --help".`);
  for (const argument of command.args ?? []) sub.argument(argumentText(argument), argument.doc);
  addFlags(sub, command.flags);
  addFlags(sub, program.globalFlags);
  if (command.examples !== undefined) {
    const lines = command.examples.map((line) => line.replaceAll("$0", program.name));
    sub.addHelpText("after", `\nExamples:\n  ${lines.join("\n  ")}`);
  }
  sub.action(async () => {
    // Flags of the program may stand before the command's name too; there they count only when given.
    const before = parser.opts<Record<string, FlagValue>>();
    const early = Object.fromEntries([...givenNames(parser)].map((name) => [name, before[name] ?? ""]));
    const values = { ...sub.opts<Record<string, FlagValue>>(), ...early };
    await action(sub.args, values, new Set([...givenNames(parser), ...givenNames(sub)]));
  });
}

function givenNames(parser: Parser): Set<string> {
  const names = Object.keys(parser.opts<Record<string, FlagValue>>());
  return new Set(names.filter((name) => parser.getOptionValueSource(name) === "cli"));
}

function argumentText({ name, required, variadic }: Argument): string {
  const text = variadic === true ? `${name}...` : name;
  return required === true ? `<${text}>` : `[${text}]`;
}

function addFlags(parser: Parser, flags: Flags): void {
  for (const [name, definition] of Object.entries(flags)) parser.addOption(optionOf(name, definition));
}

function optionOf(name: string, definition: Flags[string]): Option {
  const long = longName(name);
  const short = definition.short === undefined ? "" : `-${definition.short}, `;
  const placeholder = definition.placeholder ?? (definition.type === "number" ? "number" : "value");
  const option = new Option(
    definition.type === "boolean" ? `${short}${long}` : `${short}${long} <${placeholder}>`,
    definition.doc,
  );
  // A flag that begins with "no" is one of its own, not another's opposite.
  option.negate = false;
  option.default(definition.default);
  if (definition.type === "number") option.argParser((text: string) => parseNumber(long, text));
  if (definition.type === "list") {
    option.argParser((text: string, before: readonly string[]) => [...before, ...text.split(",").filter(Boolean)]);
  }
  return option;
}

/** A flag's help: what it does, and its default where that says something. */
function optionDescription({ description, defaultValue }: Option): string {
  const value: unknown = defaultValue;
  if (value === true || typeof value === "number") return `${description} (default: ${value})`;
  return typeof value === "string" && value !== "" ? `${description} (default: ${value})` : description;
}

function longName(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function parseNumber(long: string, text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) throw new UsageError(`${long} takes a number, not "${text}"`);
  return value;
}

function checkFlags(flags: Flags, values: Values): void {
  for (const [name, definition] of Object.entries(flags)) {
    const problem = checkFlag(definition, values[name]);
    if (problem !== undefined) throw new UsageError(problem);
  }
}

function checkFlag(definition: Flags[string], value: FlagValue | undefined): string | undefined {
  switch (definition.type) {
    case "boolean":
      return typeof value === "boolean" ? definition.check?.(value) : undefined;
    case "string":
      return typeof value === "string" ? definition.check?.(value) : undefined;
    case "number":
      return typeof value === "number" ? definition.check?.(value) : undefined;
    case "list":
      return typeof value === "object" ? definition.check?.(value) : undefined;
  }
}

function configureOutput(parser: Parser, io: CommandIo): void {
  parser.configureOutput({
    writeOut: (text) => {
      io.out(text);
    },
    writeErr: (text) => {
      io.err(text);
    },
    getOutHelpWidth: () => io.columns ?? helpColumnsDefault,
    getErrHelpWidth: () => io.columns ?? helpColumnsDefault,
    getOutHasColors: () => false,
    getErrHasColors: () => false,
  });
}

const helpColumnsDefault = 100;
