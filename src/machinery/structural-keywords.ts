// What each node of a CustomResourceDefinition's schema may say: types, the x-kubernetes-* markers, and the parts of OpenAPI
// that are not supported. Upstream: apiextensions-apiserver pkg/apis/apiextensions/validation/validation.go.
import { type FieldError, forbidden, invalid, notSupported, required } from "./field-error.ts";
import { isArray, isRecord, isString } from "./guards.ts";

type Node = Readonly<Record<string, unknown>>;

const openApiTypes: readonly string[] = ["array", "boolean", "integer", "number", "object", "string"];

/** Keywords that are refused wherever they stand. */
const unsupported: readonly string[] = [
  "id",
  "additionalItems",
  "patternProperties",
  "definitions",
  "dependencies",
  "$ref",
];

/** Where in an object a node is: inside of `metadata` no defaults and no embedded resources are taken. */
interface Place {
  readonly isRoot: boolean;
  readonly insideMeta: boolean;
  /** Why a default may not stand here; undefined: it may. */
  readonly noDefault: string | undefined;
}

export function keywordErrors(schema: Node, path: string): readonly FieldError[] {
  return visit(schema, path, { isRoot: true, insideMeta: false, noDefault: undefined });
}

function visit(node: Node, path: string, place: Place): FieldError[] {
  return [
    ...ownErrors(node, path, place),
    ...childrenErrors(node, path, { ...place, isRoot: false }, place.isRoot),
    ...mapErrors(node, path),
    ...listErrors(node, path),
    ...listItemErrors(node, path),
    ...ruleErrors(node, path),
  ];
}

function ownErrors(node: Node, path: string, place: Place): FieldError[] {
  const { type } = node;
  const errors: FieldError[] = [];
  if (isString(type) && type !== "" && !openApiTypes.includes(type)) {
    errors.push(notSupported(`${path}.type`, type, openApiTypes));
  }
  if (node["default"] !== undefined && place.noDefault !== undefined) {
    errors.push(forbidden(`${path}.default`, `must not be set ${place.noDefault}`));
  }
  for (const keyword of unsupported) {
    if (node[keyword] !== undefined) errors.push(forbidden(`${path}.${keyword}`, `${keyword} is not supported`));
  }
  if (type === "null") {
    errors.push(forbidden(`${path}.type`, "type cannot be set to null, use nullable as an alternative"));
  }
  if (isArray(node["items"])) {
    errors.push(forbidden(`${path}.items`, "items must be a schema object and not an array"));
  }
  if (place.insideMeta && node["x-kubernetes-embedded-resource"] === true) {
    errors.push(forbidden(`${path}.x-kubernetes-embedded-resource`, "must not be used inside of resource meta"));
  }
  if (node["uniqueItems"] === true) {
    const why = "uniqueItems cannot be set to true since the runtime complexity becomes quadratic";
    errors.push(forbidden(`${path}.uniqueItems`, why));
  }
  const { properties, additionalProperties } = node;
  if (isRecord(properties) && Object.keys(properties).length > 0 && additionalProperties !== undefined) {
    if (additionalProperties !== true) {
      const why = "additionalProperties and properties are mutual exclusive";
      errors.push(forbidden(`${path}.additionalProperties`, why));
    }
  } else if (additionalProperties === false) {
    errors.push(forbidden(`${path}.additionalProperties`, "additionalProperties cannot be set to false"));
  }
  return errors;
}

function childrenErrors(node: Node, path: string, place: Place, isRoot: boolean): FieldError[] {
  const errors: FieldError[] = [];
  const holdsObject = isRoot || node["x-kubernetes-embedded-resource"] === true;
  if (isRecord(node["properties"])) {
    for (const [name, property] of Object.entries(node["properties"])) {
      if (!isRecord(property)) continue;
      const isMeta = holdsObject && /^(apiVersion|kind|metadata)$/.test(name);
      const inner: Place = {
        ...place,
        insideMeta: place.insideMeta || isMeta,
        noDefault: isMeta && isRoot ? `in top-level ${name}` : place.noDefault,
      };
      errors.push(...visit(property, `${path}.properties[${name}]`, inner));
    }
  }
  if (isRecord(node["additionalProperties"])) {
    const why = "inside additionalProperties applying to object metadata";
    const inner = place.insideMeta ? { ...place, noDefault: why } : place;
    errors.push(...visit(node["additionalProperties"], `${path}.additionalProperties`, inner));
  }
  if (isRecord(node["items"])) errors.push(...visit(node["items"], `${path}.items`, place));
  if (isRecord(node["not"])) errors.push(...visit(node["not"], `${path}.not`, place));
  for (const junctor of ["allOf", "oneOf", "anyOf"]) {
    const list = node[junctor];
    if (!isArray(list)) continue;
    for (const [index, part] of list.entries()) {
      if (isRecord(part)) errors.push(...visit(part, `${path}.${junctor}[${String(index)}]`, place));
    }
  }
  return errors;
}

function mapErrors(node: Node, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (node["x-kubernetes-preserve-unknown-fields"] === false) {
    errors.push(invalid(`${path}.x-kubernetes-preserve-unknown-fields`, false, "must be true or undefined"));
  }
  const mapType = node["x-kubernetes-map-type"];
  if (mapType === undefined) return errors;
  errors.push(...wrongType(node, path, "object", "must be object if x-kubernetes-map-type is specified"));
  if (mapType !== "atomic" && mapType !== "granular") {
    errors.push(notSupported(`${path}.x-kubernetes-map-type`, mapType, ["atomic", "granular"]));
  }
  return errors;
}

function wrongType(node: Node, path: string, wanted: string, why: string): FieldError[] {
  const { type } = node;
  if (type === wanted) return [];
  return [isString(type) && type !== "" ? invalid(`${path}.type`, type, why) : required(`${path}.type`, why)];
}

function listErrors(node: Node, path: string): FieldError[] {
  const listType = node["x-kubernetes-list-type"];
  const keys = node["x-kubernetes-list-map-keys"];
  const at = `${path}.x-kubernetes-list-type`;
  const errors: FieldError[] = [];
  if (listType !== undefined) {
    const why = "must be array if x-kubernetes-list-type is specified";
    errors.push(...wrongType(node, path, "array", why));
    if (!isString(listType) || !["atomic", "set", "map"].includes(listType)) {
      errors.push(notSupported(at, listType, ["atomic", "set", "map"]));
    }
  }
  if (isArray(keys) && keys.length > 0 && listType !== "map") {
    const why = "must be map if x-kubernetes-list-map-keys is non-empty";
    errors.push(listType === undefined ? required(at, why) : invalid(at, listType, why));
  }
  return errors;
}

function listItemErrors(node: Node, path: string): FieldError[] {
  const { items } = node;
  const listType = node["x-kubernetes-list-type"];
  const errors: FieldError[] = [];
  if (listType === "set" && isRecord(items)) {
    const why = "must be atomic as item of a list with x-kubernetes-list-type=set";
    const itemList = items["x-kubernetes-list-type"] ?? "atomic";
    if (items["type"] === "array" && itemList !== "atomic") {
      errors.push(invalid(`${path}.items.x-kubernetes-list-type`, itemList, why));
    }
    const itemMap = items["x-kubernetes-map-type"];
    if (items["type"] === "object" && itemMap !== "atomic") {
      errors.push(invalid(`${path}.items.x-kubernetes-map-type`, itemMap, why));
    }
  }
  if (listType === "map") errors.push(...mapListErrors(node, path));
  if ((listType === "map" || listType === "set") && isRecord(items) && items["nullable"] === true) {
    errors.push(forbidden(`${path}.items.nullable`, `cannot be nullable when x-kubernetes-list-type is ${listType}`));
  }
  return errors;
}

function mapListErrors(node: Node, path: string): FieldError[] {
  const { items } = node;
  const keys = isArray(node["x-kubernetes-list-map-keys"]) ? node["x-kubernetes-list-map-keys"].filter(isString) : [];
  const errors: FieldError[] = [];
  if (keys.length === 0) {
    const why = "must not be empty if x-kubernetes-list-type is map";
    errors.push(required(`${path}.x-kubernetes-list-map-keys`, why));
  }
  if (!isRecord(items)) {
    return [...errors, required(`${path}.items`, "must have a schema if x-kubernetes-list-type is map")];
  }
  if (items["type"] !== "object") {
    const why = "must be object if parent array's x-kubernetes-list-type is map";
    return [...errors, invalid(`${path}.items.type`, items["type"] ?? "", why)];
  }
  for (const [index, key] of keys.entries()) {
    if (keys.indexOf(key) < index) {
      errors.push(invalid(`${path}.x-kubernetes-list-map-keys`, keys, "must not contain duplicate entries"));
    }
    errors.push(...keyErrors(items, key, keys, path));
  }
  return errors;
}

function keyErrors(items: Node, key: string, keys: readonly string[], path: string): FieldError[] {
  const { properties, required: needed } = items;
  const property = isRecord(properties) && Object.hasOwn(properties, key) ? properties[key] : undefined;
  if (!isRecord(property)) {
    return [invalid(`${path}.x-kubernetes-list-map-keys`, keys, "entries must all be names of item properties")];
  }
  const at = `${path}.items.properties[${key}]`;
  const errors: FieldError[] = [];
  if (property["type"] === "array" || property["type"] === "object") {
    const why = "must be a scalar type if parent array's x-kubernetes-list-type is map";
    errors.push(invalid(`${at}.type`, items["type"], why));
  }
  if (property["default"] === undefined && !(isArray(needed) && needed.includes(key))) {
    const why = "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property";
    errors.push(required(`${at}.default`, why));
  }
  if (property["nullable"] === true) {
    errors.push(
      forbidden(`${at}.nullable`, "this property is in x-kubernetes-list-map-keys, so it cannot be nullable"),
    );
  }
  return errors;
}

const ruleReasons: readonly string[] = [
  "FieldValueDuplicate",
  "FieldValueForbidden",
  "FieldValueInvalid",
  "FieldValueRequired",
];

/** The form of x-kubernetes-validations; what their expressions mean is not looked at here. */
function ruleErrors(node: Node, path: string): FieldError[] {
  const rules = node["x-kubernetes-validations"];
  if (!isArray(rules)) return [];
  return rules.flatMap((rule, index) =>
    isRecord(rule) ? ruleError(rule, `${path}.x-kubernetes-validations[${String(index)}]`) : [],
  );
}

function ruleError(rule: Node, at: string): FieldError[] {
  const rulePath = `${at}.message`;
  const text = (name: string): string => (isString(rule[name]) ? rule[name] : "");
  const errors: FieldError[] = [];
  const message = text("message");
  if (text("rule").trim() === "") errors.push(required(`${at}.rule`, "rule is not specified"));
  else if (message !== "" && message.trim() === "") {
    errors.push(invalid(rulePath, message, "must be non-empty if specified"));
  } else if (/[\r\n]/.test(message.trim())) errors.push(invalid(rulePath, message, "must not contain line breaks"));
  else if (/[\r\n]/.test(text("rule").trim()) && message.trim() === "") {
    errors.push(required(rulePath, "message must be specified if rule contains line breaks"));
  }
  if (text("messageExpression") !== "" && text("messageExpression").trim() === "") {
    errors.push(required(`${at}.messageExpression`, "messageExpression must be non-empty if specified"));
  }
  const { reason } = rule;
  if (reason !== undefined && !(isString(reason) && ruleReasons.includes(reason))) {
    errors.push(notSupported(`${at}.reason`, reason, ruleReasons));
  }
  return errors;
}
