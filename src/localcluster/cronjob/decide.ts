// One pass over a CronJob: which Job to create, which to delete, and when to look again.
// Upstream: kubernetes pkg/controller/cronjob/cronjob_controllerv2.go (syncCronJob), utils.go.
import type { CronJobStatus, ObjectReference } from "#api/generated/types.ts";
import type { CronJob, Job } from "#api/kinds.ts";
import { isConditionTrue } from "#machinery/conditions.ts";
import { deepEqual } from "#machinery/equality.ts";
import { formatTime, parseTime } from "#std/time.ts";
import { latestDue, parseSchedule, type Schedule } from "./schedule.ts";

export interface CronJobInput {
  readonly cronJob: CronJob;
  /** Those that the CronJob controls. */
  readonly jobs: readonly Job[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export interface CronJobNews {
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
}

export type NewJob = Pick<Job, "metadata" | "spec">;

export interface CronJobPlan {
  readonly create: NewJob | undefined;
  readonly remove: readonly Job[];
  readonly status: CronJobStatus;
  readonly news: readonly CronJobNews[];
  readonly wakeAt: number | undefined;
}

const successfulLimitDefault = 3;
const failedLimitDefault = 1;
const minuteMilliseconds = 60_000;
const scheduledAnnotation = "batch.kubernetes.io/cronjob-scheduled-timestamp";

/** Plans the next step. */
export function planCronJob(input: CronJobInput): CronJobPlan {
  const { cronJob, jobs, now } = input;
  const isDeleting = cronJob.metadata.deletionTimestamp !== undefined;
  const history = isDeleting ? [] : beyondHistory(input);
  const { schedule, news } = scheduleOf(cronJob);
  const active = isDeleting || cronJob.spec.suspend === true ? undefined : schedule;
  const turn = active === undefined ? noTurn : nextTurn(input, active);
  return {
    create: turn.create,
    remove: [...history, ...turn.remove],
    status: statusOf(input, turn),
    news: [...completed(cronJob, jobs), ...news, ...turn.news],
    wakeAt: active?.next(now),
  };
}

function scheduleOf({ spec }: CronJob): {
  readonly schedule: Schedule | undefined;
  readonly news: readonly CronJobNews[];
} {
  try {
    return { schedule: parseSchedule(spec.schedule, spec.timeZone), news: [] };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const message = `invalid timeZone: "${spec.timeZone ?? ""}": unknown time zone`;
    return { schedule: undefined, news: [{ type: "Warning", reason: "UnknownTimeZone", message }] };
  }
}

function isOver({ status }: Job): boolean {
  return isConditionTrue(status?.conditions, "Complete") || isConditionTrue(status?.conditions, "Failed");
}

interface Turn {
  readonly create: NewJob | undefined;
  readonly at: number | undefined;
  readonly remove: readonly Job[];
  readonly news: readonly CronJobNews[];
}

const noTurn: Turn = { create: undefined, at: undefined, remove: [], news: [] };

/** The latest time that was due counts; those before it are skipped. */
function nextTurn({ cronJob, jobs, now }: CronJobInput, schedule: Schedule): Turn {
  const { spec, status, metadata } = cronJob;
  const last = parseTime(status?.lastScheduleTime) ?? parseTime(metadata.creationTimestamp) ?? now;
  const earliest = Math.max(last, now - (spec.startingDeadlineSeconds ?? Infinity) * 1000);
  const at = latestDue(schedule, earliest, now);
  if (at === undefined) return noTurn;
  const create = newJob(cronJob, at);
  if (jobs.some((job) => job.metadata.name === create.metadata.name)) return { ...noTurn, at };
  const active = jobs.filter((job) => !isOver(job) && job.metadata.deletionTimestamp === undefined);
  if (spec.concurrencyPolicy === "Forbid" && active.length > 0) {
    const message = "Not starting job because prior execution is running and concurrency policy is Forbid";
    return { ...noTurn, news: [{ type: "Normal", reason: "JobAlreadyActive", message }] };
  }
  const remove = spec.concurrencyPolicy === "Replace" ? active : [];
  return { create, at, remove, news: [] };
}

function newJob({ metadata, spec }: CronJob, at: number): NewJob {
  const { name, namespace, uid = "" } = metadata;
  const { jobTemplate } = spec;
  const owner = { apiVersion: "batch/v1", kind: "CronJob", name, uid, controller: true, blockOwnerDeletion: true };
  return {
    metadata: {
      name: `${name}-${Math.floor(at / minuteMilliseconds)}`,
      ...(namespace === undefined ? {} : { namespace }),
      labels: { ...jobTemplate.metadata?.labels },
      annotations: { ...jobTemplate.metadata?.annotations, [scheduledAnnotation]: formatTime(at) },
      ownerReferences: [owner],
    },
    spec: jobTemplate.spec ?? { template: { spec: { containers: [] } } },
  };
}

/** Finished Jobs that the status still calls active. */
function completed({ status }: CronJob, jobs: readonly Job[]): readonly CronJobNews[] {
  const known = new Set((status?.active ?? []).map(({ uid }) => uid));
  return jobs
    .filter((job) => known.has(job.metadata.uid ?? "") && isOver(job))
    .map((job) => {
      const condition = isConditionTrue(job.status?.conditions, "Complete") ? "Complete" : "Failed";
      const message = `Saw completed job: ${job.metadata.name}, condition: ${condition}`;
      return { type: "Normal", reason: "SawCompletedJob", message };
    });
}

function beyondHistory({ cronJob, jobs }: CronJobInput): readonly Job[] {
  const { successfulJobsHistoryLimit, failedJobsHistoryLimit } = cronJob.spec;
  const surplus = (type: string, limit: number): readonly Job[] => {
    const ended = jobs
      .filter(({ status }) => isConditionTrue(status?.conditions, type))
      .toSorted((left, right) => (parseTime(left.status?.startTime) ?? 0) - (parseTime(right.status?.startTime) ?? 0));
    return ended.slice(0, Math.max(0, ended.length - limit));
  };
  return [
    ...surplus("Complete", successfulJobsHistoryLimit ?? successfulLimitDefault),
    ...surplus("Failed", failedJobsHistoryLimit ?? failedLimitDefault),
  ];
}

/** The status; an equal one is given back as it is. */
function statusOf({ cronJob, jobs }: CronJobInput, turn: Turn): CronJobStatus {
  const before = cronJob.status ?? {};
  const active = jobs
    .filter((job) => !isOver(job) && !turn.remove.includes(job))
    .map(({ metadata: { name, namespace, uid, resourceVersion } }): ObjectReference => {
      const known = before.active?.find((each) => each.uid === uid);
      return (
        known ?? {
          apiVersion: "batch/v1",
          kind: "Job",
          name,
          ...(namespace === undefined ? {} : { namespace }),
          ...(uid === undefined ? {} : { uid }),
          ...(resourceVersion === undefined ? {} : { resourceVersion }),
        }
      );
    });
  const ends = jobs.flatMap(({ status }) =>
    isConditionTrue(status?.conditions, "Complete") ? (status?.completionTime ?? []) : [],
  );
  const lastSuccessfulTime = [...ends, ...((before.lastSuccessfulTime ?? "") ? [before.lastSuccessfulTime ?? ""] : [])]
    .sort()
    .at(-1);
  const lastScheduleTime = turn.at === undefined ? before.lastScheduleTime : formatTime(turn.at);
  const status: CronJobStatus = {
    ...(active.length === 0 ? {} : { active }),
    ...(lastScheduleTime === undefined ? {} : { lastScheduleTime }),
    ...(lastSuccessfulTime === undefined ? {} : { lastSuccessfulTime }),
  };
  return cronJob.status !== undefined && deepEqual(status, cronJob.status) ? cronJob.status : status;
}
