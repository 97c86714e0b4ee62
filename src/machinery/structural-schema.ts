// Which schemas a CustomResourceDefinition may have: every field has a type, and allOf, anyOf, oneOf and not only narrow
// values down. Upstream: apiextensions-apiserver pkg/apiserver/schema/{validation,complete}.go and defaulting/validation.go.
import { deepEqual } from "./equality.ts";
import { type FieldError, fieldErrorText, forbidden, invalid, required } from "./field-error.ts";
import { isArray, isRecord, isString } from "./guards.ts";
import { compareBytes } from "./json.ts";
import { linearRegExp } from "./regexp/linear-regexp.ts";
import { PatternError } from "./regexp/syntax.ts";
import { createValidator } from "./schema-validate.ts";
import type { Schema, SchemaResolver } from "./schema.ts";
import { findUnknown } from "./structural-decode.ts";
import { keywordErrors } from "./structural-keywords.ts";

type Node = Readonly<Record<string, unknown>>;
type Level = "root" | "item" | "field";
/** What is wrong with a pattern, or undefined. */
type PatternCheck = (pattern: string) => string | undefined;

/** What keeps `schema` from being structural. `path` is where it stands: `spec.versions[0].schema.openAPIV3Schema`. */
export function checkStructural(schema: Schema, resolve: SchemaResolver, path = "openAPIV3Schema"): FieldError[] {
  const node: Node = { ...schema };
  const keywords = keywordErrors(node, path);
  if (keywords.length > 0) return [...keywords];
  const structure = [
    ...invariantErrors(node, "root", path, patternCheck()),
    ...incompleteErrors(node, node, path, path),
  ];
  if (structure.length > 0) {
    return structure.sort((a, b) => compareBytes(fieldErrorText(a), fieldErrorText(b)));
  }
  return defaultErrors(schema, resolve, path);
}

function invariantErrors(node: Node, level: Level, path: string, check: PatternCheck): FieldError[] {
  const errors: FieldError[] = [];
  const type = textOf(node, "type");
  if (type === "array" && node["items"] === undefined) errors.push(required(`${path}.items`, "must be specified"));
  for (const [inner, innerLevel, at] of structuralChildren(node, path)) {
    errors.push(...invariantErrors(inner, innerLevel, at, check));
  }
  if (level === "root" && node["additionalProperties"] !== undefined) {
    errors.push(forbidden(`${path}.additionalProperties`, "must not be used at the root"));
  }
  errors.push(...extensionErrors(node, path));
  errors.push(...valueErrors(node, path, check, intOrStringIdiom(node)));
  errors.push(...typeErrors(node, level, path));
  const { properties } = node;
  if (isRecord(properties)) {
    const isObject = level === "root" || node["x-kubernetes-embedded-resource"] === true;
    errors.push(...objectFieldErrors(properties, isObject, level, `${path}.properties`));
  }
  return errors;
}

/** The nodes that say what fields there are: properties, items, additional properties. */
function structuralChildren(node: Node, path: string): readonly (readonly [Node, Level, string])[] {
  const children: [Node, Level, string][] = [];
  const { items, properties, additionalProperties } = node;
  if (isRecord(items)) children.push([items, "item", `${path}.items`]);
  for (const [name, property] of Object.entries(isRecord(properties) ? properties : {})) {
    if (isRecord(property)) children.push([property, "field", `${path}.properties[${name}]`]);
  }
  if (isRecord(additionalProperties)) children.push([additionalProperties, "field", `${path}.additionalProperties`]);
  return children;
}

function extensionErrors(node: Node, path: string): FieldError[] {
  if (node["x-kubernetes-int-or-string"] !== true) return [];
  return ["x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource"].flatMap((name) =>
    node[name] === true
      ? [invalid(`${path}.${name}`, true, "must be false if x-kubernetes-int-or-string is true")]
      : [],
  );
}

const emptyTypeReasons: Readonly<Record<Level, string>> = {
  root: "must not be empty at the root",
  item: "must not be empty for specified array items",
  field: "must not be empty for specified object fields",
};

function typeErrors(node: Node, level: Level, path: string): FieldError[] {
  const type = textOf(node, "type");
  const isEmbedded = node["x-kubernetes-embedded-resource"] === true;
  const keepsUnknown = node["x-kubernetes-preserve-unknown-fields"] === true;
  const errors: FieldError[] = [];
  if (isEmbedded && type !== "object") {
    const why = "must be object if x-kubernetes-embedded-resource is true";
    errors.push(type === "" ? required(`${path}.type`, why) : invalid(`${path}.type`, type, why));
  } else if (type === "" && node["x-kubernetes-int-or-string"] !== true && !keepsUnknown) {
    errors.push(required(`${path}.type`, emptyTypeReasons[level]));
  }
  if (isEmbedded && node["additionalProperties"] !== undefined) {
    const why = "must not be used if x-kubernetes-embedded-resource is set";
    errors.push(forbidden(`${path}.additionalProperties`, why));
  }
  if (level === "root" && type !== "" && type !== "object") {
    errors.push(invalid(`${path}.type`, type, "must be object at the root"));
  }
  const { properties } = node;
  if (isEmbedded && !keepsUnknown && !(isRecord(properties) && Object.keys(properties).length > 0)) {
    const why =
      "must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields";
    errors.push(required(`${path}.properties`, why));
  }
  return errors;
}

function objectFieldErrors(properties: Node, isObject: boolean, level: Level, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const name of ["kind", "apiVersion"]) {
    const field = properties[name];
    if (isObject && isRecord(field) && field["type"] !== "string") {
      errors.push(invalid(`${path}[${name}].type`, textOf(field, "type"), "must be string"));
    }
  }
  const { metadata } = properties;
  if (!isRecord(metadata)) return errors;
  const at = `${path}[metadata]`;
  if (isObject && metadata["type"] !== "object") {
    errors.push(invalid(`${at}.type`, textOf(metadata, "type"), "must be object"));
  }
  if (level === "root" && !namesOnly(metadata)) {
    const why = "must not specify anything other than name and generateName, but metadata is implicitly specified";
    errors.push(forbidden(at, why));
  }
  return errors;
}

function namesOnly(metadata: Node): boolean {
  const { properties } = metadata;
  const names = isRecord(properties) ? Object.keys(properties) : [];
  const others = Object.keys(metadata).filter((key) => !/^(type|properties|description|default)$/.test(key));
  return others.length === 0 && names.every((name) => name === "name" || name === "generateName");
}

/** The one way in which types may stand under a junctor: how controller-gen writes int-or-string. */
function intOrStringIdiom(node: Node): "anyOf" | "allOf" | undefined {
  const idiom = [{ type: "integer" }, { type: "string" }];
  if (deepEqual(node["anyOf"], idiom)) return "anyOf";
  const first = isArray(node["allOf"]) ? node["allOf"][0] : undefined;
  return isRecord(first) && deepEqual(first["anyOf"], idiom) ? "allOf" : undefined;
}

/** The junctors of a node, and its pattern. */
function valueErrors(node: Node, path: string, check: PatternCheck, idiom?: "anyOf" | "allOf"): FieldError[] {
  const errors: FieldError[] = [];
  for (const [part, at, junctor, index] of junctorParts(node, path)) {
    if (junctor === "anyOf" && idiom === "anyOf") continue;
    errors.push(...nestedErrors(part, at, check, junctor === "allOf" && index === 0 && idiom === "allOf"));
  }
  const pattern = textOf(node, "pattern");
  const fault = pattern === "" ? undefined : check(pattern);
  if (fault !== undefined) errors.push(invalid(`${path}.pattern`, pattern, fault));
  return errors;
}

function junctorParts(node: Node, path: string): readonly (readonly [Node, string, string, number])[] {
  const parts: [Node, string, string, number][] = [];
  for (const junctor of ["anyOf", "allOf", "oneOf"]) {
    const list = node[junctor];
    if (!isArray(list)) continue;
    for (const [index, part] of list.entries()) {
      if (isRecord(part)) parts.push([part, `${path}.${junctor}[${String(index)}]`, junctor, index]);
    }
  }
  if (isRecord(node["not"])) parts.push([node["not"], `${path}.not`, "not", 0]);
  return parts;
}

/** Remembers what it has seen: a schema repeats few patterns often, and to compile one is the dearest part of its check. */
function patternCheck(): PatternCheck {
  const faults = new Map<string, string | undefined>();
  return (pattern) => {
    if (!faults.has(pattern)) faults.set(pattern, patternFault(pattern));
    return faults.get(pattern);
  };
}

function patternFault(pattern: string): string | undefined {
  try {
    linearRegExp(pattern);
    return undefined;
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    return `must be a valid regular expression, but isn't: ${error.message}`;
  }
}

/** Keywords that may not stand under a junctor, and what upstream says of each. */
const nestedForbidden: readonly (readonly [string, string])[] = [
  ["type", "must be empty to be structural"],
  ["additionalProperties", "must be undefined to be structural"],
  ["default", "must be undefined to be structural"],
  ["title", "must be empty to be structural"],
  ["description", "must be empty to be structural"],
  ["nullable", "must be false to be structural"],
  ["x-kubernetes-preserve-unknown-fields", "must be false to be structural"],
  ["x-kubernetes-embedded-resource", "must be false to be structural"],
  ["x-kubernetes-int-or-string", "must be false to be structural"],
  ["x-kubernetes-list-map-keys", "must be empty to be structural"],
  ["x-kubernetes-list-type", "must be undefined to be structural"],
  ["x-kubernetes-map-type", "must be undefined to be structural"],
  ["x-kubernetes-validations", "must be empty to be structural"],
];

function nestedErrors(node: Node, path: string, check: PatternCheck, skipsAnyOf = false): FieldError[] {
  const errors = valueErrors(node, path, check, skipsAnyOf ? "anyOf" : undefined);
  if (isRecord(node["items"])) errors.push(...nestedErrors(node["items"], `${path}.items`, check));
  const { properties } = node;
  for (const [name, property] of Object.entries(isRecord(properties) ? properties : {})) {
    if (isRecord(property)) errors.push(...nestedErrors(property, `${path}.properties[${name}]`, check));
  }
  for (const [keyword, why] of nestedForbidden) {
    const value = node[keyword];
    if (value !== undefined && value !== "" && value !== false) errors.push(forbidden(`${path}.${keyword}`, why));
  }
  if (isRecord(properties) && Object.hasOwn(properties, "metadata")) {
    errors.push(forbidden(`${path}.properties[metadata]`, "must not be specified in a nested context"));
  }
  return errors;
}

/** Every field named under a junctor must exist structurally. */
function incompleteErrors(values: Node, node: Node, nodePath: string, valuePath: string): FieldError[] {
  return junctorParts(values, valuePath).flatMap(([part, at]) => incompletePart(part, node, nodePath, at));
}

function incompletePart(part: Node, node: Node, nodePath: string, partPath: string): FieldError[] {
  const errors = incompleteErrors(part, node, nodePath, partPath);
  const because = (at: string): string => `because it is defined in ${at}`;
  if (isRecord(part["items"])) {
    const { items } = node;
    if (isRecord(items)) errors.push(...incompletePart(part["items"], items, `${nodePath}.items`, `${partPath}.items`));
    else errors.push(required(`${nodePath}.items`, because(`${partPath}.items`)));
  }
  const named = isRecord(part["properties"]) ? part["properties"] : {};
  const known = isRecord(node["properties"]) ? node["properties"] : {};
  for (const [name, property] of Object.entries(named)) {
    const at = `${nodePath}.properties[${name}]`;
    const partAt = `${partPath}.properties[${name}]`;
    const structural = Object.hasOwn(known, name) ? known[name] : undefined;
    if (!isRecord(structural)) errors.push(required(at, because(partAt)));
    else if (isRecord(property)) errors.push(...incompletePart(property, structural, at, partAt));
  }
  return errors;
}

/** Defaults must be pruned and valid. */
function defaultErrors(schema: Schema, resolve: SchemaResolver, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const given: unknown = schema.default;
  if (given !== undefined) {
    const at = `${path}.default`;
    if (findUnknown(schema, given, resolve).length > 0) errors.push(invalid(at, given, "must not have unknown fields"));
    errors.push(...createValidator(schema, resolve, { path: at })(given));
  }
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    errors.push(...defaultErrors(property, resolve, `${path}.properties[${name}]`));
  }
  if (schema.items !== undefined) errors.push(...defaultErrors(schema.items, resolve, `${path}.items`));
  if (typeof schema.additionalProperties === "object") {
    errors.push(...defaultErrors(schema.additionalProperties, resolve, `${path}.additionalProperties`));
  }
  return errors;
}

function textOf(node: Node, name: string): string {
  const value = node[name];
  return isString(value) ? value : "";
}
