// Takes namespaces to every member, so that what is propagated has a place to go to.
// Reads: Namespaces, Clusters, cluster override policies.  Writes: a Work per namespace and member, owned by the namespace.
// Decides in ./decide.ts.  Upstream: karmada pkg/controllers/namespace/namespace_sync_controller.go.
import { Cluster } from "#api/cluster/cluster.ts";
import { eventReasons } from "#api/karmada-constants.ts";
import { clusterOfExecutionNamespace, executionNamespace } from "#api/karmada-names.ts";
import { Namespace } from "#api/kinds.ts";
import { ClusterOverridePolicy } from "#api/policy/override-policy.ts";
import { Work } from "#api/work/work.ts";
import { throwErrors } from "#machinery/aggregate-error.ts";
import type { KubeObject } from "#machinery/object.ts";
import {
  type Controller,
  type ControllerContext,
  defineController,
  done,
  type ReconcileKey,
  type Result,
  watches,
} from "#runtime/controller.ts";
import type { RecentWrites } from "#runtime/recent-writes.ts";
import { forEachBounded } from "#std/bounded.ts";
import type { WorkInput } from "../binding/build-work.ts";
import { type WorkWriter, writeWork } from "../binding/write-work.ts";
import { isTargetedAnew } from "../override/choose-rules.ts";
import { explainOverrides, type OverrideExplanation, type OverrideFailed } from "../override/explain-overrides.ts";
import { overrideWords } from "../override/failures.ts";
import { specificationChanged } from "../policy/template-changes.ts";
import type { SkipRules } from "../policy/skip.ts";
import { reportFailures } from "../report-failures.ts";
import { isPropagated, mayBePropagated, namespacesOverridden } from "./decide.ts";

/** Works of one namespace written at once. */
const writesAtOnce = 8;

export interface NamespaceSyncControllerDeps {
  readonly skip: SkipRules;
  readonly writes: RecentWrites;
}

export function namespaceSyncController({ skip, writes }: NamespaceSyncControllerDeps): Controller {
  return defineController({
    name: "namespace",
    for: [Namespace],
    changed: specificationChanged,
    watches: [
      // A member can be written to from the moment on in which its execution namespace is there.
      watches(Namespace, ({ metadata }, old, context) =>
        old === undefined && clusterOfExecutionNamespace(metadata.name) !== undefined ? allNamespaces(context) : [],
      ),
      watches(Cluster, (cluster, old, context) => {
        const policies = context.informers.for(ClusterOverridePolicy);
        return old === undefined || isTargetedAnew(cluster, old, policies) ? allNamespaces(context) : [];
      }),
      watches(ClusterOverridePolicy, (policy, old, context) =>
        [policy, old].flatMap((state) => (state === undefined ? [] : keysOf(namespacesOverridden(state), context))),
      ),
      watches(Work, lostWork),
    ],
    options: {},
    async reconcile({ name }, context) {
      if (!mayBePropagated(name, (namespace) => skip.skipsNamespace(namespace))) return done;
      const namespace = context.informers.for(Namespace).get({ name });
      if (namespace === undefined || !isPropagated(namespace)) return done;
      return sync(namespace, { ...context, writes });
    },
  });
}

function allNamespaces(context: ControllerContext): readonly ReconcileKey[] {
  return keysOf(undefined, context);
}

function keysOf(names: readonly string[] | undefined, { informers }: ControllerContext): readonly ReconcileKey[] {
  const known =
    names ??
    informers
      .for(Namespace)
      .list()
      .map(({ metadata }) => metadata.name);
  return known.map((name) => ({ kind: Namespace, name }));
}

/** The namespace of a Work that someone deleted. */
function lostWork(work: Work, old: Work | undefined, { informers }: ControllerContext): readonly ReconcileKey[] {
  const owner = work.metadata.ownerReferences?.find(
    ({ kind, controller }) => kind === "Namespace" && controller === true,
  );
  if (owner === undefined || old !== undefined || informers.for(Work).get(work.metadata) !== undefined) return [];
  return [{ kind: Namespace, name: owner.name }];
}

async function sync(namespace: Namespace, writer: WorkWriter): Promise<Result> {
  const { informers } = writer;
  const clusters = informers
    .for(Cluster)
    .list()
    .filter(({ metadata }) => {
      const space = informers.for(Namespace).get({ name: executionNamespace(metadata.name) });
      return metadata.deletionTimestamp === undefined && space !== undefined && isPropagated(space);
    });
  const policies = informers.for(ClusterOverridePolicy).list();
  const overrideFailures: OverrideFailed[] = [];
  const errors = await forEachBounded(clusters, writesAtOnce, async (cluster) => {
    try {
      const explanation = explainOverrides(namespace, policies, cluster);
      if (explanation.failure !== undefined) {
        overrideFailures.push(explanation.failure);
        tellFailure(namespace, explanation.failure, explanation.events, writer);
        throw new Error(explanation.failure.message);
      }
      await writeWork(workFor(namespace, cluster, explanation), writer);
    } catch (cause) {
      const text = cause instanceof Error ? cause.message : String(cause);
      const { name } = cluster.metadata;
      throw new Error(`sync namespace(${namespace.metadata.name}) to cluster(${name}) failed due to: ${text}`, {
        cause,
      });
    }
  });
  // A namespace has no binding that could tell: its own status does.
  await reportFailures(Namespace, namespace, [{ words: overrideWords, failures: overrideFailures }], writer);
  throwErrors(errors);
  return done;
}

function tellFailure(
  namespace: Namespace,
  { policyObject, message }: OverrideFailed,
  told: OverrideExplanation["events"],
  { events }: WorkWriter,
): void {
  for (const event of told) events.event(namespace, event.type, event.reason, event.message);
  events.event(policyObject, "Warning", eventReasons.applyOverridePolicyFailed, message);
}

function workFor(namespace: KubeObject, cluster: Cluster, { manifest, applied }: OverrideExplanation): WorkInput {
  const { name, uid = "" } = namespace.metadata;
  return {
    cluster: cluster.metadata.name,
    manifest,
    origin: { labels: {}, annotations: {} },
    conflictResolution: undefined,
    appliedOverrides: undefined,
    appliedClusterOverrides: applied.clusterOverrides,
    suspendDispatching: undefined,
    preserveResourcesOnDeletion: undefined,
    owner: { apiVersion: "v1", kind: "Namespace", name, uid, controller: true, blockOwnerDeletion: true },
  };
}
