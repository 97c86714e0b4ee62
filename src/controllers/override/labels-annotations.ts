// labelsOverrider and annotationsOverrider. Upstream: karmada pkg/util/overridemanager/labelannotationoverrider.go.
import type { LabelAnnotationOverrider } from "#api/policy/override-policy.ts";
import type { KubeObject } from "#machinery/object.ts";

/** The manifest with keys set, replaced where they are, or taken away. */
export function overrideKeys(
  manifest: KubeObject,
  field: "labels" | "annotations",
  { operator, value }: LabelAnnotationOverrider,
): KubeObject {
  const current = manifest.metadata[field] ?? {};
  const concerned = Object.entries(value).filter(([key]) => operator === "add" || Object.hasOwn(current, key));
  if (concerned.length === 0) return manifest;
  const names = new Set(concerned.map(([key]) => key));
  const kept = Object.entries(current).filter(([key]) => operator !== "remove" || !names.has(key));
  const changed = Object.fromEntries(operator === "remove" ? kept : [...kept, ...concerned]);
  return { ...manifest, metadata: { ...manifest.metadata, [field]: changed } };
}
