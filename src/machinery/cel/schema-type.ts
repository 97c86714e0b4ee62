// CEL types of structural schemas, with the names that their fields have in CEL and how large values can be.
// Upstream: k8s.io/apiserver/pkg/cel/{common/schemas.go,escaping.go,limits.go}.
import type { Schema } from "../schema.ts";
import { requestSizeMax } from "./estimate.ts";
import { reservedWords } from "./expression.ts";
import { bool, type CelType, double, dyn, type FieldType, int, string } from "./type.ts";

/** Names that would be read as something else. */
const reserved: ReadonlySet<string> = new Set(["true", "false", "null", "in", ...reservedWords]);
const escapes: ReadonlyMap<string, string> = new Map([
  ["__", "__underscores__"],
  [".", "__dot__"],
  ["-", "__dash__"],
  ["/", "__slash__"],
]);

/** The name that a field has in CEL, or undefined where it can have none. */
export function celFieldName(name: string): string | undefined {
  if (reserved.has(name)) return `__${name}__`;
  if (!/^[A-Za-z_]/.test(name)) return undefined;
  const escaped = name.replace(/__|[./-]/g, (part) => escapes.get(part) ?? part);
  return /^[A-Za-z0-9_]+$/.test(escaped) ? escaped : undefined;
}

/** What a type of text can be as JSON, in characters. */
const formatSizes: ReadonlyMap<string, { readonly min: number; readonly max: number }> = new Map([
  ["date", { min: 12, max: 12 }],
  ["date-time", { min: 22, max: 40 }],
  ["duration", { min: 3, max: 34 }],
]);
const formatTypes: ReadonlyMap<string, CelType["kind"]> = new Map([
  ["date", "timestamp"],
  ["date-time", "timestamp"],
  ["duration", "duration"],
  ["byte", "bytes"],
]);

/** The type of values of `schema`. `isRoot`: a whole object, which has apiVersion, kind and metadata as well. */
export function celTypeOf(schema: Schema, isRoot = false): CelType {
  if (schema["x-kubernetes-int-or-string"] === true) return dyn;
  switch (schema.type) {
    case "string":
      return textType(schema);
    case "integer":
      return int;
    case "number":
      return double;
    case "boolean":
      return bool;
    case "array":
      return listType(schema);
    case "object":
      return objectType(schema, isRoot || schema["x-kubernetes-embedded-resource"] === true);
    default:
      return dyn;
  }
}

function textType(schema: Schema): CelType {
  const kind = formatTypes.get(schema.format ?? "");
  const maxSize =
    schema.maxLength ?? enumSize(schema) ?? formatSizes.get(schema.format ?? "")?.max ?? requestSizeMax - 2;
  return kind === "timestamp" || kind === "duration"
    ? { kind }
    : { kind: kind === "bytes" ? "bytes" : "string", maxSize };
}

function enumSize({ enum: values }: Schema): number | undefined {
  if (values === undefined) return undefined;
  return Math.max(0, ...values.map((value) => (typeof value === "string" ? value.length : 0)));
}

function listType(schema: Schema): CelType {
  const items = schema.items ?? {};
  const type = schema["x-kubernetes-list-type"];
  return {
    kind: "list",
    element: celTypeOf(items),
    maxSize: itemsMax(schema),
    ...(type === "set" || type === "map" ? { listType: type } : {}),
    ...(type === "map" ? { listKeys: schema["x-kubernetes-list-map-keys"] ?? [] } : {}),
  };
}

function objectType(schema: Schema, isWhole: boolean): CelType {
  const { additionalProperties } = schema;
  if (typeof additionalProperties === "object") {
    const maxSize = entriesMax(schema, additionalProperties);
    return { kind: "map", key: string, value: celTypeOf(additionalProperties), maxSize };
  }
  const properties = Object.entries(schema.properties ?? {});
  if (properties.length === 0 && !isWhole) return dyn;
  const fields = new Map<string, FieldType>();
  const add = (name: string, type: CelType): void => {
    const celName = celFieldName(name);
    if (celName !== undefined) fields.set(celName, { name, type });
  };
  for (const [name, property] of properties) if (!isWhole || name !== "metadata") add(name, celTypeOf(property));
  if (isWhole) {
    add("apiVersion", string);
    add("kind", string);
    add("metadata", metadataType);
  }
  return { kind: "object", name: "object", fields };
}

/** All that rules see of metadata. */
const metadataType: CelType = {
  kind: "object",
  name: "object",
  fields: new Map(["name", "generateName"].map((name) => [name, { name, type: { kind: "string", maxSize: 253 } }])),
};

/** The fewest characters that a value can take in JSON. */
function smallest(schema: Schema): number {
  switch (schema.type) {
    case "string":
      return formatSizes.get(schema.format ?? "")?.min ?? 2 + (schema.minLength ?? 0);
    case "boolean":
      return 4;
    case "object": {
      const { properties = {}, required = [] } = schema;
      const sizes = required.map((name) => name.length + 4 + smallest(properties[name] ?? {}));
      return 2 + sizes.reduce((sum, size) => sum + size, 0);
    }
    case "array":
      return 2;
    default:
      return 1;
  }
}

function itemsMax({ maxItems, items = {} }: Schema): number {
  return maxItems ?? Math.floor((requestSizeMax - 2) / (smallest(items) + 1));
}

function entriesMax({ maxProperties }: Schema, values: Schema): number {
  return maxProperties ?? Math.floor((requestSizeMax - 2) / (smallest(values) + 6));
}

/** How many values of a part there can be for each of `schema`'s: items of a list, entries of a map; 1 for a field. */
export function partsMax(schema: Schema): number {
  const { type, additionalProperties } = schema;
  if (schema["x-kubernetes-int-or-string"] === true) return 1;
  if (type === "array") return itemsMax(schema);
  return type === "object" && typeof additionalProperties === "object" ? entriesMax(schema, additionalProperties) : 1;
}
