// Tables of jobs. Upstream: kubernetes pkg/printers/internalversion/printers.go (printJob, printCronJob).
import { parseTime } from "#std/time.ts";
import { humanAge, humanDuration } from "#machinery/human-duration.ts";
import { formatLabelSelector } from "#machinery/selectors.ts";
import { CronJob, Job } from "../../generated/kinds.ts";
import type * as types from "../../generated/types.ts";
import { conditionStatus, containerCells, containerColumns, none, selectorColumn, textOr, unset } from "./cells.ts";
import { ageCell, ageColumn, column, definePrinter, type KindPrinter, nameColumn } from "./printer.ts";

const jobPrinter = definePrinter(
  Job,
  [
    nameColumn,
    column("Status", "How far the job is."),
    column("Completions", "Pods that succeeded, of those that must."),
    column("Duration", "How long it ran, or has been running."),
    ageColumn,
    ...containerColumns,
    selectorColumn,
  ],
  (job, now) => [
    job.metadata.name,
    jobStatus(job),
    completions(job),
    jobDuration(job, now),
    ageCell(job, now),
    ...containerCells(job.spec.template.spec?.containers),
    formatLabelSelector(job.spec.selector),
  ],
);

function jobStatus({ metadata, status }: types.Job): string {
  const holds = (type: string): boolean => conditionStatus(status?.conditions, type) === "True";
  if (holds("Complete")) return "Complete";
  if (holds("Failed")) return "Failed";
  if (metadata.deletionTimestamp !== undefined) return "Terminating";
  return ["Suspended", "FailureTarget", "SuccessCriteriaMet"].find(holds) ?? "Running";
}

function completions({ spec, status }: types.Job): string {
  const succeeded = status?.succeeded ?? 0;
  if (spec.completions !== undefined) return `${succeeded}/${spec.completions}`;
  const parallelism = spec.parallelism ?? 0;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function jobDuration({ status }: types.Job, now: number): string {
  const start = parseTime(status?.startTime);
  return start === undefined ? "" : humanDuration((parseTime(status?.completionTime) ?? now) - start);
}

const cronJobPrinter = definePrinter(
  CronJob,
  [
    nameColumn,
    column("Schedule", "When it runs, in cron's form."),
    column("Timezone", "Time zone of the schedule."),
    column("Suspend", "Whether it makes no jobs for now.", "boolean"),
    column("Active", "Jobs that are running.", "integer"),
    column("Last Schedule", "How long ago it last made a job."),
    ageColumn,
    ...containerColumns,
    selectorColumn,
  ],
  (cronJob, now) => {
    const { metadata, spec, status } = cronJob;
    const last = status?.lastScheduleTime;
    const { template, selector } = spec.jobTemplate.spec ?? {};
    return [
      metadata.name,
      spec.schedule,
      textOr(spec.timeZone, none),
      spec.suspend === undefined ? unset : spec.suspend ? "True" : "False",
      status?.active?.length ?? 0,
      last === undefined ? none : humanAge(last, now),
      ageCell(cronJob, now),
      ...containerCells(template?.spec?.containers),
      formatLabelSelector(selector),
    ];
  },
);

export const batchPrinters: readonly KindPrinter[] = [jobPrinter, cronJobPrinter];
