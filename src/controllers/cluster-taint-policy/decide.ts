// The taints of a cluster after ClusterTaintPolicies have looked at its conditions. Pure: the time is an argument.
// Upstream: karmada pkg/controllers/taint/clustertaintpolicy_controller.go.
import type { Cluster } from "#api/cluster/cluster.ts";
import type { Taint } from "#api/meta-types.ts";
import { clusterMatches } from "#api/policy/cluster-affinity.ts";
import type { ClusterTaintPolicy, MatchCondition, PolicyTaint } from "#api/policy/cluster-taint-policy.ts";
import { formatTime } from "#std/time.ts";

/** The older policy goes first; each adds and then removes. Undefined where the taints stay as they are. */
export function taintsByPolicies(
  cluster: Cluster,
  policies: readonly ClusterTaintPolicy[],
  now: number,
): readonly Taint[] | undefined {
  const before = cluster.spec.taints ?? [];
  let taints = before;
  for (const { spec } of policies.toSorted(byAge)) {
    if (spec.targetClusters !== undefined && !clusterMatches(spec.targetClusters, cluster)) continue;
    if (allHold(spec.addOnConditions, cluster)) taints = withTaints(taints, spec.taints, now);
    if (allHold(spec.removeOnConditions, cluster)) taints = withoutTaints(taints, spec.taints);
  }
  const unchanged = taints.length === before.length && taints.every((taint, index) => taint === before[index]);
  return unchanged ? undefined : taints;
}

function byAge({ metadata: left }: ClusterTaintPolicy, { metadata: right }: ClusterTaintPolicy): number {
  const keys = [left, right].map(({ creationTimestamp = "", name }) => `${creationTimestamp}/${name}`);
  return (keys[0] ?? "") < (keys[1] ?? "") ? -1 : 1;
}

/** No conditions hold never; neither does one about a condition that the cluster does not have. */
function allHold(conditions: readonly MatchCondition[] = [], { status }: Cluster): boolean {
  return (
    conditions.length > 0 &&
    conditions.every(({ conditionType, operator, statusValues }) => {
      const current = status?.conditions?.find(({ type }) => type === conditionType);
      return current !== undefined && statusValues.includes(current.status) === (operator === "In");
    })
  );
}

/** One that is there keeps its value and time. */
function withTaints(taints: readonly Taint[], added: readonly PolicyTaint[], now: number): readonly Taint[] {
  const missing = added.filter((taint) => !taints.some((each) => isSame(each, taint)));
  return [...taints, ...missing.map((taint) => ({ ...taint, timeAdded: formatTime(now) }))];
}

function withoutTaints(taints: readonly Taint[], removed: readonly PolicyTaint[]): readonly Taint[] {
  return taints.filter((taint) => !removed.some((each) => isSame(taint, each)));
}

function isSame(left: Pick<Taint, "key" | "effect">, right: Pick<Taint, "key" | "effect">): boolean {
  return left.key === right.key && left.effect === right.effect;
}
