// Where a decoder is in the value and what it has found there, in Go's words. Upstream: sigs.k8s.io/json.
import type { DecodeFinding } from "./schema.ts";

/** More findings than this in one object help nobody. Upstream: the decoder of sigs.k8s.io/json stops at 100 as well. */
const findingsMax = 100;

/** A key of a map, as opposed to a field of a struct: Go leaves it out of the paths of type errors. */
export class MapKey {
  readonly key: string;
  constructor(key: string) {
    this.key = key;
  }
}

/** One decoding of one value. */
export interface DecodeContext {
  /** From the root: fields of structs, indexes of lists, keys of maps. */
  readonly path: (string | number | MapKey)[];
  /** Go's name of the innermost struct, empty outside of any. */
  struct: string;
  readonly findings: DecodeFinding[];
}

export function newDecodeContext(): DecodeContext {
  return { path: [], struct: "", findings: [] };
}

/** Reports a field that the type does not have. */
export function reportUnknown(context: DecodeContext, field: string): void {
  if (context.findings.length >= findingsMax) return;
  context.path.push(field);
  const path = pathText(context.path);
  context.path.pop();
  context.findings.push({ kind: "unknown", path, message: `unknown field ${JSON.stringify(path)}` });
}

/** Reports a value of the wrong type at the current path. Upstream: json.UnmarshalTypeError. */
export function reportType(context: DecodeContext, value: unknown, goType: string, shown = goKind(value)): void {
  const fields = context.path.filter((part) => typeof part === "string").join(".");
  const target = context.struct === "" ? "value" : `struct field ${context.struct}.${fields}`;
  reportFault(context, `json: cannot unmarshal ${shown} into Go ${target} of type ${goType}`);
}

/** Reports a value that its type refuses with a text of its own (times, quantities). */
export function reportFault(context: DecodeContext, message: string): void {
  if (context.findings.length >= findingsMax) return;
  context.findings.push({ kind: "type", path: pathText(context.path), message });
}

/** `spec.containers[0].name`; keys of maps are written like fields. */
export function pathText(path: DecodeContext["path"]): string {
  let text = "";
  for (const part of path) {
    if (typeof part === "number") text += `[${String(part)}]`;
    else text += `${text === "" ? "" : "."}${typeof part === "string" ? part : part.key}`;
  }
  return text;
}

/** What encoding/json calls the kind of a JSON value. */
export function goKind(value: unknown): string {
  switch (typeof value) {
    case "string":
      return "string";
    case "number":
    case "bigint":
      return "number";
    case "boolean":
      return "bool";
    default:
      return Array.isArray(value) ? "array" : "object";
  }
}
