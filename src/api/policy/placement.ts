// Placement: where a resource goes and how its replicas are divided. Used by policies and, copied, by bindings.
// Upstream: karmada pkg/apis/policy/v1alpha1/propagation_types.go.
import type { Cluster } from "../cluster/cluster.ts";
import { Toleration } from "../meta-types.ts";
import { t, type TypeOf } from "../schema-dsl.ts";
import { ClusterAffinity, clusterAffinityFields, clusterMatches } from "./cluster-affinity.ts";

const affinityName = t.string({ minLength: 1, maxLength: 32, doc: "The term's name, unique within the policy." });

const OverflowAffinity = t.object({ affinityName, ...clusterAffinityFields });

const ClusterAffinityTerm = t.object({
  affinityName,
  ...clusterAffinityFields,
  overflowAffinities: t.optional(
    t.array(OverflowAffinity, {
      doc: "Further groups, filled in order with the replicas that the groups before have no room for.",
    }),
  ),
});
export type ClusterAffinityTerm = TypeOf<typeof ClusterAffinityTerm>;

const SpreadConstraint = t.object({
  maxGroups: t.optional(t.integer({ doc: "The most groups to choose." })),
  minGroups: t.optional(t.integer({ doc: "The fewest groups to choose. Default 1." })),
  spreadByField: t.optional(
    t.enum(["cluster", "region", "zone", "provider"], { doc: "The cluster field that makes the groups." }),
  ),
  spreadByLabel: t.optional(t.string({ doc: "The cluster label whose values make the groups." })),
});
export type SpreadConstraint = TypeOf<typeof SpreadConstraint>;

const StaticClusterWeight = t.object({
  targetCluster: t.doc(ClusterAffinity, "The clusters that get this weight."),
  weight: t.int64({ minimum: 1, doc: "Their share, relative to the other weights." }),
});

const WeightPreference = t.object(
  {
    dynamicWeight: t.optional(
      t.enum(["AvailableReplicas"], {
        doc: "Weigh clusters by how many more replicas fit. Overrides staticWeightList.",
      }),
    ),
    staticWeightList: t.optional(t.array(StaticClusterWeight, { doc: "Weights that are given by hand." })),
  },
  { doc: "Weights of clusters. Absent: all alike." },
);

const ReplicaSchedulingStrategy = t.object(
  {
    replicaDivisionPreference: t.optional(
      t.enum(["Aggregated", "Weighted"], {
        doc: "Divided only. Aggregated: into as few clusters as possible. Weighted: by weightPreference.",
      }),
    ),
    replicaSchedulingType: t.optional(
      t.enum(["Duplicated", "Divided"], {
        default: "Divided",
        doc: "Duplicated: every cluster gets all replicas. Divided: the replicas are divided among the clusters.",
      }),
    ),
    weightPreference: t.optional(WeightPreference),
  },
  { doc: "How replicas are divided among the chosen clusters." },
);
export type ReplicaSchedulingStrategy = TypeOf<typeof ReplicaSchedulingStrategy>;

const WorkloadAffinityTerm = t.object({
  groupByLabelKey: t.string({ doc: "The label of the resource template whose value makes the group." }),
});

export const Placement = t.object(
  {
    clusterAffinities: t.optional(
      t.array(t.doc(ClusterAffinityTerm, "A named group of clusters."), {
        doc: "Groups of clusters, tried in order until one fits. Excludes clusterAffinity.",
      }),
    ),
    clusterAffinity: t.optional(ClusterAffinity, "The clusters that qualify. Absent: all."),
    clusterTolerations: t.optional(t.array(Toleration, { doc: "Taints of clusters that are tolerated." })),
    replicaScheduling: t.optional(ReplicaSchedulingStrategy),
    spreadConstraints: t.optional(
      t.array(SpreadConstraint, { doc: "Over how many clusters, regions, zones or providers to spread." }),
    ),
    workloadAffinity: t.optional(
      t.object(
        {
          affinity: t.optional(WorkloadAffinityTerm, "Go only where the group's other resources are."),
          antiAffinity: t.optional(WorkloadAffinityTerm, "Go only where none of the group's other resources is."),
        },
        { doc: "Togetherness and apartness of resources." },
      ),
    ),
  },
  { doc: "Where the resource goes and how its replicas are divided." },
);
export type Placement = TypeOf<typeof Placement>;

/** Whether the placement names the cluster: by its affinity, or by any group or overflow group. None names every cluster. */
export function placementNames({ clusterAffinity, clusterAffinities = [] }: Placement, cluster: Cluster): boolean {
  const groups = clusterAffinities.flatMap((term) => [term, ...(term.overflowAffinities ?? [])]);
  if (groups.length > 0) return groups.some((affinity) => clusterMatches(affinity, cluster));
  return clusterAffinity === undefined || clusterMatches(clusterAffinity, cluster);
}
