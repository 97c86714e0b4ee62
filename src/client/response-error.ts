// What a failed answer tells: the ApiError of its Status or text, and how long it asks to wait.
// Upstream: k8s.io/client-go/rest/request.go (transformResponse, newUnstructuredResponseError), with_retry.go.
import { ApiError, errorFromStatus } from "#machinery/api-error.ts";
import { isRecord, isString } from "#machinery/guards.ts";
import type { ApiResponse } from "#machinery/http.ts";
import { textOf } from "./bytes.ts";

const messageCharactersMax = 2048;

/** The error that an answer other than success stands for. */
export function errorOfResponse(response: ApiResponse, body: Uint8Array): ApiError {
  const text = textOf(body);
  const status = statusOf(text);
  if (status !== undefined) return errorFromStatus(status, response.status);
  if (response.status >= 300 && response.status < 400) {
    return new ApiError("InternalError", `the server answered with a redirect, which is never followed`, {
      code: response.status,
    });
  }
  const message = plainMessage(response.status, text.slice(0, messageCharactersMax).trim());
  const retryAfter = secondsOf(response);
  return errorFromStatus(
    { message, ...(retryAfter === undefined ? {} : { details: { retryAfterSeconds: retryAfter } }) },
    response.status,
  );
}

/** Milliseconds after which the server wants the same request again; undefined: do not repeat it. */
export function retryDelayOf(response: ApiResponse): number | undefined {
  if (response.status !== 429 && response.status < 500) return undefined;
  const seconds = secondsOf(response);
  return seconds === undefined ? undefined : seconds * 1000;
}

function secondsOf(response: ApiResponse): number | undefined {
  const header = response.headers["retry-after"];
  return isString(header) && /^\d{1,5}$/.test(header) ? Number(header) : undefined;
}

function statusOf(text: string): Record<string, unknown> | undefined {
  if (!text.startsWith("{")) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) && value["kind"] === "Status" ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The words client-go has for answers that carry no Status. */
function plainMessage(code: number, text: string): string {
  switch (code) {
    case 401:
      return text === "" ? "the server has asked for the client to provide credentials" : text;
    case 404:
      return "the server could not find the requested resource";
    case 405:
      return "the server does not allow this method on the requested resource";
    case 503:
      return text === "" ? "the server is currently unable to handle the request" : text;
    default:
      return text === "" ? `the server answered ${String(code)} without a message` : text;
  }
}
