// Types of Kubernetes' own API that occur inside our kinds: selectors, conditions, taints, tolerations.
// Upstream: k8s.io/apimachinery/pkg/apis/meta/v1/types.go, k8s.io/api/core/v1/types.go.
import { t, type TypeOf } from "./schema-dsl.ts";

const reasonPattern = "^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$";
const conditionTypePattern =
  "^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$";

/** A map of strings: labels, annotations, node selectors. */
export const StringMap = t.map(t.string());

const LabelSelectorRequirement = t.object({
  key: t.string({ doc: "The label key that the requirement is about." }),
  operator: t.string({ doc: "In, NotIn, Exists or DoesNotExist." }),
  values: t.optional(
    t.array(t.string(), { listType: "atomic", doc: "Values to compare with; empty for Exists and DoesNotExist." }),
  ),
});

export const LabelSelector = t.object(
  {
    matchExpressions: t.optional(
      t.array(LabelSelectorRequirement, { listType: "atomic", doc: "Requirements that must all hold." }),
    ),
    matchLabels: t.optional(StringMap, "Labels that must be there with exactly these values."),
  },
  { mapType: "atomic", doc: "Selects objects by their labels. Empty: all." },
);
export type LabelSelector = TypeOf<typeof LabelSelector>;

export const Condition = t.object({
  lastTransitionTime: t.time({ doc: "When the status last changed." }),
  message: t.string({ maxLength: 32_768, doc: "Details for a person to read. May be empty." }),
  observedGeneration: t.optional(
    t.int64({ minimum: 0, doc: "The metadata.generation that the condition was set for." }),
  ),
  reason: t.string({
    minLength: 1,
    maxLength: 1024,
    pattern: reasonPattern,
    doc: "Why it last changed, in one CamelCase word.",
  }),
  status: t.enum(["True", "False", "Unknown"], { doc: "Whether the condition holds." }),
  type: t.string({ maxLength: 316, pattern: conditionTypePattern, doc: "What the condition is about." }),
});
export type Condition = TypeOf<typeof Condition>;

/** A taint, as on nodes and member clusters. */
export const Taint = t.object({
  effect: t.string({
    doc: "What happens to workloads that do not tolerate it: NoSchedule, PreferNoSchedule, NoExecute.",
  }),
  key: t.string({ doc: "The taint's key." }),
  timeAdded: t.optional(t.time({ doc: "When the taint was added. Set for NoExecute taints." })),
  value: t.optional(t.string({ doc: "The value that goes with the key." })),
});
export type Taint = TypeOf<typeof Taint>;

export const Toleration = t.object({
  effect: t.optional(t.string({ doc: "The effect that is tolerated. Empty: all effects." })),
  key: t.optional(t.string({ doc: "The key that is tolerated. Empty, with operator Exists: all keys." })),
  operator: t.optional(t.string({ doc: "Exists or Equal (the default)." })),
  tolerationSeconds: t.optional(
    t.int64({ doc: "For how long a NoExecute taint is tolerated. Absent: for ever; 0 or less: not at all." }),
  ),
  value: t.optional(t.string({ doc: "The value that is tolerated, with operator Equal." })),
});
export type Toleration = TypeOf<typeof Toleration>;

/** Resource names with amounts. */
export const ResourceList = t.map(t.quantity());
export type ResourceList = TypeOf<typeof ResourceList>;

const NodeSelectorRequirement = t.object({
  key: t.string({ doc: "The label key (or field name) that the requirement is about." }),
  operator: t.string({ doc: "In, NotIn, Exists, DoesNotExist, Gt or Lt." }),
  values: t.optional(t.array(t.string(), { listType: "atomic", doc: "Values to compare with." })),
});

const NodeSelectorTerm = t.object(
  {
    matchExpressions: t.optional(
      t.array(NodeSelectorRequirement, { listType: "atomic", doc: "Requirements on the node's labels." }),
    ),
    matchFields: t.optional(
      t.array(NodeSelectorRequirement, { listType: "atomic", doc: "Requirements on the node's fields." }),
    ),
  },
  { mapType: "atomic", doc: "Requirements that must all hold. Empty: no node." },
);

export const NodeSelector = t.object(
  {
    nodeSelectorTerms: t.array(NodeSelectorTerm, { listType: "atomic", doc: "Terms of which one must hold." }),
  },
  { mapType: "atomic", doc: "Which nodes qualify." },
);
export type NodeSelector = TypeOf<typeof NodeSelector>;
