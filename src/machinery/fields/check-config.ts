// Is a configuration of its type at all? Fields that the schema does not declare, wrong scalars, list items without keys or
// with the same ones. Upstream: sigs.k8s.io/structured-merge-diff/v6/typed/{validate,helpers}.go.
import { isArray, isRecord } from "../guards.ts";
import { encodeGoJson } from "../json.ts";
import { elementOfItem, type ListType, type MapType, type MergeType, type ScalarType, shapeOf } from "./merge-type.ts";
import { elementText, fieldElement } from "./path-element.ts";

/** So many errors are told; the rest would say nothing new. */
const errorsMax = 100;

/** What is wrong with a configuration, as `path: what`. */
export function configErrors(type: MergeType, config: unknown): readonly string[] {
  const errors: string[] = [];
  check(type, config, "", errors);
  return errors;
}

/** All errors as one text. */
export function configErrorsText(errors: readonly string[]): string {
  const [first = ""] = errors;
  return errors.length === 1 ? first : ["errors:", ...errors.map((error) => `  ${error}`)].join("\n");
}

function check(type: MergeType, value: unknown, path: string, errors: string[]): void {
  if (value === null || value === undefined || errors.length >= errorsMax) return;
  const shape = shapeOf(type, value);
  if (shape === "map" && type.map !== undefined) checkMap(type.map, value, path, errors);
  else if (shape === "list" && type.list !== undefined) checkList(type.list, value, path, errors);
  else if (type.scalar !== undefined) checkScalar(type.scalar, value, path, errors);
}

function checkMap(type: MapType, value: unknown, path: string, errors: string[]): void {
  if (!isRecord(value)) {
    errors.push(message(path, `expected map, got ${shown(value)}`));
    return;
  }
  for (const name of Object.keys(value)) {
    const at = `${path}${elementText(fieldElement(name))}`;
    const own = type.declared(name) ?? type.others;
    if (own === undefined) errors.push(message(at, "field not declared in schema"));
    else check(own, value[name], at, errors);
  }
}

function checkList(type: ListType, value: unknown, path: string, errors: string[]): void {
  if (!isArray(value)) {
    errors.push(message(path, `expected list, got ${shown(value)}`));
    return;
  }
  const seen = new Set<string>();
  for (const [index, item] of value.entries()) {
    if (type.atomic) {
      check(type.items, item, `${path}[${String(index)}]`, errors);
      continue;
    }
    const fault = itemFault(type, item);
    if (fault !== undefined) {
      errors.push(message(path, `element ${String(index)}: ${fault}`));
      return;
    }
    const element = elementOfItem(type, item);
    if (seen.has(element)) errors.push(message(path, `duplicate entries for key ${elementText(element)}`));
    seen.add(element);
    check(type.items, item, `${path}${elementText(element)}`, errors);
  }
}

/** Why an item has no place in a list that is a map or a set. */
function itemFault(type: ListType, item: unknown): string | undefined {
  if (type.keys.length === 0) {
    if (isRecord(item)) return "associative list without keys has an element that's a map type";
    if (isArray(item)) return "not supported: associative list with lists as elements";
    return item === null ? "associative list without keys has an element that's an explicit null" : undefined;
  }
  if (item === null) return "associative list with keys may not have a null element";
  if (!isRecord(item)) return "associative list with keys may not have non-map elements";
  if (type.keys.some((name) => Object.hasOwn(item, name) || type.defaults.has(name))) return undefined;
  const names = type.keys.map((name) => JSON.stringify(name)).join(" ");
  const why = "(and doesn't have default values for any key fields)";
  return `associative list with keys has an element that omits all key fields [${names}] ${why}`;
}

function checkScalar(type: ScalarType, value: unknown, path: string, errors: string[]): void {
  const fault = scalarFault(type, value);
  if (fault !== undefined) errors.push(message(path, fault));
}

function scalarFault(type: ScalarType, value: unknown): string | undefined {
  switch (type) {
    case "numeric":
      return typeof value === "number" || typeof value === "bigint"
        ? undefined
        : `expected numeric (int or float), got ${goTypeName(value)}`;
    case "string":
      return typeof value === "string"
        ? undefined
        : `expected string, got &value.valueUnstructured{Value:${shown(value)}}`;
    case "boolean":
      return typeof value === "boolean" ? undefined : `expected boolean, got ${shown(value)}`;
    case "untyped":
      return isRecord(value) || isArray(value) ? `expected any scalar, got ${shown(value)}` : undefined;
  }
}

/** As Go names the type that JSON decodes to. */
function goTypeName(value: unknown): string {
  if (isArray(value)) return "[]interface {}";
  if (isRecord(value)) return "map[string]interface {}";
  return typeof value === "boolean" ? "bool" : typeof value;
}

function shown(value: unknown): string {
  return encodeGoJson(value);
}

function message(path: string, what: string): string {
  return path === "" ? what : `${path}: ${what}`;
}
