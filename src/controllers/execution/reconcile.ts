// One Work on its way to its member: applied, suspended, waiting for the member, or taken back.
// Upstream: karmada pkg/controllers/execution/execution_controller.go (Reconcile).
import { Cluster } from "#api/cluster/cluster.ts";
import { eventReasons, karmadaAnnotations, karmadaFinalizers } from "#api/karmada-constants.ts";
import { clusterOfExecutionNamespace } from "#api/karmada-names.ts";
import { Work } from "#api/work/work.ts";
import { errorsText, throwErrors } from "#machinery/aggregate-error.ts";
import { errorText, isApiError } from "#machinery/api-error.ts";
import { type KubeObject, refKey } from "#machinery/object.ts";
import { type ControllerContext, done, type ReconcileKey, requeueAfter, type Result } from "#runtime/controller.ts";
import type { EventTarget } from "#runtime/event-recorder.ts";
import { defined } from "#std/defined.ts";
import type { ClusterGate } from "../cluster-gate.ts";
import { isClusterReady } from "../cluster-readiness.ts";
import { mutate } from "../commit.ts";
import type { MemberCluster, MemberClusters } from "../member-clusters.ts";
import { MemberUnreachableError } from "../member-transport.ts";
import { conditionsAfter, dispatchingOf, isDispatchingTold, type Outcome } from "./conditions.ts";
import { applyManifest, deleteManifest, type MemberWriter, releaseManifest } from "./member-writer.ts";

/** A member that does not answer is tried again after this long at the soonest. */
const unreachableMilliseconds = 250;
/** Works under way at one member at once. */
const memberSlots = 16;

export interface Execution extends MemberWriter, ControllerContext {
  readonly members: MemberClusters;
  readonly gate: ClusterGate<ReconcileKey>;
}

export async function reconcileWork(key: ReconcileKey, execution: Execution): Promise<Result> {
  const { informers, members, writes } = execution;
  const work = writes.latest(informers.for(Work), key);
  const clusterName = clusterOfExecutionNamespace(key.namespace ?? "");
  if (work === undefined || clusterName === undefined) return done;
  const cluster = informers.for(Cluster).get({ name: clusterName });
  if (cluster === undefined) return withoutCluster(work, clusterName, execution);
  if (!members.reaches(cluster)) return done;
  if (work.metadata.deletionTimestamp !== undefined) return takeBack(key, work, cluster, execution);
  if (work.spec.suspendDispatching === true || !isClusterReady(cluster)) {
    // A cluster that is not ready is waited for: what was said of the Work stays, because nothing is known.
    await say(work, undefined, execution);
    return done;
  }
  return atMember(key, clusterName, execution, (member) => apply(work, member, execution));
}

/** Does `step` at the member when it is its turn; comes back later while the member has enough to do, or is sick. */
async function atMember(
  key: ReconcileKey,
  cluster: string,
  { members, gate, log }: Execution,
  step: (member: MemberCluster) => Promise<Result>,
): Promise<Result> {
  const member = members.get(cluster);
  if (member === undefined) {
    log.debug("the member has not been connected yet", { cluster, object: refKey(key) });
    return done; // it is heard of when it is
  }
  const wait = member.pace.waitMilliseconds();
  if (wait > 0) return requeueAfter(wait);
  const leave = gate.enter(cluster, key, member.pace.isFailing() ? 1 : memberSlots);
  if (leave === undefined) return done; // parked: it comes back by itself
  try {
    return await step(member);
  } catch (error) {
    if (member.signal.aborted) return done; // the next connection brings the Work back
    // No answer is no refusal: what was applied last still is, as far as anyone knows.
    if (isUnreachable(error)) return requeueAfter(Math.max(member.pace.waitMilliseconds(), unreachableMilliseconds));
    throw error;
  } finally {
    leave();
  }
}

async function apply(work: Work, member: MemberCluster, execution: Execution): Promise<Result> {
  const { events } = execution;
  const manifests = work.spec.workload?.manifests ?? [];
  const written: KubeObject[] = [];
  const errors: unknown[] = [];
  for (const manifest of manifests) {
    try {
      if (await applyManifest(execution, member, work, manifest)) written.push(manifest);
    } catch (error) {
      errors.push(error);
      tellFailure(manifest, error, member, execution);
    }
  }
  member.signal.throwIfAborted();
  const text = `work(${refKey(work.metadata)}) to cluster(${member.name})`;
  if (errors.length === 0) {
    const said = await say(work, { kind: "applied" }, execution);
    for (const manifest of written) tellSuccess(manifest, member, execution);
    if (said || written.length > 0) events.event(work, "Normal", eventReasons.syncSucceed, `Sync ${text} successful.`);
    return done;
  }
  events.event(work, "Warning", eventReasons.syncFailed, `Failed to sync ${text}, err: ${errorsText(errors)}`);
  if (!errors.every(isUnreachable)) {
    const [applied, total] = [manifests.length - errors.length, manifests.length];
    await say(work, { kind: "failed", applied, total, reason: errorsText(errors) }, execution);
  }
  const refusal = errors.find((error) => !isUnreachable(error));
  throwErrors(refusal === undefined ? errors.slice(0, 1) : errors);
  return done;
}

/** Deletes in the member, or lets go there, and then lets the Work go. */
async function takeBack(key: ReconcileKey, work: Work, cluster: Cluster, execution: Execution): Promise<Result> {
  if (work.metadata.finalizers?.includes(karmadaFinalizers.execution) !== true) return done;
  const { name } = cluster.metadata;
  if (!isClusterReady(cluster)) {
    // Who unjoins a member that is away cannot wait for it. Otherwise the member is waited for.
    if (cluster.metadata.deletionTimestamp !== undefined) await removeFinalizer(work, execution);
    return done;
  }
  return atMember(key, name, execution, async (member) => {
    const step = work.spec.preserveResourcesOnDeletion === true ? releaseManifest : deleteManifest;
    for (const manifest of work.spec.workload?.manifests ?? []) await step(execution, member, work, manifest);
    await removeFinalizer(work, execution);
    return done;
  });
}

/** A Work whose Cluster is not known. One that is to be deleted is let go if the Cluster is really no more. */
async function withoutCluster(work: Work, name: string, execution: Execution): Promise<Result> {
  const { client, signal, log } = execution;
  log.debug("the Work's Cluster is not known", { cluster: name, object: refKey(work.metadata) });
  if (work.metadata.deletionTimestamp === undefined) return done; // it is heard of when it comes
  if ((await client.find(Cluster, { name }, { signal })) === undefined) await removeFinalizer(work, execution);
  return done;
}

async function removeFinalizer(work: Work, { client, informers, signal, writes }: Execution): Promise<void> {
  const release = (current: Work): Work | undefined => {
    const { finalizers = [] } = current.metadata;
    if (!finalizers.includes(karmadaFinalizers.execution)) return undefined;
    const kept = finalizers.filter((finalizer) => finalizer !== karmadaFinalizers.execution);
    return { ...current, metadata: { ...current.metadata, finalizers: kept } };
  };
  await mutate(client, Work, work, release, { signal });
  writes.forget(informers.for(Work), work.metadata);
}

/** Writes both conditions in one go, under the lock: others write conditions of Works, too. Whether there was need to. */
async function say(work: Work, outcome: Outcome | undefined, execution: Execution): Promise<boolean> {
  const { client, informers, clock, signal, events, writes } = execution;
  const change = (current: Work): Work => {
    const conditions = conditionsAfter(current, outcome, clock.now());
    return conditions === current.status?.conditions
      ? current
      : { ...current, status: { ...current.status, conditions } };
  };
  if (change(work) === work) return false;
  const said = await mutate(client, Work, work, change, { signal, subresource: "status" });
  if (said === undefined) return false; // it was deleted meanwhile
  writes.remember(informers.for(Work), said);
  if (!isDispatchingTold(work)) events.event(work, "Normal", eventReasons.workDispatching, dispatchingOf(work).message);
  return true;
}

function tellSuccess({ metadata, ...manifest }: KubeObject, member: MemberCluster, { events }: Execution): void {
  const message = `Successfully applied resource(${metadata.namespace ?? ""}/${metadata.name}) to cluster ${member.name}`;
  events.event(templateOf({ ...manifest, metadata }), "Normal", eventReasons.syncSucceed, message);
}

function tellFailure(manifest: KubeObject, error: unknown, member: MemberCluster, { events }: Execution): void {
  const what = `Failed to create or update resource(${refKey(manifest.metadata)}) in member cluster(${member.name})`;
  events.event(templateOf(manifest), "Warning", eventReasons.syncFailed, `${what}: ${errorText(error)}`);
}

/** The template that a manifest was made of, as events name it. */
function templateOf({ apiVersion, kind, metadata }: KubeObject): EventTarget {
  const { name, namespace, annotations } = metadata;
  return {
    apiVersion,
    kind,
    metadata: defined({ name, namespace, uid: annotations?.[karmadaAnnotations.templateUid] }),
  };
}

/** The member did not answer, or sent us away: says nothing about the object. */
function isUnreachable(error: unknown): boolean {
  return error instanceof MemberUnreachableError || isApiError(error, "TooManyRequests");
}
