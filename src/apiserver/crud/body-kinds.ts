// Bodies that are not of the endpoint's own kind: Scale, Eviction, Binding, TokenRequest, DeleteOptions. All are built-in
// types, so their schemas are at hand whatever the resource is.
import { builtinResolver, definitionName, isBuiltinDefinition } from "#api/builtin/definitions.ts";
import type { MutableObject } from "#machinery/admission.ts";
import type { ApiRequest } from "#machinery/http.ts";
import { apiVersionOf, type GroupVersionKind } from "#machinery/object.ts";
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
  return finishAs(kind, record, { ...options, findings });
}

/** Decodes a value that has been read already (a patched object). */
export function finishAs(
  kind: GroupVersionKind,
  record: Record<string, unknown>,
  options: Parameters<typeof judgeFindings>[2] & { readonly findings?: Parameters<typeof judgeFindings>[1] },
): MutableObject {
  stampKind(record, { kind, mustNameKind: false });
  const found = createDecoder(schemaOf(kind), builtinResolver)(record);
  judgeFindings(kind, [...(options.findings ?? []), ...found], options);
  return withMetadata(kind, record);
}

/** An empty object of a built-in kind. */
export function emptyObject(kind: GroupVersionKind): MutableObject {
  return { apiVersion: apiVersionOf(kind), kind: kind.kind, metadata: { name: "" } };
}

function schemaOf({ group, version, kind }: GroupVersionKind) {
  const folder = group === "" ? "core" : (group.split(".")[0] ?? "");
  const name = definitionName(`${folder}/${version}.${kind}`);
  invariant(isBuiltinDefinition(name), `a subresource's body must be of a built-in kind: ${name} is none`);
  return builtinResolver(name);
}
