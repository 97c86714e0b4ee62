// Reading objects whose kinds have no type here. What a CRD of others lets through is read with doubt: a field of an
// unexpected type counts as absent.
import type { PodSpec } from "#api/generated/types.ts";
import { fieldOf, isArray, isRecord, isString } from "#machinery/guards.ts";
import { type KubeObject, refKey } from "#machinery/object.ts";
import type { MemberStatus } from "../native/member-status.ts";

/** The status, or undefined when there is none yet. */
export function statusOf(object: KubeObject): MemberStatus | undefined {
  const status = object["status"];
  return isRecord(status) ? status : undefined;
}

/** The records of a list. */
export function records(value: unknown): readonly MemberStatus[] {
  return isArray(value) ? value.filter(isRecord) : [];
}

/** A pod's spec at this path, if there is one. */
export function podSpecAt(value: unknown, ...path: readonly string[]): PodSpec | undefined {
  const found = fieldOf(value, ...path);
  return isPodSpec(found) ? found : undefined;
}

function isPodSpec(value: unknown): value is PodSpec {
  return isRecord(value) && records(value["containers"]).length > 0;
}

export function textAt(value: unknown, ...path: readonly string[]): string | undefined {
  const found = fieldOf(value, ...path);
  return isString(found) ? found : undefined;
}

export function numberAt(value: unknown, ...path: readonly string[]): number | undefined {
  const found = fieldOf(value, ...path);
  return typeof found === "number" ? found : undefined;
}

/** A number, which may be written as a text. */
export function countAt(value: unknown, ...path: readonly string[]): number | undefined {
  const found = fieldOf(value, ...path);
  if (isString(found) && /^\d+$/.test(found)) return Number(found);
  return typeof found === "number" ? found : undefined;
}

/** A number that the kind cannot do without. */
export function requiredNumberAt(object: KubeObject, ...path: readonly string[]): number {
  const found = numberAt(object, ...path);
  if (found !== undefined) return found;
  throw new Error(`${path.join(".")} of ${object.kind} ${refKey(object.metadata)} is required: it must be a number`);
}
