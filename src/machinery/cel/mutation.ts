// What expressions of mutating admission policies make: JSON patches, and configurations that are applied to the object.
// Upstream: k8s.io/apiserver/pkg/cel/mutation/{typeresolver,jsonpatch,dynamic}, cel/library/jsonpatch.go.
import type { StructTypes } from "./checker.ts";
import { textOfValue } from "./conversions.ts";
import { type Definition, global, traversal, traverseAll } from "./function.ts";
import { type CelType, dyn, string } from "./type.ts";
import {
  CelError,
  CelList,
  CelMap,
  type CelValue,
  OpaqueValue,
  StructValue,
  typeNameOf,
  TypeValue,
  Uint,
} from "./value.ts";

const patchName = "JSONPatch";
const rootName = "Object";
/** Values in values; an object has no deeper ones. */
const depthMax = 200;

export const patchType: CelType = { kind: "object", name: patchName, fields: new Map() };

const patchFields: ReadonlyMap<string, CelType> = new Map([
  ["op", string],
  ["path", string],
  ["from", string],
  ["value", dyn],
]);

/** `JSONPatch{…}`; `Object{…}`, and `Object.spec{…}` for what is at that path of it, which may have any field. */
export const mutationStructs: StructTypes = (name, field) => {
  if (name === patchName) return field === undefined ? patchType : patchFields.get(field);
  if (!/^Object(?:\.[A-Za-z_][A-Za-z0-9_]*)*$/.test(name)) return undefined;
  return field === undefined ? { kind: "object", name, fields: new Map() } : dyn;
};

export const mutationFunctions: readonly Definition[] = [
  [
    "jsonpatch.escapeKey",
    {
      overloads: [global([string], string)],
      run: ([key], budget) => {
        if (typeof key !== "string") return undefined;
        budget.charge(key.length * traversal);
        return key.replaceAll("~", "~0").replaceAll("/", "~1");
      },
      cost: traverseAll,
      resultSize: ([key = 0]) => 2 * key,
    },
  ],
];

/** The patches as JSON. Throws CelError for what has none. */
export function jsonOfPatches(value: CelValue): unknown {
  return jsonOf(value, undefined, 0);
}

/** The configuration as JSON. Throws CelError for what has none, and for an `Object.x{…}` that does not stand at `x`. */
export function jsonOfConfiguration(value: CelValue): unknown {
  return jsonOf(value, rootName, 0);
}

/** `path`: the name that the type of a struct has to have there; undefined: any. */
function jsonOf(value: CelValue, path: string | undefined, depth: number): unknown {
  if (depth > depthMax) throw new CelError("a value is nested too deeply");
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") return value;
  if (typeof value === "bigint") return numberOf(value);
  if (value instanceof Uint) return numberOf(value.value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (value instanceof CelList) {
    return Array.from({ length: value.size }, (_, index) => jsonOf(value.at(index), path, depth + 1));
  }
  if (value instanceof StructValue) checkPlace(value, path);
  if (value instanceof CelMap) return recordOf(value, path, depth);
  const text = value instanceof OpaqueValue || value instanceof TypeValue ? undefined : textOfValue(value);
  if (text === undefined) throw new CelError(`a value of type ${typeNameOf(value)} is nothing that an object can hold`);
  return text;
}

function checkPlace({ typeName }: StructValue, path: string | undefined): void {
  if (path === undefined || typeName === path) return;
  const why = "which matches field name path from root Object type";
  throw new CelError(`type mismatch: unexpected type name "${typeName}", expected "${path}", ${why}`);
}

function recordOf(value: CelMap, path: string | undefined, depth: number): Readonly<Record<string, unknown>> {
  const entries = value.keys().map((key): [string, unknown] => {
    if (typeof key !== "string") throw new CelError(`a key of type ${typeNameOf(key)} is none that an object can have`);
    const below = path === undefined ? undefined : `${path}.${key}`;
    return [key, jsonOf(value.get(key) ?? null, below, depth + 1)];
  });
  return Object.fromEntries(entries);
}

function numberOf(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
