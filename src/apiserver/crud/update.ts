// Changes existing objects: PUT, PATCH and the subresources all come down to one loop of read, change, check, compare-and-swap.
// Upstream: k8s.io/apiserver/pkg/registry/generic/registry/store.go (Update) and registry/rest/update.go.
import type { MutableObject } from "#machinery/admission.ts";
import { deepEqual } from "#machinery/equality.ts";
import { type FieldError, invalid, invalidError } from "#machinery/field-error.ts";
import type { KubeObject } from "#machinery/object.ts";
import type { StoredEntry } from "#storage/storage.ts";
import { type AdmissionTarget, admitMutating, admitValidating } from "../admission/chain.ts";
import { isSameButTimes, takeManagedFields, type Tracked } from "../apply/tracking.ts";
import { conflictError, modifiedText, notFoundError } from "./errors.ts";
import { checkName, placeInNamespace, restoreForUpdate, tidyMetadata } from "./metadata.ts";
import { openEntry, readableEntry, serveEntry } from "./open.ts";
import { encodeWithinLimit } from "./size.ts";
import { managedTextOf } from "./stored-form.ts";
import type { ResourceForm } from "./resource-form.ts";
import { finalizerWarnings, throwIfInvalid, validateMetadataUpdate } from "./validate.ts";
import { asKubeObject, type ServedObject, type WriteContext } from "./write-context.ts";

/** How often a lost compare-and-swap is tried again before the client hears of it. */
export const updateAttemptsMax = 64;

/** What an endpoint lets through and checks. The main one, `/status`, `/finalize`, … differ in nothing else. */
export interface UpdateEndpoint {
  /** Empty for the main endpoint. */
  readonly subresource: string;
  prepare(object: MutableObject, old: KubeObject): void;
  bumpsGeneration(object: KubeObject, old: KubeObject): boolean;
  validate(object: KubeObject, old: KubeObject): readonly FieldError[];
}

export interface UpdatePlan {
  readonly namespace: string;
  readonly name: string;
  readonly endpoint: UpdateEndpoint;
  /** Refuses, by throwing, what must not be changed at all. */
  checkFirst?(old: KubeObject): void;
  /** The wanted object, with its managedFields, made from the present one; called again when somebody else was faster. */
  change(old: Tracked<KubeObject>): Tracked | Promise<Tracked>;
  /** `metadata.resourceVersion` may be empty whatever the kind says: the change was made from the newest object. */
  readonly alwaysCurrent: boolean;
}

/** Carries out `plan`. Throws NotFound if there is no such object. */
export async function updateObject(context: WriteContext, plan: UpdatePlan): Promise<ServedObject> {
  const { core, form } = context;
  const key = form.key(plan.namespace, plan.name);
  let entry = await core.storage.get(key);
  for (let attempt = 0; attempt < updateAttemptsMax; attempt++) {
    if (entry === undefined) throw notFoundError(form, plan.name);
    const readable = await readableEntry(form, entry);
    const old = openEntry(core, form, readable);
    plan.checkFirst?.(old);
    const present = { object: old, managed: managedTextOf(form.served(readable)) };
    const wanted = await wantedObject(context, plan, present);
    const outcome = await storeUpdate(context, { key, entry, readable, target: wanted, present });
    if (outcome.kind === "stored") return outcome.served;
    entry = outcome.current;
  }
  throw conflictError(form, plan.name, modifiedText);
}

type UpdateTarget = AdmissionTarget & Tracked;

/** From the present object to the one to store, through admission, the endpoint's rules and validation. */
async function wantedObject(
  context: WriteContext,
  plan: UpdatePlan,
  present: Tracked<KubeObject>,
): Promise<UpdateTarget> {
  const { form, warnings } = context;
  const old = present.object;
  const { object, managed } = await plan.change(present);
  placeInNamespace(form, object, plan.namespace);
  checkName(object, plan.name);
  checkUid(context, plan.name, object, old);
  const target: UpdateTarget = {
    operation: "UPDATE",
    subresource: plan.endpoint.subresource === "" ? undefined : plan.endpoint.subresource,
    namespace: plan.namespace,
    name: plan.name,
    object,
    old,
    managed,
    oldManaged: present.managed,
  };
  await admitMutating(context, target);
  takeManagedFields(object);
  form.resource.strategy.defaults(object);
  checkRevision(context, plan, object, old);
  restoreForUpdate(object, old);
  plan.endpoint.prepare(object, old);
  restoreForUpdate(object, old);
  tidyMetadata(object, (text) => {
    warnings.add(text);
  });
  const wanted = asKubeObject(object);
  if (form.resource.strategy.hasGeneration && plan.endpoint.bumpsGeneration(wanted, old)) {
    object.metadata["generation"] = (old.metadata.generation ?? 0) + 1;
  }
  throwIfInvalid(context, object, [
    ...validateMetadataUpdate(form, wanted, old),
    ...plan.endpoint.validate(wanted, old),
  ]);
  if (plan.endpoint.subresource === "") {
    for (const text of finalizerWarnings(form, wanted, old)) warnings.add(text);
  }
  await admitValidating(context, target);
  return target;
}

function checkUid({ form }: WriteContext, name: string, object: MutableObject, old: KubeObject): void {
  const { uid } = object.metadata;
  if (typeof uid !== "string" || uid === "" || uid === old.metadata.uid) return;
  const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${old.metadata.uid ?? ""}`;
  throw conflictError(form, name, why);
}

function checkRevision({ form }: WriteContext, plan: UpdatePlan, object: MutableObject, old: KubeObject): void {
  const { resourceVersion } = object.metadata;
  const { resource } = form;
  if (resourceVersion === undefined || resourceVersion === "" || resourceVersion === "0") {
    if (!plan.alwaysCurrent && !resource.strategy.allowUnconditionalUpdate) {
      // As upstream, the kind in this one error is the plural name of the resource.
      throw invalidError({ ...resource.kind, kind: resource.kind.plural }, plan.name, [
        invalid("metadata.resourceVersion", 0, "must be specified for an update"),
      ]);
    }
    object.metadata["resourceVersion"] = old.metadata.resourceVersion;
  } else if (resourceVersion !== old.metadata.resourceVersion) {
    throw conflictError(form, plan.name, modifiedText);
  }
}

interface PendingUpdate {
  readonly key: string;
  readonly entry: StoredEntry;
  /** The same, as it was looked at. */
  readonly readable: StoredEntry;
  readonly target: UpdateTarget;
  readonly present: Tracked<KubeObject>;
}

type Outcome =
  | { readonly kind: "stored"; readonly served: ServedObject }
  | { readonly kind: "lost"; readonly current: StoredEntry | undefined };

async function storeUpdate(context: WriteContext, update: PendingUpdate): Promise<Outcome> {
  const { core, form, dryRun } = context;
  const { key, entry, readable, target, present } = update;
  const [object, old] = [target.object, present.object];
  const removes = isFinished(form, asKubeObject(object), old);
  const isVerbatim = form.isVerbatim(entry);
  // A change of nothing but when somebody was the manager is none.
  const isSame = deepEqual(object, old) && isSameButTimes(form, target.managed, present.managed);
  if (!removes && isVerbatim && isSame) return { kind: "stored", served: serveEntry(form, readable) };
  const { value, managed } = encodeWithinLimit(form, isSame ? { ...target, managed: present.managed } : target);
  if (dryRun) {
    await core.quota.check(context, target);
    return { kind: "stored", served: { form, value, revision: entry.modRevision } };
  }
  const stored = await form.toStored(object, value, managed);
  // What was written under another schema is a change already if it would be written differently now.
  if (!removes && !isVerbatim && form.isSameStored(entry, stored)) {
    return { kind: "stored", served: serveEntry(form, readable) };
  }
  const result = await core.quota.transact(context, target, {
    compare: [{ key, modRevision: entry.modRevision }],
    operations: [removes ? { type: "delete", key } : { type: "put", key, value: stored }],
  });
  if (!result.succeeded) return { kind: "lost", current: result.current[0] };
  return { kind: "stored", served: { form, value, revision: result.revision } };
}

/** Is this the update after which nothing holds an object that is being deleted? */
function isFinished(form: ResourceForm, object: KubeObject, old: KubeObject): boolean {
  if (object.metadata.deletionTimestamp === undefined) return false;
  if ((old.metadata.deletionGracePeriodSeconds ?? 0) > 0) return false;
  return !isHeld(form, object);
}

/** Whether a finalizer, of any sort, keeps an object that is being deleted. */
export function isHeld(form: ResourceForm, object: KubeObject): boolean {
  if ((object.metadata.finalizers ?? []).length > 0) return true;
  return form.resource.strategy.holdsDeletion?.(object) ?? false;
}
