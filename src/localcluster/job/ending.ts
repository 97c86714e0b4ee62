// Whether a Job is to end, and with which words. Upstream: kubernetes pkg/controller/job/job_controller.go (syncJob),
// backoff_utils.go.
import type { JobCondition } from "#api/generated/types.ts";
import type { Job, Pod } from "#api/kinds.ts";
import { findCondition, isConditionTrue } from "#machinery/conditions.ts";
import { parseTime } from "#std/time.ts";
import { isActive } from "../pods.ts";
import type { Tally } from "./tally.ts";

export interface Ending {
  readonly kind: "complete" | "failed";
  readonly reason: string;
  readonly message: string;
}

const backoffLimitDefault = 6;
/** Upstream's: 10 s after the first failure, doubling to 10 min. */
const retryMilliseconds = { first: 10_000, most: 600_000 } as const;

/** The condition that says that a Job is over, or undefined. */
export function finishOf({ status }: Job): JobCondition | undefined {
  return status?.conditions?.find(
    (each) => (each.type === "Complete" || each.type === "Failed") && each.status === "True",
  );
}

/** Why the Job is to end, or undefined. What was decided once stays. */
export function endingOf(job: Job, pods: readonly Pod[], counts: Tally, now: number): Ending | undefined {
  const { status, spec } = job;
  const failure = findCondition(status?.conditions, "FailureTarget");
  if (failure?.status === "True") return endingFrom("failed", failure);
  const success = findCondition(status?.conditions, "SuccessCriteriaMet");
  if (success?.status === "True") return endingFrom("complete", success);
  if (isPastBackoff(job, pods, counts)) {
    const message = "Job has reached the specified backoff limit";
    return { kind: "failed", reason: "BackoffLimitExceeded", message };
  }
  const deadline = deadlineOf(job);
  if (deadline !== undefined && now >= deadline) {
    return { kind: "failed", reason: "DeadlineExceeded", message: "Job was active longer than specified deadline" };
  }
  const isDone =
    spec.completions === undefined
      ? counts.succeeded > 0 && !pods.some(isActive)
      : counts.succeeded >= spec.completions;
  const message = "Reached expected number of succeeded pods";
  return isDone ? { kind: "complete", reason: "CompletionsReached", message } : undefined;
}

function endingFrom(kind: Ending["kind"], { reason = "", message = "" }: JobCondition): Ending {
  return { kind, reason, message };
}

/** Restarts within pods count too where the kubelet restarts containers. */
function isPastBackoff({ spec }: Job, pods: readonly Pod[], counts: Tally): boolean {
  const limit = spec.backoffLimit ?? backoffLimitDefault;
  if (counts.failed > limit) return true;
  if (spec.template.spec?.restartPolicy !== "OnFailure") return false;
  const restarts = pods
    .filter(isActive)
    .flatMap(({ status }) => status?.containerStatuses ?? [])
    .reduce((sum, { restartCount }) => sum + restartCount, 0);
  return limit === 0 ? restarts > 0 : restarts >= limit;
}

/** When the Job has been active for too long: milliseconds since the epoch. */
export function deadlineOf({ spec, status }: Job): number | undefined {
  const started = parseTime(status?.startTime);
  const isRunning = started !== undefined && spec.suspend !== true;
  return spec.activeDeadlineSeconds === undefined || !isRunning
    ? undefined
    : started + spec.activeDeadlineSeconds * 1000;
}

/** When the next pod may be created after failures: milliseconds since the epoch; a success ends the wait. */
export function retryAt(pods: readonly Pod[]): number {
  const ends = (phase: string): number[] =>
    pods.filter(({ status }) => status?.phase === phase).map((pod) => endOf(pod));
  const lastSuccess = Math.max(0, ...ends("Succeeded"));
  const failures = ends("Failed").filter((end) => end > lastSuccess);
  if (failures.length === 0) return 0;
  const { first, most } = retryMilliseconds;
  return Math.max(...failures) + Math.min(most, first * 2 ** (failures.length - 1));
}

function endOf({ status, metadata }: Pod): number {
  const times = (status?.containerStatuses ?? []).map(({ state }) => parseTime(state?.terminated?.finishedAt) ?? 0);
  return Math.max(parseTime(metadata.creationTimestamp) ?? 0, ...times);
}

/** When a finished Job is to be deleted: milliseconds since the epoch, or undefined. */
export function expiryOf(job: Job): number | undefined {
  const { ttlSecondsAfterFinished: seconds } = job.spec;
  const finished = parseTime(finishOf(job)?.lastTransitionTime);
  return seconds === undefined || finished === undefined ? undefined : finished + seconds * 1000;
}

/** Has the Job been told to pause, and said so? */
export function isSuspended({ status }: Job): boolean {
  return isConditionTrue(status?.conditions, "Suspended");
}
