// Bodies that are not of the endpoint's own kind: Scale, Eviction, Binding, TokenRequest, DeleteOptions. All are built-in
// types, so their schemas are at hand whatever the resource is.
import { builtinResolver, definitionName, isBuiltinDefinition } from "#api/builtin/definitions.ts";
import type { MutableObject } from "#machinery/admission.ts";
import type { ApiRequest } from "#machinery/http.ts";
import type { GroupVersionKind } from "#machinery/object.ts";
import type { DecodeFinding, Schema } from "#machinery/schema.ts";
import { createDecoder } from "#machinery/schema-decode.ts";
import { invariant } from "#std/invariant.ts";
import type { Warnings } from "../request/warnings.ts";
import { judgeFindings, readRecord, stampKind, withMetadata } from "./decode.ts";
import type { FieldValidation } from "./options.ts";

/** Decodes the body as an object of `kind`, a built-in one. */
export function decodeAs(
  kind: GroupVersionKind,
  request: ApiRequest,
  options: { readonly fieldValidation: FieldValidation; readonly warnings: Warnings },
): MutableObject {
  const { record, findings } = readRecord(request, { kind, mustNameKind: false });
  stampKind(record, { kind, mustNameKind: false });
  judgeFindings(kind, [...findings, ...decodeInPlace(kind, record)], options);
  return withMetadata(kind, record);
}

/** Reads a value as `kind`, in place; answers with what it found. */
export function decodeInPlace(kind: GroupVersionKind, record: Record<string, unknown>): readonly DecodeFinding[] {
  return createDecoder(schemaOf(kind), builtinResolver)(record);
}

/** The schema of a built-in kind. */
export function schemaOf({ group, version, kind }: GroupVersionKind): Schema {
  const folder = group === "" ? "core" : (group.split(".")[0] ?? "");
  const name = definitionName(`${folder}/${version}.${kind}`);
  invariant(isBuiltinDefinition(name), `a subresource's body must be of a built-in kind: ${name} is none`);
  return builtinResolver(name);
}
