// Which namespaces go to all members by themselves. Pure.
// Upstream: karmada pkg/controllers/namespace/namespace_sync_controller.go.
import { karmadaLabels } from "#api/karmada-constants.ts";
import { isReservedNamespace } from "#api/karmada-names.ts";
import type { ClusterOverridePolicy } from "#api/policy/override-policy.ts";
import type { KubeObject } from "#machinery/object.ts";

/** Whether a namespace of this name could go. `isSkipped` knows `--skipped-propagating-namespaces`. */
export function mayBePropagated(name: string, isSkipped: (namespace: string) => boolean): boolean {
  return name !== "default" && !isReservedNamespace(name) && !isSkipped(name);
}

/** Whether the namespace goes, as it is now. One that is on its way out takes its Works with it, by owner reference. */
export function isPropagated({ metadata }: KubeObject): boolean {
  const skip = metadata.labels?.[karmadaLabels.skipAutoPropagation] ?? "";
  return metadata.deletionTimestamp === undefined && skip.toLowerCase() !== "true";
}

/** The namespaces that an override policy may change: by name, or all (undefined). */
export function namespacesOverridden({ spec }: ClusterOverridePolicy): readonly string[] | undefined {
  const { resourceSelectors = [] } = spec;
  if (resourceSelectors.length === 0) return undefined;
  const selectors = resourceSelectors.filter(({ apiVersion, kind }) => apiVersion === "v1" && kind === "Namespace");
  if (selectors.some(({ name = "" }) => name === "")) return undefined;
  return selectors.flatMap(({ name }) => name ?? []);
}
