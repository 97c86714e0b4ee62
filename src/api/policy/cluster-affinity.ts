// Which clusters a policy means: the ClusterAffinity type, and the one matcher that scheduler and overrides share.
// Upstream: karmada pkg/apis/policy/v1alpha1/propagation_types.go, pkg/util/selector.go.
import type { Cluster } from "../cluster/cluster.ts";
import { LabelSelector } from "../meta-types.ts";
import { t, type TypeOf } from "../schema-dsl.ts";
import { labelMatcherOf } from "./label-matcher.ts";

const FieldSelectorRequirement = t.object({
  key: t.string({ doc: "provider, region or zone." }),
  operator: t.string({ doc: "In or NotIn." }),
  values: t.optional(t.array(t.string(), { listType: "atomic", doc: "Values to compare with." })),
});
type FieldSelectorRequirement = TypeOf<typeof FieldSelectorRequirement>;

const FieldSelector = t.object(
  {
    matchExpressions: t.optional(
      t.array(FieldSelectorRequirement, { doc: "Requirements on the cluster's fields; all must hold." }),
    ),
  },
  { doc: "Selects clusters by provider, region and zones." },
);

/** The fields of ClusterAffinity, for types that have them inline. */
export const clusterAffinityFields = {
  clusterNames: t.optional(t.array(t.string(), { doc: "Clusters that may be chosen, by name." })),
  exclude: t.optional(t.array(t.string(), { doc: "Clusters that are never chosen. Goes before everything else." })),
  fieldSelector: t.optional(FieldSelector),
  labelSelector: t.optional(LabelSelector, "Selects clusters by their labels."),
} as const;

export const ClusterAffinity = t.object(clusterAffinityFields, {
  doc: "Which clusters qualify. What is given must all hold; nothing given means every cluster.",
});
export type ClusterAffinity = TypeOf<typeof ClusterAffinity>;

/** Does the cluster qualify? For many clusters and one affinity use `clusterMatcherOf`. */
export function clusterMatches(affinity: ClusterAffinity, cluster: Cluster): boolean {
  return clusterMatcherOf(affinity)(cluster);
}

/**
 * Tells which clusters qualify. `exclude` goes before everything; what else is given must all hold, and nothing given
 * means every cluster. A selector that cannot be understood matches nothing.
 */
export function clusterMatcherOf(affinity: ClusterAffinity): (cluster: Cluster) => boolean {
  const { exclude = [], clusterNames = [], labelSelector, fieldSelector } = affinity;
  const excluded = new Set(exclude);
  const named = clusterNames.length === 0 ? undefined : new Set(clusterNames);
  const labelsMatch = labelSelector === undefined ? undefined : labelMatcherOf(labelSelector);
  const requirements = fieldSelector?.matchExpressions ?? [];
  return ({ metadata: { name, labels }, spec }) => {
    if (excluded.has(name)) return false;
    if (named?.has(name) === false) return false;
    if (labelsMatch?.(labels) === false) return false;
    return requirements.every((requirement) => fieldHolds(requirement, spec));
  };
}

/** A cluster can have several zones; provider and region are lists of one or none. */
function fieldHolds({ key, operator, values = [] }: FieldSelectorRequirement, spec: Cluster["spec"]): boolean {
  const present = fieldValues(key, spec);
  switch (operator) {
    case "In":
      return present.some((value) => values.includes(value));
    case "NotIn":
      return !present.some((value) => values.includes(value));
    case "Exists":
      return present.length > 0;
    case "DoesNotExist":
      return present.length === 0;
    default:
      return false;
  }
}

function fieldValues(key: string, { provider = "", region = "", zones = [] }: Cluster["spec"]): readonly string[] {
  if (key === "zone") return zones;
  const value = key === "provider" ? provider : key === "region" ? region : "";
  return value === "" ? [] : [value];
}
