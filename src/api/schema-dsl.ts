// A small language for schemas: one declaration gives the OpenAPI node and the readonly TypeScript type of its values.
import type { KubeObject } from "#machinery/object.ts";
import type { Schema } from "#machinery/schema.ts";

declare const valueType: unique symbol;

/** A schema together with, at the type level only, what its values look like. */
export interface SchemaType<T> {
  readonly schema: Schema;
  readonly [valueType]?: T;
}

/** A field that may be absent. Made by `t.optional`. */
export interface OptionalType<T> extends SchemaType<T> {
  readonly optional: true;
}

/** The TypeScript type of a schema's values. */
export type TypeOf<S> = S extends SchemaType<infer T> ? T : never;

export type Fields = Readonly<Record<string, SchemaType<unknown>>>;

type OptionalNames<F> = { [Name in keyof F]: F[Name] extends { readonly optional: true } ? Name : never }[keyof F];

type Flat<T> = { [Name in keyof T]: T[Name] } & {};

/** The object type that `t.object(fields)` describes. */
export type ShapeOf<F extends Fields> = Flat<
  { readonly [Name in Exclude<keyof F, OptionalNames<F>>]: TypeOf<F[Name]> } & {
    readonly [Name in OptionalNames<F>]?: TypeOf<F[Name]>;
  }
>;

interface Options<T> {
  /** What `kubectl explain` says. */
  readonly doc?: string;
  readonly default?: T;
}

interface StringOptions extends Options<string> {
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
}

interface NumberOptions extends Options<number> {
  readonly minimum?: number;
  readonly maximum?: number;
}

interface ArrayOptions extends Options<readonly never[]> {
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly listType?: "atomic" | "set" | "map";
  readonly listMapKeys?: readonly string[];
}

interface ObjectOptions {
  readonly doc?: string;
  readonly mapType?: "atomic" | "granular";
}

/** resource.Quantity as controller-gen writes it into CRDs. */
const quantityPattern =
  "^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))))?$";

/** The words of the language. */
export const t = {
  object<const F extends Fields>(fields: F, { doc, mapType }: ObjectOptions = {}): SchemaType<ShapeOf<F>> {
    const required = Object.entries(fields).flatMap(([name, field]) => (isOptional(field) ? [] : [name]));
    return {
      schema: {
        type: "object",
        ...describe(doc),
        properties: Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.schema])),
        ...(required.length === 0 ? {} : { required }),
        ...(mapType === undefined ? {} : { "x-kubernetes-map-type": mapType }),
      },
    };
  },

  /** A field that may be absent; `doc`, if given, replaces the type's own description. */
  optional<T>(type: SchemaType<T>, doc?: string): OptionalType<T> {
    return { ...t.doc(type, doc), optional: true };
  },

  /** The same type with another description. */
  doc<T>(type: SchemaType<T>, doc: string | undefined): SchemaType<T> {
    return doc === undefined ? { schema: type.schema } : { schema: { ...type.schema, description: doc } };
  },

  array<T>(items: SchemaType<T>, options: ArrayOptions = {}): SchemaType<readonly T[]> {
    const { doc, listType, listMapKeys, ...limits } = options;
    return {
      schema: {
        type: "array",
        ...describe(doc),
        items: items.schema,
        ...limits,
        ...(listType === undefined ? {} : { "x-kubernetes-list-type": listType }),
        ...(listMapKeys === undefined ? {} : { "x-kubernetes-list-map-keys": listMapKeys }),
      },
    };
  },

  map<T>(values: SchemaType<T>, { doc }: ObjectOptions = {}): SchemaType<Readonly<Record<string, T>>> {
    return { schema: { type: "object", ...describe(doc), additionalProperties: values.schema } };
  },

  string(options: StringOptions = {}): SchemaType<string> {
    return { schema: { type: "string", ...rest(options) } };
  },

  /** A string out of a closed set. */
  enum<const V extends readonly string[]>(values: V, options: Options<V[number]> = {}): SchemaType<V[number]> {
    return { schema: { type: "string", ...rest(options), enum: values } };
  },

  /** Bytes, in base64. */
  bytes(options: Options<string> = {}): SchemaType<string> {
    return { schema: { type: "string", format: "byte", ...rest(options) } };
  },

  boolean(options: Options<boolean> = {}): SchemaType<boolean> {
    return { schema: { type: "boolean", ...rest(options) } };
  },

  /** An integer without a declared width (Go's int). */
  integer(options: NumberOptions = {}): SchemaType<number> {
    return { schema: { type: "integer", ...rest(options) } };
  },

  int32(options: NumberOptions = {}): SchemaType<number> {
    return { schema: { type: "integer", format: "int32", ...rest(options) } };
  },

  int64(options: NumberOptions = {}): SchemaType<number> {
    return { schema: { type: "integer", format: "int64", ...rest(options) } };
  },

  intOrString(options: Options<number | string> = {}): SchemaType<number | string> {
    return {
      schema: {
        ...rest(options),
        anyOf: [{ type: "integer" }, { type: "string" }],
        "x-kubernetes-int-or-string": true,
      },
    };
  },

  /** An amount with a unit: `500m`, `4Gi`, or a bare number. */
  quantity(options: Options<number | string> = {}): SchemaType<number | string> {
    return { schema: { ...t.intOrString(options).schema, pattern: quantityPattern } };
  },

  /** RFC 3339, second precision. */
  time(options: Options<string> = {}): SchemaType<string> {
    return { schema: { type: "string", format: "date-time", ...rest(options) } };
  },

  /** Any JSON value at all. */
  json(options: Options<unknown> = {}): SchemaType<unknown> {
    return { schema: { ...rest(options), "x-kubernetes-preserve-unknown-fields": true } };
  },

  /** An object of whatever fields. */
  anyObject({ doc }: ObjectOptions = {}): SchemaType<Readonly<Record<string, unknown>>> {
    return { schema: { type: "object", ...describe(doc), "x-kubernetes-preserve-unknown-fields": true } };
  },

  /** A whole Kubernetes object of any kind. */
  kubeObject({ doc }: ObjectOptions = {}): SchemaType<KubeObject> {
    return { schema: { type: "object", ...describe(doc), "x-kubernetes-preserve-unknown-fields": true } };
  },
} as const;

function isOptional(field: SchemaType<unknown>): boolean {
  return "optional" in field;
}

function describe(doc: string | undefined): Schema {
  return doc === undefined ? {} : { description: doc };
}

function rest({ doc, ...others }: Options<unknown> & Omit<Schema, "default">): Schema {
  return { ...describe(doc), ...others };
}
