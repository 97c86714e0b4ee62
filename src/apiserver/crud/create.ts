// Creates objects: system fields, admission, names, the kind's own rules, validation, the write.
// Upstream: k8s.io/apiserver/pkg/registry/generic/registry/store.go (Create) and registry/rest/create.go.
import type { MutableObject } from "#machinery/admission.ts";
import { ApiError } from "#machinery/api-error.ts";
import { isRecord } from "#machinery/guards.ts";
import { parseJson } from "#machinery/json.ts";
import { fieldOf } from "#machinery/guards.ts";
import { formatTime } from "#std/time.ts";
import { randomSuffix } from "#std/random.ts";
import type { StoredEntry } from "#storage/storage.ts";
import { admitMutating, admitValidating, type AdmissionTarget } from "../admission/chain.ts";
import { takeManagedFields, trackCreate, type Tracked } from "../apply/tracking.ts";
import { alreadyExistsError, detailsOf } from "./errors.ts";
import { generatedName, placeInNamespace, tidyMetadata, wipeForCreate } from "./metadata.ts";
import { encodeWithinLimit } from "./size.ts";
import type { ManagedText } from "./stored-form.ts";
import { finalizerWarnings, throwIfInvalid, validateForCreate } from "./validate.ts";
import { asKubeObject, type ServedObject, type WriteContext } from "./write-context.ts";

/** How often a generated name that is taken is replaced by another. */
const generateNameAttemptsMax = 8;

/** Makes `object`, which is the request's own, an object of `namespace`. `applied`: its managedFields, if it was applied. */
export async function createObject(
  context: WriteContext,
  namespace: string,
  object: MutableObject,
  applied?: ManagedText,
): Promise<ServedObject> {
  const { form, core } = context;
  wipeForCreate(object);
  placeInNamespace(form, object, namespace);
  const managed = applied ?? trackCreate(context, object);
  const name = object.metadata.name;
  const isApplied = applied !== undefined;
  const target: CreateTarget = { operation: "CREATE", namespace, name, object, managed, isApplied, old: undefined };
  await admitMutating(context, target);
  takeManagedFields(object);
  form.resource.strategy.defaults(object);
  object.metadata["uid"] = core.random.uuid();
  object.metadata["creationTimestamp"] = formatTime(core.clock.now());
  const base = object.metadata["generateName"];
  if (object.metadata.name !== "" || typeof base !== "string" || base === "") {
    prepare(context, object);
    return store(context, target);
  }
  return createWithGeneratedName(context, target, base);
}

type CreateTarget = AdmissionTarget & Tracked;

async function createWithGeneratedName(
  context: WriteContext,
  target: CreateTarget,
  base: string,
): Promise<ServedObject> {
  const { object } = target;
  object.metadata.name = generatedName(base, randomSuffix(context.core.random));
  prepare(context, object);
  for (let attempt = 1; ; attempt++) {
    try {
      return await store(context, target);
    } catch (error) {
      if (!(error instanceof ApiError) || error.reason !== "AlreadyExists") throw error;
      if (attempt === generateNameAttemptsMax) throw noUniqueNameError(error);
      object.metadata.name = generatedName(base, randomSuffix(context.core.random));
    }
  }
}

/** The kind's own rules, then every check that needs no other object. */
function prepare(context: WriteContext, object: MutableObject): void {
  const { form, warnings } = context;
  const { strategy } = form.resource;
  strategy.prepareForCreate(object);
  if (strategy.hasGeneration) object.metadata["generation"] = 1;
  else Reflect.deleteProperty(object.metadata, "generation");
  tidyMetadata(object, (text) => {
    warnings.add(text);
  });
  const made = asKubeObject(object);
  throwIfInvalid(context, object, validateForCreate(form, made));
  for (const text of finalizerWarnings(form, made, undefined)) warnings.add(text);
}

async function store(context: WriteContext, target: CreateTarget): Promise<ServedObject> {
  const { core, form, dryRun } = context;
  const { name } = target.object.metadata;
  const named = { ...target, name };
  await admitValidating(context, named);
  const key = form.key(target.namespace, name);
  const { value, managed } = encodeWithinLimit(form, target);
  if (dryRun) {
    await core.quota.check(context, named);
    const present = await core.storage.get(key);
    if (present !== undefined) throw existsError(context, name, present);
    return { form, value, revision: 0 };
  }
  const stored = await form.toStored(target.object, value, managed);
  const result = await core.quota.transact(context, named, {
    compare: [{ key, modRevision: 0 }],
    operations: [{ type: "put", key, value: stored }],
  });
  if (!result.succeeded) throw existsError(context, name, result.current[0]);
  return { form, value, revision: result.revision };
}

function existsError({ form }: WriteContext, name: string, present: StoredEntry | undefined): ApiError {
  const error = alreadyExistsError(form, name);
  const stored = present === undefined ? undefined : parseJson(present.value);
  if (!isRecord(stored) || fieldOf(stored, "metadata", "deletionTimestamp") === undefined) return error;
  return new ApiError("AlreadyExists", `object is being deleted: ${error.message}`, {
    details: detailsOf(form, name),
  });
}

function noUniqueNameError(error: ApiError): ApiError {
  const why = "the server was not able to generate a unique name for the object";
  return new ApiError("AlreadyExists", `${error.message}, ${why}`, {
    details: { ...error.details, retryAfterSeconds: 1 },
  });
}
