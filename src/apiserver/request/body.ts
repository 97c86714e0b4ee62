// Reads the body of a request: its size, its media type, its text as JSON or YAML. Pure.
import { ApiError } from "#machinery/api-error.ts";
import type { ApiRequest } from "#machinery/http.ts";
import { parseJson } from "#machinery/json.ts";
import { contentType, jsonType, yamlType } from "./negotiation.ts";

/** Upstream's limit of a request body, in bytes. */
export const requestBodyBytesMax = 3 * 1024 * 1024;

export interface ReadBody {
  readonly value: unknown;
  /** Field paths of keys that are given twice. */
  readonly duplicates: readonly string[];
}

const objectTypes = [jsonType, yamlType] as const;

/** The bytes, or RequestEntityTooLarge. Listeners stop reading at the same limit. */
export function limitedBody(request: ApiRequest): Uint8Array {
  const body = request.body ?? new Uint8Array(0);
  if (body.length > requestBodyBytesMax) throw tooLargeError();
  return body;
}

export function tooLargeError(): ApiError {
  return new ApiError("RequestEntityTooLarge", `Request entity too large: limit is ${String(requestBodyBytesMax)}`);
}

/** The body as one JSON value. Throws BadRequest with the parser's own words. */
export function readBody(request: ApiRequest): ReadBody {
  const type = contentType(request, objectTypes);
  const body = limitedBody(request);
  const duplicates: string[] = [];
  const onDuplicate = (path: string): void => {
    duplicates.push(path);
  };
  const value = type === jsonType ? parseJson(body, { onDuplicate }) : parseJson(body, { onDuplicate });
  return { value, duplicates };
}
