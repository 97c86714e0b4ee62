// batch.volcano.sh/v1alpha1 Job.
import { fieldOf, isRecord } from "#machinery/guards.ts";
import { formatTime } from "#std/time.ts";
import type { AggregatedStatusItem } from "#api/work/binding.ts";
import { interpretationOf } from "../interpretation.ts";
import {
  count,
  type MemberStatus,
  memberStatuses,
  soleStatus,
  sums,
  text,
  withStatus,
} from "../native/member-status.ts";
import { podComponent } from "./components.ts";
import { countAt, podSpecAt, records, statusOf, textAt } from "./reading.ts";
import { statusHooks, withoutStatus } from "./status.ts";

const counters = ["minAvailable", "pending", "running", "succeeded", "failed", "terminating", "unknown", "retryCount"];
const reflected = [
  ...counters,
  ...["version", "runningDuration", "taskStatusCount", "controlledResources", "state", "conditions"],
];
const ended = ["Failed", "Aborted", "Aborting", "Terminated", "Terminating"];
const healthy = [
  ...["Running", "Completed", "Pending", "Aborting", "Aborted"],
  ...["Restarting", "Completing", "Terminating", "Terminated"],
];

export const volcanoJob = interpretationOf("batch.volcano.sh/v1alpha1", "Job", {
  getComponents: (object) =>
    records(fieldOf(object, "spec", "tasks")).map((task, index) => {
      const name = text(task, "name") === "" ? `task-${index}` : text(task, "name");
      return podComponent(name, countAt(task, "minAvailable") ?? 1, podSpecAt(task, "template", "spec"));
    }),
  reflectStatus: statusHooks({ reflectedOnly: reflected }).reflectStatus,
  aggregateStatus(object, items = [], now) {
    const only = soleStatus(items);
    if (only !== undefined) return withStatus(object, only);
    const statuses = memberStatuses(items);
    if (statuses.length === 0) return withoutStatus(object);
    const version = Math.max(...statuses.map((status) => count(status, "version")));
    const conditions = conditionsOf(statuses);
    return withStatus(object, {
      ...sums(statuses, { unlessZero: counters }),
      ...(version === 0 ? {} : { version }),
      ...longestDuration(statuses),
      ...taskCounts(statuses),
      ...united(statuses, "controlledResources"),
      ...(conditions.length === 0 ? {} : { conditions }),
      ...stateOf(items, statusOf(object) ?? {}, now),
    });
  },
  interpretHealth: (object) => healthy.includes(textAt(object, "status", "state", "phase") ?? ""),
});

/** Those of the first member where the job ended badly, else the newest of each status. */
function conditionsOf(statuses: readonly MemberStatus[]): readonly MemberStatus[] {
  const lists = statuses.map((status) => records(status["conditions"]));
  const bad = lists.find((list) => list.some((condition) => ended.includes(text(condition, "status"))));
  if (bad !== undefined) return bad;
  const newest = new Map<string, MemberStatus>();
  for (const condition of lists.flat()) {
    const known = newest.get(text(condition, "status"));
    const isNewer = text(condition, "lastTransitionTime") > text(known ?? {}, "lastTransitionTime");
    if (known === undefined || isNewer) newest.set(text(condition, "status"), condition);
  }
  return [...newest.values()];
}

function stateOf(items: readonly AggregatedStatusItem[], own: MemberStatus, now: number): MemberStatus {
  const phaseIn = ({ status }: AggregatedStatusItem): string => textAt(status, "state", "phase") ?? "";
  const failed = items.filter((item) => ["Failed", "Aborted"].includes(phaseIn(item)));
  if (failed.length > 0) {
    const message = `Job failed in clusters: ${failed.map(({ clusterName }) => clusterName).join(",")}`;
    return { state: state(own, now, { phase: "Failed", reason: "VolcanoJobFailed", message }) };
  }
  if (!items.every((item) => phaseIn(item) === "Completed")) return {};
  return {
    state: state(own, now, { phase: "Completed", reason: "Completed", message: "Job completed successfully" }),
  };
}

/** With the time at which it was said first, so that saying it again changes nothing. */
function state(own: MemberStatus, now: number, said: Readonly<Record<string, string>>): MemberStatus {
  const before = fieldOf(own, "state");
  const isSame = Object.entries(said).every(([name, value]) => fieldOf(before, name) === value);
  const since = isSame ? textAt(before, "lastTransitionTime") : undefined;
  return { ...said, lastTransitionTime: since ?? formatTime(now) };
}

const secondsPer = { h: 3_600, m: 60, s: 1, ms: 1e-3, us: 1e-6, µs: 1e-6, ns: 1e-9 } as const;

/** The longest of Go's durations, such as `1h2m3.5s`. */
function longestDuration(statuses: readonly MemberStatus[]): MemberStatus {
  const texts = statuses.map((status) => text(status, "runningDuration"));
  const longest = texts.reduce((best, each) => (seconds(each) > seconds(best) ? each : best), "");
  return seconds(longest) === 0 ? {} : { runningDuration: longest };
}

function seconds(duration: string): number {
  let sum = 0;
  for (const [, amount, unit] of duration.matchAll(/([\d.]+)(h|ms|m|us|µs|ns|s)/g)) {
    const known = Object.entries(secondsPer).find(([name]) => name === unit);
    sum += Number(amount) * (known?.[1] ?? 0);
  }
  return sum;
}

/** taskStatusCount: of each task, how many pods are in each phase. */
function taskCounts(statuses: readonly MemberStatus[]): MemberStatus {
  const tasks = new Map<string, Map<string, number>>();
  for (const { taskStatusCount } of statuses) {
    for (const [task, value] of Object.entries(isRecord(taskStatusCount) ? taskStatusCount : {})) {
      const phases = fieldOf(value, "phase");
      const sum = tasks.get(task) ?? new Map<string, number>();
      for (const [phase, amount] of Object.entries(isRecord(phases) ? phases : {})) {
        if (typeof amount === "number" && amount !== 0) sum.set(phase, (sum.get(phase) ?? 0) + amount);
      }
      tasks.set(task, sum);
    }
  }
  const counted = [...tasks].filter(([, phases]) => phases.size > 0);
  if (counted.length === 0) return {};
  return {
    taskStatusCount: Object.fromEntries(counted.map(([task, phases]) => [task, { phase: Object.fromEntries(phases) }])),
  };
}

function united(statuses: readonly MemberStatus[], name: string): MemberStatus {
  const entries = statuses.flatMap((status) => {
    const value = status[name];
    return isRecord(value) ? Object.entries(value).filter(([, each]) => each !== "") : [];
  });
  return entries.length === 0 ? {} : { [name]: Object.fromEntries(entries) };
}
