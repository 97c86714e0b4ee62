// The kinds of Karmada that this control plane serves, in the order in which their CRDs are installed.
import { Cluster } from "./cluster/cluster.ts";
import type { DefinedKind } from "./define-kind.ts";
import { ClusterOverridePolicy, OverridePolicy } from "./policy/override-policy.ts";
import { ClusterPropagationPolicy, PropagationPolicy } from "./policy/propagation-policy.ts";
import { ClusterResourceBinding, ResourceBinding } from "./work/binding.ts";
import { Work } from "./work/work.ts";

export const karmadaKinds: readonly DefinedKind[] = [
  Cluster,
  PropagationPolicy,
  ClusterPropagationPolicy,
  OverridePolicy,
  ClusterOverridePolicy,
  ResourceBinding,
  ClusterResourceBinding,
  Work,
];
