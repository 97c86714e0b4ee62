// ClusterTaintPolicy: taints that clusters have by their conditions.
// Upstream: karmada pkg/apis/policy/v1alpha1/clustertaint_types.go.
import type { ObjectOf } from "#machinery/object.ts";
import { defineKind } from "../define-kind.ts";
import { t, type TypeOf } from "../schema-dsl.ts";
import { ClusterAffinity } from "./cluster-affinity.ts";

const MatchCondition = t.object({
  conditionType: t.string({ doc: "The type of a condition of the cluster." }),
  operator: t.string({ doc: "In or NotIn." }),
  statusValues: t.array(t.string(), { doc: "Statuses to compare with: True, False, Unknown." }),
});
export type MatchCondition = TypeOf<typeof MatchCondition>;

const PolicyTaint = t.object({
  effect: t.string({ doc: "NoSchedule or NoExecute." }),
  key: t.string({ doc: "The taint's key." }),
  value: t.optional(t.string({ doc: "The value that goes with the key." })),
});
export type PolicyTaint = TypeOf<typeof PolicyTaint>;

export const ClusterTaintPolicy = defineKind({
  group: "policy.karmada.io",
  version: "v1alpha1",
  scope: "Cluster",
  kind: "ClusterTaintPolicy",
  plural: "clustertaintpolicies",
  doc: "Taints member clusters by their conditions.",
  spec: t.object(
    {
      addOnConditions: t.optional(
        t.array(MatchCondition, { doc: "When the taints are added: all must hold. Empty: never." }),
      ),
      removeOnConditions: t.optional(
        t.array(MatchCondition, { doc: "When the taints are removed: all must hold. Empty: never." }),
      ),
      taints: t.array(PolicyTaint, { minItems: 1, doc: "The taints." }),
      targetClusters: t.optional(ClusterAffinity, "The clusters that it is about. Absent: all."),
    },
    { doc: "Which taints, on which clusters, and when." },
  ),
});
export type ClusterTaintPolicy = ObjectOf<typeof ClusterTaintPolicy>;
