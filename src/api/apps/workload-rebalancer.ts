// WorkloadRebalancer: asks for workloads to be scheduled anew. Upstream: karmada pkg/apis/apps/v1alpha1/workloadrebalancer_types.go.
import type { ObjectOf } from "#machinery/object.ts";
import { defineKind } from "../define-kind.ts";
import { t, type TypeOf } from "../schema-dsl.ts";

const ObjectReference = t.object({
  apiVersion: t.string({ doc: "The group and version of the workload." }),
  kind: t.string({ doc: "The kind of the workload." }),
  name: t.string({ doc: "The workload's name." }),
  namespace: t.optional(t.string({ doc: "The workload's namespace. Absent for cluster-scoped ones." })),
});

const ObservedWorkload = t.object({
  reason: t.optional(t.string({ doc: "Why it failed, in one word." })),
  result: t.optional(t.string({ doc: "Successful or Failed." })),
  workload: t.doc(ObjectReference, "The workload that was asked for."),
});
export type ObservedWorkload = TypeOf<typeof ObservedWorkload>;

export const WorkloadRebalancer = defineKind({
  group: "apps.karmada.io",
  version: "v1alpha1",
  scope: "Cluster",
  kind: "WorkloadRebalancer",
  plural: "workloadrebalancers",
  doc: "Has workloads scheduled once more as if they were new, without regard to where they run now.",
  spec: t.object(
    {
      ttlSecondsAfterFinished: t.optional(
        t.int32({
          doc: "For how long this object is kept when done. 0: not at all; absent: until somebody deletes it.",
        }),
      ),
      workloads: t.array(ObjectReference, { minItems: 1, doc: "The workloads to schedule anew." }),
    },
    { doc: "What to schedule anew." },
  ),
  status: t.object(
    {
      finishTime: t.optional(t.time({ doc: "When every workload had been seen to." })),
      observedGeneration: t.optional(t.int64({ doc: "The metadata.generation that this status is about." })),
      observedWorkloads: t.optional(t.array(ObservedWorkload, { doc: "How it went with each workload." })),
    },
    { doc: "How it went." },
  ),
  subresources: { status: true },
});
export type WorkloadRebalancer = ObjectOf<typeof WorkloadRebalancer>;
