// Makes the strategy of a built-in kind out of what is special about it.
// Upstream: the strategy.go files under k8s.io/kubernetes/pkg/registry.
import type { MutableObject } from "#machinery/admission.ts";
import { semanticEqual } from "#machinery/equality.ts";
import type { FieldError } from "#machinery/field-error.ts";
import type { KubeObject } from "#machinery/object.ts";
import { createDecoder } from "#machinery/schema-decode.ts";
import type { Strategy } from "../resource.ts";
import type { BuiltinKind } from "./builtin-kind.ts";
import { builtinResolver, definitionName } from "./definitions.ts";
import { defaultsOf } from "./defaults/defaults.ts";
import { checksOf } from "./validation/validation.ts";

/** When metadata.generation moves on. */
export type GenerationRule = (object: KubeObject, old: KubeObject) => boolean;

/** What is special about a kind. Everything absent is as most kinds have it. */
export interface KindRules {
  readonly nameRule?: Strategy["nameRule"];
  /** Absent: objects carry no generation. */
  readonly generation?: GenerationRule;
  readonly allowUnconditionalUpdate?: boolean;
  readonly allowCreateOnUpdate?: boolean;
  readonly returnsDeleted?: boolean;
  /** Whether a new object may bring a status (Node). */
  readonly keepsStatusOnCreate?: boolean;
  /** The status of a new object, where it is not the zero one. */
  readonly newStatus?: () => Record<string, unknown>;
  /** After the status was reset. */
  readonly prepareForCreate?: (object: MutableObject) => void;
  /** After the status was put back. */
  readonly prepareForUpdate?: (object: MutableObject, old: KubeObject) => void;
  /** After everything but metadata and status was put back. */
  readonly prepareForStatusUpdate?: (object: MutableObject, old: KubeObject) => void;
  readonly gracePeriodSeconds?: (object: KubeObject, asked: number | undefined) => number;
  readonly prepareForDelete?: (object: MutableObject, now: string) => void;
  readonly holdsDeletion?: (object: KubeObject) => boolean;
  readonly subresourceRules?: Strategy["subresourceRules"];
  readonly selectableFields?: Strategy["selectableFields"];
}

/** The strategy of `kind`. */
export function builtinStrategy(kind: BuiltinKind, rules: KindRules): Strategy {
  const hasStatus = Object.hasOwn(kind.subresources, "status");
  const checks = checksOf(kind);
  const { prepareForCreate, prepareForUpdate, prepareForStatusUpdate, gracePeriodSeconds, generation } = rules;
  return {
    nameRule: rules.nameRule ?? "subdomain",
    hasGeneration: generation !== undefined,
    allowUnconditionalUpdate: rules.allowUnconditionalUpdate ?? true,
    allowCreateOnUpdate: rules.allowCreateOnUpdate ?? false,
    returnsDeleted: rules.returnsDeleted ?? false,
    defaults: defaultsOf(kind),
    prepareForCreate(object) {
      if (hasStatus && rules.keepsStatusOnCreate !== true) {
        object["status"] = rules.newStatus === undefined ? zeroStatus(kind) : rules.newStatus();
      }
      prepareForCreate?.(object);
    },
    prepareForUpdate(object, old) {
      if (hasStatus) restoreField(object, old, "status");
      prepareForUpdate?.(object, old);
    },
    prepareForStatusUpdate(object, old) {
      restoreAllBut(object, old, "status");
      prepareForStatusUpdate?.(object, old);
    },
    bumpsGeneration: generation ?? never,
    validate: checks.validate ?? noErrors,
    validateUpdate: (object, old) => [
      ...(checks.validateUpdate?.(object, old) ?? []),
      ...(checks.validate?.(object) ?? []),
    ],
    validateStatusUpdate: checks.validateStatusUpdate ?? noErrors,
    ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
    ...(rules.prepareForDelete === undefined ? {} : { prepareForDelete: rules.prepareForDelete }),
    ...(rules.holdsDeletion === undefined ? {} : { holdsDeletion: rules.holdsDeletion }),
    ...(rules.subresourceRules === undefined ? {} : { subresourceRules: rules.subresourceRules }),
    selectableFields: rules.selectableFields ?? {},
  };
}

/** The generation moves with `spec`. */
export const withSpec: GenerationRule = (object, old) => !semanticEqual(object["spec"], old["spec"]);

/** The generation moves with `field`. */
export function withField(field: string): GenerationRule {
  return (object, old) => !semanticEqual(object[field], old[field]);
}

/** The generation stays what it was at creation. */
export const fixedGeneration: GenerationRule = () => false;

/** Makes `object[name]` what it was. */
export function restoreField(object: MutableObject, old: KubeObject, name: string): void {
  if (old[name] === undefined) delete object[name];
  else object[name] = old[name];
}

/** Makes `object.metadata[name]` what it was. */
export function restoreMetadataField(object: MutableObject, old: KubeObject, name: keyof KubeObject["metadata"]): void {
  const before = old.metadata[name];
  if (before === undefined) delete object.metadata[name];
  else Object.assign(object.metadata, { [name]: before });
}

/** Makes everything but metadata and `kept` what it was. */
export function restoreAllBut(object: MutableObject, old: KubeObject, kept: string): void {
  for (const name of new Set([...Object.keys(object), ...Object.keys(old)])) {
    if (!/^(apiVersion|kind|metadata)$/.test(name) && name !== kept) restoreField(object, old, name);
  }
}

/** What Go writes for a status that nothing was set in. */
function zeroStatus(kind: BuiltinKind): Record<string, unknown> {
  const schema = builtinResolver(definitionName(kind.type)).properties?.["status"];
  const status: Record<string, unknown> = {};
  if (schema !== undefined) createDecoder(schema, builtinResolver)(status);
  return status;
}

function never(): boolean {
  return false;
}

function noErrors(): readonly FieldError[] {
  return [];
}
