// What a container without a machine has written so far: the output of its command, as far as the small shell knows it, with
// the times at which it would have been written. A command takes no time but for what it sleeps.
import { childOf, textOf, textsOf } from "#api/builtin/access.ts";
import { parseTime } from "#std/time.ts";
import type { ChosenContainer } from "./choose.ts";
import { Shell, type World } from "./shell.ts";
import { expandReferences } from "./world.ts";

export interface LogLine {
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Without its end. */
  readonly text: string;
}

export interface Output {
  readonly lines: readonly LogLine[];
  /** When the command goes on; undefined: it has ended. */
  readonly resumesAt: number | undefined;
}

/** One run of a container. */
export interface Run {
  readonly startedAt: number;
  /** Undefined: it runs still. Then all has been written. */
  readonly finishedAt: number | undefined;
}

/** The run whose output is the container's now: the present one, or the last where it waits to be started again. */
export function presentRun({ status }: ChosenContainer): Run | undefined {
  const state = childOf(status, "state");
  return runIn(childOf(state, "running") ?? childOf(state, "terminated")) ?? lastRun({ status });
}

/** The one before. */
export function lastRun({ status }: Pick<ChosenContainer, "status">): Run | undefined {
  return runIn(childOf(childOf(status, "lastState"), "terminated"));
}

function runIn(state: Parameters<typeof textOf>[0]): Run | undefined {
  const startedAt = parseTime(textOf(state, "startedAt"));
  return startedAt === undefined ? undefined : { startedAt, finishedAt: parseTime(textOf(state, "finishedAt")) };
}

/** Thrown where the command sleeps beyond the present: what comes after has not been written yet. */
class StillRunning extends Error {
  readonly until: number;

  constructor(until: number) {
    super("the command has not come to its end");
    this.until = until;
  }
}

/** The output of a run as it is at `now`. */
export async function outputOf(
  { container, name }: ChosenContainer,
  { startedAt, finishedAt }: Run,
  world: World,
  now: number,
): Promise<Output> {
  const words = ["command", "args"].flatMap((field) => textsOf(container, field));
  if (words.length === 0) {
    const text = `simulated container ${name} of image ${textOf(container, "image")}: nothing runs in it`;
    return { lines: [{ time: startedAt, text }], resumesAt: undefined };
  }
  let time = startedAt;
  const log = new LineWriter();
  const write = (data: Uint8Array): void => {
    log.write(data, Math.min(time, finishedAt ?? time));
  };
  const sleep = (milliseconds: number): Promise<void> => {
    time += milliseconds;
    return finishedAt === undefined && time > now ? Promise.reject(new StillRunning(time)) : Promise.resolve();
  };
  const streams = { stdin: () => Promise.resolve(new Uint8Array(0)), stdout: write, stderr: write };
  const expanded = words.map((word) => expandReferences(word, world.environment));
  try {
    const code = await new Shell({ ...world, sleep, now: () => time }).execute(expanded, streams);
    if (code === undefined) write(Buffer.from(`simulated container ${name}: ${expanded.join(" ")} would run here\n`));
  } catch (error) {
    if (!(error instanceof StillRunning)) throw error;
    return { lines: log.lines, resumesAt: error.until };
  }
  return { lines: log.end(), resumesAt: undefined };
}

/** Makes lines of what is written; a line has the time at which it was ended. */
class LineWriter {
  readonly lines: LogLine[] = [];
  #rest = "";
  #time = 0;
  readonly #decoder = new TextDecoder();

  write(data: Uint8Array, time: number): void {
    const parts = (this.#rest + this.#decoder.decode(data, { stream: true })).split("\n");
    this.#rest = parts.pop() ?? "";
    this.#time = time;
    for (const text of parts) this.lines.push({ time, text });
  }

  /** With what no end of line follows. */
  end(): readonly LogLine[] {
    return this.#rest === "" ? this.lines : [...this.lines, { time: this.#time, text: this.#rest }];
  }
}
