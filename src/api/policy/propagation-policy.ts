// PropagationPolicy and ClusterPropagationPolicy: which resources go to which clusters.
// Upstream: karmada pkg/apis/policy/v1alpha1/propagation_types.go.
import type { ObjectOf } from "#machinery/object.ts";
import { defineKind, type KindColumn } from "../define-kind.ts";
import { t, type TypeOf } from "../schema-dsl.ts";
import { conflictResolution, FailoverBehavior, suspensionFields } from "./failover.ts";
import { Placement } from "./placement.ts";
import { ResourceSelector } from "./resource-selector.ts";

const PropagationSpec = t.object(
  {
    activationPreference: t.optional(
      t.enum(["Lazy"], { doc: "Lazy: a changed policy reaches a resource only when the resource itself changes." }),
    ),
    association: t.optional(t.boolean({ doc: "Has no effect. Use propagateDeps." })),
    conflictResolution: t.optional(conflictResolution),
    dependentOverrides: t.optional(
      t.array(t.string(), { doc: "Override policies that must exist before anything is propagated." }),
    ),
    failover: t.optional(FailoverBehavior),
    placement: t.optional(Placement),
    preemption: t.optional(
      t.enum(["Always", "Never"], {
        default: "Never",
        doc: "Whether this policy takes resources over from policies of lower priority.",
      }),
    ),
    preserveResourcesOnDeletion: t.optional(
      t.boolean({ doc: "Keep the objects in the members when the resource template is deleted." }),
    ),
    priority: t.optional(
      t.int32({ default: 0, doc: "Among policies that match a resource, the highest priority wins." }),
    ),
    propagateDeps: t.optional(
      t.boolean({ doc: "Propagate what the resource refers to (config maps, secrets, …) along with it." }),
    ),
    resourceSelectors: t.array(ResourceSelector, { minItems: 1, doc: "The resources to propagate." }),
    schedulePriority: t.optional(
      t.object(
        {
          priorityClassName: t.string({ doc: "The class's name." }),
          priorityClassSource: t.enum(["KubePriorityClass"], {
            doc: "KubePriorityClass: a scheduling.k8s.io PriorityClass of the control plane.",
          }),
        },
        { doc: "In which order waiting bindings are scheduled." },
      ),
    ),
    schedulerName: t.optional(
      t.string({ default: "default-scheduler", doc: "The scheduler that places the resource. Cannot be changed." }),
    ),
    suspension: t.optional(t.object(suspensionFields, { doc: "Pauses parts of the propagation." })),
  },
  { doc: "What to propagate, and where to." },
);
export type PropagationSpec = TypeOf<typeof PropagationSpec>;
export type PolicySuspension = NonNullable<PropagationSpec["suspension"]>;

const printerColumns: readonly KindColumn[] = [
  { jsonPath: ".spec.conflictResolution", name: "CONFLICT-RESOLUTION", type: "string" },
  { jsonPath: ".spec.priority", name: "PRIORITY", type: "string" },
  { jsonPath: ".metadata.creationTimestamp", name: "AGE", type: "date" },
];

export const PropagationPolicy = defineKind({
  group: "policy.karmada.io",
  version: "v1alpha1",
  scope: "Namespaced",
  kind: "PropagationPolicy",
  plural: "propagationpolicies",
  shortNames: ["pp"],
  categories: ["karmada-io"],
  doc: "Propagates resources of its namespace to member clusters.",
  spec: PropagationSpec,
  printerColumns,
});
export type PropagationPolicy = ObjectOf<typeof PropagationPolicy>;

export const ClusterPropagationPolicy = defineKind({
  group: "policy.karmada.io",
  version: "v1alpha1",
  scope: "Cluster",
  kind: "ClusterPropagationPolicy",
  plural: "clusterpropagationpolicies",
  shortNames: ["cpp"],
  categories: ["karmada-io"],
  doc: "Propagates resources of any namespace, and cluster-scoped ones, to member clusters.",
  spec: PropagationSpec,
  printerColumns,
});
export type ClusterPropagationPolicy = ObjectOf<typeof ClusterPropagationPolicy>;
