// Failover, suspension and priority settings that policies and bindings have in common.
// Upstream: karmada pkg/apis/policy/v1alpha1/propagation_types.go.
import { LabelSelector } from "../meta-types.ts";
import { t, type TypeOf } from "../schema-dsl.ts";

/** Ours: state that is not in the application's own status. */
const RelatedResource = t.object(
  {
    apiVersion: t.string({ minLength: 1, doc: "The group and version, such as flink.apache.org/v1beta1." }),
    kind: t.string({ minLength: 1, doc: "The kind, such as FlinkStateSnapshot." }),
    labelSelector: t.optional(LabelSelector, "Only those with these labels."),
    where: t.optional(
      t.array(
        t.object({
          jsonPath: t.string({ doc: "What is looked at, such as {.status.state}." }),
          value: t.string({
            doc:
              "The text that must be there, such as COMPLETED. JSONPaths in it are of the application, which has " +
              "metadata.name, metadata.namespace and status.",
          }),
        }),
        { doc: "Only those of which all of this is true." },
      ),
    ),
    select: t.optional(
      t.enum(["Newest", "All"], {
        default: "Newest",
        doc: "Newest: the rule's jsonPath is of the newest one. All: it is of a list, {.items[*]…}, by name.",
      }),
    ),
    newestBy: t.optional(
      t.string({ doc: "The time or number that tells which is newest. Absent: {.metadata.creationTimestamp}." }),
    ),
  },
  { doc: "Objects in the application's namespace of the failed cluster that the value is read from." },
);
export type RelatedResource = TypeOf<typeof RelatedResource>;

const StatePreservation = t.object(
  {
    rules: t.array(
      t.object({
        aliasLabelName: t.string({ doc: "The label under which the value is given to the new cluster's object." }),
        jsonPath: t.string({ doc: "Where in the old cluster's status the value is, such as {.jobStatus.jobID}." }),
        relatedResource: t.optional(RelatedResource),
      }),
      { doc: "What to carry over, and under which label." },
    ),
  },
  { doc: "State that is carried over from the failed cluster." },
);
export type StatePreservation = TypeOf<typeof StatePreservation>;
export type StatePreservationRule = StatePreservation["rules"][number];

export const FailoverBehavior = t.object(
  {
    application: t.optional(
      t.object(
        {
          decisionConditions: t.object(
            {
              tolerationSeconds: t.optional(
                t.int32({ default: 300, doc: "For how long the application may be unhealthy before it is moved." }),
              ),
              initTolerationSeconds: t.optional(
                t.int32({
                  doc:
                    "The same for the time in which it starts: in a cluster in which it has not been healthy yet. " +
                    "Absent: tolerationSeconds.",
                }),
              ),
            },
            { doc: "When the application counts as failed. All must hold." },
          ),
          gracePeriodSeconds: t.optional(
            t.int32({
              doc: "For how long the old application is kept while the new one is not healthy. Gracefully only.",
            }),
          ),
          purgeMode: t.optional(
            t.enum(["Directly", "Gracefully", "Never", "Immediately", "Graciously"], {
              default: "Gracefully",
              doc:
                "How the old application goes: Directly, Gracefully (once the new one is healthy) or Never. " +
                "Immediately and Graciously are the older names of the first two.",
            }),
          ),
          statePreservation: t.optional(StatePreservation),
        },
        { doc: "What happens when the application fails in a cluster. Absent: it stays." },
      ),
    ),
    cluster: t.optional(
      t.object(
        {
          purgeMode: t.optional(
            t.enum(["Directly", "Gracefully"], {
              default: "Gracefully",
              doc: "How the application leaves the failed cluster.",
            }),
          ),
          statePreservation: t.optional(StatePreservation),
        },
        { doc: "What happens when a cluster fails." },
      ),
    ),
  },
  { doc: "How the resource moves when an application or a cluster fails." },
);
export type FailoverBehavior = TypeOf<typeof FailoverBehavior>;

/** The fields of a policy's suspension; bindings add one. */
export const suspensionFields = {
  dispatching: t.optional(t.boolean({ doc: "Pause dispatching to all clusters. Status still comes back." })),
  dispatchingOnClusters: t.optional(
    t.object(
      { clusterNames: t.optional(t.array(t.string(), { doc: "Clusters, by name." })) },
      { doc: "Pause dispatching to these clusters only." },
    ),
  ),
} as const;

export const conflictResolution = t.enum(["Abort", "Overwrite"], {
  default: "Abort",
  doc: "What to do when the member already has the object: Abort leaves it alone and reports, Overwrite takes it over.",
});
