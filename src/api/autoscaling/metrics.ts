// What a FederatedHPA measures, and what it measured. Upstream: k8s.io/api/autoscaling/v2/types.go.
import { LabelSelector } from "../meta-types.ts";
import { t, type TypeOf } from "../schema-dsl.ts";
import { ScaleTarget } from "./scale-target.ts";

const MetricTarget = t.object(
  {
    averageUtilization: t.optional(
      t.int32({ doc: "The wanted share of what the pods request, in per cent. For resources only." }),
    ),
    averageValue: t.optional(t.quantity({ doc: "The wanted average of the metric over all pods." })),
    type: t.string({ doc: "Utilization, Value or AverageValue." }),
    value: t.optional(t.quantity({ doc: "The wanted value of the metric." })),
  },
  { doc: "The value to keep to." },
);

const MetricValue = t.object(
  {
    averageUtilization: t.optional(t.int32({ doc: "The share of what the pods request, in per cent." })),
    averageValue: t.optional(t.quantity({ doc: "The average of the metric over all pods." })),
    value: t.optional(t.quantity({ doc: "The value of the metric." })),
  },
  { doc: "The value as last measured." },
);

const MetricIdentifier = t.object(
  {
    name: t.string({ doc: "The metric's name." }),
    selector: t.optional(LabelSelector, "Narrows the metric down by its labels."),
  },
  { doc: "The metric." },
);

const described = t.doc(ScaleTarget, "The object that the metric describes.");
const container = t.string({ doc: "The container's name." });
const resourceName = t.string({ doc: "The resource, such as cpu." });
const sources = {
  containerResource: "A resource of one container in each pod.",
  external: "A metric of no Kubernetes object. Refused: FederatedHPA does not support it.",
  object: "A metric of one other object.",
  pods: "A metric of each pod, averaged over them.",
  resource: "A resource of the pods, in all their containers.",
} as const;

export const MetricSpec = t.object({
  containerResource: t.optional(
    t.object({ container, name: resourceName, target: MetricTarget }),
    sources.containerResource,
  ),
  external: t.optional(t.object({ metric: MetricIdentifier, target: MetricTarget }), sources.external),
  object: t.optional(
    t.object({ describedObject: described, metric: MetricIdentifier, target: MetricTarget }),
    sources.object,
  ),
  pods: t.optional(t.object({ metric: MetricIdentifier, target: MetricTarget }), sources.pods),
  resource: t.optional(t.object({ name: resourceName, target: MetricTarget }), sources.resource),
  type: t.string({ doc: "Which source is meant: Resource, ContainerResource, Pods or Object." }),
});
export type MetricSpec = TypeOf<typeof MetricSpec>;

export const MetricStatus = t.object({
  containerResource: t.optional(
    t.object({ container, current: MetricValue, name: resourceName }),
    sources.containerResource,
  ),
  external: t.optional(t.object({ current: MetricValue, metric: MetricIdentifier }), sources.external),
  object: t.optional(
    t.object({ current: MetricValue, describedObject: described, metric: MetricIdentifier }),
    sources.object,
  ),
  pods: t.optional(t.object({ current: MetricValue, metric: MetricIdentifier }), sources.pods),
  resource: t.optional(t.object({ current: MetricValue, name: resourceName }), sources.resource),
  type: t.string({ doc: "Which source it is." }),
});
export type MetricStatus = TypeOf<typeof MetricStatus>;
