// Turns a freshly parsed value into an object of its kind, in place. Built-in kinds are read as Go reads its types, objects
// of CustomResourceDefinitions as their structural schema says.
import { newDecodeContext } from "./decode-context.ts";
import { goDecodeStep } from "./go-decode.ts";
import type { DecodeFinding, Schema, SchemaResolver } from "./schema.ts";
import { structuralDecoder } from "./structural-decode.ts";

export interface DecoderOptions {
  /** Objects of a CustomResourceDefinition (`Resource.custom`). Default false. */
  readonly custom?: boolean;
}

/**
 * Edits a value that belongs to the caller: null and unknown fields go, defaults of the schema come. It returns unknown
 * fields (the caller warns or refuses) and wrong types (the caller always refuses; the value is then unusable).
 * Defaults that are code, and validation, are not its business.
 */
export type Decoder = (value: Record<string, unknown>) => readonly DecodeFinding[];

/** A decoder for objects of the type of `schema`. Cheap to make: types are compiled when they are first met. */
export function createDecoder(schema: Schema, resolve: SchemaResolver, options: DecoderOptions = {}): Decoder {
  if (options.custom === true) return structuralDecoder(schema, resolve);
  const step = goDecodeStep(schema, resolve);
  return (value) => {
    const context = newDecodeContext();
    step(value, context);
    return context.findings;
  };
}
