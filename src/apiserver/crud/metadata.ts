// Which metadata a client may set and which is the server's: section by section of ObjectMeta, for create and for update.
// Upstream: k8s.io/apiserver/pkg/registry/rest/{create,update,meta}.go.
import { ApiError } from "#machinery/api-error.ts";
import type { MutableObject } from "#machinery/admission.ts";
import { isArray, isRecord } from "#machinery/guards.ts";
import type { KubeObject } from "#machinery/object.ts";
import type { ResourceForm } from "./resource-form.ts";

const generateNameBaseMax = 58;

/** Wipes what only the server sets. Throws if the object claims to come from storage. */
export function wipeForCreate(object: MutableObject): void {
  const { metadata } = object;
  if (typeof metadata["resourceVersion"] === "string" && metadata["resourceVersion"] !== "") {
    throw new ApiError("Unknown", "resourceVersion should not be set on objects to be created");
  }
  for (const field of [
    "resourceVersion",
    "uid",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "selfLink",
    "managedFields",
  ]) {
    Reflect.deleteProperty(metadata, field);
  }
}

/** Puts the object into the URL's namespace; another one in the body is refused. */
export function placeInNamespace(form: ResourceForm, object: MutableObject, namespace: string): void {
  if (!form.resource.kind.namespaced) return;
  const own = object.metadata["namespace"];
  if (own === undefined || own === "") {
    object.metadata["namespace"] = namespace;
  } else if (own !== namespace) {
    throw new ApiError(
      "BadRequest",
      "the namespace of the provided object does not match the namespace sent on the request",
    );
  }
}

/** The name in the body, if any, must be the URL's. */
export function checkName(object: MutableObject, name: string): void {
  const own = object.metadata.name;
  if (own === "") {
    object.metadata.name = name;
  } else if (own !== name) {
    throw new ApiError("BadRequest", `the name of the object (${own}) does not match the name on the URL (${name})`);
  }
}

/** Restores what a client may not change. `sentUid` has been checked before. managedFields are kept by #apiserver/apply. */
export function restoreForUpdate(object: MutableObject, old: KubeObject): void {
  for (const field of serverFields) {
    const value = old.metadata[field];
    if (value === undefined) Reflect.deleteProperty(object.metadata, field);
    else object.metadata[field] = value;
  }
  Reflect.deleteProperty(object.metadata, "selfLink");
}

const serverFields = [
  "uid",
  "creationTimestamp",
  "deletionTimestamp",
  "deletionGracePeriodSeconds",
  "generation",
] as const;

/** A name from `generateName`; the base is cut so that base and suffix fit 63 characters. */
export function generatedName(base: string, suffix: string): string {
  return base.slice(0, generateNameBaseMax) + suffix;
}

/** Drops empty maps and lists, and repeated owner references: metadata is stored in one form only. */
export function tidyMetadata(object: MutableObject, warn: (text: string) => void): void {
  const { metadata } = object;
  dropRepeatedOwners(metadata, warn);
  for (const field of Object.keys(metadata)) {
    const value = metadata[field];
    const isEmpty =
      value === undefined ||
      value === null ||
      (field !== "name" && value === "") ||
      (isArray(value) && value.length === 0) ||
      (isRecord(value) && Object.keys(value).length === 0);
    if (isEmpty) Reflect.deleteProperty(metadata, field);
  }
}

function dropRepeatedOwners(metadata: Record<string, unknown>, warn: (text: string) => void): void {
  const owners = metadata["ownerReferences"];
  if (!isArray(owners) || owners.length < 2) return;
  const seen = new Set<string>();
  const kept = owners.filter((owner) => {
    const text = JSON.stringify(owner, isRecord(owner) ? Object.keys(owner).sort() : undefined);
    if (!seen.has(text)) return seen.add(text).size > 0;
    const uid = isRecord(owner) && typeof owner["uid"] === "string" ? owner["uid"] : "";
    warn(`.metadata.ownerReferences contains duplicate entries, which are dropped; duplicate UID(s) observed: ${uid}`);
    return false;
  });
  metadata["ownerReferences"] = kept;
}
