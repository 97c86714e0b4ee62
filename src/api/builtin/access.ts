// Reading and editing objects as plain data: defaults and validation see whatever a client sent, already of the right types.
import { isArray, isRecord, isString, isStringMap } from "#machinery/guards.ts";

/** An object or a part of one that the request owns. */
export type Fields = Record<string, unknown>;

/** Fills in what a client left out, in place. */
export type Defaults = (object: Fields) => void;

/** The object at `name`, if there is one. */
export function childOf(parent: Readonly<Fields> | undefined, name: string): Fields | undefined {
  const child = parent?.[name];
  return isRecord(child) ? child : undefined;
}

/** The object at a path of names, if there is one. */
export function descendantOf(parent: Readonly<Fields> | undefined, ...names: readonly string[]): Fields | undefined {
  let current: Fields | undefined = childOf(parent, names[0] ?? "");
  for (const name of names.slice(1)) current = childOf(current, name);
  return current;
}

/** The object at `name`, made if there is none. */
export function ensureChild(parent: Fields, name: string): Fields {
  const child = parent[name];
  if (isRecord(child)) return child;
  const made: Fields = {};
  parent[name] = made;
  return made;
}

/** The objects in the list at `name`; empty where there is no list. */
export function itemsOf(parent: Readonly<Fields> | undefined, name: string): readonly Fields[] {
  const list = parent?.[name];
  return isArray(list) ? list.filter(isRecord) : [];
}

/** The list at `name`, whatever its items are. */
export function listOf(parent: Readonly<Fields> | undefined, name: string): readonly unknown[] {
  const list = parent?.[name];
  return isArray(list) ? list : [];
}

/** The texts in the list at `name`. */
export function textsOf(parent: Readonly<Fields> | undefined, name: string): readonly string[] {
  return listOf(parent, name).filter(isString);
}

/** The text at `name`, or "" as Go has it. */
export function textOf(parent: Readonly<Fields> | undefined, name: string): string {
  const value = parent?.[name];
  return typeof value === "string" ? value : "";
}

/** The number at `name`, if there is one. */
export function numberOf(parent: Readonly<Fields> | undefined, name: string): number | undefined {
  const value = parent?.[name];
  if (typeof value === "bigint") return Number(value);
  return typeof value === "number" ? value : undefined;
}

/** The map of texts at `name`; empty where there is none. */
export function textMapOf(parent: Readonly<Fields> | undefined, name: string): Readonly<Record<string, string>> {
  const value = parent?.[name];
  return isStringMap(value) ? value : {};
}

/** Sets what is absent. */
export function setDefault(parent: Fields, name: string, value: unknown): void {
  if (parent[name] === undefined) parent[name] = value;
}

/** Sets what is absent or the empty text, which Go cannot tell apart. */
export function setDefaultText(parent: Fields, name: string, value: string): void {
  if (parent[name] === undefined || parent[name] === "") parent[name] = value;
}
