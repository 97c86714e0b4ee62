// Whether a cluster has more room than before: what wakes up bindings that could not be placed for want of it.
import type { Cluster } from "#api/cluster/cluster.ts";
import { deepEqual } from "#machinery/equality.ts";
import { freeOf } from "./free.ts";

/** More of any resource, or other counts of nodes by grade. */
export function freesRoom({ status }: Cluster, { status: before }: Cluster): boolean {
  const [now, then] = [status?.resourceSummary, before?.resourceSummary];
  if (now === undefined || deepEqual(now, then)) return false;
  if (then === undefined || !deepEqual(now.allocatableModelings, then.allocatableModelings)) return true;
  return Object.keys(now.allocatable ?? {}).some((name) => (freeOf(now, name) ?? 0) > (freeOf(then, name) ?? 0));
}
