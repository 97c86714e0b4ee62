// Work: one object on its way to one member cluster, in that cluster's execution namespace.
// Upstream: karmada pkg/apis/work/v1alpha1/work_types.go.
import type { ObjectOf } from "#machinery/object.ts";
import { defineKind } from "../define-kind.ts";
import { Condition } from "../meta-types.ts";
import { t, type TypeOf } from "../schema-dsl.ts";

/** Health of a resource in a member. */
export const resourceHealth = t.enum(["Healthy", "Unhealthy", "Unknown"], {
  doc: "Whether the resource is healthy in the member. Unknown: it could not be told.",
});
export type ResourceHealth = TypeOf<typeof resourceHealth>;

const ManifestStatus = t.object({
  health: t.optional(resourceHealth),
  identifier: t.object(
    {
      group: t.optional(t.string({ doc: "The API group. Absent for the core group." })),
      kind: t.string({ doc: "The kind." }),
      name: t.string({ doc: "The name." }),
      namespace: t.optional(t.string({ doc: "The namespace. Absent for cluster-scoped objects." })),
      ordinal: t.integer({ doc: "The manifest's place in the list, from 0." }),
      resource: t.string({ doc: "The plural name of the kind." }),
      version: t.string({ doc: "The API version." }),
    },
    { doc: "Which manifest." },
  ),
  status: t.optional(t.anyObject({ doc: "The status as reflected from the member." })),
});
export type ManifestStatus = TypeOf<typeof ManifestStatus>;

export const Work = defineKind({
  group: "work.karmada.io",
  version: "v1alpha1",
  scope: "Namespaced",
  kind: "Work",
  plural: "works",
  shortNames: ["wk"],
  categories: ["karmada-io"],
  doc: "Objects to be applied in one member cluster: the one whose execution namespace the Work is in.",
  spec: t.object(
    {
      preserveResourcesOnDeletion: t.optional(
        t.boolean({ doc: "Keep the objects in the member when this Work is deleted." }),
      ),
      suspendDispatching: t.optional(
        t.boolean({ doc: "Do not apply changes for the time being. Status still comes back." }),
      ),
      workload: t.optional(
        t.object(
          {
            manifests: t.optional(t.array(t.kubeObject({ doc: "A whole object." }), { doc: "The objects to apply." })),
          },
          { doc: "What to apply." },
        ),
      ),
    },
    { doc: "What to apply in the member." },
  ),
  status: t.object(
    {
      conditions: t.optional(t.array(Condition, { doc: "Applied and Dispatching." })),
      manifestStatuses: t.optional(t.array(ManifestStatus, { doc: "The status of each object in the member." })),
    },
    { doc: "How it went." },
  ),
  printerColumns: [
    { jsonPath: ".spec.workload.manifests[*].kind", name: "WORKLOAD-KIND", type: "string" },
    { jsonPath: '.status.conditions[?(@.type=="Applied")].status', name: "APPLIED", type: "string" },
    { jsonPath: ".metadata.creationTimestamp", name: "AGE", type: "date" },
  ],
  subresources: { status: true },
});
export type Work = ObjectOf<typeof Work>;
export type WorkSpec = Work["spec"];
export type WorkStatus = NonNullable<Work["status"]>;
