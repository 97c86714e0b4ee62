// ResourceBinding and ClusterResourceBinding: a resource template bound to clusters.
// Upstream: karmada pkg/apis/work/v1alpha2/binding_types.go.
import type { ObjectOf } from "#machinery/object.ts";
import { defineKind, type KindColumn } from "../define-kind.ts";
import { Condition, NodeSelector, ResourceList, StringMap, Toleration } from "../meta-types.ts";
import { conflictResolution, FailoverBehavior, suspensionFields } from "../policy/failover.ts";
import { Placement } from "../policy/placement.ts";
import { t, type TypeOf } from "../schema-dsl.ts";
import { bindingV1alpha1 } from "./binding-v1alpha1.ts";
import { resourceHealth } from "./work.ts";

const ObjectReference = t.object(
  {
    apiVersion: t.string({ doc: "The group and version." }),
    kind: t.string({ doc: "The kind." }),
    name: t.string({ doc: "The name." }),
    namespace: t.optional(t.string({ doc: "The namespace. Absent for cluster-scoped resources." })),
    resourceVersion: t.optional(t.string({ doc: "The template's resourceVersion when the binding was last written." })),
    uid: t.optional(t.string({ doc: "The template's uid." })),
  },
  { doc: "The resource template." },
);
export type ObjectReference = TypeOf<typeof ObjectReference>;

const ComponentReplicas = t.object({
  name: t.string({ maxLength: 32, doc: "The component's name." }),
  replicas: t.int32({ doc: "How many of its replicas the cluster gets." }),
});

const TargetCluster = t.object({
  components: t.optional(
    t.array(ComponentReplicas, { doc: "Of a resource with several pod templates: what the cluster gets of each." }),
  ),
  name: t.string({ doc: "The cluster's name." }),
  replicas: t.optional(t.int32({ doc: "How many replicas it gets." })),
});
export type TargetCluster = TypeOf<typeof TargetCluster>;

const BindingSnapshot = t.object({
  clusters: t.optional(t.array(TargetCluster, { doc: "Where the referrer was scheduled to." })),
  name: t.string({ doc: "The referrer's binding." }),
  namespace: t.optional(t.string({ doc: "Its namespace." })),
});
export type BindingSnapshot = TypeOf<typeof BindingSnapshot>;

const NodeClaim = t.object(
  {
    hardNodeAffinity: t.optional(NodeSelector, "Node affinity that must hold."),
    nodeSelector: t.optional(StringMap, "Labels that the node must have."),
    tolerations: t.optional(t.array(Toleration, { doc: "Node taints that are tolerated." })),
  },
  { doc: "What the replica asks of its node." },
);

const requirementFields = {
  nodeClaim: t.optional(NodeClaim),
  priorityClassName: t.optional(t.string({ doc: "The pods' priority class." })),
  resourceRequest: t.optional(ResourceList, "What one replica asks for."),
} as const;

const ReplicaRequirements = t.object(
  { namespace: t.optional(t.string({ doc: "The resource's namespace." })), ...requirementFields },
  { doc: "What each replica needs." },
);
export type ReplicaRequirements = TypeOf<typeof ReplicaRequirements>;

const Component = t.object({
  name: t.string({ maxLength: 32, doc: "The component's name, unique within the resource." }),
  replicaRequirements: t.optional(t.object(requirementFields, { doc: "What each of its replicas needs." })),
  replicas: t.int32({ doc: "How many replicas it has." }),
});
export type Component = TypeOf<typeof Component>;

const GracefulEvictionTask = t.object({
  clustersBeforeFailover: t.optional(t.array(t.string(), { doc: "Where the resource ran before it was moved." })),
  creationTimestamp: t.optional(t.time({ doc: "When the task was seen first." })),
  fromCluster: t.string({ doc: "The cluster that the resource leaves." }),
  gracePeriodSeconds: t.optional(
    t.int32({ doc: "How long the resource may stay while its replacement is not healthy." }),
  ),
  message: t.optional(t.string({ maxLength: 1024, doc: "Details for a person to read." })),
  preservedLabelState: t.optional(StringMap, "Labels that carry state over to the new cluster."),
  producer: t.string({ doc: "Who asked for the eviction." }),
  purgeMode: t.optional(
    t.enum(["Immediately", "Directly", "Graciously", "Gracefully", "Never"], { doc: "How the resource leaves." }),
  ),
  reason: t.string({
    minLength: 1,
    maxLength: 32,
    pattern: "^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$",
    doc: "Why, in one CamelCase word.",
  }),
  replicas: t.optional(t.int32({ doc: "How many replicas are to leave. Absent: all." })),
  suppressDeletion: t.optional(
    t.boolean({ doc: "true: keep the resource until this is changed. false: delete it now." }),
  ),
});
export type GracefulEvictionTask = TypeOf<typeof GracefulEvictionTask>;

const BindingSpec = t.object(
  {
    clusters: t.optional(t.array(TargetCluster, { doc: "Where the resource goes: the scheduler's result." })),
    components: t.optional(t.array(Component, { doc: "The parts of a resource with several pod templates." })),
    conflictResolution: t.optional(conflictResolution),
    failover: t.optional(FailoverBehavior),
    gracefulEvictionTasks: t.optional(t.array(GracefulEvictionTask, { doc: "Clusters that the resource is leaving." })),
    placement: t.optional(Placement),
    preserveResourcesOnDeletion: t.optional(
      t.boolean({ doc: "Keep the objects in the members when the resource template is deleted." }),
    ),
    propagateDeps: t.optional(t.boolean({ doc: "Propagate what the resource refers to along with it." })),
    replicaRequirements: t.optional(ReplicaRequirements),
    replicas: t.optional(t.int32({ doc: "How many replicas the template asks for." })),
    requiredBy: t.optional(t.array(BindingSnapshot, { doc: "Bindings that this resource goes along with." })),
    rescheduleTriggeredAt: t.optional(t.time({ doc: "When a fresh scheduling was last asked for." })),
    resource: ObjectReference,
    schedulePriority: t.optional(
      t.object(
        { priority: t.optional(t.int32({ default: 0, doc: "Higher goes first." })) },
        { doc: "The order among waiting bindings." },
      ),
    ),
    schedulerName: t.optional(t.string({ doc: "The scheduler in charge." })),
    suspension: t.optional(
      t.object(
        { ...suspensionFields, scheduling: t.optional(t.boolean({ doc: "Do not schedule for the time being." })) },
        { doc: "Pauses parts of the propagation." },
      ),
    ),
    workloadAffinityGroups: t.optional(
      t.object(
        {
          affinityGroup: t.optional(t.string({ doc: "The group to be together with." })),
          antiAffinityGroup: t.optional(t.string({ doc: "The group to be apart from." })),
        },
        { doc: "Groups that the template belongs to, by its labels." },
      ),
    ),
  },
  { doc: "The resource, its policy's settings and the scheduler's result." },
);
export type BindingSpec = TypeOf<typeof BindingSpec>;
export type BindingSuspension = NonNullable<BindingSpec["suspension"]>;

const AggregatedStatusItem = t.object({
  applied: t.optional(t.boolean({ doc: "Whether the object was applied in the member." })),
  appliedMessage: t.optional(t.string({ doc: "Why not." })),
  clusterName: t.string({ doc: "The member." }),
  health: t.optional(resourceHealth),
  status: t.optional(t.anyObject({ doc: "The status as reflected from the member." })),
});
export type AggregatedStatusItem = TypeOf<typeof AggregatedStatusItem>;

/** Ours: what eviction tasks tell as long as they are there, kept. */
const FailoverRecord = t.object({
  fromCluster: t.string({ doc: "The cluster that the resource left." }),
  toClusters: t.optional(t.array(t.string(), { doc: "Where it went instead." })),
  clustersBefore: t.optional(t.array(t.string(), { doc: "Where it was when the failover began." })),
  reason: t.string({ doc: "Why, as in the eviction task." }),
  preservedLabelState: t.optional(StringMap, "The state that went along."),
  startTime: t.time({ doc: "When it began." }),
  endTime: t.optional(t.time({ doc: "When it ended." })),
  outcome: t.enum(["InProgress", "Replaced", "Cancelled", "Failed", "Ended"], {
    doc:
      "Replaced: it is healthy elsewhere. Cancelled: the cluster recovered and kept it. Failed: it failed there, too. " +
      "Ended: the eviction ended without a healthy replacement, as the user or the mode asked for.",
  }),
});
export type FailoverRecord = TypeOf<typeof FailoverRecord>;

const BindingStatus = t.object(
  {
    aggregatedStatus: t.optional(t.array(AggregatedStatusItem, { doc: "The status in each member." })),
    conditions: t.optional(t.array(Condition, { doc: "Scheduled and FullyApplied." })),
    failoverHistory: t.optional(t.array(FailoverRecord, { doc: "The last failovers, the oldest first." })),
    lastScheduledTime: t.optional(t.time({ doc: "When the resource was last scheduled." })),
    schedulerObservedGeneration: t.optional(t.int64({ doc: "The generation that was last scheduled." })),
    schedulerObservingAffinityName: t.optional(t.string({ doc: "The affinity term in use." })),
  },
  { doc: "How it went." },
);
export type BindingStatus = TypeOf<typeof BindingStatus>;

const printerColumns: readonly KindColumn[] = [
  { jsonPath: '.status.conditions[?(@.type=="Scheduled")].status', name: "SCHEDULED", type: "string" },
  { jsonPath: '.status.conditions[?(@.type=="FullyApplied")].status', name: "FULLYAPPLIED", type: "string" },
  { jsonPath: ".metadata.creationTimestamp", name: "AGE", type: "date" },
];

export const ResourceBinding = defineKind({
  group: "work.karmada.io",
  version: "v1alpha2",
  scope: "Namespaced",
  kind: "ResourceBinding",
  plural: "resourcebindings",
  shortNames: ["rb"],
  categories: ["karmada-io"],
  doc: "Binds a namespaced resource template to the clusters it goes to.",
  spec: BindingSpec,
  status: BindingStatus,
  printerColumns,
  subresources: { status: true },
  olderVersions: [bindingV1alpha1],
});
export type ResourceBinding = ObjectOf<typeof ResourceBinding>;

export const ClusterResourceBinding = defineKind({
  group: "work.karmada.io",
  version: "v1alpha2",
  scope: "Cluster",
  kind: "ClusterResourceBinding",
  plural: "clusterresourcebindings",
  shortNames: ["crb"],
  categories: ["karmada-io"],
  doc: "Binds a cluster-scoped resource template to the clusters it goes to.",
  spec: BindingSpec,
  status: BindingStatus,
  printerColumns,
  subresources: { status: true },
  olderVersions: [bindingV1alpha1],
});
export type ClusterResourceBinding = ObjectOf<typeof ClusterResourceBinding>;

/** A binding of either scope: one path for both, scope is data (`metadata.namespace`). */
export type Binding = ResourceBinding;
