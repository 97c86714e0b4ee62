// Which clusters a policy means: the ClusterAffinity type, and the one matcher that scheduler and overrides share.
// Upstream: karmada pkg/apis/policy/v1alpha1/propagation_types.go, pkg/util/selector.go.
import { LabelSelector } from "../meta-types.ts";
import { t, type TypeOf } from "../schema-dsl.ts";

const FieldSelectorRequirement = t.object({
  key: t.string({ doc: "provider, region or zone." }),
  operator: t.string({ doc: "In or NotIn." }),
  values: t.optional(t.array(t.string(), { listType: "atomic", doc: "Values to compare with." })),
});

export const FieldSelector = t.object(
  {
    matchExpressions: t.optional(
      t.array(FieldSelectorRequirement, { doc: "Requirements on the cluster's fields; all must hold." }),
    ),
  },
  { doc: "Selects clusters by provider, region and zones." },
);
export type FieldSelector = TypeOf<typeof FieldSelector>;

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
