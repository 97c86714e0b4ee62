// The scheduler: gives each binding its clusters, and again whenever something that counts has changed.
// Reads: bindings, clusters.  Writes: spec.clusters, the applied-placement annotation, status.
// Decides in ./trigger, ./decide.ts and ./writes. Upstream: karmada pkg/scheduler/scheduler.go.
import { Cluster } from "#api/cluster/cluster.ts";
import { type Binding, ClusterResourceBinding, ResourceBinding } from "#api/work/binding.ts";
import { deepEqual } from "#machinery/equality.ts";
import type { KubeObject, ObjectRef } from "#machinery/object.ts";
import {
  type Controller,
  type ControllerContext,
  defineController,
  done,
  type ReconcileKey,
  watches,
} from "#runtime/controller.ts";
import { decideSchedule, type Outcome } from "./decide.ts";
import type { Plugin } from "./framework/plugin.ts";
import { allPlugins } from "./plugins/all.ts";
import { concerns, isFresh, isMine, triggerOf } from "./trigger/decide.ts";
import { resultPatch, resultText, statusAfter } from "./writes/decide.ts";

export interface SchedulerOptions {
  /** Bindings of other names are left alone. */
  readonly schedulerName: string;
  readonly plugins: readonly Plugin[];
}

const schedulerNameDefault = "default-scheduler";
const bindingKinds = [ResourceBinding, ClusterResourceBinding] as const;

/** The scheduler as a controller. Defaults: `default-scheduler`, all plugins. */
export function scheduler(options: Partial<SchedulerOptions> = {}): Controller<SchedulerOptions> {
  return defineController<SchedulerOptions>({
    name: "scheduler",
    for: bindingKinds,
    changed: (binding, old) =>
      binding.metadata.generation !== old.metadata.generation ||
      !deepEqual(binding.metadata.labels, old.metadata.labels),
    watches: [watches(Cluster, bindingsConcerned)],
    options: { schedulerName: schedulerNameDefault, plugins: allPlugins, ...options },
    reconcile: reconcileBinding,
  });
}

/** A changed cluster concerns bindings that may go to it, or that could not be scheduled so far. */
function bindingsConcerned(
  cluster: Cluster,
  old: Cluster | undefined,
  { informers }: ControllerContext,
): ReconcileKey[] {
  if (old !== undefined && !changesPlacement(cluster, old)) return [];
  return bindingKinds.flatMap((kind) =>
    informers
      .for(kind)
      .list()
      .filter(
        (binding) => isWaiting(binding) || concerns(binding, cluster) || (old !== undefined && concerns(binding, old)),
      )
      .map((binding) => ({ kind, ...refOf(binding) })),
  );
}

/** Heartbeats and counts of nodes change all the time; what filters and estimators read does not. */
function changesPlacement(cluster: Cluster, old: Cluster): boolean {
  return (
    cluster.metadata.generation !== old.metadata.generation ||
    cluster.metadata.deletionTimestamp !== old.metadata.deletionTimestamp ||
    !deepEqual(cluster.metadata.labels, old.metadata.labels) ||
    !deepEqual(cluster.spec, old.spec) ||
    !deepEqual(cluster.status?.apiEnablements, old.status?.apiEnablements) ||
    !deepEqual(cluster.status?.resourceSummary?.allocatable, old.status?.resourceSummary?.allocatable)
  );
}

function isWaiting({ status }: Binding): boolean {
  return (status?.conditions ?? []).find(({ type }) => type === "Scheduled")?.status !== "True";
}

async function reconcileBinding(
  key: ReconcileKey,
  context: ControllerContext<SchedulerOptions>,
): ReturnType<Controller["reconcile"]> {
  const { informers, options, events } = context;
  const binding = bindingKinds.flatMap((kind) =>
    kind.kind === key.kind.kind ? [informers.for(kind).get(key)] : [],
  )[0];
  if (binding === undefined || !isMine(binding, options.schedulerName)) return done;
  if (binding.metadata.deletionTimestamp !== undefined) {
    const message = `skip schedule deleting resourceBinding: ${binding.metadata.namespace ?? ""}/${binding.metadata.name}`;
    events.event(binding, "Warning", "ScheduleBindingFailed", message);
    return done;
  }
  const clusters = informers.for(Cluster).list();
  const byName = new Map(clusters.map((cluster) => [cluster.metadata.name, cluster]));
  if (triggerOf(binding, byName) === undefined) {
    await writeStatus(key, binding, undefined, false, context);
    return done;
  }
  const outcome = decideSchedule(binding, clusters, options.plugins, isFresh(binding));
  await writeOutcome(key, binding, outcome, context);
  // Not enough room, or spreading that cannot be met: the cluster that changes that wakes the binding up again.
  return done;
}

async function writeOutcome(
  key: ReconcileKey,
  binding: Binding,
  outcome: Outcome,
  context: ControllerContext<SchedulerOptions>,
): Promise<void> {
  const patch = resultPatch(binding, outcome);
  const { client, signal } = context;
  const written =
    patch === undefined
      ? binding
      : asBinding(await client.patch(key.kind, key, { type: "merge", patch }, { signal }), binding);
  const changed = await writeStatus(key, written, outcome, patch !== undefined, context);
  if (patch !== undefined || changed) tell(binding, outcome, context);
}

/** Whether there was something to write. */
async function writeStatus(
  key: ReconcileKey,
  binding: Binding,
  outcome: Outcome | undefined,
  changed: boolean,
  { client, clock, signal }: ControllerContext<SchedulerOptions>,
): Promise<boolean> {
  // The generation after our own patch: the targets in it are the ones just decided.
  const observed = { generation: binding.metadata.generation ?? 0, now: clock.now(), changed };
  const status = statusAfter(binding, outcome, observed);
  if (deepEqual(status, binding.status ?? {})) return false;
  await client.patch(key.kind, key, { type: "merge", patch: { status } }, { signal, subresource: "status" });
  return true;
}

function tell(binding: Binding, outcome: Outcome, { events }: ControllerContext<SchedulerOptions>): void {
  const { apiVersion, kind, name, namespace, uid } = binding.spec.resource;
  const metadata = { name, ...(namespace === undefined ? {} : { namespace }), ...(uid === undefined ? {} : { uid }) };
  for (const target of [binding, { apiVersion, kind, metadata }]) {
    if (outcome.kind === "failed") events.event(target, "Warning", "ScheduleBindingFailed", outcome.message);
    else {
      const colon = binding.kind === "ClusterResourceBinding" ? "" : ":";
      const message = `Binding has been scheduled successfully. Result${colon} ${resultText(outcome.targets)}`;
      events.event(target, "Normal", "ScheduleBindingSucceed", message);
    }
  }
}

/** What the server answered, at the shape of what was sent. */
function asBinding(answer: KubeObject, sent: Binding): Binding {
  return { ...sent, metadata: answer.metadata, ...(isSpec(answer["spec"]) ? { spec: answer["spec"] } : {}) };
}

function isSpec(value: unknown): value is Binding["spec"] {
  return typeof value === "object" && value !== null && "resource" in value;
}

function refOf({ metadata: { name, namespace } }: Binding): ObjectRef {
  return { name, namespace };
}
