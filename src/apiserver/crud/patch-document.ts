// A patch as it comes in: its type, its document, and what it makes of an object. Pure.
// Upstream: k8s.io/apiserver/pkg/endpoints/handlers/patch.go.
import { ApiError, errorText } from "#machinery/api-error.ts";
import { cloneJson } from "#machinery/equality.ts";
import { invalid, invalidError } from "#machinery/field-error.ts";
import { isRecord } from "#machinery/guards.ts";
import type { ApiRequest } from "#machinery/http.ts";
import { parseJson } from "#machinery/json.ts";
import { applyJsonPatch, decodeJsonPatch, type JsonPatchOperation } from "#machinery/patch/json-patch.ts";
import { applyMergePatch } from "#machinery/patch/merge-patch.ts";
import { applyStrategicMergePatch } from "#machinery/patch/strategic-merge-patch.ts";
import type { DecodeFinding, Schema, SchemaResolver } from "#machinery/schema.ts";
import { limitedBody } from "../request/body.ts";

const jsonPatchType = "application/json-patch+json";
const mergePatchType = "application/merge-patch+json";
const strategicPatchType = "application/strategic-merge-patch+json";
const applyPatchType = "application/apply-patch+yaml";

const jsonPatchOperationsMax = 10_000;

type PatchContent =
  | { readonly type: "json"; readonly operations: readonly JsonPatchOperation[] }
  | { readonly type: "merge" | "strategic"; readonly patch: Readonly<Record<string, unknown>> };

export interface PatchDocument {
  readonly content: PatchContent;
  /** As it was sent, for errors. */
  readonly text: string;
  /** Keys that are given twice. */
  readonly findings: readonly DecodeFinding[];
}

/** What strategic patches go by. */
export interface PatchTarget {
  readonly schema: Schema;
  readonly resolve: SchemaResolver;
}

/** Is the patch of a request a server-side apply? */
export function isApply(request: ApiRequest): boolean {
  return patchType(request) === applyPatchType;
}

function patchType(request: ApiRequest): string {
  return (request.headers["content-type"] ?? "").split(";", 1)[0]?.trim() ?? "";
}

/** Reads a patch that is no apply. Throws UnsupportedMediaType for types that the resource does not take. */
export function readPatch(request: ApiRequest, options: { readonly allowStrategic: boolean }): PatchDocument {
  const accepted = [
    jsonPatchType,
    mergePatchType,
    ...(options.allowStrategic ? [strategicPatchType] : []),
    applyPatchType,
  ];
  const type = patchType(request);
  if (!accepted.includes(type)) {
    const list = accepted.join(", ");
    const why = "the body of the request was in an unknown format";
    throw new ApiError("UnsupportedMediaType", `${why} - accepted media types include: ${list}`);
  }
  const body = limitedBody(request);
  const findings: DecodeFinding[] = [];
  const value = parsePatch(body, findings);
  return { content: contentOf(type, value), text: Buffer.from(body).toString("utf8"), findings };
}

function contentOf(type: string, value: unknown): PatchContent {
  if (type === jsonPatchType) return { type: "json", operations: decodeOperations(value) };
  if (!isRecord(value)) {
    const what = Array.isArray(value) ? "array" : typeof value;
    throw undecodable(`json: cannot unmarshal ${what} into Go value of type map[string]interface {}`);
  }
  return { type: type === mergePatchType ? "merge" : "strategic", patch: value };
}

function decodeOperations(value: unknown): readonly JsonPatchOperation[] {
  const operations = decodeJsonPatch(value);
  if (operations.length > jsonPatchOperationsMax) {
    const most = `The allowed maximum operations in a JSON patch is ${jsonPatchOperationsMax}, got ${operations.length}`;
    throw new ApiError("RequestEntityTooLarge", `Request entity too large: ${most}`);
  }
  return operations;
}

function parsePatch(body: Uint8Array, findings: DecodeFinding[]): unknown {
  try {
    return parseJson(body, {
      onDuplicate: (path) => {
        findings.push({ kind: "duplicate", path, message: `duplicate field ${JSON.stringify(path)}` });
      },
    });
  } catch (error) {
    throw undecodable(errorText(error), error);
  }
}

/** What the patch makes of `current`: a value of the caller's own. Throws Invalid where that is no object. */
export function applyPatch(
  { content, text }: PatchDocument,
  current: Readonly<Record<string, unknown>>,
  target: PatchTarget,
): Record<string, unknown> {
  const patched: unknown = cloneJson(patchedValue(content, current, target));
  if (!isRecord(patched)) throw invalidPatchError(text, "the patch does not leave an object");
  return patched;
}

function patchedValue(content: PatchContent, current: Readonly<Record<string, unknown>>, target: PatchTarget): unknown {
  switch (content.type) {
    case "json":
      return applyJsonPatch(current, content.operations);
    case "merge":
      return applyMergePatch(current, content.patch);
    case "strategic":
      return applyStrategicMergePatch(current, content.patch, target.schema, target.resolve);
  }
}

/** The 422 of a patch whose result cannot be read. As upstream it names no kind. */
export function invalidPatchError(text: string, why: string): ApiError {
  return invalidError({ group: "", version: "", kind: "" }, "", [invalid("patch", text, why)]);
}

function undecodable(why: string, cause?: unknown): ApiError {
  return new ApiError("BadRequest", `error decoding patch: ${why}`, cause === undefined ? {} : { cause });
}
