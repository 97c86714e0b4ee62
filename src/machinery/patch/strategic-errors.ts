// Errors of strategic merge patches, and values in them as Go prints them.
// Upstream: k8s.io/apimachinery/pkg/util/mergepatch/errors.go.
import { ApiError } from "../api-error.ts";
import { isArray, isRecord } from "../guards.ts";
import { compareBytes, encodeJsonText } from "../json.ts";

/** A patch that breaks the rules for directives: 400. */
export function badPatch(message: string): ApiError {
  return new ApiError("BadRequest", message);
}

/** What upstream has no reason for: a 500 with the bare text. */
export function unclassified(message: string): ApiError {
  return new ApiError("Unknown", message);
}

export function badType(expected: "list" | "map", actual: unknown): ApiError {
  return unclassified(`expected a ${goTypes[expected]}, but received a ${goTypes[typeName(actual)]}`);
}

export type TypeName = "map" | "list" | "string" | "boolean" | "number" | "null";

const goTypes: Record<TypeName, string> = {
  map: "map[string]interface {}",
  list: "[]interface {}",
  string: "string",
  boolean: "bool",
  number: "int64",
  null: "%!s(<nil>)",
};

export function typeName(value: unknown): TypeName {
  if (isArray(value)) return "list";
  if (isRecord(value)) return "map";
  if (typeof value === "string") return "string";
  if (typeof value === "boolean") return "boolean";
  return typeof value === "number" || typeof value === "bigint" ? "number" : "null";
}

/** A JSON value as Go's %v prints it: `map[image:x name:[a b]]`. */
export function goText(value: unknown): string {
  if (isArray(value)) return `[${value.map(goText).join(" ")}]`;
  if (isRecord(value)) {
    const fields = Object.keys(value).sort(compareBytes);
    return `map[${fields.map((key) => `${key}:${goText(value[key])}`).join(" ")}]`;
  }
  if (typeof value === "string") return value;
  return value === null || value === undefined ? "<nil>" : encodeJsonText(value);
}
