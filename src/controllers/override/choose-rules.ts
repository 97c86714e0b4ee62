// Which override rules are meant for a manifest on its way to a cluster, and in what order. Pure.
// Upstream: karmada pkg/util/overridemanager/overridemanager.go (getOverridersFromOverridePolicies).
import type { Cluster } from "#api/cluster/cluster.ts";
import { clusterMatches } from "#api/policy/cluster-affinity.ts";
import type { OverridePolicy, Overriders, RuleWithCluster } from "#api/policy/override-policy.ts";
import { deepEqual } from "#machinery/equality.ts";
import { matchRanks, resourceMatchRank } from "#api/policy/resource-match.ts";
import type { KubeObject } from "#machinery/object.ts";

/** OverridePolicies and ClusterOverridePolicies have one shape; only the former have a namespace. */
export type AnyOverridePolicy = OverridePolicy;

/** A rule that is meant for this manifest and cluster. */
export interface ChosenRule {
  readonly policy: AnyOverridePolicy;
  /** Where in the policy it is: `spec.overrideRules[0]`, or `spec` for the older form. */
  readonly field: string;
  readonly overriders: Overriders;
}

/**
 * Cluster policies first, then those of the manifest's namespace; among each the more particular policies last, so that
 * they win, and equals by name. The rules of a policy keep their order. Selectors are tested against the manifest once.
 */
export function chooseRules(
  manifest: KubeObject,
  policies: readonly AnyOverridePolicy[],
  cluster: Cluster,
): readonly ChosenRule[] {
  const { namespace = "" } = manifest.metadata;
  const ofCluster = policies.filter(isClusterScoped);
  const own = policies.filter((policy) => namespace !== "" && policy.metadata.namespace === namespace);
  return [...matchingPolicies(manifest, ofCluster), ...matchingPolicies(manifest, own)].flatMap((policy) =>
    rulesOf(policy).filter(({ target }) => target === undefined || clusterMatches(target, cluster)),
  );
}

/**
 * Whether a cluster has changed in what a rule of these policies may choose it by: labels, provider, region, zones.
 * Policies are listed only then: most changes of clusters are of their statuses.
 */
export function isTargetedAnew(cluster: Cluster, old: Cluster, ...policies: readonly PolicyList[]): boolean {
  if (deepEqual(traitsOf(cluster), traitsOf(old))) return false;
  const listed = policies.flatMap((each) => each.list());
  return listed.some(({ spec: { overrideRules = [], targetCluster } }) => {
    const targets = [targetCluster, ...overrideRules.map((rule) => rule.targetCluster)];
    return targets.some((target) => target?.labelSelector !== undefined || target?.fieldSelector !== undefined);
  });
}

interface PolicyList {
  list(): readonly AnyOverridePolicy[];
}

function traitsOf({ metadata: { labels }, spec: { provider, region, zones } }: Cluster): readonly unknown[] {
  return [labels, provider, region, zones];
}

/** By what it is, not what it says: policies out of a list need not carry their kind. */
export function isClusterScoped(policy: AnyOverridePolicy): boolean {
  return (policy.metadata.namespace ?? "") === "";
}

function matchingPolicies(manifest: KubeObject, policies: readonly AnyOverridePolicy[]): AnyOverridePolicy[] {
  const ranked = policies.map((policy) => {
    const { resourceSelectors = [] } = policy.spec;
    const rank = resourceSelectors.length === 0 ? matchRanks.all : resourceMatchRank(manifest, resourceSelectors);
    return { policy, rank };
  });
  return ranked
    .filter(({ rank }) => rank !== matchRanks.none)
    .sort((left, right) => left.rank - right.rank || (left.policy.metadata.name < right.policy.metadata.name ? -1 : 1))
    .map(({ policy }) => policy);
}

function rulesOf(policy: AnyOverridePolicy): (ChosenRule & { readonly target: RuleWithCluster["targetCluster"] })[] {
  const { overrideRules = [], overriders = {}, targetCluster } = policy.spec;
  if (overrideRules.length === 0) return [{ policy, field: "spec", overriders, target: targetCluster }];
  return overrideRules.map((rule, index) => ({
    policy,
    field: `spec.overrideRules[${index}]`,
    overriders: rule.overriders,
    target: rule.targetCluster,
  }));
}
