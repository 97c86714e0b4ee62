// When a binding has to leave a cluster because of its NoExecute taints. Pure: the time is an argument.
// Upstream: karmada pkg/controllers/cluster/taint_manager.go (needEviction), pkg/util/helper/taint.go (GetMinTolerationTime).
import type { Taint, Toleration } from "#api/meta-types.ts";
import { isTolerated } from "#api/policy/taints.ts";
import { parseTime } from "#std/time.ts";

/** When it has to leave (milliseconds of wall time, `now` for at once); undefined: never. */
export function evictionTime(
  taints: readonly Taint[],
  tolerations: readonly Toleration[],
  now: number,
): number | undefined {
  const executing = taints.filter(({ effect }) => effect === "NoExecute");
  const used = new Set<Toleration>();
  for (const taint of executing) {
    const first = tolerations.find((toleration) => isTolerated(taint, [toleration]));
    if (first === undefined) return now;
    used.add(first);
  }
  const times = [...used].flatMap((toleration) => {
    const { tolerationSeconds } = toleration;
    if (tolerationSeconds === undefined) return [];
    return executing
      .filter((taint) => isTolerated(taint, [toleration]))
      .map(({ timeAdded }) => (parseTime(timeAdded) ?? now) + Math.max(0, tolerationSeconds) * 1000);
  });
  return times.length === 0 ? undefined : Math.min(...times);
}
