// Validates custom objects against their structural schema, with the texts of Kubernetes.
// Upstream: k8s.io/kube-openapi/pkg/validation/validate and apiextensions-apiserver pkg/apiserver/validation.
import { deepEqual } from "./equality.ts";
import { type FieldError, invalid, notSupported, required, tooLong, tooMany, typeInvalid } from "./field-error.ts";
import { isArray, isRecord } from "./guards.ts";
import { encodeGoJson } from "./json.ts";
import { findDuplicates, keyOf } from "./list-duplicates.ts";
import { type LinearRegExp, linearRegExp } from "./regexp/linear-regexp.ts";
import { hasFormat } from "./schema-formats.ts";
import type { Schema, SchemaResolver } from "./schema.ts";

export interface ValidatorOptions {
  /** Where the value stands in its object: `status` for a validator of the status alone. Default: it is the object. */
  readonly path?: string;
}

/**
 * Finds what is wrong with `value`. With `old`, what was there before, an unchanged part is not checked again
 * (ratcheting): an object that a newer schema would refuse can still be changed elsewhere.
 */
export type Validator = (value: unknown, old?: unknown) => readonly FieldError[];

/** Compiles a structural schema to a validator; the parts are compiled when they are first met. */
export function createValidator(
  schema: Schema,
  resolve: SchemaResolver,
  { path = "" }: ValidatorOptions = {},
): Validator {
  const node = new SchemaNode(schema, resolve);
  return (value, old) => {
    const errors: FieldError[] = [];
    check(node, value, old, path, errors);
    const hadDuplicates = old !== undefined && findDuplicates(schema, old, path).length > 0;
    return hadDuplicates ? errors : [...errors, ...findDuplicates(schema, value, path)];
  };
}

/** A schema with its parts compiled on demand. */
class SchemaNode {
  readonly schema: Schema;
  readonly resolve: SchemaResolver;
  readonly types: readonly string[];
  readonly #properties = new Map<string, SchemaNode>();
  readonly #lists = new Map<string, readonly SchemaNode[]>();
  #items: SchemaNode | undefined;
  #additional: SchemaNode | undefined;
  #not: SchemaNode | undefined;
  #pattern: LinearRegExp | undefined;

  constructor(schema: Schema, resolve: SchemaResolver) {
    this.schema = schema.$ref === undefined ? schema : resolve(schema.$ref);
    this.resolve = resolve;
    if (this.schema["x-kubernetes-int-or-string"] === true) this.types = ["integer", "string"];
    else this.types = this.schema.type === undefined ? [] : [this.schema.type];
  }

  property(name: string): SchemaNode | undefined {
    const known = this.#properties.get(name);
    if (known !== undefined) return known;
    const { properties, additionalProperties } = this.schema;
    if (properties !== undefined && Object.hasOwn(properties, name)) {
      const node = new SchemaNode(properties[name] ?? {}, this.resolve);
      this.#properties.set(name, node);
      return node;
    }
    if (typeof additionalProperties !== "object") return undefined;
    return (this.#additional ??= new SchemaNode(additionalProperties, this.resolve));
  }

  get items(): SchemaNode | undefined {
    if (this.schema.items === undefined) return undefined;
    return (this.#items ??= new SchemaNode(this.schema.items, this.resolve));
  }

  get not(): SchemaNode | undefined {
    if (this.schema.not === undefined) return undefined;
    return (this.#not ??= new SchemaNode(this.schema.not, this.resolve));
  }

  parts(name: "allOf" | "anyOf" | "oneOf"): readonly SchemaNode[] {
    const known = this.#lists.get(name);
    if (known !== undefined) return known;
    const nodes = (this.schema[name] ?? []).map((schema) => new SchemaNode(schema, this.resolve));
    this.#lists.set(name, nodes);
    return nodes;
  }

  matches(text: string): boolean {
    const { pattern } = this.schema;
    if (pattern === undefined) return true;
    return (this.#pattern ??= linearRegExp(pattern)).test(text);
  }
}

function check(node: SchemaNode, value: unknown, old: unknown, path: string, errors: FieldError[]): void {
  if (old !== undefined && deepEqual(value, old)) return;
  const { schema } = node;
  if (value === null && schema.nullable === true) return;
  const type = typeError(node, value, path);
  if (type !== undefined) {
    errors.push(type);
    return;
  }
  checkEnum(schema, value, path, errors);
  if (typeof value === "string") checkString(node, value, path, errors);
  else if (typeof value === "number" || typeof value === "bigint") checkNumber(schema, value, path, errors);
  else if (isArray(value)) checkArray(node, value, old, path, errors);
  else if (isRecord(value)) checkObject(node, value, old, path, errors);
  checkCombinations(node, value, path, errors);
}

function typeError(node: SchemaNode, value: unknown, path: string): FieldError | undefined {
  const { types } = node;
  if (types.length === 0) return undefined;
  const actual = typeName(value);
  if (types.includes(actual) || (actual === "integer" && types.includes("number"))) return undefined;
  return typeInvalid(path, actual, inBody(path, `must be of type ${types.join(",")}: ${JSON.stringify(actual)}`));
}

/** OpenAPI's name for the type of a JSON value. */
function typeName(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value === "bigint" ? "integer" : typeof value;
}

function checkEnum(schema: Schema, value: unknown, path: string, errors: FieldError[]): void {
  if (schema.enum === undefined || schema.enum.some((allowed) => deepEqual(allowed, value))) return;
  const values = schema.enum.map((allowed) => (typeof allowed === "string" ? allowed : encodeGoJson(allowed)));
  errors.push(notSupported(path, value, values));
}

function checkString(node: SchemaNode, text: string, path: string, errors: FieldError[]): void {
  const { maxLength, minLength, pattern, format } = node.schema;
  if (maxLength !== undefined && isLongerThan(text, maxLength)) errors.push(tooLong(path, maxLength));
  if (minLength !== undefined && !isLongerThan(text, minLength - 1)) {
    errors.push(invalid(path, text, inBody(path, `should be at least ${String(minLength)} chars long`)));
  }
  if (!node.matches(text)) errors.push(invalid(path, text, inBody(path, `should match '${pattern ?? ""}'`)));
  if (format !== undefined && !hasFormat(format, text)) {
    errors.push(typeInvalid(path, text, inBody(path, `must be of type ${format}: ${JSON.stringify(text)}`)));
  }
}

/** Length counts characters (code points). */
function isLongerThan(text: string, length: number): boolean {
  if (text.length <= length) return false;
  if (text.length > length * 2) return true;
  return Array.from(text).length > length;
}

function checkNumber(schema: Schema, value: number | bigint, path: string, errors: FieldError[]): void {
  const { minimum, maximum, multipleOf } = schema;
  const refuse = (detail: string): void => {
    errors.push(invalid(path, typeof value === "bigint" ? Number(value) : value, inBody(path, detail)));
  };
  if (maximum !== undefined) {
    const isOut = schema.exclusiveMaximum === true ? value >= maximum : value > maximum;
    if (isOut) {
      refuse(`should be less than ${schema.exclusiveMaximum === true ? "" : "or equal to "}${String(maximum)}`);
    }
  }
  if (minimum !== undefined) {
    const isOut = schema.exclusiveMinimum === true ? value <= minimum : value < minimum;
    if (isOut) {
      refuse(`should be greater than ${schema.exclusiveMinimum === true ? "" : "or equal to "}${String(minimum)}`);
    }
  }
  if (multipleOf !== undefined && !Number.isInteger(Number(value) / multipleOf)) {
    refuse(`should be a multiple of ${String(multipleOf)}`);
  }
}

function checkArray(
  node: SchemaNode,
  list: readonly unknown[],
  old: unknown,
  path: string,
  errors: FieldError[],
): void {
  const { maxItems, minItems } = node.schema;
  if (maxItems !== undefined && list.length > maxItems) errors.push(tooMany(path, list.length, maxItems));
  if (minItems !== undefined && list.length < minItems) {
    errors.push(invalid(path, list.length, inBody(path, `should have at least ${String(minItems)} items`)));
  }
  const { items } = node;
  if (items === undefined) return;
  const before = correlated(node.schema, old);
  for (const [index, item] of list.entries()) {
    check(items, item, before(item), `${path}[${String(index)}]`, errors);
  }
}

/** Finds what an item of a list was before. Only items of map lists have an identity. */
export function correlated(schema: Schema, old: unknown): (item: unknown) => unknown {
  const names = schema["x-kubernetes-list-map-keys"];
  if (schema["x-kubernetes-list-type"] !== "map" || names === undefined || !isArray(old)) return () => undefined;
  const byKey = new Map(old.map((item) => [encodeGoJson(keyOf(item, names)), item]));
  return (item) => byKey.get(encodeGoJson(keyOf(item, names)));
}

function checkObject(
  node: SchemaNode,
  value: Readonly<Record<string, unknown>>,
  old: unknown,
  path: string,
  errors: FieldError[],
): void {
  const { maxProperties, minProperties } = node.schema;
  if (maxProperties !== undefined || minProperties !== undefined) {
    const count = Object.keys(value).length;
    if (maxProperties !== undefined && count > maxProperties) errors.push(tooMany(path, count, maxProperties));
    if (minProperties !== undefined && count < minProperties) {
      errors.push(invalid(path, count, inBody(path, `should have at least ${String(minProperties)} properties`)));
    }
  }
  for (const name of node.schema.required ?? []) {
    if (!Object.hasOwn(value, name) || value[name] === undefined) errors.push(required(childPath(path, name)));
  }
  for (const key in value) {
    const child = node.property(key);
    const item = value[key];
    if (child === undefined || item === undefined) continue;
    const before = isRecord(old) && Object.hasOwn(old, key) ? old[key] : undefined;
    check(child, item, before, childPath(path, key), errors);
  }
}

/** Upstream reports these at the root, whatever they are about: the text has the path. */
function checkCombinations(node: SchemaNode, value: unknown, path: string, errors: FieldError[]): void {
  const { allOf, anyOf, oneOf } = node.schema;
  const refuse = (detail: string): void => {
    errors.push(invalid("<nil>", "", `${JSON.stringify(path)} ${detail}`));
  };
  if (anyOf !== undefined) {
    const results = node.parts("anyOf").map((part) => errorsOf(part, value, path));
    if (results.every((result) => result.length > 0)) {
      refuse("must validate at least one schema (anyOf)");
      errors.push(...fewest(results));
    }
  }
  if (oneOf !== undefined) {
    const results = node.parts("oneOf").map((part) => errorsOf(part, value, path));
    const valid = results.filter((result) => result.length === 0).length;
    const found = valid === 0 ? "Found none valid" : `Found ${String(valid)} valid alternatives`;
    if (valid !== 1) refuse(`must validate one and only one schema (oneOf). ${found}`);
    if (valid === 0) errors.push(...fewest(results));
  }
  if (allOf !== undefined) {
    const results = node.parts("allOf").map((part) => errorsOf(part, value, path));
    errors.push(...results.flat());
    const valid = results.filter((result) => result.length === 0).length;
    if (valid < results.length) {
      refuse(
        `must validate all the schemas (allOf)${valid === 0 ? ". None validated" : `. ${String(valid)} validated`}`,
      );
    }
  }
  if (node.not !== undefined && errorsOf(node.not, value, path).length === 0) {
    refuse("must not validate the schema (not)");
  }
}

function errorsOf(node: SchemaNode, value: unknown, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  check(node, value, undefined, path, errors);
  return errors;
}

function fewest(results: readonly (readonly FieldError[])[]): readonly FieldError[] {
  return results.reduce((best, result) => (result.length < best.length ? result : best), results[0] ?? []);
}

/** The path of a field; of the object's own where `path` is empty. */
export function childPath(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

/** `spec.n in body should …`; without a path, of the object itself. */
function inBody(path: string, detail: string): string {
  return path === "" ? detail : `${path} in body ${detail}`;
}
