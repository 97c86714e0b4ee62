// Sums up the Works of a binding on the binding, and their statuses on the resource template.
// Reads: bindings, Works, templates.  Writes: the bindings' aggregatedStatus and FullyApplied, the templates' status.
// Decides in ./decide.ts.  Upstream: karmada pkg/controllers/status/{rb,crb}_status_controller.go, common.go.
import { conditionMessages, conditionReasons, conditionTypes, eventReasons } from "#api/karmada-constants.ts";
import type { Binding } from "#api/work/binding.ts";
import { Work } from "#api/work/work.ts";
import type { Interpreter } from "#interpreter/interpreter.ts";
import { errorText, isApiError } from "#machinery/api-error.ts";
import { findCondition, setCondition } from "#machinery/conditions.ts";
import { deepEqual } from "#machinery/equality.ts";
import { isObjectOf } from "#machinery/guards.ts";
import { type Kind, type KubeObject, refKey } from "#machinery/object.ts";
import {
  type Controller,
  type ControllerContext,
  defineController,
  done,
  type ReconcileKey,
  requeueAfter,
  type Result,
  watches,
} from "#runtime/controller.ts";
import type { RecentWrites } from "#runtime/recent-writes.ts";
import { type Clock, formatTime } from "#std/time.ts";
import { bindingOfWork, bindingScopeOf, bindingScopes, bindingText } from "../binding-scope.ts";
import { commit, conflictsMax, mutate } from "../commit.ts";
import { withReports } from "../failure-condition.ts";
import { interpreterReport } from "../interpret-failures.ts";
import { clustersOfReferrers } from "../referrers.ts";
import { reportFailures } from "../report-failures.ts";
import { bindingsOfKinds, ruleWatches } from "../rule-watches.ts";
import { Spacing } from "../spacing.ts";
import type { Templates } from "../templates.ts";
import { worksOfBinding } from "../work-index.ts";
import { type Aggregation, aggregateWorks, itemsForTemplate } from "./decide.ts";

/** News of several members about one template become one write. */
const distances = { settleMilliseconds: 25, apartMilliseconds: 100 };
/** Bindings summed up at once. */
const workers = 16;

export interface BindingStatusControllerDeps {
  readonly templates: Templates;
  readonly interpreter: Interpreter;
  readonly writes: RecentWrites;
  readonly clock: Clock;
}

interface Aggregator extends ControllerContext {
  readonly deps: BindingStatusControllerDeps;
  readonly spacing: Spacing;
}

export function bindingStatusController(deps: BindingStatusControllerDeps): Controller {
  const spacing = new Spacing(deps.clock, distances);
  return defineController({
    name: "bindingStatus",
    standing: "follows",
    for: bindingScopes.map(({ kind }) => kind),
    changed: bindingChanged,
    watches: [
      watches(Work, bindingsOf),
      ...ruleWatches(deps.templates, ["aggregateStatus"], bindingsOfKinds(deps.templates)),
    ],
    options: {},
    workers,
    reconcile: (key, context) => aggregate(key, { ...context, deps, spacing }),
  });
}

/** Other targets, another state of the template, or something of the status that another writer has dropped. */
function bindingChanged(object: KubeObject, old: KubeObject): boolean {
  const { kind } = bindingScopeOf(object.metadata.namespace);
  if (!isObjectOf(kind, object) || !isObjectOf(kind, old)) return false;
  const targets = ({ spec }: Binding): readonly unknown[] => [spec.clusters, spec.requiredBy];
  return (
    (fullyApplied(old) !== undefined && fullyApplied(object) === undefined) ||
    itemCount(object) < itemCount(old) ||
    (isUnplaced(object) && !isUnplaced(old)) ||
    object.spec.resource.resourceVersion !== old.spec.resource.resourceVersion ||
    !deepEqual(targets(object), targets(old))
  );
}

/** Whether the scheduler has found no cluster for it: nothing runs anywhere, and no Work will ever tell. */
function isUnplaced({ spec, status }: Binding): boolean {
  const scheduled = findCondition(status?.conditions, conditionTypes.bindingScheduled);
  return scheduled?.status === "False" && (spec.clusters ?? []).length === 0;
}

function itemCount({ status }: Binding): number {
  return (status?.aggregatedStatus ?? []).length;
}

function fullyApplied(binding: Binding) {
  return findCondition(binding.status?.conditions, conditionTypes.bindingFullyApplied);
}

/** A Work that has just been created has nothing to say yet. */
function bindingsOf(work: Work, old: Work | undefined, { informers }: ControllerContext): readonly ReconcileKey[] {
  const isNew = old === undefined && work.status === undefined && informers.for(Work).get(work.metadata) !== undefined;
  const unchanged = old !== undefined && deepEqual(work.status, old.status) && isLeaving(work) === isLeaving(old);
  const origin = isNew || unchanged ? undefined : bindingOfWork(work.metadata);
  return origin === undefined ? [] : [{ kind: origin.scope.kind, namespace: origin.namespace, name: origin.name }];
}

function isLeaving({ metadata }: Work): boolean {
  return metadata.deletionTimestamp !== undefined;
}

async function aggregate(key: ReconcileKey, aggregator: Aggregator): Promise<Result> {
  const { informers, deps, spacing } = aggregator;
  const { kind } = bindingScopeOf(key.namespace);
  const id = refKey(key);
  const binding = deps.writes.latest(informers.for(kind), key);
  if (binding === undefined || binding.metadata.deletionTimestamp !== undefined) return done;
  const works = worksOfBinding(binding, informers);
  if (works.length === 0 && fullyApplied(binding) === undefined) {
    // Before the first Work there is nothing to sum up, and no failure to tell; but where there will be none, what an
    // earlier binding has left in the template's status is no more.
    if (isUnplaced(binding)) await writeTemplateStatus(binding, aggregator);
    return done;
  }
  const wait = spacing.waitMilliseconds(id);
  if (wait > 0) return requeueAfter(wait);
  const told = await writeBindingStatus(binding, kind, aggregator);
  const passedOn = await writeTemplateStatus(binding, aggregator);
  spacing.settle(id, told || passedOn);
  return done;
}

/** As the Works are in this moment: after a conflict they are read anew, as the binding is. */
function aggregationOf(binding: Binding, { informers }: Aggregator): Aggregation {
  return aggregateWorks(binding.spec, worksOfBinding(binding, informers), clustersOfReferrers(binding, informers));
}

async function writeBindingStatus(binding: Binding, kind: Kind<Binding>, aggregator: Aggregator): Promise<boolean> {
  const { deps, client, informers, clock, signal, events } = aggregator;
  const change = (current: Binding): Binding =>
    withAggregation(current, aggregationOf(current, aggregator), clock.now());
  const desired = change(binding);
  // The scheduler writes conditions too, so theirs go under the lock; the items are this controller's alone.
  const unlocked = desired.status?.conditions === binding.status?.conditions;
  try {
    const written = await mutate(client, kind, binding, change, { signal, subresource: "status", unlocked });
    if (written === undefined || written === binding) return false;
    deps.writes.remember(informers.for(kind), written);
    const message = `Update ${bindingText(binding)} with AggregatedStatus successfully.`;
    events.event(binding, "Normal", eventReasons.aggregateStatusSucceed, message);
    return true;
  } catch (error) {
    events.event(binding, "Warning", eventReasons.aggregateStatusFailed, errorText(error));
    throw error;
  }
}

function withAggregation(binding: Binding, { items, fullyApplied, interpreted }: Aggregation, now: number): Binding {
  const condition = {
    type: conditionTypes.bindingFullyApplied,
    status: fullyApplied ? ("True" as const) : ("False" as const),
    reason: fullyApplied ? conditionReasons.fullyApplied : conditionReasons.fullyAppliedFailed,
    message: fullyApplied ? conditionMessages.fullyApplied : conditionMessages.fullyAppliedFailed,
    lastTransitionTime: formatTime(now),
  };
  const conditions = withReports(setCondition(binding.status?.conditions, condition, now), interpreted, now) ?? [];
  return { ...binding, status: { ...binding.status, aggregatedStatus: items, conditions } };
}

/** Kinds that nobody knows how to sum up keep the status they have. */
async function writeTemplateStatus(binding: Binding, aggregator: Aggregator): Promise<boolean> {
  const { deps, client, informers, signal, events } = aggregator;
  const { templates, interpreter, writes } = deps;
  const { resource } = binding.spec;
  const kind = await templates.kindOf(resource.apiVersion, resource.kind);
  if (kind === undefined || !interpreter.hooks(kind).has("aggregateStatus")) {
    await tellAggregated(binding, aggregator);
    return false;
  }
  const cache = informers.for(kind);
  if ((await templates.find(resource)) === undefined) return false;
  let template = writes.latest(cache, resource);
  for (let conflicts = 0; ; conflicts++) {
    if (template === undefined || isAnother(template, resource.uid)) return false;
    try {
      const desired = await aggregated(template, binding, aggregator);
      const written = await commit(client, kind, template, desired, { signal, subresource: "status" });
      if (written === template) return false;
      writes.remember(cache, written);
      const message = "Update Resource with AggregatedStatus successfully.";
      events.event(template, "Normal", eventReasons.aggregateStatusSucceed, message);
      return true;
    } catch (error) {
      if (isApiError(error, "NotFound")) return false;
      if (!isApiError(error, "Conflict") || conflicts === conflictsMax) {
        events.event(template, "Warning", eventReasons.aggregateStatusFailed, errorText(error));
        throw error;
      }
      writes.forget(cache, resource);
      template = await client.find(kind, resource, { signal });
    }
  }
}

/** The template with the status that the interpreter makes of the Works as they are now. */
async function aggregated(template: KubeObject, binding: Binding, aggregator: Aggregator): Promise<KubeObject> {
  const items = itemsForTemplate(binding.spec, aggregationOf(binding, aggregator).items);
  let desired: KubeObject;
  try {
    desired = await aggregator.deps.interpreter.aggregateStatus(template, items);
  } catch (error) {
    await tellAggregated(binding, aggregator, error);
    throw error;
  }
  await tellAggregated(binding, aggregator);
  return desired;
}

/** The condition StatusAggregated. */
async function tellAggregated(binding: Binding, aggregator: Aggregator, ...errors: readonly unknown[]): Promise<void> {
  const { kind } = bindingScopeOf(binding.metadata.namespace);
  const reporter = { ...aggregator, writes: aggregator.deps.writes };
  await reportFailures(kind, binding, [interpreterReport("aggregateStatus", ...errors)], reporter);
}

function isAnother({ metadata }: KubeObject, uid: string | undefined): boolean {
  return uid !== undefined && metadata.uid !== uid;
}
