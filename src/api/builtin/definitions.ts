// The schemas of the built-in types by the name OpenAPI has for them, read from the generated table one type at a time,
// when first asked for. Upstream: the OpenAPI definitions that k8s.io/kube-openapi generates.
import { invariant } from "#std/invariant.ts";
import type { Schema, SchemaResolver } from "#machinery/schema.ts";
import table from "../generated/schemas.json" with { type: "json" };
import { parseTypeExpression, type TypeExpression } from "./type-expression.ts";

/** Packages whose Go path is not k8s.io/api/<package>/<version>. */
const packagePrefixes: ReadonlyMap<string, string> = new Map([
  ["meta", "io.k8s.apimachinery.pkg.apis.meta"],
  ["apiextensions", "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions"],
  ["apiregistration", "io.k8s.kube-aggregator.pkg.apis.apiregistration"],
]);

const scalarDefinitions: Readonly<Record<string, string>> = {
  Time: "io.k8s.apimachinery.pkg.apis.meta.v1.Time",
  MicroTime: "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime",
  Duration: "io.k8s.apimachinery.pkg.apis.meta.v1.Duration",
  FieldsV1: "io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1",
  Quantity: "io.k8s.apimachinery.pkg.api.resource.Quantity",
  IntOrString: "io.k8s.apimachinery.pkg.util.intstr.IntOrString",
  RawExtension: "io.k8s.apimachinery.pkg.runtime.RawExtension",
  JSON: "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON",
};

const scalarSchemas: Readonly<Record<string, Schema>> = {
  Time: { type: "string", format: "date-time", "x-go-type": "v1.Time" },
  MicroTime: { type: "string", format: "date-time", "x-go-type": "v1.MicroTime" },
  Duration: { type: "string", "x-go-type": "v1.Duration" },
  FieldsV1: { type: "object", "x-go-type": "v1.FieldsV1" },
  Quantity: { oneOf: [{ type: "string" }, { type: "number" }], "x-go-type": "resource.Quantity" },
  IntOrString: {
    format: "int-or-string",
    oneOf: [{ type: "integer" }, { type: "string" }],
    "x-go-type": "intstr.IntOrString",
  },
  RawExtension: { type: "object", "x-go-type": "runtime.RawExtension" },
  JSON: { "x-go-type": "v1.JSON" },
};

const plainSchemas: Readonly<Record<string, Schema>> = {
  string: { type: "string" },
  boolean: { type: "boolean" },
  int32: { type: "integer", format: "int32" },
  int64: { type: "integer", format: "int64" },
  uint32: { type: "integer", format: "int64" },
  uint64: { type: "integer", format: "int64" },
  number: { type: "number", format: "double" },
  bytes: { type: "string", format: "byte" },
  any: { "x-go-type": "interface {}" },
};

/** `core/v1.Pod` → `io.k8s.api.core.v1.Pod`. */
export function definitionName(id: string): string {
  const [folder = "", rest = ""] = id.split("/");
  return `${packagePrefixes.get(folder) ?? `io.k8s.api.${folder}`}.${rest}`;
}

/** Finds the schema of a built-in type by its definition name. Fails on a name that is none. */
export const builtinResolver: SchemaResolver = createResolver(table);

/** Whether the built-in types have a definition of that name. */
export function isBuiltinDefinition(name: string): boolean {
  return Object.values(scalarDefinitions).includes(name) || Object.hasOwn(table, idOf(name));
}

function createResolver(texts: Readonly<Record<string, string>>): SchemaResolver {
  const known = new Map<string, Schema>();
  for (const [scalar, name] of Object.entries(scalarDefinitions)) known.set(name, scalarSchemas[scalar] ?? {});
  return (reference) => {
    const found = known.get(reference);
    if (found !== undefined) return found;
    const id = idOf(reference);
    const text = Object.hasOwn(texts, id) ? texts[id] : undefined;
    invariant(text !== undefined, `there is no built-in type ${reference}`);
    const schema = readDefinition(texts, id, text);
    known.set(reference, schema);
    return schema;
  };
}

/** `io.k8s.api.core.v1.Pod` → `core/v1.Pod`. */
function idOf(name: string): string {
  const [type = "", version = "", folder = ""] = name.split(".").reverse();
  return `${folder}/${version}.${type}`;
}

function readDefinition(texts: Readonly<Record<string, string>>, id: string, text: string): Schema {
  if (text.startsWith("any ")) {
    const forms = text.split(" ").slice(1);
    return {
      anyOf: forms.map((form) => schemaOfType(texts, parseTypeExpression(form))),
      "x-go-type": goName(id),
    };
  }
  const [head = "", ...fields] = text.split("; ");
  const properties: Record<string, Schema> = {};
  const required: string[] = [];
  for (const field of fields) {
    const [name = "", type = "", ...words] = field.split(" ");
    properties[name] = readField(texts, type, words);
    if (words.includes("required")) required.push(name);
  }
  return {
    type: "object",
    properties,
    ...(required.length === 0 ? {} : { required }),
    ...(head === "struct atomic" ? { "x-kubernetes-map-type": "atomic" } : {}),
    "x-go-type": goName(id),
  };
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

function readField(texts: Readonly<Record<string, string>>, type: string, words: readonly string[]): Schema {
  const schema: Mutable<Schema> = { ...schemaOfType(texts, parseTypeExpression(type)) };
  for (const word of words) {
    const equals = word.indexOf("=");
    const value = word.slice(equals + 1);
    switch (equals < 0 ? word : word.slice(0, equals)) {
      case "required":
        break;
      case "always":
        schema["x-go-presence"] = "always";
        break;
      case "nonzero":
        schema["x-go-presence"] = "nonzero";
        break;
      case "listType":
        if (value === "atomic" || value === "set" || value === "map") schema["x-kubernetes-list-type"] = value;
        break;
      case "listKeys":
        schema["x-kubernetes-list-map-keys"] = value.split(",");
        break;
      case "patch":
        schema["x-kubernetes-patch-strategy"] = value;
        break;
      case "mergeKey":
        schema["x-kubernetes-patch-merge-key"] = value;
        break;
      case "mapType":
        if (value === "atomic" || value === "granular") schema["x-kubernetes-map-type"] = value;
        break;
      case "default":
        schema.default = JSON.parse(value);
        break;
      default:
        invariant(false, `schema table: unknown word ${word}`);
    }
  }
  return schema;
}

function schemaOfType(texts: Readonly<Record<string, string>>, type: TypeExpression): Schema {
  switch (type.kind) {
    case "struct":
      return { $ref: definitionName(type.id) };
    case "list":
      return { type: "array", items: schemaOfType(texts, type.item), ...named(type.named) };
    case "map":
      return { type: "object", additionalProperties: schemaOfType(texts, type.value), ...named(type.named) };
    case "scalar":
      return scalarSchema(texts, type.scalar, type.named);
  }
}

function scalarSchema(texts: Readonly<Record<string, string>>, scalar: string, name: string | undefined): Schema {
  const reference = scalarDefinitions[scalar];
  if (reference !== undefined) return { $ref: reference };
  const plain = plainSchemas[scalar];
  invariant(plain !== undefined, `schema table: unknown type ${scalar}`);
  if (name === undefined) return plain;
  const values = Object.hasOwn(texts, name) ? texts[name] : undefined;
  return {
    ...plain,
    ...(values?.startsWith("enum ") === true ? { enum: values.slice("enum ".length).split(" ") } : {}),
    ...named(name),
  };
}

function named(id: string | undefined): Schema {
  return id === undefined ? {} : { "x-go-type": goName(id) };
}

/** `core/v1.Protocol` → `v1.Protocol`: the package as Go source names it. */
function goName(id: string): string {
  return id.slice(id.indexOf("/") + 1);
}
