// Invariant: what a WorkloadRebalancer asks for is done, and told. In a calm world each says of every workload what came of
// it, and has gone where its time to live is over by the clock of who leads; a binding that it has marked has been scheduled
// since, as writes follow each other or by the clocks that wrote them, unless there is no place for it.
import { WorkloadRebalancer } from "#api/apps/workload-rebalancer.ts";
import { ResourceBinding } from "#api/work/binding.ts";
import { isConditionTrue } from "#machinery/conditions.ts";
import { parseTime } from "#std/time.ts";
import { propagated } from "../expected.ts";
import { changeOf } from "../mirror.ts";
import { isPast } from "./leaders-time.ts";
import type { Checker, Observed } from "./checker.ts";

export function doneRebalancers({ mirror, controlPlane }: Observed): Checker {
  /** By binding's uid: the revisions at which it was last marked, and last said to be scheduled. */
  const markedAt = new Map<string, number>();
  const scheduledAt = new Map<string, number>();
  const isOver = (seconds: number, finishTime: string): boolean =>
    isPast(mirror, (parseTime(finishTime) ?? 0) + seconds * 1_000);
  const open = (): string | undefined => {
    for (const { metadata, spec, status } of mirror.list(controlPlane, WorkloadRebalancer)) {
      const { finishTime, observedWorkloads = [] } = status ?? {};
      if (finishTime === undefined || observedWorkloads.length !== spec.workloads.length)
        return `WorkloadRebalancer ${metadata.name}: it is not done`;
      if (spec.ttlSecondsAfterFinished !== undefined && isOver(spec.ttlSecondsAfterFinished, finishTime))
        return `WorkloadRebalancer ${metadata.name}: it is done, and is still there`;
    }
    return undefined;
  };
  const unheard = (): string | undefined => {
    for (const each of propagated(mirror)) {
      if (typeof each === "string") continue;
      const { metadata, spec, status } = each.binding;
      const [asked, last] = [spec.rescheduleTriggeredAt, status?.lastScheduledTime].map((text) => parseTime(text));
      if (asked === undefined || !isConditionTrue(status?.conditions, "Scheduled")) continue;
      const uid = metadata.uid ?? "";
      const isSeenTo = (scheduledAt.get(uid) ?? 0) > (markedAt.get(uid) ?? 0) || (last !== undefined && last > asked);
      if (!isSeenTo) return `${metadata.name}: it is to be scheduled anew, and has not been`;
    }
    return undefined;
  };
  return {
    committed(change) {
      const { before, after } = changeOf(controlPlane, ResourceBinding, change);
      if (after === undefined) return undefined;
      const uid = after.metadata.uid ?? "";
      const isMarked = after.spec.rescheduleTriggeredAt !== before?.spec.rescheduleTriggeredAt;
      if (isMarked) markedAt.set(uid, change.revision);
      const isScheduled = after.status?.lastScheduledTime !== before?.status?.lastScheduledTime;
      if (isScheduled) scheduledAt.set(uid, change.revision);
      return undefined;
    },
    unsettled: () => open() ?? unheard(),
  };
}
