// CEL types of the objects of any kind, built-in ones too, whose schemas refer to each other and to themselves: fields are
// looked at when an expression does. Upstream: k8s.io/apiserver/pkg/cel/openapi/resolver, cel/common/schemas.go.
import type { Schema, SchemaResolver } from "../schema.ts";
import { celFieldName, celTypeOf } from "./schema-type.ts";
import { type CelType, dyn, type FieldType, string } from "./type.ts";

const objectMeta = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

/** The type of whole objects of a schema. */
export function objectTypeOf(schema: Schema, resolve: SchemaResolver): CelType {
  const root = schema.$ref === undefined ? schema : resolve(schema.$ref);
  const properties = {
    ...root.properties,
    apiVersion: { type: "string" },
    kind: { type: "string" },
    metadata: { $ref: objectMeta },
  } as const;
  return typeOf({ ...root, type: "object", properties }, resolve);
}

function typeOf(schema: Schema, resolve: SchemaResolver): CelType {
  if (schema.$ref !== undefined) return typeOf(resolve(schema.$ref), resolve);
  if (schema["x-kubernetes-int-or-string"] === true) return dyn;
  const { additionalProperties, properties = {}, items } = schema;
  if (schema.type === "array") return { kind: "list", element: items === undefined ? dyn : typeOf(items, resolve) };
  if (schema.type !== "object") return celTypeOf(schema);
  if (typeof additionalProperties === "object") {
    return { kind: "map", key: string, value: typeOf(additionalProperties, resolve) };
  }
  const isOpen = schema["x-kubernetes-preserve-unknown-fields"] === true;
  return Object.keys(properties).length === 0 || isOpen ? dyn : lazyObject(properties, resolve);
}

function lazyObject(properties: Readonly<Record<string, Schema>>, resolve: SchemaResolver): CelType {
  let known: ReadonlyMap<string, FieldType> | undefined;
  return {
    kind: "object",
    name: "object",
    get fields() {
      known ??= new Map(
        Object.entries(properties).flatMap(([name, property]): (readonly [string, FieldType])[] => {
          const celName = celFieldName(name);
          return celName === undefined ? [] : [[celName, { name, type: typeOf(property, resolve) }]];
        }),
      );
      return known;
    },
  };
}
