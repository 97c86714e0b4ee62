// What a schema says about merging: strategy and merge key of a field, the type below it; the names of directives.
// Upstream: k8s.io/apimachinery/pkg/util/strategicpatch/meta.go.
import type { Schema, SchemaResolver } from "../schema.ts";

// The directives that patches carry beside fields.
export const patchDirective = "$patch";
export const retainKeysDirective = "$retainKeys";
export const deletePrefix = "$deleteFromPrimitiveList";
export const orderPrefix = "$setElementOrder";

/** The type of a map, as far as it is known. */
export interface TypeRules {
  readonly schema: Schema | undefined;
  readonly resolve: SchemaResolver;
}

export interface FieldRules {
  readonly name: string;
  readonly strategy: "merge" | "replace" | undefined;
  /** Should a patch name all keys that stay? Only those who make patches ask. */
  readonly retainsKeys: boolean;
  readonly mergeKey: string | undefined;
  readonly type: TypeRules;
}

/** The rules for a field of a map. A field that the schema does not know merges as plain JSON. */
export function rulesOfField({ schema, resolve }: TypeRules, name: string): FieldRules {
  const type = schema === undefined ? undefined : resolved(schema, resolve);
  const { properties, additionalProperties } = type ?? {};
  const known = properties !== undefined && Object.hasOwn(properties, name) ? properties[name] : undefined;
  const field = known ?? (typeof additionalProperties === "object" ? additionalProperties : undefined);
  const strategies = field?.["x-kubernetes-patch-strategy"]?.split(",") ?? [];
  return {
    name,
    strategy: strategies.find((strategy) => strategy === "merge" || strategy === "replace"),
    retainsKeys: strategies.includes("retainKeys"),
    mergeKey: field?.["x-kubernetes-patch-merge-key"],
    type: { schema: field, resolve },
  };
}

/** The type of a list's elements. */
export function rulesOfItems({ type: { schema, resolve } }: FieldRules): TypeRules {
  const list = schema === undefined ? undefined : resolved(schema, resolve);
  return { schema: list?.items, resolve };
}

function resolved(schema: Schema, resolve: SchemaResolver): Schema {
  const reference = schema.$ref ?? schema.allOf?.find(({ $ref }) => $ref !== undefined)?.$ref;
  return reference === undefined ? schema : resolve(reference);
}
