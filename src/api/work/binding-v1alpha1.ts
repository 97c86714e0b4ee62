// Bindings as v1alpha1 has them: fewer fields, and the replicas beside the reference to the template.
// Upstream: karmada pkg/apis/work/v1alpha1/binding_types.go.
import type { OlderVersion } from "../define-kind.ts";
import { Condition, ResourceList } from "../meta-types.ts";
import { t } from "../schema-dsl.ts";

const spec = t.object(
  {
    clusters: t.optional(
      t.array(
        t.object({
          name: t.string({ doc: "The cluster's name." }),
          replicas: t.optional(t.int32({ doc: "How many replicas it gets." })),
        }),
        { doc: "Where the resource goes: the scheduler's result." },
      ),
    ),
    resource: t.object(
      {
        apiVersion: t.string({ doc: "The group and version." }),
        kind: t.string({ doc: "The kind." }),
        name: t.string({ doc: "The name." }),
        namespace: t.optional(t.string({ doc: "The namespace. Absent for cluster-scoped resources." })),
        replicas: t.optional(t.int32({ doc: "How many replicas the template asks for." })),
        resourcePerReplicas: t.optional(ResourceList, "What one replica asks for."),
        resourceVersion: t.optional(
          t.string({ doc: "The template's resourceVersion when the binding was last written." }),
        ),
      },
      { doc: "The resource template." },
    ),
  },
  { doc: "The resource and the scheduler's result." },
);

const status = t.object(
  {
    aggregatedStatus: t.optional(
      t.array(
        t.object({
          applied: t.optional(t.boolean({ doc: "Whether the object was applied in the member." })),
          appliedMessage: t.optional(t.string({ doc: "Why not." })),
          clusterName: t.string({ doc: "The member." }),
          status: t.optional(t.anyObject({ doc: "The status as reflected from the member." })),
        }),
        { doc: "The status in each member." },
      ),
    ),
    conditions: t.optional(t.array(Condition, { doc: "Scheduled and FullyApplied." })),
  },
  { doc: "How it went." },
);

/** Served beside the stored version where the server converts: see binding-conversion.ts. */
export const bindingV1alpha1: OlderVersion = { name: "v1alpha1", spec, status, hasStatusSubresource: true };
