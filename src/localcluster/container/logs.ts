// What a container without a machine has written: the output of its command, as far as the small shell knows it.
import { childOf, textOf, textsOf } from "#api/builtin/access.ts";
import { Pod } from "#api/kinds.ts";
import type { ConnectHandler, ConnectRequest } from "#apiserver/options.ts";
import type { Client } from "#client/client.ts";
import { ApiError } from "#machinery/api-error.ts";
import type { ApiResponse } from "#machinery/http.ts";
import { type Clock, parseTime } from "#std/time.ts";
import { type ChosenContainer, chooseContainer, mustHaveStarted } from "./choose.ts";
import { Shell, type World } from "./shell.ts";
import { expandReferences, restartsOf, worldOf } from "./world.ts";

export interface ContainerOptions {
  readonly client: Client;
  readonly clock: Clock;
}

/** How often a log that is followed looks whether its container still runs. */
const followMilliseconds = 1_000;

/** GET pods/log. */
export function logHandler(options: ContainerOptions): ConnectHandler {
  return async (request) => {
    const { query, namespace, name, signal } = request;
    const { client } = options;
    const pod = await client.get(Pod, { namespace, name }, { signal });
    const chosen = chooseContainer(pod, query.get("container") ?? "");
    if (textOf(childOf(pod, "spec"), "nodeName") === "") return answer(Buffer.alloc(0));
    const previous = query.flag("previous");
    if (previous) mustHaveRestarted(pod, chosen);
    else mustHaveStarted(pod, chosen);
    const world = await worldOf(pod, chosen.container, { client, clock: options.clock, signal });
    const text = cut(stamped(await outputOf(chosen, world), startOf(chosen), query.flag("timestamps")), request);
    const bytes = Buffer.from(text).subarray(0, query.integer("limitBytes") ?? Infinity);
    if (!query.flag("follow") || previous) return answer(bytes);
    return { ...answer(bytes), body: follow(bytes, request, options) };
  };
}

function answer(body: Uint8Array): ApiResponse {
  return { status: 200, headers: { "content-type": "text/plain" }, body };
}

function mustHaveRestarted(pod: Pod, { name, status }: ChosenContainer): void {
  if (restartsOf(status) > 0) return;
  const where = `in pod ${JSON.stringify(pod.metadata.name)} not found`;
  throw new ApiError("BadRequest", `previous terminated container ${JSON.stringify(name)} ${where}`);
}

/** Thrown where a command waits: what comes after has not been written yet. */
class StillRunning extends Error {}

/** The lines of the container's command, or one that says that nothing runs. */
async function outputOf({ container, name }: ChosenContainer, world: World): Promise<string> {
  const words = ["command", "args"].flatMap((field) => textsOf(container, field));
  if (words.length === 0) {
    return `simulated container ${name} of image ${textOf(container, "image")}: nothing runs in it\n`;
  }
  const chunks: Uint8Array[] = [];
  const write = (data: Uint8Array): void => void chunks.push(data);
  const streams = { stdin: () => Promise.resolve(new Uint8Array(0)), stdout: write, stderr: write };
  const sleep = (): Promise<void> => Promise.reject(new StillRunning());
  const expanded = words.map((word) => expandReferences(word, world.environment));
  try {
    const code = await new Shell({ ...world, sleep }).execute(expanded, streams);
    if (code === undefined) write(Buffer.from(`simulated container ${name}: ${expanded.join(" ")} would run here\n`));
  } catch (error) {
    if (!(error instanceof StillRunning)) throw error;
  }
  return Buffer.concat(chunks).toString("utf8");
}

function startOf({ status }: ChosenContainer): string {
  const state = childOf(status, "state");
  const began =
    childOf(state, "running") ?? childOf(state, "terminated") ?? childOf(childOf(status, "lastState"), "terminated");
  return textOf(began, "startedAt");
}

/** Every line was written when the container began: it has no other moments. */
function stamped(text: string, start: string, withTimes: boolean): readonly string[] {
  const lines = text === "" ? [] : text.replace(/\n$/, "").split("\n");
  const time = start.replace(/Z$/, ".000000000Z");
  return lines.map((line) => (withTimes ? `${time} ${line}` : line));
}

function cut(lines: readonly string[], { query }: ConnectRequest): string {
  const tail = query.integer("tailLines");
  const since = parseTime(query.get("sinceTime"));
  if (since !== undefined && query.has("sinceSeconds")) {
    throw new ApiError("BadRequest", "at most one of sinceTime or sinceSeconds may be specified");
  }
  const kept = tail === undefined ? lines : tail <= 0 ? [] : lines.slice(-tail);
  return kept.map((line) => `${line}\n`).join("");
}

/** What there is, and then nothing until the container has ended. */
async function* follow(
  bytes: Uint8Array,
  { namespace, name, query, signal }: ConnectRequest,
  { client, clock }: ContainerOptions,
): AsyncGenerator<Uint8Array> {
  yield bytes;
  while (!signal.aborted) {
    const pod = await client.find(Pod, { namespace, name }, { signal });
    if (pod === undefined) return;
    const { status } = chooseContainer(pod, query.get("container") ?? "");
    if (childOf(childOf(status, "state"), "running") === undefined) return;
    await clock.sleep(followMilliseconds, signal);
  }
}
