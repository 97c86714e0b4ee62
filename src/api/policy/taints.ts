// Whether taints are tolerated: one rule for nodes and for member clusters.
// Upstream: k8s.io/api/core/v1/toleration.go.
import type { Taint, Toleration } from "../meta-types.ts";

/** Does any of the tolerations cover the taint? */
export function isTolerated(taint: Taint, tolerations: readonly Toleration[]): boolean {
  return tolerations.some((toleration) => tolerates(toleration, taint));
}

function tolerates({ effect = "", key = "", operator = "", value = "" }: Toleration, taint: Taint): boolean {
  if (effect !== "" && effect !== taint.effect) return false;
  if (key !== "" && key !== taint.key) return false;
  switch (operator) {
    case "":
    case "Equal":
      return value === (taint.value ?? "");
    case "Exists":
      return true;
    default:
      return false;
  }
}
