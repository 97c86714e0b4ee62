// How values of a type merge and who can own what in them: which lists are maps or sets, which maps and structs are one
// unit. Made from a schema, node by node as they are met. Upstream: k8s.io/kube-openapi/pkg/schemaconv and
// sigs.k8s.io/structured-merge-diff/v6/{schema,typed/helpers.go}.
import { isArray, isRecord } from "../guards.ts";
import { compareBytes } from "../json.ts";
import type { Schema, SchemaResolver } from "../schema.ts";
import { keyElement, valueElement } from "./path-element.ts";

export type ScalarType = "string" | "numeric" | "boolean" | "untyped";

/** The shapes that values of a type may have. */
export interface MergeType {
  readonly map: MapType | undefined;
  readonly list: ListType | undefined;
  readonly scalar: ScalarType | undefined;
}

export interface MapType {
  /** Owned and replaced as a whole. */
  readonly atomic: boolean;
  /** The type of a field that the schema declares. */
  declared(name: string): MergeType | undefined;
  /** The type of all other keys; undefined: there are none. */
  readonly others: MergeType | undefined;
}

export interface ListType {
  readonly atomic: boolean;
  /** Names of the keys of a list that is a map, sorted; none: a set. */
  readonly keys: readonly string[];
  /** What keys are where items do not say. */
  readonly defaults: ReadonlyMap<string, unknown>;
  readonly items: MergeType;
}

/** Values without a schema: maps by key, lists as a whole. */
export const deducedType: MergeType = {
  map: {
    atomic: false,
    declared: () => undefined,
    get others() {
      return deducedType;
    },
  },
  list: {
    atomic: true,
    keys: [],
    defaults: new Map(),
    get items() {
      return deducedType;
    },
  },
  scalar: "untyped",
};

/** Values of any shape that are one unit. */
const unitType: MergeType = {
  map: { atomic: true, declared: () => undefined, others: deducedType },
  list: { atomic: true, keys: [], defaults: new Map(), items: deducedType },
  scalar: "untyped",
};

const untypedScalar: MergeType = { map: undefined, list: undefined, scalar: "untyped" };

const objectMetaDefinition = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

/** Types of Kubernetes' own that have a form of their own in JSON. */
const unitDefinitions: ReadonlySet<string> = new Set(["runtime.RawExtension"]);
const untypedDefinitions: ReadonlySet<string> = new Set(["resource.Quantity", "intstr.IntOrString"]);

/** Types by schema node: kinds share those that they have in common. */
const known = new WeakMap<SchemaResolver, WeakMap<Schema, MergeType>>();

/** The type of objects whose schema is `schema`. `custom`: it is a CustomResourceDefinition's. */
export function mergeTypeOf(schema: Schema, resolve: SchemaResolver, options: { readonly custom: boolean }): MergeType {
  return new SchemaType(options.custom ? { ...schema, "x-kubernetes-embedded-resource": true } : schema, resolve);
}

function typeOfNode(schema: Schema, resolve: SchemaResolver): MergeType {
  let types = known.get(resolve);
  if (types === undefined) {
    types = new WeakMap();
    known.set(resolve, types);
  }
  let type = types.get(schema);
  if (type === undefined) {
    type = new SchemaType(schema, resolve);
    types.set(schema, type);
  }
  return type;
}

/** The type of a key of a map. */
export function typeOfKey(map: MapType, name: string): MergeType {
  return map.declared(name) ?? map.others ?? deducedType;
}

export type Shape = "map" | "list" | "scalar";

/** Which of the type's shapes a value has. A value of no such shape is taken for the first one there is. */
export function shapeOf(type: MergeType, value: unknown): Shape {
  if (isArray(value)) {
    if (type.list !== undefined) return "list";
  } else if (isRecord(value)) {
    if (type.map !== undefined) return "map";
  } else if (value !== null && value !== undefined && type.scalar !== undefined) {
    return "scalar";
  }
  if (type.map !== undefined) return "map";
  return type.scalar === undefined ? "list" : "scalar";
}

/** The path element of a list's item. */
export function elementOfItem(list: ListType, item: unknown): string {
  if (list.keys.length === 0) return valueElement(item);
  const found: [string, unknown][] = [];
  for (const name of list.keys) {
    const value = isRecord(item) && Object.hasOwn(item, name) ? item[name] : list.defaults.get(name);
    if (value !== undefined) found.push([name, value]);
  }
  return keyElement(found);
}

/** A node of a schema; nodes below are made when first asked for. */
class SchemaType implements MergeType {
  readonly #schema: Schema;
  readonly #resolve: SchemaResolver;
  #made: MergeType | undefined;

  constructor(schema: Schema, resolve: SchemaResolver) {
    this.#schema = schema;
    this.#resolve = resolve;
  }

  get map(): MapType | undefined {
    return this.#type.map;
  }

  get list(): ListType | undefined {
    return this.#type.list;
  }

  get scalar(): ScalarType | undefined {
    return this.#type.scalar;
  }

  get #type(): MergeType {
    this.#made ??= makeType(this.#schema, this.#resolve);
    return this.#made;
  }
}

function makeType(property: Schema, resolve: SchemaResolver): MergeType {
  const schema = property.$ref === undefined ? property : resolve(property.$ref);
  const goType = schema["x-go-type"] ?? "";
  if (unitDefinitions.has(goType)) return unitType;
  if (untypedDefinitions.has(goType) || schema["x-kubernetes-int-or-string"] === true) return untypedScalar;
  switch (schema.type) {
    case "string":
      return { map: undefined, list: undefined, scalar: "string" };
    case "boolean":
      return { map: undefined, list: undefined, scalar: "boolean" };
    case "integer":
    case "number":
      return { map: undefined, list: undefined, scalar: "numeric" };
    case "array":
      return { map: undefined, list: listType(property, schema, resolve), scalar: undefined };
    case "object":
      return { map: mapType(property, schema, resolve), list: undefined, scalar: undefined };
    default:
      return schema.properties === undefined
        ? deducedType
        : { map: mapType(property, schema, resolve), list: undefined, scalar: undefined };
  }
}

/** What stands beside a reference wins over what it refers to. */
function mapType(property: Schema, schema: Schema, resolve: SchemaResolver): MapType {
  const { properties = {} } = schema;
  const embedded = schema["x-kubernetes-embedded-resource"] === true ? embeddedFields : undefined;
  return {
    atomic: (property["x-kubernetes-map-type"] ?? schema["x-kubernetes-map-type"]) === "atomic",
    others: othersOf(schema, resolve, embedded !== undefined),
    declared(name) {
      const own = embedded?.get(name) ?? (Object.hasOwn(properties, name) ? properties[name] : undefined);
      return own === undefined ? undefined : typeOfNode(own, resolve);
    },
  };
}

const embeddedFields: ReadonlyMap<string, Schema> = new Map([
  ["apiVersion", { type: "string" }],
  ["kind", { type: "string" }],
  ["metadata", { $ref: objectMetaDefinition }],
]);

function othersOf(schema: Schema, resolve: SchemaResolver, embedded: boolean): MergeType | undefined {
  const { properties, additionalProperties } = schema;
  if (typeof additionalProperties === "object") return typeOfNode(additionalProperties, resolve);
  if (additionalProperties === true || schema["x-kubernetes-preserve-unknown-fields"] === true) return deducedType;
  return properties === undefined && !embedded ? deducedType : undefined;
}

function listType(property: Schema, schema: Schema, resolve: SchemaResolver): ListType {
  const items = schema.items === undefined ? deducedType : typeOfNode(schema.items, resolve);
  const listKind = property["x-kubernetes-list-type"] ?? schema["x-kubernetes-list-type"];
  const mergeKey = property["x-kubernetes-patch-merge-key"];
  const merges = property["x-kubernetes-patch-strategy"]?.split(",").includes("merge") === true;
  const keys = (property["x-kubernetes-list-map-keys"] ?? schema["x-kubernetes-list-map-keys"] ?? []).toSorted(
    compareBytes,
  );
  if (listKind === "map") return { atomic: false, keys, defaults: keyDefaults(schema, keys, resolve), items };
  if (listKind === "set") return { atomic: false, keys: [], defaults: new Map(), items };
  if (listKind === "atomic" || !merges) return { atomic: true, keys: [], defaults: new Map(), items };
  const byMergeKey = mergeKey === undefined ? [] : [mergeKey];
  return { atomic: false, keys: byMergeKey, defaults: keyDefaults(schema, byMergeKey, resolve), items };
}

function keyDefaults(list: Schema, keys: readonly string[], resolve: SchemaResolver): ReadonlyMap<string, unknown> {
  const item = list.items?.$ref === undefined ? list.items : resolve(list.items.$ref);
  const { properties = {} } = item ?? {};
  return new Map(
    keys.flatMap((name) => {
      const given: unknown = Object.hasOwn(properties, name) ? properties[name]?.default : undefined;
      // Fields that Go always writes have an empty text as their default, which says nothing of identity.
      return given === undefined || given === "" ? [] : [[name, given]];
    }),
  );
}
