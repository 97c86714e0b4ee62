// Reads the body of a request: its size, its media type, its text as JSON or YAML. Pure.
import { decodeProtobuf } from "#api/builtin/protobuf.ts";
import { ApiError } from "#machinery/api-error.ts";
import type { ApiRequest } from "#machinery/http.ts";
import { parseJson } from "#machinery/json.ts";
import type { DecodeFinding } from "#machinery/schema.ts";
import { type DuplicateKey, duplicateKeysText, parseYaml } from "#machinery/yaml.ts";
import { contentType, jsonType, protobufType, yamlType } from "./negotiation.ts";

/** Upstream's limit of a request body, in bytes. */
export const requestBodyBytesMax = 3 * 1024 * 1024;

export interface ReadBody {
  readonly value: unknown;
  /** Keys that are given twice. */
  readonly findings: readonly DecodeFinding[];
}

const customTypes = [jsonType, yamlType] as const;
const builtinTypes = [jsonType, yamlType, protobufType] as const;

export interface ReadOptions {
  /** A built-in kind: its protobuf form is read too. */
  readonly isBuiltin: boolean;
}

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
export function readBody(request: ApiRequest, { isBuiltin }: ReadOptions): ReadBody {
  const type = isBuiltin ? contentType(request, builtinTypes) : contentType(request, customTypes);
  const body = limitedBody(request);
  switch (type) {
    case jsonType:
      return readJsonBody(body);
    case yamlType:
      return readYamlBody(body);
    case protobufType:
      return { value: decodeProtobuf(body), findings: [] };
  }
}

function readJsonBody(body: Uint8Array): ReadBody {
  const findings: DecodeFinding[] = [];
  const value = parseJson(body, {
    onDuplicate: (path) => {
      findings.push({ kind: "duplicate", path, message: `duplicate field ${JSON.stringify(path)}` });
    },
  });
  return { value, findings };
}

function readYamlBody(body: Uint8Array): ReadBody {
  const duplicates: DuplicateKey[] = [];
  const value = parseYaml(body, {
    onDuplicate: (duplicate) => {
      duplicates.push(duplicate);
    },
  });
  const isClean = duplicates.length === 0;
  return { value, findings: isClean ? [] : [{ kind: "duplicate", path: "", message: duplicateKeysText(duplicates) }] };
}
