// Remedy: what to do for a cluster in some condition. Upstream: karmada pkg/apis/remedy/v1alpha1/remedy_types.go.
import type { ObjectOf } from "#machinery/object.ts";
import { defineKind } from "../define-kind.ts";
import { t, type TypeOf } from "../schema-dsl.ts";

const RemedySpec = t.object(
  {
    actions: t.optional(t.array(t.string(), { doc: "What to do: TrafficControl, taking the cluster out of traffic." })),
    clusterAffinity: t.optional(
      t.object(
        { clusterNames: t.optional(t.array(t.string(), { doc: "The clusters. Empty: all." })) },
        { doc: "Which clusters it is about. Absent: all." },
      ),
    ),
    decisionMatches: t.optional(
      t.array(
        t.object({
          clusterConditionMatch: t.optional(
            t.object(
              {
                conditionStatus: t.string({ doc: "The status to compare with." }),
                conditionType: t.string({ doc: "The type of the cluster's condition." }),
                operator: t.enum(["Equal", "NotEqual"], { doc: "How the statuses are compared." }),
              },
              { doc: "A condition of the cluster." },
            ),
          ),
        }),
        { doc: "When to act: any of them is enough. Empty: always." },
      ),
    ),
  },
  { doc: "What to do, when, and for which clusters." },
);
export type RemedySpec = TypeOf<typeof RemedySpec>;

export const Remedy = defineKind({
  group: "remedy.karmada.io",
  version: "v1alpha1",
  scope: "Cluster",
  kind: "Remedy",
  plural: "remedies",
  categories: ["karmada-io"],
  doc: "What is done for a member cluster whose conditions match.",
  spec: RemedySpec,
});
export type Remedy = ObjectOf<typeof Remedy>;
