// Gives every member an execution namespace and the taints that its health asks for; cleans up after members that leave.
// Reads: Clusters, Namespaces, bindings.  Writes: execution namespaces, the Clusters' taints and finalizer.
// Decides in ./decide.ts.  Upstream: karmada pkg/controllers/cluster/cluster_controller.go.
import { Cluster } from "#api/cluster/cluster.ts";
import { eventReasons, karmadaFinalizers, karmadaLabels, karmadaValues } from "#api/karmada-constants.ts";
import { clusterOfExecutionNamespace, executionNamespace } from "#api/karmada-names.ts";
import { Namespace } from "#api/kinds.ts";
import type { Binding } from "#api/work/binding.ts";
import { isLookedAfter } from "#api/work/looked-after.ts";
import { Work } from "#api/work/work.ts";
import { throwErrors } from "#machinery/aggregate-error.ts";
import { errorText, isApiError } from "#machinery/api-error.ts";
import type { Kind } from "#machinery/object.ts";
import {
  type Controller,
  type ControllerContext,
  defineController,
  done,
  type ReconcileKey,
  requeueAfter,
  type Result,
  type Watch,
  watches,
} from "#runtime/controller.ts";
import { forEachBounded } from "#std/bounded.ts";
import { bindingScopes } from "../binding-scope.ts";
import { isClusterReady } from "../cluster-readiness.ts";
import { commit, createOrFind, mutate } from "../commit.ts";
import { taintsByHealth, taintsText, withoutTarget } from "./decide.ts";

/** How often it is looked whether all that a leaving member left behind has gone, if nothing is heard of it. */
const cleanupCheckMilliseconds = 10_000;
const writesAtOnce = 8;

export function clusterController(): Controller {
  return defineController({
    name: "cluster",
    for: [Cluster],
    watches: [
      watches(Namespace, ({ metadata }) => {
        const cluster = clusterOfExecutionNamespace(metadata.name);
        return cluster === undefined ? [] : [{ kind: Cluster, name: cluster }];
      }),
      ...bindingScopes.map(({ kind }) => bindingWatch(kind)),
      watches(Work, () => []),
    ],
    options: {},
    async reconcile({ name }, context) {
      const cluster = context.informers.for(Cluster).get({ name });
      if (cluster === undefined) return done;
      return cluster.metadata.deletionTimestamp === undefined ? settle(cluster, context) : cleanUp(cluster, context);
    },
  });
}

/** A binding that has left a member which is leaving may be the last. */
function bindingWatch(kind: Kind<Binding>): Watch {
  return watches(kind, ({ spec }, old, { informers }) => {
    const clusters = informers.for(Cluster);
    return [...(spec.clusters ?? []), ...(old?.spec.clusters ?? [])].flatMap(({ name }): readonly ReconcileKey[] => {
      const leaving = clusters.get({ name })?.metadata.deletionTimestamp !== undefined;
      return leaving ? [{ kind: Cluster, name }] : [];
    });
  });
}

async function settle(cluster: Cluster, context: ControllerContext): Promise<Result> {
  const { client, events, signal } = context;
  await createExecutionNamespace(cluster, context);
  const { finalizers = [] } = cluster.metadata;
  const taints = taintsByHealth(cluster);
  const desired: Cluster = {
    ...cluster,
    metadata: { ...cluster.metadata, finalizers: [...new Set([...finalizers, karmadaFinalizers.cluster])] },
    spec: taints === undefined ? cluster.spec : { ...cluster.spec, taints },
  };
  try {
    await commit(client, Cluster, cluster, desired, { signal });
  } catch (error) {
    if (taints !== undefined && !isApiError(error, "Conflict")) {
      events.event(cluster, "Warning", eventReasons.taintClusterFailed, errorText(error));
    }
    throw error;
  }
  if (taints !== undefined) {
    const message = `Taint cluster succeed: ${taintsText(taints)}.`;
    events.event(cluster, "Normal", eventReasons.taintClusterSucceed, message);
  }
  return done;
}

async function createExecutionNamespace(cluster: Cluster, context: ControllerContext): Promise<void> {
  const { client, informers, events, signal } = context;
  const name = executionNamespace(cluster.metadata.name);
  if (informers.for(Namespace).get({ name }) !== undefined) return;
  const labels = { [karmadaLabels.system]: karmadaValues.system };
  try {
    const { created } = await createOrFind(client, Namespace, namespaceWith(name, labels), signal);
    if (!created) return;
    const message = `Created execution space(${name}) for cluster(${cluster.metadata.name}).`;
    events.event(cluster, "Normal", eventReasons.createExecutionSpaceSucceed, message);
  } catch (error) {
    events.event(cluster, "Warning", eventReasons.createExecutionSpaceFailed, errorText(error));
    throw error;
  }
}

function namespaceWith(name: string, labels: Readonly<Record<string, string>>): Namespace {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } };
}

/** The execution namespace goes first, and with it, one by one, what is in the member. The Cluster goes last. */
async function cleanUp(cached: Cluster, context: ControllerContext): Promise<Result> {
  const { client, events, signal } = context;
  const { name } = cached.metadata;
  // Everything of a member is deleted only if its Cluster is really being deleted, as this very object.
  const cluster = await client.find(Cluster, { name }, { signal });
  if (cluster?.metadata.uid !== cached.metadata.uid || cluster?.metadata.deletionTimestamp === undefined) return done;
  try {
    await removeExecutionNamespace(cluster, context);
  } catch (error) {
    events.event(cluster, "Warning", eventReasons.removeExecutionSpaceFailed, errorText(error));
    throw error;
  }
  const message = `Removed execution space for cluster(${name}).`;
  events.event(cluster, "Normal", eventReasons.removeExecutionSpaceSucceed, message);
  await leaveUnscheduled(name, context);
  const left = await client.find(Namespace, { name: executionNamespace(name) }, { signal });
  if (left !== undefined || isScheduledTo(name, context)) return requeueAfter(cleanupCheckMilliseconds);
  const release = (current: Cluster): Cluster => {
    const finalizers = (current.metadata.finalizers ?? []).filter((each) => each !== karmadaFinalizers.cluster);
    return { ...current, metadata: { ...current.metadata, finalizers } };
  };
  await mutate(client, Cluster, cluster, release, { signal });
  return done;
}

async function removeExecutionNamespace(cluster: Cluster, context: ControllerContext): Promise<void> {
  const { client, informers, signal } = context;
  const name = executionNamespace(cluster.metadata.name);
  if (cluster.spec.syncMode === "Pull" && !isClusterReady(cluster)) await releaseWorks(name, context);
  if (informers.for(Namespace).get({ name })?.metadata.deletionTimestamp !== undefined) return;
  try {
    await client.delete(Namespace, { name }, { signal });
  } catch (error) {
    if (!isApiError(error, "NotFound")) throw error;
  }
}

/** An agent that is away will not let its Works go. */
async function releaseWorks(namespace: string, { client, informers, signal }: ControllerContext): Promise<void> {
  const release = (work: Work): Work | undefined => {
    const { finalizers = [] } = work.metadata;
    const kept = finalizers.filter((finalizer) => finalizer !== karmadaFinalizers.execution);
    return kept.length === finalizers.length
      ? undefined
      : { ...work, metadata: { ...work.metadata, finalizers: kept } };
  };
  const errors = await forEachBounded(informers.for(Work).list(namespace), writesAtOnce, async (work) => {
    await mutate(client, Work, work, release, { signal });
  });
  throwErrors(errors);
}

function isScheduledTo(cluster: string, { informers }: ControllerContext): boolean {
  return bindingScopes.some(({ kind }) =>
    informers
      .for(kind)
      .list()
      .some(({ spec }) => spec.clusters?.some(({ name }) => name === cluster) === true),
  );
}

/** The scheduler takes a leaving cluster off the bindings that it looks after; nobody else would off the others. */
async function leaveUnscheduled(cluster: string, { client, informers, signal }: ControllerContext): Promise<void> {
  const change = (current: Binding): Binding | undefined => {
    const desired = withoutTarget(current, cluster);
    return desired === current || isLookedAfter(current) ? undefined : desired;
  };
  for (const { kind } of bindingScopes) {
    const stuck = informers
      .for(kind)
      .list()
      .filter((binding) => change(binding) !== undefined);
    const errors = await forEachBounded(stuck, writesAtOnce, async (binding) => {
      await mutate(client, kind, binding, change, { signal });
    });
    throwErrors(errors);
  }
}
