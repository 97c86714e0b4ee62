// Type guards for values that come in as `unknown`. A cast is never needed: what is not proven here is parsed.
import type { Kind, KubeObject, ObjectMeta } from "./object.ts";

/** A plain JSON object (not null, not an array). */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isString(value: unknown): value is string {
  return typeof value === "string";
}

export function isArray(value: unknown): value is unknown[] {
  return Array.isArray(value);
}

export function isStringArray(value: unknown): value is string[] {
  return Array.isArray(value) && value.every(isString);
}

export function isStringMap(value: unknown): value is Record<string, string> {
  return isRecord(value) && Object.values(value).every(isString);
}

/** An object with apiVersion, kind and metadata of the right types. */
export function isKubeObject(value: unknown): value is KubeObject {
  return isRecord(value) && isString(value["apiVersion"]) && isString(value["kind"]) && isRecord(value["metadata"]);
}

/** Whether a value can be the metadata of an object. */
export function isObjectMeta(value: unknown): value is ObjectMeta {
  return isRecord(value) && isString(value["name"]);
}

/**
 * Takes an object that an API server sent for `kind` at its word: the server has validated it against the kind's schema.
 * Checks only that it is an object at all.
 */
export function isObjectOf<T extends KubeObject>(_kind: Kind<T>, value: unknown): value is T {
  return isRecord(value) && isRecord(value["metadata"]);
}

/** The field of an unknown record, or undefined. */
export function fieldOf(value: unknown, ...path: readonly string[]): unknown {
  let current = value;
  for (const name of path) {
    if (!isRecord(current)) return undefined;
    current = Object.hasOwn(current, name) ? current[name] : undefined;
  }
  return current;
}
