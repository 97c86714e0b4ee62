// ResourceRegistry: what of which members is kept for search. Upstream serves it from an aggregated API server
// (karmada pkg/apis/search/v1alpha1/types.go); here it is a CRD like the others.
import type { ObjectOf } from "#machinery/object.ts";
import { defineKind } from "../define-kind.ts";
import { Condition } from "../meta-types.ts";
import { ClusterAffinity } from "../policy/cluster-affinity.ts";
import { t, type TypeOf } from "../schema-dsl.ts";

const ResourceRegistrySpec = t.object(
  {
    backendStore: t.optional(
      t.object(
        {
          openSearch: t.optional(
            t.object(
              {
                addresses: t.array(t.string(), { doc: "The addresses of its nodes, as URLs." }),
                secretRef: t.optional(
                  t.object({
                    name: t.optional(t.string({ doc: "The Secret's name." })),
                    namespace: t.optional(t.string({ doc: "The Secret's namespace." })),
                  }),
                  "The Secret with username and password.",
                ),
              },
              { doc: "An OpenSearch." },
            ),
          ),
        },
        { doc: "Where the objects are kept. Absent: in memory." },
      ),
    ),
    resourceSelectors: t.array(
      t.object({
        apiVersion: t.string({ doc: "The group and version of the resources." }),
        kind: t.string({ doc: "The kind of the resources." }),
        namespace: t.optional(t.string({ doc: "The resources' namespace. Empty: all." })),
      }),
      { doc: "The resources to keep." },
    ),
    targetCluster: t.doc(ClusterAffinity, "The clusters whose resources are kept. Empty: all."),
  },
  { doc: "What is kept, of which clusters, and where." },
);
export type ResourceRegistrySpec = TypeOf<typeof ResourceRegistrySpec>;

export const ResourceRegistry = defineKind({
  group: "search.karmada.io",
  version: "v1alpha1",
  scope: "Cluster",
  kind: "ResourceRegistry",
  plural: "resourceregistries",
  shortNames: ["rr"],
  categories: ["karmada-io"],
  doc: "Names resources of member clusters that can be searched and read through the control plane.",
  spec: ResourceRegistrySpec,
  status: t.object(
    { conditions: t.optional(t.array(Condition, { doc: "Whether the resources are kept." })) },
    { doc: "How it went." },
  ),
  subresources: { status: true },
});
export type ResourceRegistry = ObjectOf<typeof ResourceRegistry>;
