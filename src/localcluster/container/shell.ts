// A small honest shell for containers that have no machine: it knows the container's environment and mounted files, and says
// of everything else that it is not there.
import { ShellSyntaxError, type Command, readLine, type Word } from "./words.ts";

/** What a container is made of, as far as a command can see it. */
export interface World {
  /** Changed by `export` and assignments. */
  readonly environment: Map<string, string>;
  /** By absolute path; nothing else can be read. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Directories that are there even if they are empty. */
  readonly directories: ReadonlySet<string>;
  readonly hostname: string;
  /** Milliseconds since 1970. */
  now(): number;
  /** Waits; rejects when the session is over. */
  sleep(milliseconds: number): Promise<void>;
}

export interface Streams {
  readonly stdin: () => Promise<Uint8Array>;
  readonly stdout: (data: Uint8Array) => void;
  readonly stderr: (data: Uint8Array) => void;
}

/** Before the first word that is none. */
const assignment = /^([A-Za-z_][A-Za-z0-9_]*)=/;
const notFound = 127;
const syntaxErrorCode = 2;
/** `$( $( …` */
const depthMax = 20;

/** `exit` was called. */
class Exit extends Error {
  readonly code: number;

  constructor(code: number) {
    super("exit");
    this.code = code;
  }
}

/** One session of the shell: its directory and last exit code go from line to line. */
export class Shell {
  readonly #world: World;
  #directory = "/";
  #last = 0;
  #depth = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** Whether `exit` ended the session. */
  isOver = false;

  /** Runs a line; gives its exit code. */
  async run(line: string, streams: Streams): Promise<number> {
    try {
      await this.#steps(line, streams);
    } catch (error) {
      if (error instanceof Exit) {
        this.isOver = true;
        this.#last = error.code;
      } else if (error instanceof ShellSyntaxError) {
        streams.stderr(bytes(`sh: ${error.message}\n`));
        this.#last = syntaxErrorCode;
      } else throw error;
    }
    return this.#last;
  }

  /** Runs a command whose words stand alone, as exec does. Undefined: there is no such program. */
  async execute(words: readonly string[], streams: Streams): Promise<number | undefined> {
    const [name = ""] = words;
    if (!programs.has(baseName(name))) return undefined;
    try {
      return await this.#program(words, streams);
    } catch (error) {
      if (error instanceof Exit) return error.code;
      throw error;
    }
  }

  async #steps(line: string, streams: Streams): Promise<void> {
    for (const { when, pipeline } of readLine(line)) {
      if (when === "success" && this.#last !== 0) continue;
      if (when === "failure" && this.#last === 0) continue;
      this.#last = await this.#pipeline(pipeline, streams);
    }
  }

  async #pipeline(commands: readonly Command[], streams: Streams): Promise<number> {
    let input = streams.stdin;
    let code = 0;
    for (const [index, command] of commands.entries()) {
      const chunks: Uint8Array[] = [];
      const collect = (data: Uint8Array): void => void chunks.push(data);
      const stdout = command.dropsStdout ? nowhere : index < commands.length - 1 ? collect : streams.stdout;
      const stderr = { nowhere, stdout, stderr: streams.stderr }[command.stderrTo];
      code = await this.#command(command.words, { stdin: input, stdout, stderr });
      input = () => Promise.resolve(Buffer.concat(chunks));
    }
    return code;
  }

  async #command(words: readonly Word[], streams: Streams): Promise<number> {
    const texts: string[] = [];
    for (const word of words) {
      const text = await this.#expand(word, streams);
      const [whole, name = ""] = texts.length === 0 ? (assignment.exec(text) ?? []) : [];
      if (whole === undefined) texts.push(text);
      else this.#world.environment.set(name, text.slice(whole.length));
    }
    const [name] = texts;
    if (name === undefined) return 0;
    if (programs.has(baseName(name))) return this.#program(texts, streams);
    streams.stderr(bytes(`sh: ${name}: not found (this container is simulated; it knows: ${known})\n`));
    return notFound;
  }

  async #expand(word: Word, streams: Streams): Promise<string> {
    let text = "";
    for (const part of word) {
      if (part.kind === "text") text += part.text;
      else if (part.kind === "variable") text += this.#variable(part.name);
      else text += await this.#substitute(part.line, streams);
    }
    return text;
  }

  #variable(name: string): string {
    if (name === "?") return String(this.#last);
    if (name === "$") return "1";
    return this.#world.environment.get(name) ?? "";
  }

  async #substitute(line: string, streams: Streams): Promise<string> {
    if (this.#depth >= depthMax) throw new ShellSyntaxError("commands nest too deeply");
    const chunks: Uint8Array[] = [];
    this.#depth += 1;
    await this.#steps(line, { ...streams, stdout: (data) => void chunks.push(data) });
    this.#depth -= 1;
    return Buffer.concat(chunks).toString("utf8").replace(/\n+$/, "");
  }

  async #program(words: readonly string[], streams: Streams): Promise<number> {
    const [name = "", ...args] = words;
    const program = programs.get(baseName(name));
    if (program === undefined) return notFound;
    return program({ args, streams, world: this.#world, directory: this.#directory, shell: this });
  }

  /** `cd`; false: there is no such directory. */
  enter(path: string): boolean {
    const target = resolvePath(this.#directory, path);
    if (!isDirectory(this.#world, target)) return false;
    this.#directory = target;
    return true;
  }

  get last(): number {
    return this.#last;
  }
}

interface Call {
  readonly args: readonly string[];
  readonly streams: Streams;
  readonly world: World;
  readonly directory: string;
  readonly shell: Shell;
}

type Program = (call: Call) => Promise<number> | number;

function bytes(text: string): Uint8Array {
  return Buffer.from(text);
}

function nowhere(): void {
  // Thrown away.
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** `.` and `..` taken out. */
export function resolvePath(directory: string, path: string): string {
  const parts: string[] = [];
  for (const part of (path.startsWith("/") ? path : `${directory}/${path}`).split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}

function isDirectory({ files, directories }: World, path: string): boolean {
  const prefix = path === "/" ? "/" : `${path}/`;
  return (
    path === "/" || directories.has(path) || [...files.keys(), ...directories].some((each) => each.startsWith(prefix))
  );
}

function namesIn({ files, directories }: World, path: string): readonly string[] {
  const prefix = path === "/" ? "/" : `${path}/`;
  const below = [...files.keys(), ...directories].filter((each) => each.startsWith(prefix));
  return [...new Set(below.map((each) => each.slice(prefix.length).split("/")[0] ?? ""))]
    .filter((name) => name !== "")
    .sort();
}

function list({ args, streams, world, directory }: Call): number {
  const paths = args.filter((arg) => !arg.startsWith("-"));
  let code = 0;
  for (const path of paths.length === 0 ? ["."] : paths) {
    const target = resolvePath(directory, path);
    const names = world.files.has(target) ? [path] : isDirectory(world, target) ? namesIn(world, target) : undefined;
    if (names === undefined) {
      streams.stderr(bytes(`ls: ${path}: No such file or directory\n`));
      code = 1;
    } else streams.stdout(bytes(names.map((name) => `${name}\n`).join("")));
  }
  return code;
}

async function concatenate({ args, streams, world, directory }: Call): Promise<number> {
  if (args.length === 0) {
    streams.stdout(await streams.stdin());
    return 0;
  }
  let code = 0;
  for (const path of args) {
    const target = resolvePath(directory, path);
    const content = world.files.get(target);
    if (content !== undefined) streams.stdout(content);
    else {
      const why = isDirectory(world, target) ? "Is a directory" : "No such file or directory";
      streams.stderr(bytes(`cat: ${path}: ${why}\n`));
      code = 1;
    }
  }
  return code;
}

function print({ args, streams }: Call): number {
  const isBare = args[0] === "-n";
  streams.stdout(bytes(`${args.slice(isBare ? 1 : 0).join(" ")}${isBare ? "" : "\n"}`));
  return 0;
}

const formatEscapes: ReadonlyMap<string, string> = new Map([
  ["n", "\n"],
  ["t", "\t"],
  ["\\", "\\"],
  ["r", "\r"],
]);

function printFormatted({ args, streams }: Call): number {
  const [format = "", ...values] = args;
  const escaped = format.replace(/\\([nt\\r])/g, (_whole, letter: string) => formatEscapes.get(letter) ?? "");
  let next = 0;
  streams.stdout(
    bytes(escaped.replace(/%([sd%])/g, (_whole, letter: string) => (letter === "%" ? "%" : (values[next++] ?? "")))),
  );
  return 0;
}

function printEnvironment({ args, streams, world }: Call): number {
  const [name] = args;
  if (name === undefined) {
    streams.stdout(bytes([...world.environment].map(([key, value]) => `${key}=${value}\n`).join("")));
    return 0;
  }
  const value = world.environment.get(name);
  if (value === undefined) return 1;
  streams.stdout(bytes(`${value}\n`));
  return 0;
}

/** `test` and `[ … ]`: one text, two texts, or what is at a path. */
function test({ args, world, directory }: Call): number {
  const words = args.at(-1) === "]" ? args.slice(0, -1) : args;
  const isNegated = words[0] === "!";
  const holds = testHolds(isNegated ? words.slice(1) : words, world, directory);
  return holds === isNegated ? 1 : 0;
}

function testHolds(words: readonly string[], world: World, directory: string): boolean {
  const [first = "", second, third = ""] = words;
  const target = resolvePath(directory, second ?? "");
  if (second === "=" || second === "==") return first === third;
  if (second === "!=") return first !== third;
  switch (first) {
    case "-n":
      return (second ?? "") !== "";
    case "-z":
      return (second ?? "") === "";
    case "-f":
      return world.files.has(target);
    case "-d":
      return isDirectory(world, target);
    case "-e":
      return world.files.has(target) || isDirectory(world, target);
    default:
      return first !== "";
  }
}

async function runNested({ args, streams, world }: Call): Promise<number> {
  const script = args.findIndex((arg) => /^-[a-z]*c$/.test(arg));
  const line = script < 0 ? Buffer.from(await streams.stdin()).toString("utf8") : (args[script + 1] ?? "");
  return new Shell({ ...world, environment: new Map(world.environment) }).run(line, streams);
}

async function wait({ args, world, streams }: Call): Promise<number> {
  const [text = ""] = args;
  if (text === "infinity") await world.sleep(2 ** 31 - 1);
  const match = /^(\d+(?:\.\d+)?)([smh]?)$/.exec(text);
  if (match === null) {
    streams.stderr(bytes(`sleep: invalid number '${text}'\n`));
    return 1;
  }
  const unit = match[2] === "h" ? 3_600_000 : match[2] === "m" ? 60_000 : 1_000;
  await world.sleep(Math.min(Number(match[1]) * unit, 2 ** 31 - 1));
  return 0;
}

function exportVariables({ args, world }: Call): number {
  for (const arg of args) {
    const [name = "", ...value] = arg.split("=");
    if (value.length > 0) world.environment.set(name, value.join("="));
  }
  return 0;
}

function changeDirectory({ args, streams, shell }: Call): number {
  const [path = "/"] = args;
  if (shell.enter(path)) return 0;
  streams.stderr(bytes(`sh: cd: can't cd to ${path}: No such file or directory\n`));
  return 1;
}

function says(text: (call: Call) => string): Program {
  return (call) => {
    call.streams.stdout(bytes(`${text(call)}\n`));
    return 0;
  };
}

const programs: ReadonlyMap<string, Program> = new Map<string, Program>([
  ["sh", runNested],
  ["bash", runNested],
  ["ash", runNested],
  ["echo", print],
  ["printf", printFormatted],
  ["env", printEnvironment],
  ["printenv", printEnvironment],
  ["ls", list],
  ["cat", concatenate],
  ["pwd", says(({ directory }) => directory)],
  ["hostname", says(({ world }) => world.hostname)],
  ["whoami", says(() => "root")],
  ["id", says(() => "uid=0(root) gid=0(root) groups=0(root)")],
  ["uname", says(() => "Linux (simulated)")],
  ["date", says(({ world }) => new Date(world.now()).toUTCString())],
  ["test", test],
  ["[", test],
  ["true", () => 0],
  [":", () => 0],
  ["false", () => 1],
  ["sleep", wait],
  ["export", exportVariables],
  ["cd", changeDirectory],
  [
    "exit",
    ({ args, shell }) => {
      const code = args[0] === undefined ? shell.last : Number(args[0]);
      throw new Exit(Number.isInteger(code) ? ((code % 256) + 256) % 256 : syntaxErrorCode);
    },
  ],
]);

const known = [...programs.keys()].filter((name) => /^[a-z]+$/.test(name)).join(" ");
