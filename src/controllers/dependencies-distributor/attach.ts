// Attached bindings: those of objects that go along with what refers to them. Pure.
// Upstream: karmada pkg/dependenciesdistributor/dependencies_distributor.go, policy_utils.go.
import { karmadaFinalizers } from "#api/karmada-constants.ts";
import { bindingName } from "#api/karmada-names.ts";
import { type Binding, type BindingSnapshot, type BindingSpec, ResourceBinding } from "#api/work/binding.ts";
import { apiVersionOf, type KubeObject, type ObjectRef } from "#machinery/object.ts";
import { deepEqual } from "#machinery/equality.ts";
import { defined } from "#std/defined.ts";
import { bindingIdOf } from "../binding-scope.ts";
import { controllerReference, isOwnedByAnother, referenceTo } from "../policy/build-binding.ts";
import { dependedByLabel } from "../referrers.ts";

/** Where the attached binding of an object is: beside its referrer, whatever the object's own namespace. */
export function attachedRefOf(referrer: Binding, object: KubeObject): ObjectRef {
  return { namespace: referrer.metadata.namespace, name: bindingName(object.kind, object.metadata.name) };
}

/** Finds the binding of a referrer. Undefined: it is not there. */
export type FindReferrer = (ref: ObjectRef) => Binding | undefined;

/** Why an attached binding cannot be written: it still belongs to an object of the same name that was deleted. */
const ownerDiffersText =
  "due to different owner reference UID, will try again later after binding is garbage collected, see " +
  "https://github.com/karmada-io/karmada/issues/6034";

/**
 * The attached binding as it should be: a new one, or `existing` with the referrer added. One that a policy manages too
 * keeps what the policy decides. Throws an Error while it belongs to an earlier object of that name.
 */
export function attached(
  existing: Binding | undefined,
  referrer: Binding,
  object: KubeObject,
  find: FindReferrer,
): Binding {
  const base = existing ?? newBinding(referrer, object);
  if (isOwnedByAnother(base, object)) {
    const { namespace = "", name } = base.metadata;
    throw new Error(`failed to update resourceBinding(${namespace}/${name}) ${ownerDiffersText}`);
  }
  const requiredBy = withSnapshot(base.spec.requiredBy ?? [], snapshotOf(referrer));
  return {
    ...base,
    metadata: {
      ...base.metadata,
      labels: { ...base.metadata.labels, [dependedByLabel(referrer.metadata)]: bindingIdOf(referrer) },
    },
    spec: settled({ ...base.spec, resource: referenceTo(object), requiredBy }, withSelf(referrer, find)),
  };
}

/** Without the referrer. The binding stays, also without any: it goes with its object. */
export function detached(existing: Binding, referrer: ObjectRef, find: FindReferrer): Binding {
  const key = dependedByLabel(referrer);
  const { labels = {}, ...metadata } = existing.metadata;
  const kept = Object.fromEntries(Object.entries(labels).filter(([name]) => name !== key));
  const { requiredBy: before = [], ...spec } = existing.spec;
  const requiredBy = before.filter((snapshot) => !isOf(snapshot, referrer));
  return {
    ...existing,
    metadata: { ...metadata, labels: kept },
    spec: settled(requiredBy.length === 0 ? spec : { ...spec, requiredBy }, find),
  };
}

/** Whether a binding says of the referrer what it should: who edits it by hand is put right. */
export function isInLine({ metadata, spec }: Binding, referrer: Binding): boolean {
  const label = metadata.labels?.[dependedByLabel(referrer.metadata)];
  const snapshot = spec.requiredBy?.find((entry) => isOf(entry, referrer.metadata));
  return label === bindingIdOf(referrer) && deepEqual(snapshot, snapshotOf(referrer));
}

/** What the referrers of an attached binding disagree on, as upstream's event says it; undefined: nothing. */
export function conflictText({ spec }: Binding, find: FindReferrer): string | undefined {
  if (spec.placement !== undefined) return undefined;
  const { overwrite, preserve, all } = opinions(spec, find);
  const isMixed = (count: number): boolean => count > 0 && count < all;
  const reasons = [
    ...(isMixed(overwrite) ? ["ConflictResolution conflicted (Overwrite vs Abort)"] : []),
    ...(isMixed(preserve) ? ["PreserveResourcesOnDeletion conflicted (true vs false)"] : []),
  ];
  return reasons.length === 0 ? undefined : `Dependency policy conflict detected: ${reasons.join("; ")}.`;
}

function newBinding(referrer: Binding, object: KubeObject): Binding {
  return {
    apiVersion: apiVersionOf(ResourceBinding),
    kind: ResourceBinding.kind,
    metadata: defined({
      ...attachedRefOf(referrer, object),
      ownerReferences: [controllerReference(object)],
      finalizers: [karmadaFinalizers.binding],
    }),
    spec: { resource: referenceTo(object) },
  };
}

function snapshotOf({ metadata: { namespace, name }, spec: { clusters } }: Binding): BindingSnapshot {
  return defined({ namespace, name, clusters });
}

/** In the old entry's place, or at the end. */
function withSnapshot(entries: readonly BindingSnapshot[], snapshot: BindingSnapshot): readonly BindingSnapshot[] {
  const index = entries.findIndex((entry) => isOf(entry, snapshot));
  return index < 0 ? [...entries, snapshot] : entries.with(index, snapshot);
}

function isOf(snapshot: BindingSnapshot, ref: ObjectRef): boolean {
  return snapshot.name === ref.name && (snapshot.namespace ?? "") === (ref.namespace ?? "");
}

/** The referrer in hand is newer than what can be found of it. */
function withSelf(referrer: Binding, find: FindReferrer): FindReferrer {
  const { namespace, name } = referrer.metadata;
  return (ref) => (ref.name === name && ref.namespace === namespace ? referrer : find(ref));
}

/**
 * Where no policy decides, the referrers do: Overwrite if one of them says so, preserved if one of them says so.
 * Without referrers nothing is said.
 */
function settled(spec: BindingSpec, find: FindReferrer): BindingSpec {
  if (spec.placement !== undefined) return spec;
  const { conflictResolution: _resolution, preserveResourcesOnDeletion: _preserve, ...rest } = spec;
  if ((spec.requiredBy ?? []).length === 0) return rest;
  const { overwrite, preserve } = opinions(spec, find);
  return {
    ...rest,
    conflictResolution: overwrite > 0 ? "Overwrite" : "Abort",
    preserveResourcesOnDeletion: preserve > 0,
  };
}

interface Opinions {
  readonly overwrite: number;
  readonly preserve: number;
  readonly all: number;
}

function opinions({ requiredBy = [] }: BindingSpec, find: FindReferrer): Opinions {
  const referrers = requiredBy.flatMap((entry) => find(entry) ?? []);
  return {
    overwrite: referrers.filter(({ spec }) => spec.conflictResolution === "Overwrite").length,
    preserve: referrers.filter(({ spec }) => spec.preserveResourcesOnDeletion === true).length,
    all: referrers.length,
  };
}
