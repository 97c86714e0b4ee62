// Checks of PersistentVolumes and their claims. Upstream: k8s.io/kubernetes/pkg/apis/core/validation/validation.go.
import { cloneJson, semanticEqual } from "#machinery/equality.ts";
import { type FieldError, forbidden, invalid, required } from "#machinery/field-error.ts";
import type { KubeObject } from "#machinery/object.ts";
import { childOf, type Fields, listOf, textOf, textsOf } from "../access.ts";
import { compareAmounts, oneOf } from "./checks.ts";
import type { KindChecks } from "./kind-checks.ts";
import { sourceErrors } from "./volumes.ts";

const accessModes: readonly string[] = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];

/** Fields of a PersistentVolume's spec that are no volume source. */
const plainFields: ReadonlySet<string> = new Set([
  "accessModes",
  "capacity",
  "claimRef",
  "mountOptions",
  "nodeAffinity",
  "persistentVolumeReclaimPolicy",
  "storageClassName",
  "volumeAttributesClassName",
  "volumeMode",
]);

export const volumeChecks: KindChecks = {
  validate: (object) => volumeErrors(childOf(object, "spec") ?? {}),
  validateUpdate: volumeUpdateErrors,
};

export const volumeClaimChecks: KindChecks = {
  validate: (object) => claimErrors(childOf(object, "spec") ?? {}),
  validateUpdate: claimUpdateErrors,
};

function modeErrors(spec: Fields): FieldError[] {
  if (listOf(spec, "accessModes").length === 0) {
    return [required("spec.accessModes", "at least 1 access mode is required")];
  }
  return textsOf(spec, "accessModes").flatMap((mode) =>
    oneOf({ accessModes: mode }, "accessModes", "spec", accessModes),
  );
}

function volumeErrors(spec: Fields): FieldError[] {
  const capacity = childOf(spec, "capacity") ?? {};
  return [
    ...(listOf(spec, "accessModes").length === 0 ? [required("spec.accessModes")] : modeErrors(spec)),
    ...(Object.keys(capacity).length === 0 ? [required("spec.capacity")] : []),
    ...(Object.keys(capacity).length > 0 && !amountAboveZero(capacity["storage"])
      ? [invalid("spec.capacity[storage]", capacity["storage"], "must be greater than zero")]
      : []),
    ...sourceErrors(spec, sourcesOf(spec), "spec"),
    ...oneOf(spec, "persistentVolumeReclaimPolicy", "spec", ["Delete", "Recycle", "Retain"]),
    ...oneOf(spec, "volumeMode", "spec", ["Block", "Filesystem"]),
  ];
}

function sourcesOf(spec: Fields): readonly string[] {
  return Object.keys(spec).filter((name) => !plainFields.has(name));
}

function amountAboveZero(amount: unknown): boolean {
  return compareAmounts(amount, "0") > 0;
}

function volumeUpdateErrors(object: KubeObject, old: KubeObject): FieldError[] {
  const sources = (whole: KubeObject): Fields => {
    const spec = childOf(whole, "spec") ?? {};
    return Object.fromEntries(sourcesOf(spec).map((name) => [name, spec[name]]));
  };
  if (semanticEqual(sources(object), sources(old))) return [];
  const field = "spec.persistentvolumesource";
  return [forbidden(field, `${field} is immutable after creation`)];
}

function claimErrors(spec: Fields): FieldError[] {
  const storage = childOf(childOf(spec, "resources"), "requests")?.["storage"];
  return [
    ...modeErrors(spec),
    ...(storage === undefined ? [required("spec.resources[storage]")] : []),
    ...(storage !== undefined && !amountAboveZero(storage)
      ? [invalid("spec.resources[storage]", storage, "must be greater than zero")]
      : []),
    ...oneOf(spec, "volumeMode", "spec", ["Block", "Filesystem"]),
  ];
}

/** A claim may be bound, and a bound one may ask for more. */
function claimUpdateErrors(object: KubeObject, old: KubeObject): FieldError[] {
  const before = childOf(old, "spec") ?? {};
  const spec = cloneJson(childOf(object, "spec") ?? {});
  if (textOf(before, "volumeName") === "") restore(spec, before, "volumeName");
  if (before["storageClassName"] === undefined) restore(spec, before, "storageClassName");
  if (textOf(childOf(old, "status"), "phase") === "Bound") {
    const requests = childOf(childOf(spec, "resources"), "requests");
    const oldRequests = childOf(childOf(before, "resources"), "requests");
    if (compareAmounts(requests?.["storage"], oldRequests?.["storage"]) < 0) {
      return [forbidden("spec.resources.requests.storage", "field can not be less than previous value")];
    }
    restore(spec, before, "resources");
    restore(spec, before, "volumeAttributesClassName");
  }
  if (semanticEqual(spec, before)) return [];
  const allowed = "resources.requests and volumeAttributesClassName for bound claims";
  return [forbidden("spec", `spec is immutable after creation except ${allowed}`)];
}

function restore(spec: Fields, before: Fields, name: string): void {
  if (before[name] === undefined) delete spec[name];
  else spec[name] = before[name];
}
