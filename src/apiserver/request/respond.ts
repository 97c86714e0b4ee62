// Builds answers: a Status for every error, JSON or YAML for everything else.
// Upstream: k8s.io/apiserver/pkg/endpoints/handlers/responsewriters/{writers,status,errors}.go.
import { ApiError, errorText, type Status, type StatusDetails } from "#machinery/api-error.ts";
import type { ApiResponse } from "#machinery/http.ts";
import { encodeJson, encodeJsonText, parseJson } from "#machinery/json.ts";
import { stringifyYaml } from "#machinery/yaml.ts";
import { InvariantError } from "#std/invariant.ts";
import { jsonType, type Negotiated, yamlType } from "./negotiation.ts";

/** Bytes of JSON, turned into what was negotiated: pretty, YAML, or as they are. */
export function bytesResponse(code: number, json: Uint8Array, negotiated?: Negotiated): ApiResponse {
  if (negotiated === undefined || (negotiated.mediaType === jsonType && !negotiated.pretty)) {
    return { status: code, headers: { "content-type": jsonType }, body: json };
  }
  if (negotiated.mediaType === yamlType) return yamlResponse(code, parseJson(json));
  return { status: code, headers: { "content-type": jsonType }, body: prettyJson(parseJson(json)) };
}

/** A JSON value, encoded as negotiated. */
export function valueResponse(code: number, value: unknown, negotiated?: Negotiated): ApiResponse {
  if (negotiated?.mediaType === yamlType) return yamlResponse(code, value);
  const pretty = negotiated?.pretty === true;
  return { status: code, headers: { "content-type": jsonType }, body: pretty ? prettyJson(value) : encodeJson(value) };
}

export function textResponse(code: number, text: string): ApiResponse {
  return {
    status: code,
    headers: { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" },
    body: Buffer.from(text),
  };
}

/** What an unknown path answers. Clients tell it from a missing object by its being no Status. */
export function notFoundPage(): ApiResponse {
  return textResponse(404, "404 page not found\n");
}

/** The Status of a request that has succeeded and has no object to answer with. */
export function successResponse(
  code: number,
  details: StatusDetails | undefined,
  negotiated?: Negotiated,
): ApiResponse {
  const status = {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Success",
    ...(details === undefined ? {} : { details }),
    // As upstream, a 200 is not repeated in the body.
    ...(code === 200 ? {} : { code }),
  };
  return valueResponse(code, status, negotiated);
}

/** The Status that tells of anything thrown. */
export function errorResponse(error: unknown, negotiated?: Negotiated): ApiResponse {
  const status = statusOf(error);
  const response = valueResponse(status.code, status, negotiated);
  const retryAfter = status.details?.retryAfterSeconds ?? 0;
  return {
    ...response,
    headers: {
      ...response.headers,
      ...(retryAfter > 0 ? { "retry-after": String(retryAfter) } : {}),
      ...(status.code === 403 ? { "x-content-type-options": "nosniff" } : {}),
    },
  };
}

/** Whether an error is the server's own fault and belongs into its log. */
export function isServerFault(error: unknown): boolean {
  return !(error instanceof ApiError) || error instanceof InvariantError || error.reason === "InternalError";
}

export function statusOf(error: unknown): Status {
  if (error instanceof ApiError) return error.toStatus();
  return internalError(error).toStatus();
}

export function internalError(cause: unknown): ApiError {
  const text = errorText(cause);
  return new ApiError("InternalError", `Internal error occurred: ${text}`, {
    cause,
    details: { causes: [{ message: text }] },
  });
}

function yamlResponse(code: number, value: unknown): ApiResponse {
  return { status: code, headers: { "content-type": yamlType }, body: Buffer.from(stringifyYaml(value)) };
}

function prettyJson(value: unknown): Buffer {
  return Buffer.from(`${JSON.stringify(JSON.parse(encodeJsonText(value)), undefined, 2)}\n`);
}
