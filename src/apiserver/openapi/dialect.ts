// Turns our schemas into those of an OpenAPI document, version 3 or 2. Pure.
// Upstream: k8s.io/kube-openapi/pkg/{builder,builder3}, apiextensions-apiserver pkg/controller/openapi/builder.
import { isRecord } from "#machinery/guards.ts";
import type { Schema } from "#machinery/schema.ts";

/** A node of a document: OpenAPI's own keywords, in either version. */
export type OpenApiSchema = Readonly<Record<string, unknown>>;

export type OpenApiVersion = 2 | 3;

const refPrefixes: Readonly<Record<OpenApiVersion, string>> = { 2: "#/definitions/", 3: "#/components/schemas/" };

/** Keywords that go into every document as they are. */
const plainKeywords: readonly (keyof Schema)[] = [
  "description",
  "type",
  "format",
  "required",
  "enum",
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "multipleOf",
  "minLength",
  "maxLength",
  "pattern",
  "minItems",
  "maxItems",
  "uniqueItems",
  "minProperties",
  "maxProperties",
  "x-kubernetes-int-or-string",
  "x-kubernetes-preserve-unknown-fields",
  "x-kubernetes-embedded-resource",
  "x-kubernetes-list-type",
  "x-kubernetes-list-map-keys",
  "x-kubernetes-map-type",
  "x-kubernetes-patch-strategy",
  "x-kubernetes-patch-merge-key",
  "x-kubernetes-validations",
  "x-kubernetes-group-version-kind",
];

/** How a document refers to a definition. */
export function referenceTo(name: string, version: OpenApiVersion): OpenApiSchema {
  return { $ref: `${refPrefixes[version]}${name}` };
}

/** `schema` in an OpenAPI document. `uses` hears of every definition it refers to. */
export function toOpenApi(schema: Schema, version: OpenApiVersion, uses: (name: string) => void): OpenApiSchema {
  return version === 3 ? toVersion3(schema, uses) : toVersion2(schema, uses);
}

function toVersion3(schema: Schema, uses: (name: string) => void): OpenApiSchema {
  const inner = (part: Schema): OpenApiSchema => toVersion3(part, uses);
  const { $ref, items, allOf, anyOf, oneOf, not } = schema;
  const given = schema.default ?? goZero(schema);
  const out: Record<string, unknown> = {
    ...plainPart(schema),
    ...(given === undefined ? {} : { default: given }),
    ...(schema.nullable === undefined ? {} : { nullable: schema.nullable }),
    ...childrenOf(schema, inner),
    ...(items === undefined ? {} : { items: itemOf(items, inner) }),
    ...(allOf === undefined ? {} : { allOf: allOf.map(inner) }),
    ...(anyOf === undefined || isGoType(schema) ? {} : { anyOf: anyOf.map(inner) }),
    ...(oneOf === undefined ? {} : { oneOf: oneOf.map(inner) }),
    ...(not === undefined ? {} : { not: inner(not) }),
  };
  if ($ref === undefined) return out;
  uses($ref);
  const reference = referenceTo($ref, 3);
  return Object.keys(out).length === 0 ? reference : { ...out, allOf: [reference] };
}

/** Version 2 has no junctors, no nullable and no defaults of Kubernetes' making; what it cannot say is left out. */
function toVersion2(schema: Schema, uses: (name: string) => void): OpenApiSchema {
  const inner = (part: Schema): OpenApiSchema => toVersion2(part, uses);
  const { $ref, items } = schema;
  if ($ref !== undefined) {
    uses($ref);
    return { ...referenceTo($ref, 2), ...plainPart(schema) };
  }
  if (schema["x-go-type"] === "resource.Quantity") return { type: "string" };
  if (schema["x-go-type"] === "intstr.IntOrString") return { type: "string", format: "int-or-string" };
  const plain = plainPart(schema);
  const keepsUnknown = schema["x-kubernetes-preserve-unknown-fields"] === true;
  if (keepsUnknown) {
    const { required: _needed, ...bare } = plain;
    return bare;
  }
  if (schema.nullable === true) {
    const { type: _type, required: _needed, ...bare } = plain;
    return bare;
  }
  return { ...plain, ...childrenOf(schema, inner), ...(items === undefined ? {} : { items: inner(items) }) };
}

function plainPart(schema: Schema): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const keyword of plainKeywords) if (schema[keyword] !== undefined) out[keyword] = schema[keyword];
  return out;
}

function childrenOf(schema: Schema, inner: (part: Schema) => OpenApiSchema): OpenApiSchema {
  const { properties, additionalProperties } = schema;
  return {
    ...(properties === undefined
      ? {}
      : { properties: Object.fromEntries(Object.entries(properties).map(([name, part]) => [name, inner(part)])) }),
    ...(additionalProperties === undefined
      ? {}
      : { additionalProperties: isRecord(additionalProperties) ? inner(additionalProperties) : additionalProperties }),
  };
}

/** Items of built-in lists are never null: Go's zero value is their default. */
function itemOf(items: Schema, inner: (part: Schema) => OpenApiSchema): OpenApiSchema {
  const item = inner(items);
  return items.$ref === undefined || isScalarReference(items.$ref) ? item : { default: {}, allOf: [item] };
}

/** What Go writes for a field that nothing was set in, as upstream's generator says it. */
function goZero(schema: Schema): unknown {
  if (schema["x-go-presence"] !== "always") return undefined;
  if (schema.$ref !== undefined) return isScalarReference(schema.$ref) ? undefined : {};
  switch (schema.type) {
    case "string":
      return schema.format === undefined ? "" : undefined;
    case "integer":
    case "number":
      return 0;
    case "boolean":
      return false;
    default:
      return undefined;
  }
}

/** Definitions that are no structs: Time, Quantity, IntOrString, … */
function isScalarReference(name: string): boolean {
  return /\.(Time|MicroTime|Duration|Quantity|IntOrString|RawExtension|FieldsV1|JSON)$/.test(name);
}

/** Built-in types whose JSON form is one of several are published as anything, as upstream does. */
function isGoType(schema: Schema): boolean {
  return schema["x-go-type"] !== undefined;
}
