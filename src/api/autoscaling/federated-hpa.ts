// FederatedHPA: scales a workload by what its pods use in all members.
// Upstream: karmada pkg/apis/autoscaling/v1alpha1/federatedhpa_types.go.
import type { ObjectOf } from "#machinery/object.ts";
import { defineKind } from "../define-kind.ts";
import { t, type TypeOf } from "../schema-dsl.ts";
import { MetricSpec, MetricStatus } from "./metrics.ts";
import { ScaleTarget } from "./scale-target.ts";

const ScalingPolicy = t.object({
  periodSeconds: t.int32({ doc: "The time over which the policy counts, in seconds; at most 1800." }),
  type: t.string({ doc: "Pods: value is a number of pods. Percent: of the pods there are." }),
  value: t.int32({ doc: "By how much the scale may change within the period." }),
});

const ScalingRules = t.object({
  policies: t.optional(t.array(ScalingPolicy, { listType: "atomic", doc: "How fast it may go." })),
  selectPolicy: t.optional(
    t.string({ doc: "Which policy counts: Max (the fastest, the default), Min (the slowest) or Disabled (none)." }),
  ),
  stabilizationWindowSeconds: t.optional(
    t.int32({ doc: "How far to look back, in seconds, for the recommendation to keep to; 0 to 3600." }),
  ),
  tolerance: t.optional(
    t.quantity({ doc: "By how much the metric may be off before anything is scaled, such as 0.1." }),
  ),
});

const Behavior = t.object(
  {
    scaleDown: t.optional(ScalingRules, "How to scale down."),
    scaleUp: t.optional(ScalingRules, "How to scale up."),
  },
  { doc: "How fast to scale." },
);

const HpaCondition = t.object({
  lastTransitionTime: t.optional(t.time({ doc: "When the status last changed." })),
  message: t.optional(t.string({ doc: "Details for a person to read." })),
  reason: t.optional(t.string({ doc: "Why it last changed, in one word." })),
  status: t.string({ doc: "True, False or Unknown." }),
  type: t.string({ doc: "ScalingActive, AbleToScale or ScalingLimited." }),
});

const FederatedHPASpec = t.object(
  {
    behavior: t.optional(Behavior),
    maxReplicas: t.int32({ doc: "The most replicas there may be, over all members." }),
    metrics: t.optional(
      t.array(MetricSpec, {
        doc: "What to measure; the metric that asks for most replicas counts. Empty: cpu at 80 %.",
      }),
    ),
    minReplicas: t.optional(t.int32({ doc: "The fewest replicas there may be, over all members. Absent: 1." })),
    scaleTargetRef: ScaleTarget,
  },
  { doc: "What to scale, within what bounds, and by which metrics." },
);
export type FederatedHPASpec = TypeOf<typeof FederatedHPASpec>;

export const FederatedHPA = defineKind({
  group: "autoscaling.karmada.io",
  version: "v1alpha1",
  scope: "Namespaced",
  kind: "FederatedHPA",
  plural: "federatedhpas",
  shortNames: ["fhpa"],
  categories: ["karmada-io"],
  doc: "Scales a workload by the metrics of its pods in all member clusters.",
  spec: FederatedHPASpec,
  status: t.object(
    {
      conditions: t.optional(
        t.array(HpaCondition, {
          listType: "map",
          listMapKeys: ["type"],
          doc: "Whether it can scale, and what limits it.",
        }),
      ),
      currentMetrics: t.optional(t.array(MetricStatus, { listType: "atomic", doc: "What was last measured." })),
      currentReplicas: t.optional(t.int32({ doc: "How many replicas there were when last looked at." })),
      desiredReplicas: t.int32({ doc: "How many replicas there should be, as last calculated." }),
      lastScaleTime: t.optional(t.time({ doc: "When the number of replicas was last changed." })),
      observedGeneration: t.optional(t.int64({ doc: "The metadata.generation that this status is about." })),
    },
    { doc: "What was measured, and what follows from it." },
  ),
  printerColumns: [
    { jsonPath: ".spec.scaleTargetRef.kind", name: "REFERENCE-KIND", type: "string" },
    { jsonPath: ".spec.scaleTargetRef.name", name: "REFERENCE-NAME", type: "string" },
    { jsonPath: ".spec.minReplicas", name: "MINPODS", type: "integer" },
    { jsonPath: ".spec.maxReplicas", name: "MAXPODS", type: "integer" },
    { jsonPath: ".status.currentReplicas", name: "REPLICAS", type: "integer" },
    { jsonPath: ".metadata.creationTimestamp", name: "AGE", type: "date" },
  ],
  subresources: { status: true },
});
export type FederatedHPA = ObjectOf<typeof FederatedHPA>;
