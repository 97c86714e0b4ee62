// Which taints a member's health puts on its Cluster, and what leaves a member with it. Pure.
// Upstream: karmada pkg/controllers/cluster/cluster_controller.go (taintClusterByCondition), pkg/util/helper/taint.go.
import { clusterTaints, conditionTypes } from "#api/karmada-constants.ts";
import type { Cluster } from "#api/cluster/cluster.ts";
import type { Taint } from "#api/meta-types.ts";
import type { Binding } from "#api/work/binding.ts";

const notReady: Taint = { key: clusterTaints.notReady, effect: "NoSchedule" };
const unreachable: Taint = { key: clusterTaints.unreachable, effect: "NoSchedule" };

/** The Cluster's taints as its Ready condition wants them, or undefined where they are so already. */
export function taintsByHealth(cluster: Cluster): readonly Taint[] | undefined {
  const current = cluster.spec.taints ?? [];
  const ready = cluster.status?.conditions?.find(({ type }) => type === conditionTypes.clusterReady);
  const wanted = ready?.status === "True" ? undefined : ready?.status === "Unknown" ? unreachable : notReady;
  const kept = current.filter(
    (taint) => isSame(taint, wanted) || !(isSame(taint, notReady) || isSame(taint, unreachable)),
  );
  const taints = wanted === undefined || kept.some((taint) => isSame(taint, wanted)) ? kept : [...kept, wanted];
  const unchanged = taints.length === current.length && taints.every((taint, index) => taint === current[index]);
  return unchanged ? undefined : taints;
}

function isSame(taint: Taint, other: Taint | undefined): boolean {
  return taint.key === other?.key && taint.effect === other.effect;
}

/** How the event of a change lists them. */
export function taintsText(taints: readonly Taint[]): string {
  if (taints.length === 0) return "cluster now does not have taints";
  const texts = taints.map(({ key, value = "", effect }) => {
    const middle = value === "" ? "" : `Value:${value},`;
    return `{Key:${key},${middle}Effect:${effect}}`;
  });
  return `cluster now has taints([${texts.join(",")}])`;
}

/** The binding without a cluster among its targets; the same binding where it is none of them. */
export function withoutTarget(binding: Binding, cluster: string): Binding {
  const { clusters = [], ...rest } = binding.spec;
  const left = clusters.filter(({ name }) => name !== cluster);
  if (left.length === clusters.length) return binding;
  return { ...binding, spec: left.length === 0 ? rest : { ...rest, clusters: left } };
}
