// The feature gates that these controllers read, with upstream's defaults. Upstream: karmada pkg/features/features.go.

export interface FeatureGates {
  /** What a template refers to goes along with it, where its policy says so. */
  readonly PropagateDeps: boolean;
  /** Policies may take templates over from others of lower priority. */
  readonly PropagationPolicyPreemption: boolean;
  /** Policies may name a priority class, whose value bindings then carry. */
  readonly PriorityBasedScheduling: boolean;
  /** Bindings carry the groups of `placement.workloadAffinity`. */
  readonly WorkloadAffinity: boolean;
  /** Bindings carry the components of templates that are made of several kinds of pods. */
  readonly MultiplePodTemplatesScheduling: boolean;
  /** Workloads move out of clusters by their taints, and policies set such taints. */
  readonly Failover: boolean;
  /** Labels with preserved state go along when an application moves. */
  readonly StatefulFailoverInjection: boolean;
}

export const featureGateDefaults: FeatureGates = {
  PropagateDeps: true,
  PropagationPolicyPreemption: false,
  PriorityBasedScheduling: true,
  WorkloadAffinity: false,
  MultiplePodTemplatesScheduling: false,
  Failover: false,
  StatefulFailoverInjection: false,
};
