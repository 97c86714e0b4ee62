// Which templates are to be judged again when something else than the template changes: policies, the overrides and priority
// classes that they wait for, bindings that someone deleted or edited. There is no waiting list as upstream has one: who waits is read off the
// local copies when it matters.
import { PriorityClass } from "#api/kinds.ts";
import { ClusterOverridePolicy, OverridePolicy } from "#api/policy/override-policy.ts";
import { ClusterResourceBinding, type Binding, ResourceBinding } from "#api/work/binding.ts";
import { deepEqual } from "#machinery/equality.ts";
import type { Kind, KubeObject } from "#machinery/object.ts";
import { type ReconcileKey, type Watch, watches } from "#runtime/controller.ts";
import type { FeatureGates } from "../feature-gates.ts";
import type { Templates } from "../templates.ts";
import { claimIdsOf } from "./claim.ts";
import { policyMatches } from "./match.ts";
import {
  clusterPolicies,
  namespacedPolicies,
  type Policy,
  policyIdOf,
  type PolicyScope,
  policyScopes,
} from "./scope.ts";

interface WatchOptions {
  readonly templates: Templates;
  readonly gates: FeatureGates;
  /** Told of templates whose binding someone took away: even a lazy policy makes it anew. */
  readonly onBindingLost: (key: ReconcileKey) => void;
}

export function templateWatches(options: WatchOptions): readonly Watch[] {
  const { templates, gates } = options;
  const ofPolicy = (policy: Policy): readonly ReconcileKey[] => concernedTemplates(policy, templates, gates);
  return [
    ...policyScopes.map(({ kind }) =>
      watches(kind, (policy, old) =>
        old !== undefined && old.metadata.generation === policy.metadata.generation ? [] : ofPolicy(policy),
      ),
    ),
    overrideWatch(OverridePolicy, namespacedPolicies, ofPolicy),
    overrideWatch(ClusterOverridePolicy, clusterPolicies, ofPolicy),
    watches(PriorityClass, ({ metadata }, old, { informers }) =>
      old !== undefined
        ? []
        : policyScopes.flatMap(({ kind }) =>
            informers
              .for(kind)
              .list()
              .filter(({ spec }) => spec.schedulePriority?.priorityClassName === metadata.name)
              .flatMap(ofPolicy),
          ),
    ),
    bindingWatch(ResourceBinding, options),
    bindingWatch(ClusterResourceBinding, options),
  ];
}

/** What the policy has claimed, what it may claim, and what it may take from others. */
function concernedTemplates(policy: Policy, templates: Templates, gates: FeatureGates): readonly ReconcileKey[] {
  const id = policyIdOf(policy);
  const claimed = id === "" ? [] : templates.claimedBy(id).map(({ kind, object }) => keyOf(kind, object));
  if (policy.metadata.deletionTimestamp !== undefined) return claimed;
  const preempts = gates.PropagationPolicyPreemption && policy.spec.preemption === "Always";
  const selected = policy.spec.resourceSelectors.flatMap(({ apiVersion, kind, name = "", namespace = "" }) => {
    const found = templates.kindNow(apiVersion, kind);
    if (found === undefined) return [];
    const isOne = name !== "" && (namespace !== "" || !found.namespaced);
    const one = isOne ? templates.peek({ apiVersion, kind, namespace, name }) : undefined;
    const many = preempts ? templates.list(apiVersion, kind) : templates.unclaimed(apiVersion, kind);
    const candidates = !isOne ? many : one === undefined ? [] : [one];
    return candidates
      .filter((template) => preempts || claimIdsOf(template).length === 0)
      .filter((template) => isInScope(template, policy) && policyMatches(template, policy))
      .map((template) => keyOf(found, template));
  });
  return [...claimed, ...selected];
}

function isInScope(template: KubeObject, policy: Policy): boolean {
  const { namespace } = policy.metadata;
  return namespace === undefined || template.metadata.namespace === namespace;
}

/** Policies that wait for this override policy have their templates judged again when it comes. */
function overrideWatch<T extends OverridePolicy>(
  kind: Kind<T>,
  scope: PolicyScope,
  ofPolicy: (policy: Policy) => readonly ReconcileKey[],
): Watch {
  return watches(kind, ({ metadata }, old, { informers }) => {
    if (old !== undefined) return [];
    const waiting = informers
      .for(scope.kind)
      .list(metadata.namespace)
      .filter((policy) => policy.spec.dependentOverrides?.includes(metadata.name) === true);
    return waiting.flatMap(ofPolicy);
  });
}

function bindingWatch(kind: Kind<Binding>, { templates, onBindingLost }: WatchOptions): Watch {
  return watches(kind, (binding, old, { informers }) => {
    const isLost = old === undefined && informers.for(kind).get(binding.metadata) === undefined;
    if (!isLost && (old === undefined || deepEqual(ownedFields(binding), ownedFields(old)))) return [];
    const { apiVersion, kind: kindName, namespace, name } = binding.spec.resource;
    const templateKind = templates.kindNow(apiVersion, kindName);
    if (templateKind === undefined) return [];
    const key: ReconcileKey = { kind: templateKind, namespace, name };
    if (isLost) onBindingLost(key);
    return [key];
  });
}

/** The spec without what the scheduler and others write all the time. */
function ownedFields({ spec }: Binding): Readonly<Record<string, unknown>> {
  return {
    ...spec,
    clusters: undefined,
    gracefulEvictionTasks: undefined,
    requiredBy: undefined,
    rescheduleTriggeredAt: undefined,
  };
}

/** The key by which the queue knows a template. */
export function keyOf(kind: Kind, template: KubeObject): ReconcileKey {
  const { namespace, name } = template.metadata;
  return { kind, namespace, name };
}
