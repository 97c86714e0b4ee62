// Which pods and claims the scopes of a ResourceQuota are about. Pure.
// Upstream: kubernetes pkg/quota/v1/evaluator/core/{pods,persistent_volume_claims}.go.
import { childOf, descendantOf, type Fields, itemsOf, listOf, numberOf, textOf } from "../builtin/access.ts";
import { podQualityOfService } from "../builtin/pod-quality.ts";

/** A scope, as `scopeSelector` writes it. Those in `scopes` are the ones with the operator Exists. */
export interface QuotaScope {
  readonly scopeName: string;
  readonly operator: string;
  readonly values: readonly string[];
}

/** Whether a scope holds of a pod. */
export function podMatches(scope: QuotaScope, pod: Readonly<Fields>): boolean {
  const spec = childOf(pod, "spec");
  switch (scope.scopeName) {
    case "Terminating":
      return isTerminating(spec);
    case "NotTerminating":
      return !isTerminating(spec);
    case "BestEffort":
      return podQualityOfService(spec) === "BestEffort";
    case "NotBestEffort":
      return podQualityOfService(spec) !== "BestEffort";
    case "PriorityClass":
      return isAmong(scope, [textOf(spec, "priorityClassName")]);
    case "CrossNamespacePodAffinity":
      return isAffineToOtherNamespaces(spec);
    default:
      return false;
  }
}

/** Whether a scope holds of a claim. */
export function claimMatches(scope: QuotaScope, claim: Readonly<Fields>): boolean {
  if (scope.scopeName !== "VolumeAttributesClass") return false;
  const status = childOf(claim, "status");
  return isAmong(scope, [
    textOf(childOf(claim, "spec"), "volumeAttributesClassName"),
    textOf(status, "currentVolumeAttributesClassName"),
    textOf(childOf(status, "modifyVolumeStatus"), "targetVolumeAttributesClassName"),
  ]);
}

function isTerminating(spec: Fields | undefined): boolean {
  return (numberOf(spec, "activeDeadlineSeconds") ?? -1) >= 0;
}

/** By the operator; names that are not set are none. */
function isAmong({ operator, values }: QuotaScope, names: readonly string[]): boolean {
  const present = names.filter((name) => name !== "");
  switch (operator) {
    case "Exists":
      return present.length > 0;
    case "DoesNotExist":
      return present.length === 0;
    case "In":
      return present.some((name) => values.includes(name));
    case "NotIn":
      return !present.some((name) => values.includes(name));
    default:
      return false;
  }
}

function isAffineToOtherNamespaces(spec: Fields | undefined): boolean {
  return ["podAffinity", "podAntiAffinity"].some((sort) => {
    const affinity = descendantOf(spec, "affinity", sort);
    const preferred = itemsOf(affinity, "preferredDuringSchedulingIgnoredDuringExecution");
    const terms = [
      ...itemsOf(affinity, "requiredDuringSchedulingIgnoredDuringExecution"),
      ...preferred.map((each) => childOf(each, "podAffinityTerm")),
    ];
    return terms.some((term) => listOf(term, "namespaces").length > 0 || childOf(term, "namespaceSelector"));
  });
}
