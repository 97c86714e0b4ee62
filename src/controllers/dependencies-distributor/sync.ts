// Brings the bindings that are attached to one referrer in line with what its template refers to.
import { eventReasons } from "#api/karmada-constants.ts";
import { type Binding, ResourceBinding } from "#api/work/binding.ts";
import type { DependentObject } from "#interpreter/interpretation.ts";
import { throwErrors } from "#machinery/aggregate-error.ts";
import type { KubeObject, ObjectRef } from "#machinery/object.ts";
import { forEachBounded } from "#std/bounded.ts";
import { bindingIdOf, bindingText } from "../binding-scope.ts";
import { createOrFind, mutate } from "../commit.ts";
import { attachedTo } from "../referrers.ts";
import { attached, attachedRefOf, conflictText, detached, type FindReferrer } from "./attach.ts";
import type { Distributor } from "./controller.ts";
import { means } from "./record.ts";

/** Attached bindings of one referrer written at once. */
const writesAtOnce = 4;

/** Attaches what is there of the dependencies. What comes later is heard of. */
export async function attachAll(
  referrer: Binding,
  dependencies: readonly DependentObject[],
  distributor: Distributor,
): Promise<{ readonly written: number; readonly errors: readonly unknown[] }> {
  if (bindingIdOf(referrer) === "") throw new Error(`${bindingText(referrer)} has no permanent id`);
  let written = 0;
  const errors = await forEachBounded(dependencies, writesAtOnce, async (dependency) => {
    for (const object of await objectsOf(dependency, distributor)) {
      if (await attach(referrer, object, distributor)) written++;
    }
  });
  return { written, errors };
}

async function objectsOf(dependency: DependentObject, distributor: Distributor): Promise<readonly KubeObject[]> {
  const { deps, dependents, informers } = distributor;
  const { apiVersion, kind, namespace, name = "" } = dependency;
  const known = await deps.templates.kindOf(apiVersion, kind);
  if (known !== undefined) dependents.follow(known, informers);
  if (name === "") return deps.templates.select({ apiVersion, kind, namespace }, (object) => means(dependency, object));
  const found = await deps.templates.find({ apiVersion, kind, namespace, name });
  return found === undefined ? [] : [found];
}

/** Whether anything had to be written. */
async function attach(referrer: Binding, object: KubeObject, distributor: Distributor): Promise<boolean> {
  const { client, deps, events, informers, signal } = distributor;
  const bindings = informers.for(ResourceBinding);
  const find = finder(distributor);
  const cached = deps.writes.latest(bindings, attachedRefOf(referrer, object));
  const change = (current: Binding | undefined): Binding => attached(current, referrer, object, find);
  const { object: existing, created } =
    cached === undefined
      ? await createOrFind(client, ResourceBinding, change(undefined), signal)
      : { object: cached, created: false };
  const written = created ? existing : await mutate(client, ResourceBinding, existing, change, { signal });
  // It went in this moment; that it has gone is heard of.
  if (written === undefined) return false;
  deps.writes.remember(bindings, written);
  const conflict = conflictText(written, find);
  if (conflict !== undefined) events.event(written, "Warning", eventReasons.dependencyPolicyConflict, conflict);
  return created || written !== existing;
}

/** Detaches what the template does not refer to any more. How many. */
export async function detachOthers(
  referrer: Binding,
  dependencies: readonly DependentObject[],
  distributor: Distributor,
): Promise<number> {
  const { deps, informers } = distributor;
  const orphans = attachedTo(referrer.metadata, informers).filter(({ spec: { resource } }) => {
    const object = deps.templates.peek(resource) ?? unknownObject(resource);
    return !dependencies.some((dependency) => means(dependency, object));
  });
  await detachThese(referrer.metadata, orphans, distributor);
  return orphans.length;
}

/** An object that is not there has no labels, but it has a name. */
function unknownObject({ apiVersion, kind, namespace, name }: Binding["spec"]["resource"]): KubeObject {
  return { apiVersion, kind, metadata: { name, ...(namespace === undefined ? {} : { namespace }) } };
}

/** Detaches everything from a referrer that takes nothing along any more, or is gone. */
export function detachAll(referrer: ObjectRef, distributor: Distributor): Promise<void> {
  return detachThese(referrer, attachedTo(referrer, distributor.informers), distributor);
}

async function detachThese(referrer: ObjectRef, bindings: readonly Binding[], distributor: Distributor): Promise<void> {
  const { client, deps, informers, signal } = distributor;
  const informer = informers.for(ResourceBinding);
  const find = finder(distributor);
  const errors = await forEachBounded(bindings, writesAtOnce, async (binding) => {
    const latest = deps.writes.latest(informer, binding.metadata) ?? binding;
    const change = (current: Binding): Binding => detached(current, referrer, find);
    const written = await mutate(client, ResourceBinding, latest, change, { signal });
    if (written !== undefined) deps.writes.remember(informer, written);
  });
  throwErrors(errors);
}

function finder({ informers, deps }: Distributor): FindReferrer {
  return (ref) => deps.writes.latest(informers.for(ResourceBinding), ref);
}
