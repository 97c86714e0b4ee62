// The object that a created one is compared with: for built-in types what Go writes for a new value, where structs and lists
// that are always written exist already and so belong to nobody. Upstream: runtime.ObjectCreater, as the create handler of
// k8s.io/apiserver uses it.
import type { Resource } from "#api/resource.ts";
import { apiVersionOf, type KubeObject } from "#machinery/object.ts";
import type { Schema, SchemaResolver } from "#machinery/schema.ts";

/** An object of the resource's kind with nothing in it. */
export function emptyObject({ kind, custom, schema, resolve }: Resource): KubeObject {
  const head = { apiVersion: apiVersionOf(kind), kind: kind.kind };
  if (custom) return { ...head, metadata: { name: "" } };
  return { ...zeroStruct(schema, resolve), ...head, metadata: { name: "" } };
}

/** Recursion ends where Go's does: a struct cannot hold itself but by a pointer, which is not written. */
function zeroStruct(schema: Schema, resolve: SchemaResolver): Readonly<Record<string, unknown>> {
  const entries = Object.entries(schema.properties ?? {}).flatMap(([name, property]) =>
    property["x-go-presence"] === "always" ? [[name, zeroValue(property, resolve)] as const] : [],
  );
  return Object.fromEntries(entries);
}

function zeroValue(property: Schema, resolve: SchemaResolver): unknown {
  const schema = property.$ref === undefined ? property : resolve(property.$ref);
  switch (schema.type) {
    case "object":
      return schema.properties === undefined ? null : zeroStruct(schema, resolve);
    case "string":
      return "";
    case "integer":
    case "number":
      return 0;
    case "boolean":
      return false;
    default:
      return null;
  }
}
