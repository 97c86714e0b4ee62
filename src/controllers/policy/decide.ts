// What becomes of a resource template: which policy applies, or why none does. Pure: policies are handed in.
// Upstream: karmada pkg/detector/detector.go (Reconcile, propagateResource, getAndApplyPolicy).
import { karmadaLabels } from "#api/karmada-constants.ts";
import type { Binding } from "#api/work/binding.ts";
import type { KubeObject } from "#machinery/object.ts";
import { type Claim, claimOf } from "./claim.ts";
import { bestPolicy, policyMatches, preemptingPolicy } from "./match.ts";
import { namespacedPolicies, type Policy, policyText } from "./scope.ts";

export interface Policies {
  /** PropagationPolicies of the template's namespace; none for cluster-scoped templates. */
  readonly namespaced: readonly Policy[];
  readonly cluster: readonly Policy[];
}

export interface TemplateFacts {
  readonly template: KubeObject;
  readonly policies: Policies;
  /** The template's binding, if there is one. */
  readonly binding: Binding | undefined;
  /** Whether the override policies that a policy wants first are all there. */
  readonly overridesPresent: (policy: Policy) => boolean;
  /** Gate PropagationPolicyPreemption. */
  readonly preemption: boolean;
}

export type Verdict =
  /** Nothing to do: someone else manages the template, or no policy matches (yet). */
  | { readonly kind: "leave"; readonly reason: string }
  /** Write the claim if it is not there, then the binding. */
  | { readonly kind: "apply"; readonly policy: Policy; readonly preempted: Policy | undefined }
  /** Take the claim away: its policy is not to be found (make sure of it first) or does not match any more. */
  | { readonly kind: "release"; readonly claim: Claim; readonly because: "policyGone" | "matchesNoMore" }
  /** Wrong for the moment; a retry or the next event mends it. */
  | { readonly kind: "retry"; readonly reason: string };

/** Judges a template by its claim, if it has one, else by the policies that match. */
export function judgeTemplate(facts: TemplateFacts): Verdict {
  const { template, policies } = facts;
  const manager = template.metadata.labels?.[karmadaLabels.claimedBy] ?? "";
  if (manager !== "") return { kind: "leave", reason: `claimed by ${manager}` };
  const claim = claimOf(template);
  if (claim !== undefined) return judgeClaim(claim, facts);
  const policy = bestPolicy(template, policies.namespaced) ?? bestPolicy(template, policies.cluster);
  return policy === undefined ? { kind: "leave", reason: "no matched propagation policy" } : applied(policy, facts);
}

function judgeClaim(claim: Claim, facts: TemplateFacts): Verdict {
  const policy = claimant(claim, facts.policies);
  if (policy === undefined) return { kind: "release", claim, because: "policyGone" };
  if (policy.metadata.deletionTimestamp !== undefined) {
    return { kind: "retry", reason: `${policyText(policy)} is being deleted` };
  }
  if (!policyMatches(facts.template, policy)) return unmatched(claim, facts);
  const preempting = facts.preemption ? preemptor(policy, facts) : undefined;
  if (preempting !== undefined) return applied(preempting, facts, policy);
  return applied(policy, facts);
}

function preemptor(policy: Policy, { template, policies }: TemplateFacts): Policy | undefined {
  return preemptingPolicy(template, policy, [...policies.namespaced, ...policies.cluster]);
}

/**
 * An object can be seen as two kinds (Ingress once was), of which a policy selects one: seen as the other it must be
 * left alone. So the claim goes only if the binding was made of the template as this kind.
 */
function unmatched(claim: Claim, { template, binding }: TemplateFacts): Verdict {
  const resource = binding?.spec.resource;
  const bound = binding?.metadata.labels?.[claim.scope.idLabel] === claim.id;
  if (bound && resource?.apiVersion === template.apiVersion && resource.kind === template.kind) {
    return { kind: "release", claim, because: "matchesNoMore" };
  }
  return { kind: "leave", reason: "selected as another kind" };
}

function applied(policy: Policy, facts: TemplateFacts, preempted?: Policy): Verdict {
  if (!facts.overridesPresent(policy)) return { kind: "retry", reason: "waiting for dependent overrides" };
  return { kind: "apply", policy, preempted };
}

/** The claim names it; the id is not compared, as upstream: a policy made anew under the old name takes over. */
function claimant(claim: Claim, policies: Policies): Policy | undefined {
  const candidates = claim.scope === namespacedPolicies ? policies.namespaced : policies.cluster;
  return candidates.find(
    ({ metadata }) => metadata.name === claim.name && (metadata.namespace ?? "") === (claim.namespace ?? ""),
  );
}
