// Which policy a resource template belongs to. Upstream: karmada pkg/detector/compare.go, pkg/detector/preemption.go.
import { type Policy, policyScopeOf } from "./scope.ts";
import { type MatchRank, matchRanks, resourceMatchRank } from "#api/policy/resource-match.ts";
import type { KubeObject } from "#machinery/object.ts";

/** Whether the policy's selectors match the template at all. */
export function policyMatches(template: KubeObject, policy: Policy): boolean {
  return resourceMatchRank(template, policy.spec.resourceSelectors) !== matchRanks.none;
}

/** The policy that claims an unclaimed template: highest priority, then the most particular match, then the smaller name. */
export function bestPolicy(template: KubeObject, policies: readonly Policy[]): Policy | undefined {
  let best: { readonly policy: Policy; readonly rank: MatchRank } | undefined;
  for (const policy of policies) {
    if (policy.metadata.deletionTimestamp !== undefined) continue;
    const rank = resourceMatchRank(template, policy.spec.resourceSelectors);
    if (rank === matchRanks.none) continue;
    if (best === undefined || goesBefore({ policy, rank }, best)) best = { policy, rank };
  }
  return best?.policy;
}

interface Match {
  readonly policy: Policy;
  readonly rank: MatchRank;
}

function goesBefore(left: Match, right: Match): boolean {
  const priority = priorityOf(left.policy) - priorityOf(right.policy);
  if (priority !== 0) return priority > 0;
  if (left.rank !== right.rank) return left.rank > right.rank;
  return left.policy.metadata.name < right.policy.metadata.name;
}

/**
 * The policy that takes the template away from the one that has claimed it. A namespaced policy takes from namespaced
 * ones of lower priority and from any cluster-wide one; a cluster-wide policy from cluster-wide ones of lower priority.
 * Only selectors by name count: admission demands names of policies with preemption.
 */
export function preemptingPolicy(
  template: KubeObject,
  claimedBy: Policy,
  policies: readonly Policy[],
): Policy | undefined {
  if (template.metadata.deletionTimestamp !== undefined) return undefined;
  const candidates = policies.filter(
    (policy) =>
      policy.spec.preemption === "Always" &&
      mayPreempt(policy, claimedBy) &&
      resourceMatchRank(template, policy.spec.resourceSelectors) === matchRanks.name,
  );
  const namespaced = candidates.filter((policy) => policyScopeOf(policy).namespaced);
  return bestPolicy(template, namespaced) ?? bestPolicy(template, candidates);
}

function mayPreempt(policy: Policy, claimedBy: Policy): boolean {
  const namespaced = policyScopeOf(policy).namespaced;
  const claimedNamespaced = policyScopeOf(claimedBy).namespaced;
  if (namespaced !== claimedNamespaced) return namespaced;
  return priorityOf(policy) > priorityOf(claimedBy);
}

function priorityOf(policy: Policy): number {
  return policy.spec.priority ?? 0;
}
