// exec and attach in containers without machines.
import { Pod } from "#api/kinds.ts";
import type { StreamHandler, StreamSession, SessionStreams } from "#apiserver/streams/upgrades.ts";
import { ApiError } from "#machinery/api-error.ts";
import { chooseContainer, mustRun } from "./choose.ts";
import type { ContainerOptions } from "./logs.ts";
import { Shell, type Streams, type World } from "./shell.ts";
import { worldOf } from "./world.ts";

const shells: ReadonlySet<string> = new Set(["sh", "bash", "ash"]);
const notExecutable = 126;
/** Longer lines are not read on. */
const lineLengthMax = 64 * 1024;

/** GET pods/exec. */
export function execHandler({ client, clock }: ContainerOptions): StreamHandler {
  return async ({ query, namespace, name, signal }) => {
    const pod = await client.get(Pod, { namespace, name }, { signal });
    const chosen = chooseContainer(pod, query.get("container") ?? "");
    mustRun(pod, chosen);
    const command = query.all("command");
    if (command.length === 0)
      throw new ApiError("BadRequest", "you must specify at least one command for the container");
    const isTerminal = query.flag("tty");
    return async (streams) => {
      const world = await worldOf(pod, chosen.container, { client, clock, signal: streams.signal });
      return runCommand(command, world, streams, isTerminal);
    };
  };
}

/** GET pods/attach: a container without a machine writes nothing more, so it waits for the client to go. */
export function attachHandler({ client }: ContainerOptions): StreamHandler {
  return async ({ query, namespace, name, signal }) => {
    const pod = await client.get(Pod, { namespace, name }, { signal });
    mustRun(pod, chooseContainer(pod, query.get("container") ?? ""));
    return waitForEnd;
  };
}

const waitForEnd: StreamSession = async ({ stdin, stdout }) => {
  stdout(Buffer.from("simulated container: nothing runs in it; press Ctrl-C to leave\r\n"));
  for await (const data of stdin) if (data.includes(controlC) || data.includes(controlD)) break;
  return 0;
};

const [controlC, controlD, backspace, del] = [3, 4, 8, 127] as const;

async function runCommand(
  command: readonly string[],
  world: World,
  streams: SessionStreams,
  isTerminal: boolean,
): Promise<number> {
  const shell = new Shell(world);
  const [name = ""] = command;
  const isInteractive = shells.has(name.slice(name.lastIndexOf("/") + 1)) && command.length === 1;
  if (isInteractive && isTerminal) return runTerminal(shell, streams);
  const out = isTerminal ? terminalOutput(streams) : streams;
  const code = await shell.execute(command, { ...out, stdin: () => wholeInput(streams.stdin) });
  if (code !== undefined) return code;
  const why = `exec: ${JSON.stringify(name)}: executable file not found in $PATH (the container is simulated)`;
  out.stderr(Buffer.from(`${why}\n`));
  return notExecutable;
}

async function wholeInput(stdin: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stdin) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** A terminal has one stream, and its lines end with a carriage return too. */
function terminalOutput({ stdout }: SessionStreams): Pick<Streams, "stdout" | "stderr"> {
  const write = (data: Uint8Array): void => {
    stdout(Buffer.from(Buffer.from(data).toString("latin1").replaceAll("\n", "\r\n"), "latin1"));
  };
  return { stdout: write, stderr: write };
}

/** A prompt, lines with what is typed echoed, Ctrl-C and Ctrl-D. */
async function runTerminal(shell: Shell, streams: SessionStreams): Promise<number> {
  const out = terminalOutput(streams);
  const echo = (text: string): void => {
    streams.stdout(Buffer.from(text));
  };
  const prompt = "/ # ";
  let line = "";
  let code = 0;
  echo(prompt);
  for await (const chunk of streams.stdin) {
    for (const char of Buffer.from(chunk).toString("utf8")) {
      const unit = char.charCodeAt(0);
      if (char === "\r" || char === "\n") {
        echo("\r\n");
        code = await shell.run(line, { ...out, stdin: () => Promise.resolve(new Uint8Array(0)) });
        if (shell.isOver) return code;
        line = "";
        echo(prompt);
      } else if (unit === controlC) {
        line = "";
        echo(`^C\r\n${prompt}`);
      } else if (unit === controlD && line === "") {
        echo("exit\r\n");
        return code;
      } else if (unit === backspace || unit === del) {
        if (line !== "") echo("\b \b");
        line = line.slice(0, -1);
      } else if (unit >= 32 && line.length < lineLengthMax) {
        line += char;
        echo(char);
      }
    }
  }
  return code;
}
