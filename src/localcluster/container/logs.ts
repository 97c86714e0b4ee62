// Answers for the logs of containers that have no machine.
import { childOf, textOf } from "#api/builtin/access.ts";
import { Pod } from "#api/kinds.ts";
import type { ConnectHandler, ConnectRequest } from "#apiserver/options.ts";
import type { Client } from "#client/client.ts";
import { ApiError } from "#machinery/api-error.ts";
import type { ApiResponse } from "#machinery/http.ts";
import type { Clock } from "#std/time.ts";
import { type ChosenContainer, chooseContainer, mustHaveStarted } from "./choose.ts";
import { type LogOptions, logOptionsOf, logText, selectLines } from "./log-options.ts";
import { lastRun, type Output, outputOf, presentRun, type Run } from "./output.ts";
import { restartsOf, worldOf } from "./world.ts";

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
    const { client, clock } = options;
    const wanted = logOptionsOf(query, name, clock.now());
    const pod = await client.get(Pod, { namespace, name }, { signal });
    const chosen = chooseContainer(pod, wanted.container);
    if (textOf(childOf(pod, "spec"), "nodeName") === "") return answer(Buffer.alloc(0));
    const run = wanted.previous ? previousRun(pod, chosen) : startedRun(pod, chosen);
    const output = await written(pod, chosen, run, { ...options, signal });
    const text = Buffer.from(logText(selectLines(output.lines, wanted), wanted));
    const bytes = text.subarray(0, wanted.limitBytes);
    if (!wanted.follow || run.finishedAt !== undefined) return answer(bytes);
    return { ...answer(bytes), body: follow({ bytes, output, run }, wanted, request, options) };
  };
}

function answer(body: Uint8Array): ApiResponse {
  return { status: 200, headers: { "content-type": "text/plain" }, body };
}

function startedRun(pod: Pod, chosen: ChosenContainer): Run {
  mustHaveStarted(pod, chosen);
  return presentRun(chosen) ?? { startedAt: 0, finishedAt: undefined };
}

function previousRun(pod: Pod, { name, status }: ChosenContainer): Run {
  const run = restartsOf(status) > 0 ? lastRun({ status }) : undefined;
  if (run !== undefined) return run;
  const where = `in pod ${JSON.stringify(pod.metadata.name)} not found`;
  throw new ApiError("BadRequest", `previous terminated container ${JSON.stringify(name)} ${where}`);
}

async function written(
  pod: Pod,
  chosen: ChosenContainer,
  run: Run,
  { client, clock, signal }: ContainerOptions & { readonly signal: AbortSignal },
): Promise<Output> {
  const world = await worldOf(pod, chosen.container, { client, clock, signal });
  return outputOf(chosen, run, world, clock.now());
}

interface Followed {
  /** What has been selected of what there was. */
  readonly bytes: Uint8Array;
  readonly output: Output;
  readonly run: Run;
}

/** What there is, and what is written until the run has ended. */
async function* follow(
  { bytes, output, run }: Followed,
  wanted: LogOptions,
  { namespace, name, signal }: ConnectRequest,
  options: ContainerOptions,
): AsyncGenerator<Uint8Array> {
  const { client, clock } = options;
  let left = wanted.limitBytes - bytes.length;
  let seen = output.lines.length;
  let { resumesAt } = output;
  yield bytes;
  while (!signal.aborted && left > 0) {
    const now = clock.now();
    await clock.sleep(Math.max(1, Math.min(followMilliseconds, (resumesAt ?? Infinity) - now)), signal);
    const pod = await client.find(Pod, { namespace, name }, { signal });
    if (pod === undefined) return;
    const chosen = chooseContainer(pod, wanted.container);
    const present = presentRun(chosen);
    // Started anew in the meantime: this run has written all that it ever will.
    const same = [present, lastRun(chosen)].find((each) => each?.startedAt === run.startedAt);
    const ended = { startedAt: run.startedAt, finishedAt: same?.finishedAt ?? clock.now() };
    const isOver = present?.startedAt !== run.startedAt || present.finishedAt !== undefined;
    if (!isOver && (resumesAt === undefined || resumesAt > clock.now())) continue;
    const next = await written(pod, chosen, isOver ? ended : run, { ...options, signal });
    const more = Buffer.from(logText(next.lines.slice(seen), wanted)).subarray(0, left);
    left -= more.length;
    seen = next.lines.length;
    resumesAt = next.resumesAt;
    if (more.length > 0) yield more;
    if (isOver) return;
  }
}
