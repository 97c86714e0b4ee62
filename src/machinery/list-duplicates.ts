// Lists that are sets or maps hold each item once. Upstream: apiextensions-apiserver pkg/apiserver/schema/listtype.
import { duplicate, type FieldError, invalid } from "./field-error.ts";
import { isArray, isRecord } from "./guards.ts";
import { encodeGoJson } from "./json.ts";
import type { Schema } from "./schema.ts";

/** An error for the second appearance of each item, everywhere in `value`. */
export function findDuplicates(schema: Schema, value: unknown, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  visit(schema, value, path, errors);
  return errors;
}

function visit(schema: Schema, value: unknown, path: string, errors: FieldError[]): void {
  if (isArray(value)) {
    errors.push(...listErrors(schema, value, path));
    const { items } = schema;
    if (items !== undefined && mayHold(items)) {
      for (const [index, item] of value.entries()) visit(items, item, `${path}[${String(index)}]`, errors);
    }
  } else if (isRecord(value)) {
    const { properties, additionalProperties } = schema;
    for (const key in value) {
      const own = properties !== undefined && Object.hasOwn(properties, key) ? properties[key] : undefined;
      if (own !== undefined && mayHold(own)) visit(own, value[key], path === "" ? key : `${path}.${key}`, errors);
      else if (own === undefined && typeof additionalProperties === "object" && mayHold(additionalProperties)) {
        visit(additionalProperties, value[key], `${path}[${key}]`, errors);
      }
    }
  }
}

/** Scalars hold no lists. */
function mayHold(schema: Schema): boolean {
  return schema.type === "object" || schema.type === "array";
}

function listErrors(schema: Schema, list: readonly unknown[], path: string): readonly FieldError[] {
  const at = (index: number): string => `${path}[${String(index)}]`;
  switch (schema["x-kubernetes-list-type"]) {
    case "set":
      return secondAppearances(list).map((index) => duplicate(at(index), list[index]));
    case "map": {
      const odd = list.findIndex((item) => item !== null && !isRecord(item));
      if (odd >= 0) return [invalid(at(odd), list[odd], "must be an object for an array of list-type map")];
      const keys = list.map((item) => keyOf(item, schema["x-kubernetes-list-map-keys"] ?? []));
      return secondAppearances(keys).map((index) => duplicate(at(index), keys[index]));
    }
    default:
      return [];
  }
}

/** The key fields that an item of a map list has. */
export function keyOf(item: unknown, names: readonly string[]): Readonly<Record<string, unknown>> {
  if (!isRecord(item)) return {};
  return Object.fromEntries(names.flatMap((name) => (Object.hasOwn(item, name) ? [[name, item[name]]] : [])));
}

function secondAppearances(items: readonly unknown[]): readonly number[] {
  if (items.length <= 1) return [];
  const times = new Map<string, number>();
  const found: number[] = [];
  for (const [index, item] of items.entries()) {
    const text = typeof item === "string" ? `"${item}` : encodeGoJson(item ?? null);
    const seen = times.get(text) ?? 0;
    times.set(text, seen + 1);
    if (seen === 1) found.push(index);
  }
  return found;
}
