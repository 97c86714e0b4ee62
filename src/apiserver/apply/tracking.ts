// Keeps metadata.managedFields of objects that are created and updated: who is the manager of which field. Pure but for the
// clock. Upstream: k8s.io/apimachinery/pkg/util/managedfields/internal/{fieldmanager,skipnonapplied}.go.
import type { MutableObject } from "#machinery/admission.ts";
import { ApiError, errorText } from "#machinery/api-error.ts";
import { deepEqual } from "#machinery/equality.ts";
import {
  isReset,
  type ManagerName,
  type Managers,
  readSentManagers,
  readStoredManagers,
  writeManagers,
} from "#machinery/fields/managers.ts";
import { updateManagers } from "#machinery/fields/updater.ts";
import type { KubeObject, ManagedFieldsEntry } from "#machinery/object.ts";
import { formatTime } from "#std/time.ts";
import type { WriteContext } from "../crud/write-context.ts";
import { fieldRules } from "./field-rules.ts";

export type ManagedFields = readonly ManagedFieldsEntry[] | undefined;

const nobody: Managers = new Map();

/** Of a new object: all that it has is the creator's. */
export function trackCreate({ core, form, fieldManager }: WriteContext, object: MutableObject): ManagedFields {
  const next = updateManagers(fieldRules(core, form, ""), {
    old: form.empty,
    object,
    managers: nobody,
    name: { manager: fieldManager, operation: "Update", apiVersion: form.apiVersion, subresource: "" },
    now: formatTime(core.clock.now()),
  });
  return writeManagers(next);
}

/**
 * Of an object that an update through an endpoint changes. An object that nobody's fields are known of stays so. `object`
 * may bring managedFields of its own, which then count instead of the old ones.
 */
function trackUpdate(
  { core, form, fieldManager }: WriteContext,
  subresource: string,
  old: KubeObject,
  object: MutableObject,
): ManagedFields {
  const live = old.metadata.managedFields;
  const sent = subresource === "" ? sentManagers(object.metadata["managedFields"], live) : undefined;
  const managers = sent ?? liveManagers(live);
  if (managers.size === 0) return undefined;
  const name: ManagerName = { manager: fieldManager, operation: "Update", apiVersion: form.apiVersion, subresource };
  const next = updateManagers(fieldRules(core, form, subresource), {
    old,
    object,
    managers,
    name,
    now: formatTime(core.clock.now()),
  });
  return next === managers && sent === undefined ? live : writeManagers(next);
}

/** The same, with the result written into `object`. */
export function trackedUpdate(
  context: WriteContext,
  { subresource }: { readonly subresource: string },
  old: KubeObject,
  object: MutableObject,
): MutableObject {
  putManagedFields(object, trackUpdate(context, subresource, old, object));
  return object;
}

/** What a client says itself about managers; undefined: nothing that could be understood, or what is known already. */
function sentManagers(sent: unknown, live: ManagedFields): Managers | undefined {
  if (sent === undefined || sent === live) return undefined;
  if (isReset(sent)) return nobody;
  if (deepEqual(sent, live)) return undefined;
  try {
    const managers = readSentManagers(sent);
    return managers.size === 0 ? undefined : managers;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return undefined;
  }
}

/** Entries of a form that is not known any more are nobody's. */
function liveManagers(live: ManagedFields): Managers {
  try {
    return readStoredManagers(live);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return nobody;
  }
}

/** Takes back what admission has made of managedFields if it can no longer be read. */
export function managedAfterAdmission({ warnings }: WriteContext, object: MutableObject, before: unknown): unknown {
  const after = object.metadata["managedFields"];
  if (after === undefined || after === before || deepEqual(after, before)) return after;
  try {
    return writeManagers(readSentManagers(after));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const why = "this could be caused by an outdated mutating admission controller; please fix your requests";
    warnings.add(`.metadata.managedFields was in an invalid state after admission; ${why}: ${errorText(error)}`);
    return before;
  }
}

/** Sets or takes away metadata.managedFields. */
export function putManagedFields(object: MutableObject, managed: unknown): void {
  if (managed === undefined) Reflect.deleteProperty(object.metadata, "managedFields");
  else object.metadata["managedFields"] = managed;
}

/** Puts back managedFields in which, as in all of the object, nothing but times has changed. */
export function revertTimes(object: MutableObject, old: KubeObject): void {
  const before = old.metadata.managedFields;
  const after = object.metadata["managedFields"];
  if (before === undefined || before === after || !Array.isArray(after) || !equalButTimes(before, after)) return;
  const isSame = deepEqual(
    { ...object, metadata: { ...object.metadata, managedFields: undefined } },
    { ...old, metadata: { ...old.metadata, managedFields: undefined } },
  );
  if (isSame) object.metadata["managedFields"] = before;
}

function equalButTimes(before: readonly ManagedFieldsEntry[], after: readonly unknown[]): boolean {
  return (
    before.length === after.length &&
    before.every((entry, index) => {
      const other = after[index];
      if (entry === other) return true;
      return typeof other === "object" && other !== null && deepEqual({ ...entry, time: "" }, { ...other, time: "" });
    })
  );
}
