// One pass over a Job: which pods to create, delete and let go, and what to say.
// Upstream: kubernetes pkg/controller/job/job_controller.go (syncJob, manageJob).
import type { JobCondition, JobStatus } from "#api/generated/types.ts";
import type { Job, Pod } from "#api/kinds.ts";
import { setCondition } from "#machinery/conditions.ts";
import { deepEqual } from "#machinery/equality.ts";
import { formatTime } from "#std/time.ts";
import { burstPods, isActive, isReady, isTerminating } from "../pods.ts";
import { deadlineOf, type Ending, endingOf, expiryOf, finishOf, isSuspended, retryAt } from "./ending.ts";
import { indexOf } from "./indexes.ts";
import { indexesText, isIndexed, isTracked, tally, type Tally } from "./tally.ts";

export interface JobInput {
  readonly job: Job;
  /** Those that the Job controls. */
  readonly pods: readonly Pod[];
  /** uids of pods that have lost their finalizer by our hand, whether or not `pods` show it. */
  readonly released: ReadonlySet<string>;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export interface JobNews {
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
}

export interface JobPlan {
  /** To be written first: it notes the uids of pods that are then let go. */
  readonly noted: JobStatus | undefined;
  readonly release: readonly Pod[];
  /** One pod for each: its completion index, or undefined. */
  readonly create: readonly (number | undefined)[];
  /** Those let go by `release` are not counted as failed. */
  readonly remove: readonly Pod[];
  readonly status: JobStatus;
  readonly news: readonly JobNews[];
  /** Is its time after the end over? */
  readonly isExpired: boolean;
  readonly wakeAt: number | undefined;
}

interface Work {
  readonly create: JobPlan["create"];
  readonly remove: readonly Pod[];
  readonly wakeAt?: number;
}

const none: Work = { create: [], remove: [] };

/** Plans the next step of a Job that is not being deleted. */
export function planJob(input: JobInput): JobPlan {
  const { job, pods, released, now } = input;
  const counts = tally(job, pods, released);
  if (finishOf(job) !== undefined) return finished(input, counts);
  const ending = endingOf(job, pods, counts, now);
  const work = workOf(input, counts, ending);
  const isCounted = ending?.kind === "failed";
  const dropped = isCounted ? [] : work.remove.filter((pod) => isTracked(pod) && !released.has(pod.metadata.uid ?? ""));
  const { status, news } = statusOf(input, counts, ending);
  const times = [work.wakeAt, ending === undefined ? deadlineOf({ ...job, status }) : undefined];
  return {
    noted: notedStatus(job, counts),
    release: [...counts.release, ...dropped],
    create: work.create,
    remove: work.remove,
    status,
    news,
    isExpired: false,
    wakeAt: earliest(times),
  };
}

function finished({ job, now }: JobInput, counts: Tally): JobPlan {
  const expiry = expiryOf(job);
  const isExpired = expiry !== undefined && now >= expiry;
  return {
    noted: undefined,
    release: counts.release,
    create: [],
    remove: [],
    status: job.status ?? {},
    news: [],
    isExpired,
    wakeAt: isExpired ? undefined : expiry,
  };
}

function notedStatus(job: Job, { noted }: Tally): JobStatus | undefined {
  if (noted === undefined) return undefined;
  const lists = Object.fromEntries(Object.entries(noted).filter(([, uids]) => uids.length > 0));
  return { ...job.status, uncountedTerminatedPods: lists };
}

function workOf({ job, pods, now }: JobInput, counts: Tally, ending: Ending | undefined): Work {
  const active = pods.filter(isActive);
  if (ending !== undefined || job.spec.suspend === true) return { ...none, remove: active.slice(0, burstPods) };
  const { completions, parallelism = 1 } = job.spec;
  const wanted =
    completions === undefined
      ? counts.succeeded > 0
        ? Math.min(active.length, parallelism)
        : parallelism
      : Math.min(parallelism, Math.max(0, completions - counts.succeeded));
  if (active.length > wanted) return { ...none, remove: surplus(active, wanted).slice(0, burstPods) };
  const leaving = job.spec.podReplacementPolicy === "Failed" ? pods.filter(isLeaving).length : 0;
  const missing = Math.min(burstPods, wanted - active.length - leaving);
  if (missing <= 0) return none;
  const at = retryAt(pods);
  if (now < at) return { ...none, wakeAt: at };
  return {
    ...none,
    create: isIndexed(job) ? freeIndexes(job, active, counts, missing) : Array<undefined>(missing).fill(undefined),
  };
}

function isLeaving(pod: Pod): boolean {
  return isTerminating(pod) && pod.status?.phase !== "Succeeded" && pod.status?.phase !== "Failed";
}

/** Pods that do not run yet go first, then those with high indexes. */
function surplus(active: readonly Pod[], wanted: number): readonly Pod[] {
  const rank = (pod: Pod): number => (pod.status?.phase === "Running" ? 0 : 1) * 1e9 + (indexOf(pod) ?? 0);
  return active.toSorted((left, right) => rank(right) - rank(left)).slice(0, active.length - wanted);
}

function freeIndexes({ spec }: Job, active: readonly Pod[], counts: Tally, missing: number): readonly number[] {
  const taken = new Set(active.map(indexOf));
  const free: number[] = [];
  for (let index = 0; index < (spec.completions ?? 0) && free.length < missing; index++) {
    if (!taken.has(index) && counts.completedIndexes?.has(index) !== true) free.push(index);
  }
  return free;
}

/** The status once the noted pods have been let go; an equal one is given back as it is. */
function statusOf(
  { job, pods, now }: JobInput,
  counts: Tally,
  ending: Ending | undefined,
): { readonly status: JobStatus; readonly news: readonly JobNews[] } {
  const before = job.status ?? {};
  const active = pods.filter(isActive);
  const terminating = pods.filter(isLeaving).length;
  const isOver = ending !== undefined && active.length + terminating === 0;
  const pause = pauseOf(job, ending, now);
  const conditions = ending === undefined ? pause.conditions : endConditions(pause.conditions, ending, isOver, now);
  const startTime = pause.startTime ?? (job.spec.suspend === true ? undefined : formatTime(now));
  const completedIndexes = indexesText(counts);
  const numbers = { active: active.length, succeeded: counts.succeeded, failed: counts.failed };
  const status: JobStatus = {
    ...(conditions.length === 0 ? {} : { conditions }),
    ...(startTime === undefined ? {} : { startTime }),
    ...(isOver && ending.kind === "complete" ? { completionTime: formatTime(now) } : {}),
    ...Object.fromEntries(Object.entries(numbers).filter(([, count]) => count > 0)),
    terminating,
    ...(completedIndexes === undefined ? {} : { completedIndexes }),
    uncountedTerminatedPods: {},
    ready: active.filter(isReady).length,
  };
  const news = [...pause.news, ...(isOver ? endNews(ending) : [])];
  return { status: deepEqual(status, before) && job.status !== undefined ? job.status : status, news };
}

interface PauseOutcome {
  readonly conditions: readonly JobCondition[];
  readonly startTime: string | undefined;
  readonly news: readonly JobNews[];
}

/** The condition Suspended and the start time, which begins anew when a Job is resumed. */
function pauseOf(job: Job, ending: Ending | undefined, now: number): PauseOutcome {
  const { conditions = [], startTime } = job.status ?? {};
  const was = isSuspended(job);
  const wants = job.spec.suspend === true;
  if (ending !== undefined || was === wants) return { conditions, startTime, news: [] };
  const [reason, message, name] = wants
    ? ["JobSuspended", "Job suspended", "Suspended"]
    : ["JobResumed", "Job resumed", "Resumed"];
  const condition = { ...stamp(now), type: "Suspended", status: wants ? "True" : "False", reason, message };
  return {
    conditions: setCondition(conditions, condition, now),
    startTime: wants ? startTime : formatTime(now),
    news: [{ type: "Normal", reason: name, message }],
  };
}

function endConditions(
  before: readonly JobCondition[],
  ending: Ending,
  isOver: boolean,
  now: number,
): readonly JobCondition[] {
  const { reason, message } = ending;
  const [first, last] = ending.kind === "failed" ? ["FailureTarget", "Failed"] : ["SuccessCriteriaMet", "Complete"];
  const say = (type: string): JobCondition => ({ ...stamp(now), type, status: "True", reason, message });
  const known = before.some(({ type, status }) => type === first && status === "True");
  const begun = known ? before : setCondition(before, say(first), now);
  return isOver ? setCondition(begun, say(last), now) : begun;
}

function stamp(now: number): { readonly lastProbeTime: string; readonly lastTransitionTime: string } {
  const time = formatTime(now);
  return { lastProbeTime: time, lastTransitionTime: time };
}

function endNews({ kind, reason, message }: Ending): readonly JobNews[] {
  return kind === "failed"
    ? [{ type: "Warning", reason, message }]
    : [{ type: "Normal", reason: "Completed", message: "Job completed" }];
}

function earliest(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
