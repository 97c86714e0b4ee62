// Takes along what a template refers to: its dependencies get bindings that are attached to its own, and follow it.
// Reads: bindings, templates, what they refer to.  Writes: attached bindings, the record of dependencies on the binding.
// Decides in ./record.ts and ./attach.ts.  Upstream: karmada pkg/dependenciesdistributor/dependencies_distributor.go.
import { eventReasons, karmadaAnnotations, karmadaFinalizers } from "#api/karmada-constants.ts";
import { type Binding, type BindingSnapshot, ResourceBinding } from "#api/work/binding.ts";
import type { DependentObject } from "#interpreter/interpretation.ts";
import type { Interpreter } from "#interpreter/interpreter.ts";
import { errorsText, throwErrors } from "#machinery/aggregate-error.ts";
import { errorText } from "#machinery/api-error.ts";
import { deepEqual } from "#machinery/equality.ts";
import { isObjectOf } from "#machinery/guards.ts";
import { type KubeObject, type ObjectRef, parseApiVersion } from "#machinery/object.ts";
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
import { untilAborted } from "#std/abort.ts";
import { mutate } from "../commit.ts";
import type { FeatureGates } from "../feature-gates.ts";
import { interpreterReport } from "../interpret-failures.ts";
import { reportFailures } from "../report-failures.ts";
import { bindingsOfKinds, ruleWatches } from "../rule-watches.ts";
import { templateOfBinding } from "../template-of-binding.ts";
import type { Templates } from "../templates.ts";
import { isInLine } from "./attach.ts";
import { Dependents } from "./dependents.ts";
import { eventText, recordText } from "./record.ts";
import { attachAll, detachAll, detachOthers } from "./sync.ts";

/** Bindings worked on at once. */
const workers = 8;

export interface DependenciesDistributorDeps {
  readonly templates: Templates;
  readonly interpreter: Interpreter;
  readonly gates: FeatureGates;
  readonly writes: RecentWrites;
}

export interface Distributor extends ControllerContext {
  readonly deps: DependenciesDistributorDeps;
  readonly dependents: Dependents;
}

/** Without the gate PropagateDeps everything that was attached is let go, and bindings are not held up. */
export function dependenciesDistributor(deps: DependenciesDistributorDeps): Controller {
  const dependents = new Dependents();
  return defineController({
    name: "dependencies-distributor",
    standing: "leads",
    for: [ResourceBinding],
    changed: referrerChanged,
    watches: [
      watches(ResourceBinding, referrersToMend),
      ...ruleWatches(deps.templates, ["getDependencies"], (kinds, context) =>
        bindingsOfKinds(deps.templates)(
          kinds.filter(({ namespaced }) => namespaced),
          context,
        ),
      ),
    ],
    options: {},
    workers,
    async source(queue) {
      const stop = dependents.feed((key) => {
        queue.enqueue(key);
      });
      await untilAborted(queue.signal);
      stop();
    },
    async reconcile(key, context) {
      const distributor = { ...context, deps, dependents };
      const binding = deps.writes.latest(context.informers.for(ResourceBinding), key);
      if (binding !== undefined && isReferrer(binding, deps.gates)) return distribute(binding, distributor);
      dependents.forget(key);
      await detachAll(key, distributor);
      if (binding === undefined) return done;
      await tellInterpreted(binding, distributor);
      await letGo(binding, distributor);
      return done;
    },
  });
}

function isReferrer({ metadata, spec }: Binding, gates: FeatureGates): boolean {
  return gates.PropagateDeps && spec.propagateDeps === true && metadata.deletionTimestamp === undefined;
}

function referrerChanged(object: KubeObject, old: KubeObject): boolean {
  if (!isObjectOf(ResourceBinding, object) || !isObjectOf(ResourceBinding, old)) return false;
  if (object.spec.propagateDeps !== true && old.spec.propagateDeps !== true) return false;
  const { generation, deletionTimestamp } = object.metadata;
  return generation !== old.metadata.generation || deletionTimestamp !== old.metadata.deletionTimestamp;
}

/** The referrers of an attached binding that someone took away, or edited where it is not his to edit. */
function referrersToMend(
  binding: Binding,
  old: Binding | undefined,
  { informers }: ControllerContext,
): readonly ReconcileKey[] {
  const bindings = informers.for(ResourceBinding);
  const isLost = old === undefined && bindings.get(binding.metadata) === undefined;
  if (!isLost && (old === undefined || deepEqual(whatIsAttached(binding), whatIsAttached(old)))) return [];
  const entries: readonly BindingSnapshot[] = [...(binding.spec.requiredBy ?? []), ...(old?.spec.requiredBy ?? [])];
  return entries.flatMap((entry) => {
    const referrer = bindings.get(entry);
    if (referrer === undefined) return [];
    const isEdited = old !== undefined && !deepEqual(sayOfReferrers(binding), sayOfReferrers(old));
    if (!isLost && !isEdited && isInLine(binding, referrer)) return [];
    return [{ kind: ResourceBinding, namespace: referrer.metadata.namespace, name: referrer.metadata.name }];
  });
}

function whatIsAttached(binding: Binding): readonly unknown[] {
  return [binding.metadata.labels, binding.spec.requiredBy, sayOfReferrers(binding)];
}

function sayOfReferrers({ spec }: Binding): readonly unknown[] {
  return [spec.conflictResolution, spec.preserveResourcesOnDeletion];
}

async function distribute(binding: Binding, distributor: Distributor): Promise<Result> {
  const { deps, events } = distributor;
  const { clusters = [] } = binding.spec;
  // Before it goes anywhere nothing goes along; once it has, an empty schedule is passed on as well.
  if (clusters.length === 0 && !isHeldUp(binding)) return done;
  const template = await templateOfBinding(binding, { ...distributor, ...deps });
  if (template === undefined) return done;
  const kind = { ...parseApiVersion(template.apiVersion), kind: template.kind };
  const isUnderstood = (): boolean => deps.interpreter.hooks(kind).has("getDependencies");
  const dependencies = await dependenciesOf(binding, template, distributor);
  // Only by now does the interpreter know all hooks that users bring.
  if (!isUnderstood() && !isHeldUp(binding)) return done;
  const ref: ObjectRef = { namespace: binding.metadata.namespace, name: binding.metadata.name };
  distributor.dependents.note(ref, dependencies);
  const recorded = await record(binding, dependencies, distributor);
  if (recorded === undefined) return done;
  if (recorded !== binding) {
    const message = `Get dependencies(${eventText(dependencies)}) succeed.`;
    events.event(template, "Normal", eventReasons.getDependenciesSucceed, message);
  }
  const detached = await detachOthers(recorded, dependencies, distributor);
  const { written, errors } = await attachAll(recorded, dependencies, distributor);
  if (errors.length > 0) {
    events.event(recorded, "Warning", eventReasons.syncScheduleResultToDependenciesFailed, errorsText(errors));
    throwErrors(errors);
  }
  if (written + detached > 0) {
    const message = "Sync schedule results to dependencies succeed.";
    events.event(recorded, "Normal", eventReasons.syncScheduleResultToDependenciesSucceed, message);
  }
  return done;
}

async function dependenciesOf(
  binding: Binding,
  template: KubeObject,
  distributor: Distributor,
): Promise<readonly DependentObject[]> {
  try {
    const dependencies = await distributor.deps.interpreter.getDependencies(template);
    await tellInterpreted(binding, distributor);
    return dependencies;
  } catch (error) {
    distributor.events.event(template, "Warning", eventReasons.getDependenciesFailed, errorText(error));
    await tellInterpreted(binding, distributor, error);
    throw error;
  }
}

/** The condition DependencyInterpreted. */
async function tellInterpreted(
  binding: Binding,
  distributor: Distributor,
  ...errors: readonly unknown[]
): Promise<void> {
  const { writes } = distributor.deps;
  await reportFailures(ResourceBinding, binding, [interpreterReport("getDependencies", ...errors)], {
    ...distributor,
    writes,
  });
}

/** The binding with finalizer and record, first of all: what is attached from now on will be let go. */
async function record(
  binding: Binding,
  dependencies: readonly DependentObject[],
  { client, deps, informers, signal }: Distributor,
): Promise<Binding | undefined> {
  const text = recordText(dependencies);
  const change = (current: Binding): Binding | undefined => {
    const { deletionTimestamp, finalizers = [], annotations } = current.metadata;
    if (deletionTimestamp !== undefined) return undefined;
    if (isHeldUp(current) && annotations?.[karmadaAnnotations.dependencies] === text) return current;
    const { dependenciesDistributor: finalizer } = karmadaFinalizers;
    const metadata = {
      ...current.metadata,
      finalizers: isHeldUp(current) ? finalizers : [...finalizers, finalizer],
      annotations: { ...annotations, [karmadaAnnotations.dependencies]: text },
    };
    return { ...current, metadata };
  };
  const written = await mutate(client, ResourceBinding, binding, change, { signal });
  if (written !== undefined) deps.writes.remember(informers.for(ResourceBinding), written);
  return written;
}

/** Whether it has to wait for this controller when it is deleted. */
function isHeldUp({ metadata }: Binding): boolean {
  return metadata.finalizers?.includes(karmadaFinalizers.dependenciesDistributor) === true;
}

async function letGo(binding: Binding, { client, deps, informers, signal }: Distributor): Promise<void> {
  const change = (current: Binding): Binding | undefined => {
    if (!isHeldUp(current)) return undefined;
    const { finalizers = [], ...metadata } = current.metadata;
    const kept = finalizers.filter((name) => name !== karmadaFinalizers.dependenciesDistributor);
    return { ...current, metadata: { ...metadata, finalizers: kept } };
  };
  const written = await mutate(client, ResourceBinding, binding, change, { signal });
  if (written !== undefined) deps.writes.remember(informers.for(ResourceBinding), written);
}
