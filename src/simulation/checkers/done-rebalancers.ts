// Invariant: what a WorkloadRebalancer asks for is done, and told. In a calm world each says of every workload what came of
// it, and has gone where its time to live is over by the clock of who leads; a binding that it has marked has been scheduled since, unless there is
// no place for it.
import { WorkloadRebalancer } from "#api/apps/workload-rebalancer.ts";
import { Lease } from "#api/kinds.ts";
import { ResourceBinding } from "#api/work/binding.ts";
import { isConditionTrue } from "#machinery/conditions.ts";
import { parseTime } from "#std/time.ts";
import { lease } from "../parts.ts";
import type { Checker, Observed } from "./checker.ts";

/** A Lease is renewed often enough to tell the time of who has it. */
const leaseMilliseconds = 15_000;

export function doneRebalancers({ mirror, controlPlane }: Observed): Checker {
  /** Clocks are wrong: what one process has noted may be in the future of the next. */
  const isOver = (seconds: number | undefined, finishTime: string): boolean => {
    const now = parseTime(mirror.find(controlPlane, Lease, lease)?.spec.renewTime);
    const finished = parseTime(finishTime);
    if (seconds === undefined || now === undefined || finished === undefined) return false;
    return finished + seconds * 1_000 + leaseMilliseconds < now;
  };
  const open = (): string | undefined => {
    for (const { metadata, spec, status } of mirror.list(controlPlane, WorkloadRebalancer)) {
      const { finishTime, observedWorkloads = [] } = status ?? {};
      if (finishTime === undefined || observedWorkloads.length !== spec.workloads.length)
        return `WorkloadRebalancer ${metadata.name}: it is not done`;
      if (isOver(spec.ttlSecondsAfterFinished, finishTime))
        return `WorkloadRebalancer ${metadata.name}: it is done, and is still there`;
    }
    return undefined;
  };
  const unheard = (): string | undefined => {
    for (const { metadata, spec, status } of mirror.list(controlPlane, ResourceBinding)) {
      const [asked, last] = [spec.rescheduleTriggeredAt, status?.lastScheduledTime].map((text) => parseTime(text));
      if (asked === undefined || !isConditionTrue(status?.conditions, "Scheduled")) continue;
      if (last === undefined || last <= asked) return `${metadata.name}: it is to be scheduled anew, and has not been`;
    }
    return undefined;
  };
  return { unsettled: () => open() ?? unheard() };
}
