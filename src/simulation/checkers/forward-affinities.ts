// Invariant: a binding whose groups of clusters follow each other goes on to the next group, and not back to an earlier one,
// until it is asked to be scheduled anew, or its placement has other groups.
import { ResourceBinding, type Binding } from "#api/work/binding.ts";
import { changeOf } from "../mirror.ts";
import type { Checker, Observed } from "./checker.ts";

export function forwardAffinities({ controlPlane }: Pick<Observed, "controlPlane">): Checker {
  /** By binding's uid: when it was last asked for when its group was chosen. */
  const askedAt = new Map<string, string | undefined>();
  return {
    committed(change) {
      const { before, after } = changeOf(controlPlane, ResourceBinding, change);
      const [old, group] = [before, after].map((binding) => binding?.status?.schedulerObservingAffinityName);
      if (after === undefined || group === undefined || group === old) return undefined;
      const uid = after.metadata.uid ?? "";
      const isAnew = askedAt.get(uid) !== after.spec.rescheduleTriggeredAt;
      askedAt.set(uid, after.spec.rescheduleTriggeredAt);
      if (before?.metadata.uid !== uid || old === undefined || isAnew) return undefined;
      return indexOf(after, group) < indexOf(after, old)
        ? `${after.metadata.name}: it goes back from the clusters of ${old} to those of ${group}, and nobody has asked for that`
        : undefined;
    },
  };
}

function indexOf({ spec }: Binding, group: string): number {
  return (spec.placement?.clusterAffinities ?? []).findIndex(({ affinityName }) => affinityName === group);
}
