// Makes a Work for each cluster that a binding names, and takes away those of clusters that it names no more.
// Reads: bindings, templates, override policies, Clusters, Works.  Writes: Works, the bindings' finalizer.
// Decides in ./decide.ts and ./build-work.ts.  Upstream: karmada pkg/controllers/binding/binding_controller.go and its twin.
import { eventReasons } from "#api/karmada-constants.ts";
import type { Binding } from "#api/work/binding.ts";
import { Work } from "#api/work/work.ts";
import type { Interpreter } from "#interpreter/interpreter.ts";
import { errorsText, throwErrors } from "#machinery/aggregate-error.ts";
import { isApiError } from "#machinery/api-error.ts";
import type { KubeObject } from "#machinery/object.ts";
import {
  type Controller,
  type ControllerContext,
  defineController,
  done,
  type ReconcileKey,
  requeueAfter,
  type Result,
} from "#runtime/controller.ts";
import type { RecentWrites } from "#runtime/recent-writes.ts";
import { forEachBounded } from "#std/bounded.ts";
import { parseTime } from "#std/time.ts";
import { tellOfBinding } from "../binding-events.ts";
import { bindingIdOf, bindingScopeOf, bindingScopes, bindingText } from "../binding-scope.ts";
import { readiness } from "../cluster-readiness.ts";
import { mutate } from "../commit.ts";
import type { EvictionMode } from "../eviction-mode.ts";
import type { FeatureGates } from "../feature-gates.ts";
import { interpreterWords } from "../interpret-failures.ts";
import { DocumentMemo } from "../override/document-memo.ts";
import { overrideWords } from "../override/failures.ts";
import { clustersOfReferrers } from "../referrers.ts";
import { reportFailures } from "../report-failures.ts";
import { bindingsOfKinds, ruleWatches } from "../rule-watches.ts";
import { templateOfBinding } from "../template-of-binding.ts";
import type { Templates } from "../templates.ts";
import { worksNaming, worksOfBinding } from "../work-index.ts";
import { clusterOfWork, judgeWorks, type WorksVerdict } from "./decide.ts";
import { syncWorks, type WorkSyncer } from "./sync-works.ts";
import { bindingWatches } from "./watches.ts";

/** Bindings worked on at once. */
const workers = 16;
const deletionsAtOnce = 8;
const readsAtOnce = 8;
/** Works of a purged cluster are waited for; their going is heard of, this is for the case that it is not. */
const purgeCheckMilliseconds = 5_000;
/** Health that comes is heard of; a member that is ready again is not. */
const holdCheckMilliseconds = 10_000;
/** `--graceful-eviction-timeout` */
const holdGraceMilliseconds = 600_000;

export interface BindingControllerDeps {
  readonly templates: Templates;
  readonly interpreter: Interpreter;
  readonly gates: FeatureGates;
  readonly writes: RecentWrites;
  readonly evictionMode: EvictionMode;
}

interface BindingShell extends WorkSyncer {
  readonly deps: BindingControllerDeps;
}

export function bindingController(deps: BindingControllerDeps): Controller {
  const { interpreter, gates, writes } = deps;
  const documents = new DocumentMemo();
  return defineController({
    name: "binding",
    standing: "leads",
    for: bindingScopes.map(({ kind }) => kind),
    changed: ({ metadata }, old) =>
      metadata.generation !== old.metadata.generation || metadata.deletionTimestamp !== old.metadata.deletionTimestamp,
    watches: [
      ...bindingWatches(deps.templates),
      ...ruleWatches(deps.templates, ["reviseReplica"], bindingsOfKinds(deps.templates)),
    ],
    options: {},
    workers,
    async reconcile(key, context) {
      const shell = { ...context, deps, interpreter, gates, writes, documents };
      const binding = context.informers.for(bindingScopeOf(key.namespace).kind).get(key);
      if (binding === undefined) return sweep(key, shell);
      if (binding.metadata.deletionTimestamp !== undefined) return remove(binding, shell);
      return sync(binding, shell);
    },
  });
}

async function sync(cached: Binding, shell: BindingShell): Promise<Result> {
  const { informers, events } = shell;
  if (bindingIdOf(cached) === "") throw new Error(`${bindingText(cached)} has no permanent id`);
  const binding = await removeOrphans(cached, shell);
  if (binding === undefined) return done;
  const { mustGoFirst, lastCopies } = judged(binding, worksOfBinding(binding, informers), shell);
  if (lastCopies.length > 0) tellHeld(binding, lastCopies, shell);
  if (mustGoFirst.length > 0) return requeueAfter(purgeCheckMilliseconds);
  const template = await templateOfBinding(binding, { ...shell, ...shell.deps });
  // Another incarnation of the template is another binding's business, as soon as this one is gone.
  if (template === undefined) return done;
  const { written, errors, overrideFailures, reviseFailures } = await syncWorks(binding, template, shell);
  const reports = [
    { words: overrideWords, failures: overrideFailures },
    { words: interpreterWords("reviseReplica"), failures: reviseFailures },
  ];
  await reportFailures(bindingScopeOf(binding.metadata.namespace).kind, binding, reports, shell);
  if (errors.length > 0) {
    tell([binding, template], "Warning", eventReasons.syncWorkFailed, errorsText(errors), events);
    throwErrors(errors);
  }
  if (written > 0) {
    const message = `Sync work of ${bindingText(binding)} successful.`;
    tell([binding, template], "Normal", eventReasons.syncWorkSucceed, message, events);
  }
  return lastCopies.length > 0 ? requeueAfter(holdCheckMilliseconds) : done;
}

/**
 * Deletes the Works of clusters that the binding has left. Before that the binding and those Works are read from the
 * server: what the local copy calls an orphan may be wanted again, and what it takes for never applied may be a good
 * copy by now.
 * The binding as it is now; undefined when it has gone or is going.
 */
async function removeOrphans(cached: Binding, shell: BindingShell): Promise<Binding | undefined> {
  const { client, deps, informers, events, signal } = shell;
  const works = worksOfBinding(cached, informers);
  const suspects = judged(cached, works, shell).orphans;
  if (suspects.length === 0) return cached;
  const { kind } = bindingScopeOf(cached.metadata.namespace);
  const binding = await client.find(kind, cached.metadata, { signal });
  if (binding === undefined || binding.metadata.uid !== cached.metadata.uid) return undefined;
  if (binding.metadata.deletionTimestamp !== undefined) return undefined;
  const fresh = await asTheyAre(works, suspects, shell);
  const errors = await deleteWorks(judged(binding, fresh, shell).orphans, shell, { asRead: true });
  if (errors.length > 0) {
    const { templates } = deps;
    const event = { type: "Warning", reason: eventReasons.cleanupWorkFailed, message: errorsText(errors) } as const;
    tellOfBinding(binding, event, { events, templates });
    throwErrors(errors);
  }
  return binding;
}

/** The works, with the suspects among them as the server has them; those that have gone are left out. */
async function asTheyAre(
  works: readonly Work[],
  suspects: readonly Work[],
  { client, signal }: BindingShell,
): Promise<readonly Work[]> {
  const fresh = new Map<Work, Work | undefined>();
  const errors = await forEachBounded(suspects, readsAtOnce, async (work) => {
    fresh.set(work, await client.find(Work, work.metadata, { signal }));
  });
  throwErrors(errors);
  return works.flatMap((work) => (fresh.has(work) ? (fresh.get(work) ?? []) : [work]));
}

function judged(binding: Binding, works: readonly Work[], shell: BindingShell): WorksVerdict {
  return judgeWorks(binding.spec, works, {
    isReady: believed(shell),
    alsoKept: clustersOfReferrers(binding, shell.informers),
  });
}

/** In strict mode: which members' reports count when it is asked whether a last copy has been replaced. */
function believed({ deps, informers }: BindingShell): ((cluster: string) => boolean) | undefined {
  return deps.evictionMode === "compatible" ? undefined : readiness(informers);
}

/** That a copy waits for its replacement is the ordinary course of things, until it has taken as long as an eviction may. */
function tellHeld(binding: Binding, works: readonly Work[], { clock, events }: BindingShell): void {
  const clusters = works.map(clusterOfWork).join(", ");
  const message = `Kept in cluster(s) ${clusters}, where it is not scheduled any more: it is healthy nowhere else.`;
  const scheduledAt = parseTime(binding.status?.lastScheduledTime) ?? clock.now();
  const isOverdue = clock.now() - scheduledAt > holdGraceMilliseconds;
  events.event(binding, isOverdue ? "Warning" : "Normal", eventReasons.evictionHeld, message);
}

/** The Works go by themselves once they are told to; the binding does not wait for them. */
async function remove(binding: Binding, shell: BindingShell): Promise<Result> {
  const { client, informers, signal } = shell;
  const { kind, finalizer } = bindingScopeOf(binding.metadata.namespace);
  throwErrors(await deleteWorks(worksOfBinding(binding, informers), shell));
  const release = (current: Binding): Binding | undefined => {
    const { finalizers = [] } = current.metadata;
    if (!finalizers.includes(finalizer)) return undefined;
    return {
      ...current,
      metadata: { ...current.metadata, finalizers: finalizers.filter((name) => name !== finalizer) },
    };
  };
  await mutate(client, kind, binding, release, { signal });
  return done;
}

/** Works that name a binding which is not there: written in the moment in which it went. */
async function sweep(key: ReconcileKey, shell: BindingShell): Promise<Result> {
  const { client, informers, signal } = shell;
  const scope = bindingScopeOf(key.namespace);
  const works = worksNaming(scope, key, informers);
  if (works.length === 0 || (await client.find(scope.kind, key, { signal })) !== undefined) return done;
  throwErrors(await deleteWorks(works, shell));
  return done;
}

/** `asRead`: only those that have not changed since: what is said of them meanwhile may make them a last copy. */
function deleteWorks(
  works: readonly Work[],
  { client, informers, signal, writes }: BindingShell,
  { asRead = false } = {},
): Promise<readonly unknown[]> {
  const leaving = works.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  return forEachBounded(leaving, deletionsAtOnce, async ({ metadata }) => {
    writes.forget(informers.for(Work), metadata);
    try {
      const { uid, resourceVersion } = metadata;
      await client.delete(Work, metadata, { signal, preconditions: asRead ? { uid, resourceVersion } : { uid } });
    } catch (error) {
      if (!isApiError(error, "NotFound")) throw error;
    }
  });
}

function tell(
  targets: readonly KubeObject[],
  type: "Normal" | "Warning",
  reason: string,
  message: string,
  events: ControllerContext["events"],
): void {
  for (const target of targets) events.event(target, type, reason, message);
}
