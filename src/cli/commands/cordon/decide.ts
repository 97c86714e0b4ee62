// The taints of a cluster that is cordoned or let go. Pure. Upstream: karmada pkg/karmadactl/cordon/cordon.go.
import { clusterTaints } from "#api/karmada-constants.ts";
import type { Taint } from "#api/meta-types.ts";

const cordonTaint: Taint = { key: clusterTaints.unschedulable, effect: "NoSchedule" };

/** The taints as they should be, or undefined where they are so already. */
export function cordonTaints(taints: readonly Taint[], cordoned: boolean): readonly Taint[] | undefined {
  const others = taints.filter(({ key, effect }) => key !== cordonTaint.key || effect !== cordonTaint.effect);
  const isCordoned = others.length !== taints.length;
  if (isCordoned === cordoned) return undefined;
  return cordoned ? [...taints, cordonTaint] : others;
}
