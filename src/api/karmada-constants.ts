// The words of Karmada's wire format: label and annotation keys, finalizers, taints, condition types, reasons, events.
// They are a promise to users and to other tools, so they are written once, here.
// Upstream: karmada pkg/apis/*/well_known_constants.go, pkg/util/constants.go, pkg/events/events.go.

export const karmadaLabels = {
  /** On every object that Karmada put into a member; only such objects are updated and deleted there. */
  managed: "karmada.io/managed",
  /** On Karmada's own objects: namespaces, secrets, service accounts. */
  system: "karmada.io/system",
  propagationPolicyId: "propagationpolicy.karmada.io/permanent-id",
  clusterPropagationPolicyId: "clusterpropagationpolicy.karmada.io/permanent-id",
  resourceBindingId: "resourcebinding.karmada.io/permanent-id",
  clusterResourceBindingId: "clusterresourcebinding.karmada.io/permanent-id",
  workId: "work.karmada.io/permanent-id",
  multiClusterServiceId: "multiclusterservice.karmada.io/permanent-id",
  /** Who manages a binding, where it is no policy. */
  bindingManagedBy: "binding.karmada.io/managed-by",
  /** Prefix of the keys on attached bindings; the referrer's reference key follows. */
  dependedByPrefix: "resourcebinding.karmada.io/depended-by-",
  retainReplicas: "resourcetemplate.karmada.io/retain-replicas",
  claimedBy: "resourcetemplate.karmada.io/claimed-by",
  deletionProtected: "resourcetemplate.karmada.io/deletion-protected",
  skipAutoPropagation: "namespace.karmada.io/skip-auto-propagation",
} as const;

export const karmadaAnnotations = {
  propagationPolicyNamespace: "propagationpolicy.karmada.io/namespace",
  propagationPolicyName: "propagationpolicy.karmada.io/name",
  clusterPropagationPolicyName: "clusterpropagationpolicy.karmada.io/name",
  resourceBindingNamespace: "resourcebinding.karmada.io/namespace",
  resourceBindingName: "resourcebinding.karmada.io/name",
  clusterResourceBindingName: "clusterresourcebinding.karmada.io/name",
  workNamespace: "work.karmada.io/namespace",
  workName: "work.karmada.io/name",
  conflictResolution: "work.karmada.io/conflict-resolution",
  templateUid: "resourcetemplate.karmada.io/uid",
  templateGeneration: "resourcetemplate.karmada.io/generation",
  managedLabels: "resourcetemplate.karmada.io/managed-labels",
  managedAnnotations: "resourcetemplate.karmada.io/managed-annotations",
  dependencies: "resourcebinding.karmada.io/dependencies",
  /** Ours: since when an application has been unhealthy, by cluster, so that a restart forgets no time. */
  unhealthySince: "resourcebinding.karmada.io/unhealthy-since",
  /** Ours: clusters in which an application has been healthy once, so that it is known to have started there. */
  startedIn: "resourcebinding.karmada.io/started-in",
  /** Ours: state of related resources as last seen, by cluster, for when the cluster cannot be asked any more. */
  relatedState: "resourcebinding.karmada.io/related-state",
  /** Ours: the binding is kept from being scheduled until its template can be interpreted. */
  awaitsInterpretation: "resourcebinding.karmada.io/awaits-interpretation",
  appliedPlacement: "policy.karmada.io/applied-placement",
  appliedOverrides: "policy.karmada.io/applied-overrides",
  appliedClusterOverrides: "policy.karmada.io/applied-cluster-overrides",
  cachedFromCluster: "resource.karmada.io/cached-from-cluster",
} as const;

/** Values that labels and annotations above take. */
export const karmadaValues = {
  managed: "true",
  system: "true",
  retainReplicas: "true",
  deletionProtected: "Always",
  skipAutoPropagation: "true",
  conflictOverwrite: "overwrite",
  conflictAbort: "abort",
} as const;

export const karmadaFinalizers = {
  cluster: "karmada.io/cluster-controller",
  execution: "karmada.io/execution-controller",
  binding: "karmada.io/binding-controller",
  clusterBinding: "karmada.io/cluster-resource-binding-controller",
  propagationPolicy: "karmada.io/propagation-policy-controller",
  clusterPropagationPolicy: "karmada.io/cluster-propagation-policy-controller",
  dependenciesDistributor: "karmada.io/binding-dependencies-distributor",
} as const;

export const karmadaNamespaces = {
  /** Where Karmada's components run. */
  system: "karmada-system",
  /** Where the members' credentials are kept. */
  cluster: "karmada-cluster",
} as const;

export const clusterTaints = {
  unschedulable: "cluster.karmada.io/unschedulable",
  notReady: "cluster.karmada.io/not-ready",
  unreachable: "cluster.karmada.io/unreachable",
} as const;

export const conditionTypes = {
  clusterReady: "Ready",
  clusterCompleteApiEnablements: "CompleteAPIEnablements",
  bindingScheduled: "Scheduled",
  bindingFullyApplied: "FullyApplied",
  /** Ours: why a copy that is to leave a cluster is still there. */
  bindingEvictionHeld: "EvictionHeld",
  /** Ours: which override policies could not be applied, and why. */
  overridesApplied: "OverridesApplied",
  /** Ours: whether the interpreter could answer, one for each of its operations. */
  replicaInterpreted: "ReplicaInterpreted",
  componentInterpreted: "ComponentInterpreted",
  replicaRevised: "ReplicaRevised",
  dependencyInterpreted: "DependencyInterpreted",
  statusInterpreted: "StatusInterpreted",
  healthInterpreted: "HealthInterpreted",
  statusAggregated: "StatusAggregated",
  workApplied: "Applied",
  workDispatching: "Dispatching",
} as const;

export const conditionReasons = {
  clusterReady: "ClusterReady",
  clusterNotReady: "ClusterNotReady",
  clusterNotReachable: "ClusterNotReachable",
  statusCollectionFailed: "StatusCollectionFailed",
  clusterStatusUnknown: "ClusterStatusUnknown",
  clusterStatusNeverUpdated: "ClusterStatusNeverUpdated",
  apiEnablementsComplete: "Complete",
  apiEnablementsPartial: "Partial",
  apiEnablementsEmpty: "Empty",
  scheduled: "Success",
  noClusterFit: "NoClusterFit",
  unschedulable: "Unschedulable",
  schedulerError: "SchedulerError",
  quotaExceeded: "QuotaExceeded",
  fullyApplied: "FullyAppliedSuccess",
  fullyAppliedFailed: "FullyAppliedFailed",
  applied: "AppliedSuccessful",
  appliedFailed: "AppliedFailed",
  dispatching: "Dispatching",
  suspendDispatching: "SuspendDispatching",
  noEvictionHeld: "NothingHeld",
  overridesApplied: "OverridesAppliedSuccess",
  overrideFailed: "OverrideFailed",
  interpreted: "InterpretSuccess",
  interpretFailed: "InterpretFailed",
} as const;

/** Messages that conditions carry word for word. */
export const conditionMessages = {
  scheduled: "Binding has been scheduled successfully.",
  fullyApplied: "All works have been successfully applied",
  fullyAppliedFailed: "Failed to apply all works, see status.aggregatedStatus for details",
  applied: "Manifest has been successfully applied",
  overridesApplied: "All override policies have been applied.",
  interpreted: "The interpreter has answered.",
  dispatching: "Work is being dispatched to member clusters.",
  suspendDispatching: "Work dispatching is in a suspended state.",
  clusterReady: "cluster is healthy and ready to accept workloads",
  clusterNotReady: "cluster is reachable but health endpoint responded without ok",
  clusterNotReachable: "cluster is not reachable",
} as const;

export const eventReasons = {
  applyPolicySucceed: "ApplyPolicySucceed",
  applyPolicyFailed: "ApplyPolicyFailed",
  preemptPolicySucceed: "PreemptPolicySucceed",
  preemptPolicyFailed: "PreemptPolicyFailed",
  applyOverridePolicySucceed: "ApplyOverridePolicySucceed",
  applyOverridePolicyFailed: "ApplyOverridePolicyFailed",
  getReplicasSucceed: "GetReplicasSucceed",
  getReplicasFailed: "GetReplicasFailed",
  getComponentsSucceed: "GetComponentsSucceed",
  getComponentsFailed: "GetComponentsFailed",
  getDependenciesSucceed: "GetDependenciesSucceed",
  getDependenciesFailed: "GetDependenciesFailed",
  syncScheduleResultToDependenciesSucceed: "SyncScheduleResultToDependenciesSucceed",
  syncScheduleResultToDependenciesFailed: "SyncScheduleResultToDependenciesFailed",
  dependencyPolicyConflict: "DependencyPolicyConflict",
  scheduleBindingSucceed: "ScheduleBindingSucceed",
  scheduleBindingFailed: "ScheduleBindingFailed",
  syncWorkSucceed: "SyncWorkSucceed",
  syncWorkFailed: "SyncWorkFailed",
  cleanupWorkFailed: "CleanupWorkFailed",
  syncSucceed: "SyncSucceed",
  syncFailed: "SyncFailed",
  workDispatching: "WorkDispatching",
  reflectStatusSucceed: "ReflectStatusSucceed",
  reflectStatusFailed: "ReflectStatusFailed",
  interpretHealthSucceed: "InterpretHealthSucceed",
  interpretHealthFailed: "InterpretHealthFailed",
  aggregateStatusSucceed: "AggregateStatusSucceed",
  aggregateStatusFailed: "AggregateStatusFailed",
  createExecutionSpaceSucceed: "CreateExecutionSpaceSucceed",
  createExecutionSpaceFailed: "CreateExecutionSpaceFailed",
  removeExecutionSpaceSucceed: "RemoveExecutionSpaceSucceed",
  removeExecutionSpaceFailed: "RemoveExecutionSpaceFailed",
  taintClusterSucceed: "TaintClusterSucceed",
  taintClusterFailed: "TaintClusterFailed",
  evictSucceed: "EvictWorkloadFromClusterSucceed",
  evictFailed: "EvictWorkloadFromClusterFailed",
  evictionHeld: "EvictionHeld",
  evictionCancelled: "EvictionCancelled",
  failoverStarted: "FailoverStarted",
  failoverEnded: "FailoverEnded",
} as const;
