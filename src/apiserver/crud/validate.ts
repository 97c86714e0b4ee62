// Checks of an object before it is stored: the metadata every kind has, then the kind's own rules.
// Upstream: k8s.io/apimachinery/pkg/api/validation/objectmeta.go.
import type { MutableObject } from "#machinery/admission.ts";
import { type FieldError, forbidden, invalidError, required } from "#machinery/field-error.ts";
import type { KubeObject } from "#machinery/object.ts";
import type { ResourceForm } from "./stored-form.ts";

/** What is wrong with a new object. The kind's own findings hide those of the metadata, as upstream. */
export function validateForCreate(form: ResourceForm, object: KubeObject): readonly FieldError[] {
  if (object.metadata.name === "") return [required("metadata.name", "name or generateName is required")];
  const own = form.resource.strategy.validate(object);
  return own.length > 0 ? own : validateMetadata(form, object);
}

/** What is wrong with the metadata of a changed object. */
export function validateMetadataUpdate(form: ResourceForm, object: KubeObject, old: KubeObject): readonly FieldError[] {
  return [...validateMetadata(form, object), ...newFinalizerErrors(object, old)];
}

/** Throws the 422 with all of `errors`, if there are any. */
export function throwIfInvalid(form: ResourceForm, object: MutableObject, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalidError(form.resource.kind, object.metadata.name, errors);
}

function validateMetadata(_form: ResourceForm, _object: KubeObject): readonly FieldError[] {
  return [];
}

function newFinalizerErrors(object: KubeObject, old: KubeObject): readonly FieldError[] {
  if (old.metadata.deletionTimestamp === undefined) return [];
  const before = old.metadata.finalizers ?? [];
  const added = (object.metadata.finalizers ?? []).filter((finalizer) => !before.includes(finalizer));
  if (added.length === 0) return [];
  const list = added.map((finalizer) => JSON.stringify(finalizer)).join(", ");
  const why =
    "no new finalizers can be added if the object is being deleted, " + `found new finalizers []string{${list}}`;
  return [forbidden("metadata.finalizers", why)];
}
