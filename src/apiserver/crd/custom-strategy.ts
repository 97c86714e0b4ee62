// How objects of CustomResourceDefinitions live. Upstream: k8s.io/apiextensions-apiserver/pkg/registry/customresource/strategy.go.
import type { ScalePaths, Strategy } from "#api/resource.ts";
import type { MutableObject } from "#machinery/admission.ts";
import type { ApiError } from "#machinery/api-error.ts";
import { deepEqual } from "#machinery/equality.ts";
import { type FieldError, invalid } from "#machinery/field-error.ts";
import { fieldOf } from "#machinery/guards.ts";
import { apiVersionOf, type Kind, type KubeObject } from "#machinery/object.ts";
import { refusedWrite } from "../admission/refused-write.ts";

/** Checks an object, or the change from an old one, by the schema of its version. */
export interface SchemaCheck {
  object(object: KubeObject): readonly FieldError[];
  change(object: KubeObject, old: KubeObject): readonly FieldError[];
  /** Only what lies under `.status`. */
  statusChange(object: KubeObject, old: KubeObject): readonly FieldError[];
}

export interface CustomStrategyOptions {
  readonly kind: Kind;
  readonly hasStatus: boolean;
  readonly scale: ScalePaths | undefined;
  readonly check: SchemaCheck;
  /** Its definition is being deleted: nothing new comes in. */
  readonly terminating: boolean;
  readonly selectableFields: Strategy["selectableFields"];
}

const replicasMax = 2 ** 31 - 1;

export function customStrategy(options: CustomStrategyOptions): Strategy {
  const { kind, hasStatus, check } = options;
  return {
    nameRule: "subdomain",
    hasGeneration: true,
    allowUnconditionalUpdate: false,
    allowCreateOnUpdate: false,
    returnsDeleted: false,
    defaults: noDefaults,
    prepareForCreate(object) {
      if (options.terminating) throw terminatingError(kind, object.metadata.name);
      if (hasStatus) Reflect.deleteProperty(object, "status");
    },
    prepareForUpdate(object, old) {
      if (hasStatus) restore(object, old, "status");
    },
    prepareForStatusUpdate: keepAllButStatus,
    bumpsGeneration: (object, old) => !deepEqual(withoutMetadata(object), withoutMetadata(old)),
    validate: (object) => typeErrors(kind, object) ?? [...check.object(object), ...scaleErrors(options, object)],
    validateUpdate: (object, old) =>
      typeErrors(kind, object) ?? [...check.change(object, old), ...scaleErrors(options, object)],
    validateStatusUpdate: (object, old) =>
      typeErrors(kind, object) ?? [...check.statusChange(object, old), ...statusScaleErrors(options, object)],
    selectableFields: options.selectableFields,
  };
}

/** Defaults are the schema's, which decoding has filled in. */
function noDefaults(): void {
  // Nothing is left to do.
}

/** `/status` keeps everything as it was, metadata too, but for the status and who manages it. */
function keepAllButStatus(object: MutableObject, old: KubeObject): void {
  const { managedFields } = object.metadata;
  for (const field of new Set([...Object.keys(object), ...Object.keys(old)])) {
    if (field !== "status" && field !== "metadata" && field !== "apiVersion" && field !== "kind") {
      restore(object, old, field);
    }
  }
  object.metadata = { ...old.metadata, ...(managedFields === undefined ? {} : { managedFields }) };
}

function restore(object: MutableObject, old: KubeObject, field: string): void {
  if (Object.hasOwn(old, field)) object[field] = old[field];
  else Reflect.deleteProperty(object, field);
}

/** What moves the generation on when it changes. */
function withoutMetadata(object: KubeObject): Readonly<Record<string, unknown>> {
  return { ...object, metadata: undefined, apiVersion: undefined };
}

/** A wrong kind or apiVersion is the only thing worth telling. */
function typeErrors(kind: Kind, object: KubeObject): readonly FieldError[] | undefined {
  const errors: FieldError[] = [];
  if (object.kind !== kind.kind) errors.push(invalid("kind", object.kind, `must be ${kind.kind}`));
  const apiVersion = apiVersionOf(kind);
  if (object.apiVersion !== apiVersion) errors.push(invalid("apiVersion", object.apiVersion, `must be ${apiVersion}`));
  return errors.length === 0 ? undefined : errors;
}

function scaleErrors(options: CustomStrategyOptions, object: KubeObject): readonly FieldError[] {
  const { scale } = options;
  if (scale === undefined) return [];
  return [...replicasErrors(object, scale.specReplicas), ...statusScaleErrors(options, object)];
}

function statusScaleErrors({ scale }: CustomStrategyOptions, object: KubeObject): readonly FieldError[] {
  return scale === undefined ? [] : replicasErrors(object, scale.statusReplicas);
}

function replicasErrors(object: KubeObject, path: readonly string[]): readonly FieldError[] {
  const value = fieldOf(object, ...path);
  const field = path.join(".");
  if (typeof value !== "number") return [];
  if (value < 0) return [invalid(field, value, "should be a non-negative integer")];
  if (value > replicasMax) return [invalid(field, value, `should be less than or equal to ${String(replicasMax)}`)];
  return [];
}

function terminatingError(kind: Kind, name: string): ApiError {
  const why = "create not allowed while custom resource definition is terminating";
  return refusedWrite(kind, name, "Forbidden", why);
}
