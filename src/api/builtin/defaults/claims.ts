// Defaults of PersistentVolumeClaims, alone or as templates of StatefulSets and ephemeral volumes.
// Upstream: k8s.io/kubernetes/pkg/apis/core/v1/defaults.go.
import { childOf, ensureChild, type Fields, setDefault, setDefaultText } from "../access.ts";

export function defaultClaim(claim: Fields): void {
  setDefaultText(ensureChild(claim, "status"), "phase", "Pending");
  const spec = childOf(claim, "spec");
  if (spec !== undefined) defaultClaimSpec(spec);
}

export function defaultClaimSpec(spec: Fields): void {
  setDefault(spec, "volumeMode", "Filesystem");
}
