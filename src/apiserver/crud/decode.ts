// From a body to an object of the endpoint's kind: apiVersion and kind, schema, defaults, field validation.
// Upstream: k8s.io/apiserver/pkg/endpoints/handlers/{create,update}.go and apimachinery runtime/serializer/json/json.go.
import type { MutableObject } from "#machinery/admission.ts";
import { ApiError, errorText } from "#machinery/api-error.ts";
import { isReset } from "#machinery/fields/managers.ts";
import { fieldOf, isRecord } from "#machinery/guards.ts";
import type { ApiRequest } from "#machinery/http.ts";
import { apiVersionOf, type GroupVersionKind } from "#machinery/object.ts";
import type { DecodeFinding } from "#machinery/schema.ts";
import { limitedBody, readBody } from "../request/body.ts";
import type { Warnings } from "../request/warnings.ts";
import type { FieldValidation } from "./options.ts";
import { isMutableObject } from "./stored-form.ts";
import type { ResourceForm } from "./resource-form.ts";

const excerptBytes = 30;

/** What a body must be: the endpoint's kind, and how strict its apiVersion and kind are asked for. */
export interface ExpectedBody {
  readonly kind: GroupVersionKind;
  /** Custom resources must say what they are; built-in kinds are taken for what the endpoint serves. */
  readonly mustNameKind: boolean;
}

/** Decodes the body of a write. The object belongs to the request. */
export function decodeBody(
  form: ResourceForm,
  request: ApiRequest,
  options: { readonly fieldValidation: FieldValidation; readonly warnings: Warnings },
): MutableObject {
  const expected = { kind: form.resource.kind, mustNameKind: form.resource.custom };
  const { record, findings } = readRecord(request, expected);
  stampKind(record, expected, limitedBody(request));
  judgeFindings(form.resource.kind, [...findings, ...decodeKeepingReset(form, record)], options);
  return finishObject(form, record);
}

/** Decodes in place. An empty list of managedFields, which decoding drops, is the wish to forget them: it stays. */
export function decodeKeepingReset(form: ResourceForm, record: Record<string, unknown>): readonly DecodeFinding[] {
  const resets = isReset(fieldOf(record, "metadata", "managedFields"));
  const findings = form.decode(record);
  if (resets && isRecord(record["metadata"])) record["metadata"]["managedFields"] = [];
  return findings;
}

/** A decoded value as an object of the endpoint's kind, with the kind's own defaults. */
export function finishObject(form: ResourceForm, record: Record<string, unknown>): MutableObject {
  const object = withMetadata(form.resource.kind, record);
  form.resource.strategy.defaults(object);
  return object;
}

/** A decoded value as an object: metadata and a name, be it an empty one, are there. */
export function withMetadata(kind: GroupVersionKind, record: Record<string, unknown>): MutableObject {
  if (!isRecord(record["metadata"])) record["metadata"] = {};
  if (isRecord(record["metadata"])) record["metadata"]["name"] ??= "";
  if (!isMutableObject(record)) throw cannotHandleError(kind, "metadata.name is not a string");
  return record;
}

/** The body as a JSON object. Throws BadRequest where it is none. */
export function readRecord(
  request: ApiRequest,
  expected: ExpectedBody,
): { readonly record: Record<string, unknown>; readonly findings: readonly DecodeFinding[] } {
  let why: string;
  try {
    const { value, findings } = readBody(request, { isBuiltin: !expected.mustNameKind });
    if (isRecord(value)) return { record: value, findings };
    why = `couldn't get version/kind; json parse error: json: cannot unmarshal ${jsonTypeName(value)} into Go value`;
  } catch (error) {
    if (!(error instanceof ApiError) || error.reason !== "BadRequest") throw error;
    why = `couldn't get version/kind; json parse error: ${errorText(error)}`;
  }
  throw unrecognizedError(limitedBody(request), expected, why);
}

/** Checks apiVersion and kind, or fills them in. `body`: what an error shows. */
export function stampKind(
  record: Record<string, unknown>,
  expected: ExpectedBody,
  body: Uint8Array = new Uint8Array(0),
): void {
  const { kind } = expected;
  const wanted = apiVersionOf(kind);
  const apiVersion = textOr(record["apiVersion"], "");
  const kindName = textOr(record["kind"], "");
  if (expected.mustNameKind && kindName === "") {
    const text = Buffer.from(body).toString("utf8");
    throw unrecognizedError(body, expected, `Object 'Kind' is missing in '${text}'`);
  }
  if (apiVersion !== wanted && (apiVersion !== "" || expected.mustNameKind)) {
    throw new ApiError(
      "BadRequest",
      `the API version in the data (${apiVersion}) does not match the expected API version (${wanted})`,
    );
  }
  if (kindName !== "" && kindName !== kind.kind && !expected.mustNameKind) {
    const why = `the kind of the object (${kindName}) does not match the kind of the endpoint (${kind.kind})`;
    throw new ApiError(
      "BadRequest",
      `${kindName} in version "${kind.version}" cannot be handled as a ${kind.kind}: ${why}`,
    );
  }
  record["apiVersion"] = wanted;
  record["kind"] = kindName === "" ? kind.kind : kindName;
}

/** Wrong types are always refused; unknown and repeated fields as the request wants it. */
export function judgeFindings(
  kind: GroupVersionKind,
  findings: readonly DecodeFinding[],
  { fieldValidation, warnings }: { readonly fieldValidation: FieldValidation; readonly warnings: Warnings },
): void {
  const wrong = findings.find((finding) => finding.kind === "type");
  if (wrong !== undefined) throw cannotHandleError(kind, wrong.message);
  if (findings.length === 0 || fieldValidation === "Ignore") return;
  if (fieldValidation === "Strict") {
    const list = findings.map((finding) => finding.message).join(", ");
    throw cannotHandleError(kind, `strict decoding error: ${list}`);
  }
  for (const finding of findings) warnings.add(finding.message);
}

/** `Deployment in version "v1" cannot be handled as a Deployment: <why>`. */
function cannotHandleError({ kind, version }: GroupVersionKind, why: string): ApiError {
  return new ApiError("BadRequest", `${kind} in version "${version}" cannot be handled as a ${kind}: ${why}`);
}

function unrecognizedError(body: Uint8Array, { kind }: ExpectedBody, why: string): ApiError {
  const excerpt = Buffer.from(body.subarray(0, excerptBytes));
  const shown = body[0] === 0x7b ? excerpt.toString("utf8") : excerpt.toString("hex");
  const more = body.length > excerptBytes ? " ..." : "";
  const text = `the object provided is unrecognized (must be of type ${kind.kind}): ${why} (${shown}${more})`;
  return new ApiError("BadRequest", text);
}

function jsonTypeName(value: unknown): string {
  if (Array.isArray(value)) return "array";
  if (typeof value === "boolean") return "bool";
  return value === null ? "null" : typeof value;
}

function textOr(value: unknown, fallback: string): string {
  return typeof value === "string" ? value : fallback;
}
