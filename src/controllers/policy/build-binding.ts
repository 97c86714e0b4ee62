// The binding that a policy makes of a template, and how it is laid over one that exists.
// Upstream: karmada pkg/detector/detector.go (BuildResourceBinding, ApplyPolicy, ApplyClusterPolicy).
import type { PolicySuspension } from "#api/policy/propagation-policy.ts";
import type { Binding, BindingSpec, BindingSuspension, Component, ReplicaRequirements } from "#api/work/binding.ts";
import { apiVersionOf, type KubeObject, type OwnerReference } from "#machinery/object.ts";
import { defined } from "#std/defined.ts";
import { bindingRefOf, type BindingScope, bindingScopeOf } from "../binding-scope.ts";
import { withClaim, withoutClaim } from "./claim.ts";
import { clusterPolicies, type Policy, policyScopeOf } from "./scope.ts";

/** What the interpreter says a template asks for. */
export type Demand =
  /** No workload, or a kind nobody can interpret. */
  | { readonly kind: "none" }
  | { readonly kind: "replicas"; readonly replicas: number; readonly requirements: ReplicaRequirements | undefined }
  | { readonly kind: "components"; readonly components: readonly Component[] };

export interface BindingInput {
  readonly template: KubeObject;
  readonly policy: Policy;
  readonly demand: Demand;
  /** The value of the policy's priority class, where it names one. */
  readonly schedulePriority: number | undefined;
  /** Gate WorkloadAffinity. */
  readonly workloadAffinity: boolean;
}

/** Why a template's binding cannot be written: it still belongs to a template of the same name that was deleted. */
export const ownerDiffersText =
  "failed to update binding due to different owner reference UID, will try again later after binding is garbage " +
  "collected, see https://github.com/karmada-io/karmada/issues/2090";

/** Whether an existing binding belongs to another incarnation of the template. One without owner may be adopted. */
export function isOwnedByAnother(binding: Binding, template: KubeObject): boolean {
  const owner = binding.metadata.ownerReferences?.find((reference) => reference.controller === true);
  return owner !== undefined && owner.uid !== template.metadata.uid;
}

/** The binding as it should be: a new one, or `existing` with what template and policy decide laid over it. */
export function buildBinding(input: BindingInput, existing: Binding | undefined): Binding {
  const desired = newBinding(input, bindingScopeOf(input.template.metadata.namespace));
  return existing === undefined ? desired : overlaid(existing, desired, input.policy);
}

function newBinding(input: BindingInput, scope: BindingScope): Binding {
  const { template, policy } = input;
  const { namespace, name } = bindingRefOf(template);
  const binding: Binding = {
    apiVersion: apiVersionOf(scope.kind),
    kind: scope.kind.kind,
    metadata: defined({
      name,
      namespace: scope.namespaced ? namespace : undefined,
      ownerReferences: [controllerReference(template)],
      finalizers: [scope.finalizer],
    }),
    spec: newSpec(input, scope),
  };
  return withClaim(binding, policy);
}

function newSpec(input: BindingInput, scope: BindingScope): BindingSpec {
  const { template, policy, demand, schedulePriority } = input;
  const { spec } = policy;
  const priority = schedulePriority === undefined ? undefined : { priority: schedulePriority };
  const groups = input.workloadAffinity ? affinityGroups(template, policy) : undefined;
  return defined({
    resource: referenceTo(template),
    propagateDeps: spec.propagateDeps === true ? true : undefined,
    schedulerName: spec.schedulerName,
    placement: spec.placement ?? {},
    failover: spec.failover,
    conflictResolution: spec.conflictResolution,
    preserveResourcesOnDeletion: spec.preserveResourcesOnDeletion,
    suspension: spec.suspension,
    // Upstream gives neither to cluster-scoped bindings.
    schedulePriority: scope.namespaced ? priority : undefined,
    workloadAffinityGroups: scope.namespaced ? groups : undefined,
    // A number of 0 is absent, as everywhere on the wire.
    replicas: demand.kind === "replicas" && demand.replicas !== 0 ? demand.replicas : undefined,
    replicaRequirements: demand.kind === "replicas" ? demand.requirements : undefined,
    components: demand.kind === "components" ? demand.components : undefined,
  });
}

/** What the scheduler and others wrote on `existing` stays; keys of labels, annotations and finalizers only come. */
function overlaid(existing: Binding, desired: Binding, policy: Policy): Binding {
  const freed = policyScopeOf(policy).namespaced ? withoutClaim(existing, clusterPolicies) : existing;
  const { metadata, spec } = desired;
  return {
    ...freed,
    metadata: {
      ...freed.metadata,
      labels: { ...freed.metadata.labels, ...metadata.labels },
      annotations: { ...freed.metadata.annotations, ...metadata.annotations },
      ownerReferences: metadata.ownerReferences ?? [],
      finalizers: [...new Set([...(freed.metadata.finalizers ?? []), ...(metadata.finalizers ?? [])])],
    },
    spec: overlaidSpec(freed.spec, spec, bindingScopeOf(existing.metadata.namespace)),
  };
}

function overlaidSpec(existing: BindingSpec, desired: BindingSpec, scope: BindingScope): BindingSpec {
  return defined({
    ...existing,
    resource: desired.resource,
    replicaRequirements: desired.replicaRequirements,
    replicas: desired.replicas,
    components: desired.components,
    schedulerName: desired.schedulerName,
    placement: desired.placement,
    failover: desired.failover,
    conflictResolution: desired.conflictResolution,
    preserveResourcesOnDeletion: desired.preserveResourcesOnDeletion,
    schedulePriority: desired.schedulePriority,
    workloadAffinityGroups: desired.workloadAffinityGroups,
    // Upstream never updates it on cluster-scoped bindings.
    propagateDeps: scope.namespaced ? desired.propagateDeps : existing.propagateDeps,
    suspension: mergedSuspension(existing.suspension, desired.suspension),
  });
}

/** The policy decides about dispatching; `scheduling` is set on the binding by its users and stays. */
function mergedSuspension(
  existing: BindingSuspension | undefined,
  policy: PolicySuspension | undefined,
): BindingSuspension | undefined {
  const scheduling = existing?.scheduling;
  if (policy === undefined && scheduling === undefined) return undefined;
  return defined({ ...policy, scheduling });
}

/** How a binding names its template. */
export function referenceTo({ apiVersion, kind, metadata }: KubeObject): BindingSpec["resource"] {
  const { namespace, name, uid, resourceVersion } = metadata;
  return defined({ apiVersion, kind, namespace, name, uid, resourceVersion });
}

/** The owner reference of a binding to its template. */
export function controllerReference({ apiVersion, kind, metadata }: KubeObject): OwnerReference {
  const { name, uid = "" } = metadata;
  return { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true };
}

/** Only the groups whose label the template has. */
function affinityGroups(template: KubeObject, policy: Policy): BindingSpec["workloadAffinityGroups"] {
  const { affinity, antiAffinity } = policy.spec.placement?.workloadAffinity ?? {};
  const groupOf = (term: typeof affinity): string | undefined => {
    const value = term === undefined ? undefined : template.metadata.labels?.[term.groupByLabelKey];
    return term === undefined || value === undefined ? undefined : `${term.groupByLabelKey}=${value}`;
  };
  const groups = defined({ affinityGroup: groupOf(affinity), antiAffinityGroup: groupOf(antiAffinity) });
  return Object.keys(groups).length === 0 ? undefined : groups;
}
