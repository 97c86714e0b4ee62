// Which bindings are to be looked at again when something else changes: override policies, what their rules look at in a
// cluster, and Works that someone deleted or that are where they should not be. Upstream: karmada pkg/controllers/binding/binding_controller.go (newOverridePolicyFunc).
import { Cluster } from "#api/cluster/cluster.ts";
import { ClusterOverridePolicy, OverridePolicy } from "#api/policy/override-policy.ts";
import { matchRanks, resourceMatchRank } from "#api/policy/resource-match.ts";
import type { Binding } from "#api/work/binding.ts";
import { Work } from "#api/work/work.ts";
import type { InformerFactory } from "#client/informer.ts";
import type { Kind } from "#machinery/object.ts";
import { type ControllerContext, type ReconcileKey, type Watch, watches } from "#runtime/controller.ts";
import {
  bindingOfWork,
  type BindingScope,
  bindingScopes,
  bindingsWhere,
  namespacedBindings,
} from "../binding-scope.ts";
import { isTargetedAnew } from "../override/choose-rules.ts";
import { attachedTo } from "../referrers.ts";
import type { Templates } from "../templates.ts";
import { worksOfBinding } from "../work-index.ts";
import { clusterOfWork, clustersToKeep, targetsOf } from "./decide.ts";

export function bindingWatches(templates: Templates): readonly Watch[] {
  return [
    overrideWatch(OverridePolicy, [namespacedBindings], templates),
    overrideWatch(ClusterOverridePolicy, bindingScopes, templates),
    watches(Cluster, bindingsIn),
    watches(Work, (work, old, { informers }) => [
      ...(old === undefined ? bindingToMend(work, informers) : bindingWaiting(work, old, informers)),
      ...(isGoing(work, old, informers) ? attachedBindings(work, informers) : []),
    ]),
  ];
}

/** Both what the policy selected before and what it selects now. */
function overrideWatch<T extends OverridePolicy>(
  kind: Kind<T>,
  scopes: readonly BindingScope[],
  templates: Templates,
): Watch {
  return watches(kind, (policy, old, { informers }) => {
    if (old !== undefined && old.metadata.generation === policy.metadata.generation) return [];
    const states = old === undefined ? [policy] : [policy, old];
    const selects = (binding: Binding): boolean => {
      const template = templates.peek(binding.spec.resource);
      return states.some(({ spec: { resourceSelectors = [] } }) => {
        if (resourceSelectors.length === 0) return true;
        return template !== undefined && resourceMatchRank(template, resourceSelectors) !== matchRanks.none;
      });
    };
    return scopes.flatMap((scope) =>
      informers
        .for(scope.kind)
        .list(policy.metadata.namespace)
        .filter(selects)
        .map(({ metadata }) => ({ kind: scope.kind, namespace: metadata.namespace, name: metadata.name })),
    );
  });
}

/**
 * The bindings in a cluster that override rules may see with other eyes now: by its labels, provider, region, zones.
 * Upstream waits for another reason to look at them.
 */
function bindingsIn(
  cluster: Cluster,
  old: Cluster | undefined,
  { informers }: ControllerContext,
): readonly ReconcileKey[] {
  const [own, ofCluster] = [informers.for(OverridePolicy), informers.for(ClusterOverridePolicy)];
  if (old === undefined || !isTargetedAnew(cluster, old, own, ofCluster)) return [];
  const { name } = cluster.metadata;
  return bindingsWhere(informers, ({ spec }) => targetsOf(spec).some((target) => target.name === name));
}

/** The binding of a Work that has just come or gone, unless it is where it belongs. */
function bindingToMend(work: Work, informers: InformerFactory): readonly ReconcileKey[] {
  const origin = bindingOfWork(work.metadata);
  if (origin === undefined) return [];
  const { scope, namespace, name } = origin;
  const binding = informers.for(scope.kind).get({ namespace, name });
  const isThere = informers.for(Work).get(work.metadata) !== undefined;
  const belongs = binding?.metadata.deletionTimestamp === undefined && binding !== undefined;
  if (isThere && belongs && clustersToKeep(binding.spec).has(clusterOfWork(work))) return [];
  return [{ kind: scope.kind, namespace, name }];
}

/** Whether this is the moment in which a Work is deleted, or is found to be gone. */
function isGoing(work: Work, old: Work | undefined, informers: InformerFactory): boolean {
  if (old === undefined) return informers.for(Work).get(work.metadata) === undefined;
  return work.metadata.deletionTimestamp !== undefined && old.metadata.deletionTimestamp === undefined;
}

/** Bindings that were kept in the Work's cluster for its sake. */
function attachedBindings(work: Work, informers: InformerFactory): readonly ReconcileKey[] {
  const origin = bindingOfWork(work.metadata);
  if (origin?.scope.namespaced !== true) return [];
  return attachedTo(origin, informers).map(({ metadata: { namespace, name } }) => ({
    kind: origin.scope.kind,
    namespace,
    name,
  }));
}

/** The binding of a Work whose health has changed, if another copy is kept until this one is healthy. */
function bindingWaiting(work: Work, old: Work, informers: InformerFactory): readonly ReconcileKey[] {
  if (healthOf(work) === healthOf(old)) return [];
  const origin = bindingOfWork(work.metadata);
  if (origin === undefined) return [];
  const { scope, namespace, name } = origin;
  const binding = informers.for(scope.kind).get({ namespace, name });
  if (binding === undefined) return [];
  const kept = clustersToKeep(binding.spec);
  const isElsewhere = (other: Work): boolean => !kept.has(clusterOfWork(other));
  return worksOfBinding(binding, informers).some(isElsewhere) ? [{ kind: scope.kind, namespace, name }] : [];
}

function healthOf({ status }: Work): string | undefined {
  return status?.manifestStatuses?.[0]?.health;
}
