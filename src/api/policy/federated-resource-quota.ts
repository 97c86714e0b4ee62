// FederatedResourceQuota: a quota over all members. Upstream: karmada pkg/apis/policy/v1alpha1/federatedresourcequota_types.go.
import type { ObjectOf } from "#machinery/object.ts";
import { defineKind } from "../define-kind.ts";
import { ResourceList } from "../meta-types.ts";
import { t, type TypeOf } from "../schema-dsl.ts";

const FederatedResourceQuotaSpec = t.object(
  {
    overall: t.doc(ResourceList, "What may be used in all members together."),
    staticAssignments: t.optional(
      t.array(
        t.object({
          clusterName: t.string({ doc: "The cluster's name." }),
          hard: t.doc(ResourceList, "What may be used in this cluster."),
        }),
        { doc: "Shares of single clusters, which become ResourceQuotas there." },
      ),
    ),
  },
  { doc: "What may be used." },
);
export type FederatedResourceQuotaSpec = TypeOf<typeof FederatedResourceQuotaSpec>;

export const FederatedResourceQuota = defineKind({
  group: "policy.karmada.io",
  version: "v1alpha1",
  scope: "Namespaced",
  kind: "FederatedResourceQuota",
  plural: "federatedresourcequotas",
  categories: ["karmada-io"],
  doc: "Limits what the workloads of its namespace use in all member clusters together.",
  spec: FederatedResourceQuotaSpec,
  status: t.object(
    {
      aggregatedStatus: t.optional(
        t.array(
          t.object({
            clusterName: t.string({ doc: "The cluster's name." }),
            hard: t.optional(ResourceList, "What may be used in this cluster."),
            used: t.optional(ResourceList, "What is used in this cluster."),
          }),
          { doc: "What single clusters use of their shares." },
        ),
      ),
      overall: t.optional(ResourceList, "What may be used, as last seen in spec.overall."),
      overallUsed: t.optional(ResourceList, "What is used in all members together."),
    },
    { doc: "What is used." },
  ),
  printerColumns: [
    { jsonPath: ".status.overall", name: "OVERALL", type: "string" },
    { jsonPath: ".status.overallUsed", name: "OVERALL_USED", type: "string" },
  ],
  subresources: { status: true },
});
export type FederatedResourceQuota = ObjectOf<typeof FederatedResourceQuota>;
