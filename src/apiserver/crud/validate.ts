// Checks of an object before it is stored: the metadata every kind has, then the kind's own rules.
// Upstream: k8s.io/apimachinery/pkg/api/validation/objectmeta.go and pkg/apis/meta/v1/validation/validation.go.
import type { Resource } from "#api/resource.ts";
import type { MutableObject } from "#machinery/admission.ts";
import { type FieldError, fieldErrorText, forbidden, invalid, invalidError, required } from "#machinery/field-error.ts";
import {
  dns1123LabelErrors,
  generateNameErrors,
  nameErrors,
  qualifiedNameErrors,
  validateAnnotations,
  validateLabels,
} from "#machinery/names.ts";
import { type KubeObject, type OwnerReference, parseApiVersion } from "#machinery/object.ts";
import { foregroundFinalizer, orphanFinalizer } from "./deletion-plan.ts";
import type { ResourceForm } from "./resource-form.ts";
import type { WriteContext } from "./write-context.ts";

/** What is wrong with a new object. The kind's own findings hide those of the metadata, as upstream. */
export function validateForCreate(form: ResourceForm, object: KubeObject): readonly FieldError[] {
  const own = form.resource.strategy.validate(object);
  return own.length > 0 ? own : [...validateNaming(form, object), ...validateMetadata(form, object)];
}

/** What is wrong with the metadata of a changed object. Its name was judged when it was made. */
export function validateMetadataUpdate(form: ResourceForm, object: KubeObject, old: KubeObject): readonly FieldError[] {
  return [...newFinalizerErrors(object, old), ...validateMetadata(form, object)];
}

/** Throws the 422 with all of `errors`, if there are any; warns of those that may stay. */
export function throwIfInvalid(
  { form, warnings }: WriteContext,
  object: MutableObject,
  errors: readonly FieldError[],
): void {
  const fatal = errors.filter(({ tolerated }) => tolerated === undefined);
  if (fatal.length > 0) throw invalidError(form.resource.kind, object.metadata.name, fatal);
  for (const error of errors) warnings.add(fieldErrorText(error));
}

function validateNaming({ resource }: ResourceForm, { metadata }: KubeObject): readonly FieldError[] {
  const { nameRule } = resource.strategy;
  const { name, generateName, namespace } = metadata;
  return [
    ...(generateName === undefined ? [] : generateNameErrors(nameRule, generateName)).map((text) =>
      invalid("metadata.generateName", generateName, text),
    ),
    ...(name === ""
      ? [required("metadata.name", "name or generateName is required")]
      : nameErrors(nameRule, name).map((text) => invalid("metadata.name", name, text))),
    ...namespaceErrors(resource.kind.namespaced, namespace),
  ];
}

function namespaceErrors(isNamespaced: boolean, namespace: string | undefined): readonly FieldError[] {
  const field = "metadata.namespace";
  if (!isNamespaced) return namespace === undefined ? [] : [forbidden(field, "not allowed on this type")];
  if (namespace === undefined || namespace === "") return [required(field)];
  return dns1123LabelErrors(namespace).map((text) => invalid(field, namespace, text));
}

function validateMetadata({ resource }: ResourceForm, { metadata }: KubeObject): readonly FieldError[] {
  const { labels, annotations, ownerReferences, finalizers } = metadata;
  return [
    ...(labels === undefined ? [] : validateLabels(labels, "metadata.labels")),
    ...(annotations === undefined ? [] : validateAnnotations(annotations, "metadata.annotations")),
    ...(ownerReferences === undefined ? [] : ownerErrors(ownerReferences)),
    ...(finalizers === undefined ? [] : finalizerErrors(finalizers, allowsBareFinalizers(resource))),
  ];
}

function ownerErrors(owners: readonly OwnerReference[]): readonly FieldError[] {
  const field = "metadata.ownerReferences";
  const errors = owners.flatMap((owner) => [
    ...(parseApiVersion(owner.apiVersion).version === ""
      ? [invalid(`${field}.apiVersion`, owner.apiVersion, "version must not be empty")]
      : []),
    ...(["kind", "name", "uid"] as const).flatMap((part) =>
      owner[part] === "" ? [invalid(`${field}.${part}`, "", "must not be empty")] : [],
    ),
    ...(owner.apiVersion === "v1" && owner.kind === "Event"
      ? [invalid(field, owner, "/v1, Kind=Event is disallowed from being an owner")]
      : []),
  ]);
  const [first, second] = owners.filter((owner) => owner.controller === true);
  if (first === undefined || second === undefined) return errors;
  const both = `${first.kind}/${first.name} and ${second.kind}/${second.name}`;
  const why = `Only one reference can have Controller set to true. Found "true" in references for ${both}`;
  return [...errors, invalid(field, owners, why)];
}

/** Finalizers that may do without a domain. */
const standardFinalizers: readonly string[] = ["kubernetes", orphanFinalizer, foregroundFinalizer];

/** Kinds of Kubernetes proper want a path in them; custom ones and those of its two extension servers do not. */
function allowsBareFinalizers({ custom, kind }: Resource): boolean {
  return custom || kind.group === "apiextensions.k8s.io" || kind.group === "apiregistration.k8s.io";
}

function finalizerErrors(finalizers: readonly string[], allowBare: boolean): readonly FieldError[] {
  const field = "metadata.finalizers";
  const errors = finalizers.flatMap((finalizer) => [
    ...qualifiedNameErrors(finalizer).map((text) => invalid(field, finalizer, text)),
    ...(allowBare || finalizer.includes("/") || standardFinalizers.includes(finalizer)
      ? []
      : [invalid(field, finalizer, "name is neither a standard finalizer name nor is it fully qualified")]),
  ]);
  if (!finalizers.includes(orphanFinalizer) || !finalizers.includes(foregroundFinalizer)) return errors;
  return [...errors, invalid(field, finalizers, "finalizer orphan and foregroundDeletion cannot be both set")];
}

/** Warnings about finalizers of custom resources that have no domain and are new. */
export function finalizerWarnings(
  form: ResourceForm,
  object: KubeObject,
  old: KubeObject | undefined,
): readonly string[] {
  if (!form.resource.custom) return [];
  const before = old?.metadata.finalizers ?? [];
  return (object.metadata.finalizers ?? [])
    .filter((name) => !name.includes("/") && !standardFinalizers.includes(name) && !before.includes(name))
    .map((name) => {
      const what = name.includes(".") ? " including a path (/)" : "";
      const why = "to avoid accidental conflicts with other finalizer writers";
      return `metadata.finalizers: ${JSON.stringify(name)}: prefer a domain-qualified finalizer name${what} ${why}`;
    });
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
