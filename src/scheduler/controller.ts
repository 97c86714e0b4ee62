// The scheduler: gives each binding its clusters, and again whenever something that counts has changed.
// Reads: bindings, clusters.  Writes: spec.clusters, the applied-placement annotation, status.
// Decides in ./trigger, ./decide.ts and ./writes. Upstream: karmada pkg/scheduler/scheduler.go.
import { Cluster } from "#api/cluster/cluster.ts";
import { type Binding, ClusterResourceBinding, ResourceBinding } from "#api/work/binding.ts";
import { isApiError } from "#machinery/api-error.ts";
import { deepEqual } from "#machinery/equality.ts";
import type { ObjectRef } from "#machinery/object.ts";
import {
  type Controller,
  type ControllerContext,
  defineController,
  done,
  type ReconcileKey,
  requeueAfter,
  watches,
} from "#runtime/controller.ts";
import { RecentWrites } from "#runtime/recent-writes.ts";
import type { Backoff } from "#std/backoff.ts";
import { decideSchedule, type Outcome } from "./decide.ts";
import { type Answers, noAnswers } from "./estimate/answers.ts";
import type { Amounts } from "./estimate/free.ts";
import { type AskOptions, Asker } from "./estimator/ask.ts";
import { amountsOf, Assumed } from "./estimator/assumed.ts";
import type { AssumedWorkload } from "./estimator/messages.ts";
import type { Plugin } from "./framework/plugin.ts";
import { Assigning } from "./neighbours/assigning.ts";
import { groupKeysOf, neighboursOf } from "./neighbours/decide.ts";
import { allPlugins } from "./plugins/all.ts";
import { isFresh, isMine, schedulerNameDefault, triggerOf } from "./trigger/decide.ts";
import { bindingKinds, groupMembers, waitingNeighbours } from "./watches.ts";
import { wakeByClusters } from "./wake-ups.ts";
import {
  generationDecided,
  isNews,
  ofThisLife,
  resultPatch,
  statusAfter,
  statusPatch,
  untoldOutcome,
} from "./writes/decide.ts";
import { eventsOf, type Told, toldOf } from "./writes/events.ts";

/** Errors are the API server's, or conflicts: those are gone at once. As in upstream's queue, at most ten seconds. */
const retryBackoff: Backoff = { firstMilliseconds: 5, maxMilliseconds: 10_000, jitter: 0 };

/** A binding that users change waits for a few turns of those that clusters have woken up: short ones. */
const turnMilliseconds = 1;

/**
 * When a binding is looked at again that could not be placed: nobody tells when estimators would answer otherwise, or
 * when what was on its way goes elsewhere. Sooner where an estimator was late or away.
 */
const askAgainMilliseconds = { answered: 30_000, unanswered: 5_000 } as const;

export interface SchedulerOptions {
  /** Bindings of other names are left alone. */
  readonly schedulerName: string;
  readonly plugins: readonly Plugin[];
  /** Members' own estimators, beside the clusters' summaries; undefined: none are asked. */
  readonly estimators?: Omit<AskOptions, "clock"> | undefined;
  /** `SchedulingOvercommitProtection`: what was just sent somewhere counts there before its pods do. */
  readonly overcommitProtection?: boolean;
  /** `--enable-empty-workload-propagation` */
  readonly keepsEmpty?: boolean;
}

/** The scheduler as a controller. Defaults: `default-scheduler`, all plugins. */
export function scheduler(options: Partial<SchedulerOptions> = {}): Controller<SchedulerOptions> {
  const memory = { assigning: new Assigning(), assumed: new Assumed() };
  let clocked: Pick<Pass, "writes" | "asker"> | undefined;
  return defineController<SchedulerOptions>({
    name: "scheduler",
    standing: "leads",
    for: bindingKinds,
    changed: (binding, old) =>
      binding.metadata.generation !== old.metadata.generation ||
      !deepEqual(binding.metadata.labels, old.metadata.labels),
    // Clusters are listed before work begins; what their changes wake up comes by the source.
    watches: [watches(Cluster, () => []), watches(ResourceBinding, waitingNeighbours)],
    source: wakeByClusters,
    options: { schedulerName: schedulerNameDefault, plugins: allPlugins, ...options },
    rank: ({ kind, ...ref }, context) => bindingOf(kind, ref, context)?.spec.schedulePriority?.priority ?? 0,
    backoff: retryBackoff,
    turnMilliseconds,
    reconcile: (key, context) => {
      clocked ??= { writes: new RecentWrites(context.clock), asker: askerOf(context) };
      return reconcileBinding(key, { ...context, ...memory, ...clocked });
    },
  });
}

/** A pass with what it shares with the others. */
interface Pass extends ControllerContext<SchedulerOptions> {
  readonly assigning: Assigning;
  readonly assumed: Assumed;
  readonly writes: RecentWrites;
  readonly asker: Asker | undefined;
}

function askerOf({ options, clock }: ControllerContext<SchedulerOptions>): Asker | undefined {
  return options.estimators === undefined ? undefined : new Asker({ ...options.estimators, clock });
}

async function reconcileBinding(key: ReconcileKey, context: Pass): ReturnType<Controller["reconcile"]> {
  const { informers, options, events, assigning } = context;
  const found = bindingOf(key.kind, key, context);
  if (found === undefined) assigning.forget(key);
  if (found === undefined || !isMine(found, options.schedulerName)) return done;
  if (found.metadata.deletionTimestamp !== undefined) {
    const message = `skip schedule deleting resourceBinding: ${found.metadata.namespace ?? ""}/${found.metadata.name}`;
    events.event(found, "Warning", "ScheduleBindingFailed", message);
    return done;
  }
  const clusters = informers.for(Cluster);
  const byName = new Map(clusters.list().map((each) => [each.metadata.name, each]));
  if (triggerOf(found, byName) === undefined) {
    await writeStatus(key, found, untoldOutcome(found, byName), asItIs(found), context);
    return done;
  }
  const answers = await answersFor(found, context);
  // What was waited for may have taken a while: the decision stands on what is there now.
  const binding = bindingOf(key.kind, key, context) ?? found;
  const neighbours = neighboursOf(
    binding,
    (group) => groupMembers(context, group),
    (other) => assigning.clustersOf(other),
  );
  const assumedIn = (cluster: string): Amounts => amountsOf(assumedWorkloads(cluster, context));
  const surroundings = {
    ...{ neighbours, answers, keepsEmpty: options.keepsEmpty ?? false },
    ...(context.assumed.isEmpty ? {} : { assumedIn }),
  };
  const outcome = decideSchedule(binding, clusters.list(), options.plugins, isFresh(binding), surroundings);
  await writeOutcome(key, binding, outcome, context);
  // Not enough room, or spreading that cannot be met: the cluster that changes that wakes the binding up again.
  if (outcome.kind === "scheduled" || outcome.reason === "NoClusterFit") return done;
  if (answers.size === 0 && context.assumed.isEmpty) return done;
  const all = [...answers.values()].every(({ kind }) => kind === "answered");
  return requeueAfter(askAgainMilliseconds[all ? "answered" : "unanswered"]);
}

async function answersFor(binding: Binding, pass: Pass): Promise<Answers> {
  const { asker, informers, signal } = pass;
  if (asker === undefined) return noAnswers;
  return asker.ask(binding, informers.for(Cluster).list(), (cluster) => assumedWorkloads(cluster, pass), signal);
}

/** What is on its way to a cluster; nothing is remembered without the gate. */
function assumedWorkloads(cluster: string, { assumed, informers, clock }: Pass): readonly AssumedWorkload[] {
  const lookUp = (ref: ObjectRef): Binding | undefined =>
    informers.for<Binding>(ref.namespace === undefined ? ClusterResourceBinding : ResourceBinding).get(ref);
  return assumed.in(cluster, lookUp, clock.monotonic());
}

function bindingOf(
  { kind: wanted }: ReconcileKey["kind"],
  ref: ObjectRef,
  { informers, writes }: Pick<ControllerContext, "informers"> & { readonly writes?: RecentWrites },
): Binding | undefined {
  const kind = bindingKinds.find((each) => each.kind === wanted);
  if (kind === undefined) return undefined;
  const informer = informers.for<Binding>(kind);
  return writes === undefined ? informer.get(ref) : writes.latest(informer, ref);
}

async function writeOutcome(key: ReconcileKey, binding: Binding, outcome: Outcome, context: Pass): Promise<void> {
  const patch = resultPatch(binding, outcome);
  try {
    const written = patch === undefined ? binding : await writeTargets(key, binding, { outcome, patch }, context);
    const generation = generationDecided(binding, written);
    const changed = await writeStatus(key, written, outcome, { generation, changed: patch !== undefined }, context);
    if (patch !== undefined || changed) tell(binding, eventsOf(binding, outcome), context);
  } catch (error) {
    if (isApiError(error, "QuotaExceeded")) await refused(key, binding, error.message, context);
    throw error; // and is tried again: nothing tells when the quota has room
  }
}

/** A quota of the namespace does not allow the targets. */
async function refused(key: ReconcileKey, binding: Binding, message: string, context: Pass): Promise<void> {
  const outcome: Outcome = { kind: "failed", reason: "QuotaExceeded", message, attempts: [] };
  if (await writeStatus(key, binding, outcome, asItIs(binding), context))
    tell(binding, eventsOf(binding, outcome), context);
}

/** The patch of the targets; other workloads of the binding's groups are told before it is sent. */
async function writeTargets(
  key: ReconcileKey,
  binding: Binding,
  { outcome, patch }: { readonly outcome: Outcome; readonly patch: Readonly<Record<string, unknown>> },
  pass: Pass,
): Promise<Binding> {
  const { assigning, assumed, options, clock } = pass;
  const grouped = groupKeysOf(binding).length > 0;
  const clusters = outcome.kind === "scheduled" ? outcome.targets.map(({ name }) => name) : [];
  if (grouped) assigning.remember(binding, clusters);
  if (outcome.kind === "scheduled" && options.overcommitProtection === true) {
    assumed.remember(binding, outcome.targets, clock.monotonic());
  }
  try {
    const written = await patchBinding(key, ofThisLife(binding, patch), {}, pass);
    if (grouped) assigning.remember(binding, clusters, written?.metadata.resourceVersion);
    return written ?? binding;
  } catch (error) {
    assigning.forget(key);
    throw error;
  }
}

/** No targets were written, and this is the state that was looked at. */
function asItIs({ metadata }: Binding): { readonly generation: number; readonly changed: boolean } {
  return { generation: metadata.generation ?? 0, changed: false };
}

/** Whether there was something to tell. */
async function writeStatus(
  key: ReconcileKey,
  binding: Binding,
  outcome: Outcome | undefined,
  observed: { readonly generation: number; readonly changed: boolean },
  pass: Pass,
): Promise<boolean> {
  const status = statusAfter(binding, outcome, { ...observed, now: pass.clock.now() });
  const patch = statusPatch(binding, status);
  if (patch === undefined) return false;
  await patchBinding(key, ofThisLife(binding, patch), { subresource: "status" }, pass);
  return isNews(patch);
}

function tell(binding: Binding, told: readonly Told[], { events }: ControllerContext<SchedulerOptions>): void {
  for (const { type, reason, message } of told) {
    for (const target of toldOf(binding)) events.event(target, type, reason, message);
  }
}

/** What the server answered, status and all: until the informer's copy has it, it counts. */
async function patchBinding(
  key: ReconcileKey,
  patch: Readonly<Record<string, unknown>>,
  subresource: { readonly subresource?: "status" },
  { client, informers, signal, writes }: Pass,
): Promise<Binding | undefined> {
  const kind = bindingKinds.find(({ kind }) => kind === key.kind.kind);
  if (kind === undefined) return undefined;
  try {
    const written = await client.patch(kind, key, { type: "merge", patch }, { signal, ...subresource });
    writes.remember<Binding>(informers.for<Binding>(kind), written);
    return written;
  } catch (error) {
    writes.forget(informers.for(kind), key); // the server knows better
    throw error;
  }
}
