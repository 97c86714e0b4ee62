// Deletes objects: preconditions, admission, then the mark or the removal that the plan says.
// Upstream: k8s.io/apiserver/pkg/registry/generic/registry/store.go (Delete).
import { ApiError } from "#machinery/api-error.ts";
import type { KubeObject } from "#machinery/object.ts";
import { formatTime } from "#std/time.ts";
import type { StoredEntry } from "#storage/storage.ts";
import { type AdmissionTarget, admitMutating, admitValidating } from "../admission/chain.ts";
import { type DeletionOptions, planDeletion } from "./deletion-plan.ts";
import { conflictError, modifiedText, notFoundError } from "./errors.ts";
import { openEntry, readableEntry, serveEntry } from "./open.ts";
import { encodeStored, managedTextOf } from "./stored-form.ts";
import type { ResourceForm } from "./resource-form.ts";
import { updateAttemptsMax } from "./update.ts";
import { asKubeObject, type ServedObject, type WriteContext } from "./write-context.ts";

export interface DeleteRequest extends DeletionOptions {
  readonly namespace: string;
  readonly name: string;
  /** Preconditions. */
  readonly uid: string | undefined;
  readonly resourceVersion: string | undefined;
}

export interface DeleteOutcome {
  /** Whether the object has gone; else it waits for its grace or its finalizers. */
  readonly removed: boolean;
  readonly served: ServedObject;
  readonly uid: string | undefined;
}

/** Starts or completes the deletion of an object. Throws NotFound, or Conflict where a precondition does not hold. */
export async function deleteObject(context: WriteContext, request: DeleteRequest): Promise<DeleteOutcome> {
  const { core, form } = context;
  const key = form.key(request.namespace, request.name);
  let entry = await core.storage.get(key);
  for (let attempt = 0; attempt < updateAttemptsMax; attempt++) {
    if (entry === undefined) throw notFoundError(form, request.name);
    const readable = await readableEntry(form, entry);
    const old = openEntry(core, form, readable);
    checkPreconditions(form, request, old);
    await admitDeletion(context, request, old);
    const step = await nextStep(context, request, { entry: readable, old });
    const outcome = { removed: step.removes, uid: old.metadata.uid };
    if (step.operation === undefined || context.dryRun) return { ...outcome, served: step.served };
    const result = await core.storage.transact({
      compare: [{ key, modRevision: entry.modRevision }],
      operations: [step.operation.type === "delete" ? { type: "delete", key } : { ...step.operation, key }],
    });
    if (result.succeeded) {
      const revision = step.operation.type === "put" ? result.revision : step.served.revision;
      return { ...outcome, served: { ...step.served, revision } };
    }
    entry = result.current[0];
  }
  throw conflictError(form, request.name, modifiedText);
}

interface Step {
  readonly operation: { readonly type: "put"; readonly value: Uint8Array } | { readonly type: "delete" } | undefined;
  readonly removes: boolean;
  readonly served: ServedObject;
}

async function nextStep(
  { form, core }: WriteContext,
  options: DeletionOptions,
  { entry, old }: { readonly entry: StoredEntry; readonly old: KubeObject },
): Promise<Step> {
  const { strategy } = form.resource;
  const now = core.clock.now();
  const object = form.edit(old);
  if (old.metadata.deletionTimestamp === undefined) strategy.prepareForDelete?.(object, formatTime(now));
  const prepared = asKubeObject(object);
  const plan = planDeletion(prepared, {
    options,
    graceSeconds: strategy.gracePeriodSeconds?.(prepared, options.gracePeriodSeconds),
    heldOtherwise: strategy.holdsDeletion?.(prepared) ?? false,
    now,
  });
  const served = serveEntry(form, entry);
  switch (plan.kind) {
    case "pending":
      return { operation: undefined, removes: false, served };
    case "remove":
      return { operation: { type: "delete" }, removes: true, served };
    case "mark": {
      const { finalizers, generation, deletionTimestamp, deletionGracePeriodSeconds } = plan;
      Object.assign(object.metadata, { deletionTimestamp, deletionGracePeriodSeconds });
      if (generation !== undefined) object.metadata["generation"] = generation;
      if (finalizers.length > 0) object.metadata["finalizers"] = finalizers;
      else Reflect.deleteProperty(object.metadata, "finalizers");
      const managed = managedTextOf(served.value);
      const bytes = encodeStored(object, managed);
      const operation = { type: "put", value: await form.toStored(object, bytes, managed) } as const;
      return { operation, removes: false, served: { ...served, value: bytes } };
    }
  }
}

async function admitDeletion(context: WriteContext, request: DeleteRequest, old: KubeObject): Promise<void> {
  const { namespace, name } = request;
  const target: AdmissionTarget = { operation: "DELETE", namespace, name, object: undefined, old };
  await admitMutating(context, target);
  await admitValidating(context, target);
}

function checkPreconditions(form: ResourceForm, { name, uid, resourceVersion }: DeleteRequest, old: KubeObject): void {
  const found = old.metadata;
  if (uid !== undefined && uid !== found.uid) {
    const why =
      `the UID in the precondition (${uid}) does not match the UID in record (${found.uid ?? ""}). ` +
      "The object might have been deleted and then recreated";
    throw preconditionError(form, name, why);
  }
  if (resourceVersion !== undefined && resourceVersion !== found.resourceVersion) {
    const why =
      `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record ` +
      `(${found.resourceVersion ?? ""}). The object might have been modified`;
    throw preconditionError(form, name, why);
  }
}

/** Unlike other conflicts this one names the kind, as upstream does. */
function preconditionError(form: ResourceForm, name: string, why: string): ApiError {
  const { group, kind } = form.resource.kind;
  const qualified = group === "" ? kind : `${kind}.${group}`;
  return new ApiError("Conflict", `Operation cannot be fulfilled on ${qualified} "${name}": ${why}`, {
    details: { name, ...(group === "" ? {} : { group }), kind },
  });
}
