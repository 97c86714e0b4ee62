// What the statuses of jobs have in common: times, conditions of the whole, counters of each role.
import { deepEqual } from "#machinery/equality.ts";
import { isRecord } from "#machinery/guards.ts";
import { formatTime } from "#std/time.ts";
import { withoutFields } from "../edit.ts";
import { type MemberStatus, sums, text } from "../native/member-status.ts";
import { earliest, latest } from "../native/times.ts";
import { records } from "./reading.ts";

const stamps = ["lastUpdateTime", "lastTransitionTime", "lastProbeTime"];

export interface Verdict {
  readonly type: string;
  readonly status: "True" | "False";
  readonly reason: string;
  readonly message: string;
}

/** The verdicts with their times: those of the same verdict in `own`, else `now`, so that saying it again changes nothing. */
export function stamped(verdicts: readonly Verdict[], own: MemberStatus, now: number): readonly MemberStatus[] {
  const time = formatTime(now);
  return verdicts.map((verdict) => {
    const said = records(own["conditions"]).find((each) => deepEqual(withoutFields(each, ...stamps), { ...verdict }));
    return said ?? { ...verdict, lastUpdateTime: time, lastTransitionTime: time };
  });
}

/** The field `name` as `pick` chooses it among the members' times; nothing where no member has one. */
export function timeOf(statuses: readonly MemberStatus[], name: string, pick: typeof latest): MemberStatus {
  const time = pick(statuses.map((status) => text(status, name)).filter((value) => value !== ""));
  return time === undefined ? {} : { [name]: time };
}

/** The earliest start, and the latest of the other times. */
export function jobTimes(statuses: readonly MemberStatus[]): MemberStatus {
  return {
    ...timeOf(statuses, "startTime", earliest),
    ...timeOf(statuses, "completionTime", latest),
    ...timeOf(statuses, "lastReconcileTime", latest),
  };
}

/** replicaStatuses, added up role by role. Empty when no member has any. */
export function replicaStatuses(statuses: readonly MemberStatus[]): MemberStatus {
  const byRole = new Map<string, MemberStatus[]>();
  for (const { replicaStatuses: roles } of statuses) {
    for (const [role, counters] of isRecord(roles) ? Object.entries(roles) : []) {
      if (isRecord(counters)) byRole.set(role, [...(byRole.get(role) ?? []), counters]);
    }
  }
  if (byRole.size === 0) return {};
  const unlessZero = ["active", "failed", "succeeded"];
  return { replicaStatuses: Object.fromEntries([...byRole].map(([role, all]) => [role, sums(all, { unlessZero })])) };
}
