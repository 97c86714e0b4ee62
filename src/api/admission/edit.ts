// Editing objects in place before they are validated: what has not the expected shape is left for validation to refuse.
import type { MutableObject } from "#machinery/admission.ts";
import { isArray, isRecord, isString } from "#machinery/guards.ts";
import type { Random } from "#std/random.ts";

type Fields = Record<string, unknown>;

/** The map at a path, or undefined where there is none. */
export function mapAt(object: Fields, ...path: readonly string[]): Fields | undefined {
  let current: unknown = object;
  for (const name of path) current = isRecord(current) && Object.hasOwn(current, name) ? current[name] : undefined;
  return isRecord(current) ? current : undefined;
}

/** The maps in a list; none where there is no list. */
export function mapsIn(parent: Fields | undefined, name: string): Fields[] {
  const list = parent?.[name];
  return isArray(list) ? list.filter(isRecord) : [];
}

/** The text of a field; absent is empty. */
export function textOf(fields: Fields, name: string): string {
  const value = fields[name];
  return isString(value) ? value : "";
}

/** Sets a label; makes the map if there is none. */
export function setLabel(object: MutableObject, key: string, value: string): void {
  const labels = object.metadata["labels"] ?? {};
  if (!isRecord(labels)) return;
  labels[key] = value;
  object.metadata["labels"] = labels;
}

/** The label's value; absent is empty. */
export function labelOf(object: MutableObject, key: string): string {
  const labels = object.metadata["labels"];
  return isRecord(labels) && Object.hasOwn(labels, key) ? textOf(labels, key) : "";
}

/** Adds a finalizer that is not there yet. */
export function addFinalizer(object: MutableObject, finalizer: string): void {
  const finalizers = object.metadata["finalizers"] ?? [];
  if (!isArray(finalizers) || finalizers.includes(finalizer)) return;
  object.metadata["finalizers"] = [...finalizers, finalizer];
}

/** The id that everything made from this object is found by. One that is there was carried over and stays. */
export function ensureId(object: MutableObject, label: string, random: Random): void {
  if (labelOf(object, label) === "") setLabel(object, label, random.uuid());
}
