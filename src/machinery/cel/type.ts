// Types of CEL values as the checker knows them before anything runs. Upstream: google/cel-go common/types/types.go and
// checker/types.go.

type SimpleKind = "dyn" | "null" | "bool" | "int" | "uint" | "double" | "string" | "bytes" | "timestamp" | "duration";

/** A field of an object type: its name in JSON and its type. */
export interface FieldType {
  readonly name: string;
  readonly type: CelType;
}

/**
 * A type. `maxSize` bounds what values of a string, bytes, list or map type can be as large as, where a schema says so: in
 * characters, bytes or entries. It plays no part in what fits where.
 */
export type CelType =
  | { readonly kind: SimpleKind; readonly maxSize?: number }
  | {
      readonly kind: "list";
      readonly element: CelType;
      readonly maxSize?: number;
      /** Kubernetes' list types: a `set` compares and adds as a set, a `map` adds by these keys. */
      readonly listType?: "set" | "map";
      readonly listKeys?: readonly string[];
    }
  | { readonly kind: "map"; readonly key: CelType; readonly value: CelType; readonly maxSize?: number }
  | { readonly kind: "optional"; readonly value: CelType }
  /** Fields by the name they have in CEL. */
  | { readonly kind: "object"; readonly name: string; readonly fields: ReadonlyMap<string, FieldType> }
  | { readonly kind: "type" }
  /** A type of a library: `kubernetes.Quantity`. */
  | { readonly kind: "opaque"; readonly name: string }
  /** Any one type within a function's signature. */
  | { readonly kind: "param"; readonly name: string };

export const dyn: CelType = { kind: "dyn" };
export const nullType: CelType = { kind: "null" };
export const bool: CelType = { kind: "bool" };
export const int: CelType = { kind: "int" };
export const uint: CelType = { kind: "uint" };
export const double: CelType = { kind: "double" };
export const string: CelType = { kind: "string" };
export const bytes: CelType = { kind: "bytes" };
export const timestamp: CelType = { kind: "timestamp" };
export const duration: CelType = { kind: "duration" };
export const typeType: CelType = { kind: "type" };

export function listOf(element: CelType): CelType {
  return { kind: "list", element };
}

export function mapOf(key: CelType, value: CelType): CelType {
  return { kind: "map", key, value };
}

export function optionalOf(value: CelType): CelType {
  return { kind: "optional", value };
}

export function opaque(name: string): CelType {
  return { kind: "opaque", name };
}

export function param(name: string): CelType {
  return { kind: "param", name };
}

/** How messages write a type: `map(string, list(int))`. */
export function typeText(type: CelType): string {
  switch (type.kind) {
    case "list":
      return `list(${typeText(type.element)})`;
    case "map":
      return `map(${typeText(type.key)}, ${typeText(type.value)})`;
    case "optional":
      return `optional_type(${typeText(type.value)})`;
    case "object":
    case "opaque":
    case "param":
      return type.name;
    case "timestamp":
      return "google.protobuf.Timestamp";
    case "duration":
      return "google.protobuf.Duration";
    default:
      return type.kind;
  }
}

/** What the type parameters of one call stand for. */
export type Bindings = Map<string, CelType>;

/** Whether a value of type `from` fits where `to` is asked for; binds the parameters of `to` on the way. */
export function fits(to: CelType, from: CelType, bindings: Bindings): boolean {
  if (to.kind === "param") {
    const bound = bindings.get(to.name);
    if (bound === undefined || bound.kind === "dyn") {
      bindings.set(to.name, from);
      return true;
    }
    if (fits(bound, from, bindings)) return true;
    // `[] + [1]`: what was bound first was the vaguer of the two.
    if (!fits(from, bound, bindings)) return false;
    bindings.set(to.name, from);
    return true;
  }
  if (to.kind === "dyn" || from.kind === "dyn") return true;
  if (from.kind === "null") return ["null", "object", "timestamp", "duration", "opaque", "optional"].includes(to.kind);
  switch (to.kind) {
    case "list":
      return from.kind === "list" && fits(to.element, from.element, bindings);
    case "map":
      return from.kind === "map" && fits(to.key, from.key, bindings) && fits(to.value, from.value, bindings);
    case "optional":
      return from.kind === "optional" && fits(to.value, from.value, bindings);
    case "object":
      return from.kind === "object" && from.name === to.name;
    case "opaque":
      return from.kind === "opaque" && from.name === to.name;
    case "null":
      return from.kind === "object" || from.kind === "timestamp" || from.kind === "duration" || from.kind === "opaque";
    default:
      return from.kind === to.kind;
  }
}

/** The type with its parameters filled in; those that nothing has bound are dyn. */
export function substitute(type: CelType, bindings: Bindings): CelType {
  switch (type.kind) {
    case "param": {
      const bound = bindings.get(type.name);
      return bound === undefined ? dyn : bound.kind === "param" ? dyn : bound;
    }
    case "list":
      return listOf(substitute(type.element, bindings));
    case "map":
      return mapOf(substitute(type.key, bindings), substitute(type.value, bindings));
    case "optional":
      return optionalOf(substitute(type.value, bindings));
    default:
      return type;
  }
}

/** The type that values of both fit, or undefined. `list(dyn)` and `list(int)`: the more exact one. */
export function joinTypes(left: CelType, right: CelType): CelType | undefined {
  if (right.kind === "dyn" || left.kind === "dyn") return dyn;
  if (left.kind === "null" && fits(right, left, new Map())) return right;
  return fits(left, right, new Map()) ? left : fits(right, left, new Map()) ? right : undefined;
}
