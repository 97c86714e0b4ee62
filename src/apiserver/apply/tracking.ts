// Keeps metadata.managedFields of objects that are created and updated: who is the manager of which field. Between a request
// and its write they travel beside the object, as text. Pure but for the clock.
// Upstream: k8s.io/apimachinery/pkg/util/managedfields/internal/{fieldmanager,skipnonapplied}.go.
import type { MutableObject } from "#machinery/admission.ts";
import { ApiError } from "#machinery/api-error.ts";
import { invalidError } from "#machinery/field-error.ts";
import {
  compareManaged,
  isReset,
  managedErrors,
  type ManagerName,
  type Managers,
  readManagers,
  readSentManagers,
  writeManagers,
} from "#machinery/fields/managers.ts";
import { updateManagers } from "#machinery/fields/updater.ts";
import { parseJson } from "#machinery/json.ts";
import type { KubeObject } from "#machinery/object.ts";
import { formatTime } from "#std/time.ts";
import type { ResourceForm } from "../crud/resource-form.ts";
import type { ManagedText } from "../crud/stored-form.ts";
import type { WriteContext } from "../crud/write-context.ts";
import { fieldRules } from "./field-rules.ts";

const nobody: Managers = new Map();

/** An object, and its managedFields beside it. */
export interface Tracked<T = MutableObject> {
  readonly object: T;
  readonly managed: ManagedText;
  /** The object has been applied: without its managedFields that would mean nothing. */
  readonly isApplied?: boolean;
}

/** Of a new object: all that it has is the creator's. */
export function trackCreate({ core, form, fieldManager }: WriteContext, object: MutableObject): ManagedText {
  const next = updateManagers(fieldRules(core, form, ""), {
    old: form.empty,
    object,
    managers: nobody,
    name: { manager: fieldManager, operation: "Update", apiVersion: form.apiVersion, subresource: "" },
    now: formatTime(core.clock.now()),
  });
  return writeManagers(next, form.fieldSets);
}

/**
 * Of an object that an update through an endpoint changes. An object that nobody's fields are known of stays so. `object`
 * may bring managedFields of its own, which then count instead of the old ones; they are taken out of it.
 */
export function trackUpdate(
  { core, form, fieldManager }: WriteContext,
  { subresource }: { readonly subresource: string },
  old: Tracked<KubeObject>,
  object: MutableObject,
): Tracked {
  const bySender = takeManagedFields(object);
  const sent = subresource === "" ? sentManagers(bySender) : undefined;
  const managers = sent ?? liveManagers(form, old.managed);
  if (managers.size === 0) return { object, managed: undefined };
  const name: ManagerName = { manager: fieldManager, operation: "Update", apiVersion: form.apiVersion, subresource };
  const next = updateManagers(fieldRules(core, form, subresource), {
    old: old.object,
    object,
    managers,
    name,
    now: formatTime(core.clock.now()),
  });
  if (sent !== undefined) checkNames(form, object, next);
  const isSame = next === managers && sent === undefined;
  return { object, managed: isSame ? old.managed : writeManagers(next, form.fieldSets) };
}

/** Throws Invalid for managers with names that cannot be. */
function checkNames({ resource }: ResourceForm, { metadata }: MutableObject, managers: Managers): void {
  const errors = [...managers.values()].sort(compareManaged).flatMap(managedErrors);
  if (errors.length > 0) throw invalidError(resource.kind, metadata.name, errors);
}

/**
 * The managedFields that a webhook has left, as it sent them; those from before, with a warning, where they cannot be
 * read.
 * Upstream: k8s.io/apiserver/pkg/endpoints/handlers/fieldmanager/admission.go.
 */
export function managedByWebhook({ form, warnings }: WriteContext, sent: unknown, before: ManagedText): ManagedText {
  if (sent === undefined) return undefined;
  try {
    return writeManagers(readSentManagers(sent), form.fieldSets);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    warnings.add(
      ".metadata.managedFields was in an invalid state after admission; this could be caused by an outdated mutating " +
        `admission controller; please fix your requests: ${error.message}`,
    );
    return before;
  }
}

/** The object as others see it, with its managedFields in it. */
export function withManagedFields<T extends KubeObject | MutableObject>(object: T, managed: ManagedText): T {
  if (managed === undefined) return object;
  return { ...object, metadata: { ...object.metadata, managedFields: parseJson(managed) } };
}

/** Takes managedFields out of an object. */
export function takeManagedFields({ metadata }: MutableObject): unknown {
  const { managedFields } = metadata;
  // Not deleted: that would turn the metadata into a slow dictionary.
  if (managedFields !== undefined) metadata["managedFields"] = undefined;
  return managedFields;
}

/** What a client says itself about managers; undefined: nothing that could be understood. */
function sentManagers(sent: unknown): Managers | undefined {
  if (sent === undefined) return undefined;
  if (isReset(sent)) return nobody;
  try {
    const managers = readSentManagers(sent);
    return managers.size === 0 ? undefined : managers;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return undefined;
  }
}

/** Entries of a form that is not known any more are nobody's. */
export function liveManagers({ fieldSets }: Pick<ResourceForm, "fieldSets">, managed: ManagedText): Managers {
  try {
    return readManagers(managed, fieldSets);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return nobody;
  }
}

/** Are two managedFields the same but for their times? */
export function isSameButTimes({ fieldSets }: ResourceForm, left: ManagedText, right: ManagedText): boolean {
  if (left === right) return true;
  if (left === undefined || right === undefined) return false;
  const timeless = (managed: ManagedText): ManagedText => {
    const managers = [...liveManagers({ fieldSets }, managed)];
    return writeManagers(new Map(managers.map(([id, each]) => [id, { ...each, time: undefined }])), fieldSets);
  };
  return timeless(left) === timeless(right);
}
