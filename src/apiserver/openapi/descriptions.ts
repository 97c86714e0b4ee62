// What `kubectl explain` says of built-in types, in our own words. Types and fields that are not listed go without.
import type { Schema } from "#machinery/schema.ts";
import { fieldWords, typeWords } from "./words.ts";

/** The schema of a built-in definition with its descriptions. */
export function describe(name: string, schema: Schema): Schema {
  const [type = "", , folder = ""] = name.split(".").reverse();
  const key = `${folder}.${type}`;
  const own = Object.hasOwn(typeWords, key) ? typeWords[key] : undefined;
  const words = Object.hasOwn(fieldWords, key) ? fieldWords[key] : undefined;
  const { properties } = schema;
  return {
    ...(own === undefined ? {} : { description: own }),
    ...schema,
    ...(properties === undefined
      ? {}
      : {
          properties: Object.fromEntries(
            Object.entries(properties).map(([field, node]) => {
              const text = words?.[field] ?? commonWords[field];
              return [
                field,
                text === undefined || node.description !== undefined ? node : { description: text, ...node },
              ];
            }),
          ),
        }),
  };
}

/** Fields that mean the same wherever they stand. */
const commonWords: Readonly<Record<string, string>> = {
  apiVersion: "The group and version that the object is written in.",
  kind: "The kind of the object.",
  metadata: "Name, namespace, labels, annotations and what else every object has.",
};
