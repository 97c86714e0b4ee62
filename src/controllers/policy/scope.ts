// PropagationPolicy and ClusterPropagationPolicy are one path: what differs between them is data, here.
import { karmadaAnnotations, karmadaFinalizers, karmadaLabels } from "#api/karmada-constants.ts";
import { ClusterPropagationPolicy, PropagationPolicy } from "#api/policy/propagation-policy.ts";
import type { Kind } from "#machinery/object.ts";

/** A policy of either scope. */
export type Policy = PropagationPolicy;

export interface PolicyScope {
  readonly kind: Kind<Policy>;
  readonly namespaced: boolean;
  /** On the policy itself, and on every template and binding that it has claimed. */
  readonly idLabel: string;
  readonly nameAnnotation: string;
  /** Cluster-wide policies need none. */
  readonly namespaceAnnotation: string | undefined;
  readonly finalizer: string;
  /** How events and errors call a policy of this scope. */
  readonly noun: string;
}

export const namespacedPolicies: PolicyScope = {
  kind: PropagationPolicy,
  namespaced: true,
  idLabel: karmadaLabels.propagationPolicyId,
  nameAnnotation: karmadaAnnotations.propagationPolicyName,
  namespaceAnnotation: karmadaAnnotations.propagationPolicyNamespace,
  finalizer: karmadaFinalizers.propagationPolicy,
  noun: "policy",
};

export const clusterPolicies: PolicyScope = {
  kind: ClusterPropagationPolicy,
  namespaced: false,
  idLabel: karmadaLabels.clusterPropagationPolicyId,
  nameAnnotation: karmadaAnnotations.clusterPropagationPolicyName,
  namespaceAnnotation: undefined,
  finalizer: karmadaFinalizers.clusterPropagationPolicy,
  noun: "cluster policy",
};

export const policyScopes: readonly PolicyScope[] = [namespacedPolicies, clusterPolicies];

export function policyScopeOf(policy: Policy): PolicyScope {
  return policy.metadata.namespace === undefined ? clusterPolicies : namespacedPolicies;
}

/** `policy(default/nginx)` or `cluster policy(nginx)`: how events name it. */
export function policyText(policy: Policy): string {
  const { namespace, name } = policy.metadata;
  return `${policyScopeOf(policy).noun}(${namespace === undefined ? name : `${namespace}/${name}`})`;
}

/** The id that the policy's claims carry; empty until admission has set it. */
export function policyIdOf(policy: Policy): string {
  return policy.metadata.labels?.[policyScopeOf(policy).idLabel] ?? "";
}
