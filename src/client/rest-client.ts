// The one Client: requests as URLs and JSON over any Transport, answers as objects or ApiErrors.
// Upstream: k8s.io/client-go/rest/request.go, dynamic/simple.go.
import { ApiError } from "#machinery/api-error.ts";
import { isArray, isObjectOf, isRecord, isString } from "#machinery/guards.ts";
import { type ApiRequest, type ApiResponse, omitManagedFieldsHeader } from "#machinery/http.ts";
import { encodeJson, parseJson } from "#machinery/json.ts";
import { apiVersionOf, type Kind, type KubeObject, type ListMeta } from "#machinery/object.ts";
import type { Clock } from "#std/time.ts";
import { wholeBody, textOf } from "./bytes.ts";
import type {
  Client,
  DeleteOptions,
  KeptReads,
  ListOptions,
  ObjectList,
  Patch,
  Transport,
  WatchCallOptions,
  WatchEvent,
  WriteOptions,
} from "./client.ts";
import { collectionPath, creationPath, objectPath, withQuery } from "./paths.ts";
import { errorOfResponse, retryDelayOf } from "./response-error.ts";
import { decodeWatchEvent, LineSplitter } from "./watch-decoder.ts";

/** How often a request that the server answered with Retry-After is sent again. Upstream: maxRetries. */
const retryAfterAttemptsMax = 10;

export interface ClientOptions {
  /** What the server logs, and records as field manager up to the first slash. */
  readonly userAgent?: string;
  /** With a clock, answers that carry Retry-After (429, 5xx) are waited out and sent again; without, they are thrown. */
  readonly clock?: Clock;
  /** Ask for metadata.managedFields, which our API server leaves out for clients that do not. Others always send them. */
  readonly keepManagedFields?: boolean;
}

const neverAborted = new AbortController().signal;

const patchTypes: Record<Patch["type"], string> = {
  merge: "application/merge-patch+json",
  strategic: "application/strategic-merge-patch+json",
  json: "application/json-patch+json",
};

const metadataListAccept = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";
const metadataAccept = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";

/** A client of the API server at the other end of `transport`. */
export function createClient(transport: Transport, options: ClientOptions = {}): Client {
  const send = createSender(transport, options);
  const one = async <T extends KubeObject>(kind: Kind<T>, request: Outgoing): Promise<T> =>
    decodeObject(kind, await wholeBody((await send(request)).body));
  return {
    get: async (kind, ref, { subresource, signal } = {}) =>
      await one(kind, { method: "GET", path: objectPath(kind, ref, subresource), signal }),
    async find(kind, ref, { signal } = {}) {
      try {
        return await one(kind, { method: "GET", path: objectPath(kind, ref), signal });
      } catch (error) {
        if (error instanceof ApiError && error.reason === "NotFound") return undefined;
        throw error;
      }
    },
    async list(kind, listOptions = {}) {
      const response = await send(listRequest(kind, listOptions));
      return decodeList(kind, await wholeBody(response.body));
    },
    async create(kind, object, writeOptions = {}) {
      const path = creationPath(kind, object.metadata.namespace);
      return await one(kind, writeRequest("POST", path, { ...typeOf(kind), ...object }, writeOptions));
    },
    async update(kind, object, writeOptions = {}) {
      const path = objectPath(kind, object.metadata, writeOptions.subresource);
      return await one(kind, writeRequest("PUT", path, object, writeOptions));
    },
    async patch(kind, ref, patch, writeOptions = {}) {
      const path = objectPath(kind, ref, writeOptions.subresource);
      return await one(kind, writeRequest("PATCH", path, patch.patch, writeOptions, patchTypes[patch.type]));
    },
    async delete(kind, ref, deleteOptions = {}) {
      await wholeBody((await send(deleteRequest(objectPath(kind, ref), deleteOptions))).body);
    },
    watch: (kind, watchOptions) => watchEvents(send, kind, watchOptions),
    kept: transport.sendKept === undefined ? undefined : keptReads(send),
    async raw(method, path, { signal, headers, body } = {}) {
      const response = await send({ method, path, signal, ...rawContent(headers, body) });
      // In one process the bytes are the server's own.
      return {
        status: response.status,
        headers: response.headers,
        body: Uint8Array.from(await wholeBody(response.body)),
      };
    },
    close: () => transport.close(),
  };
}

interface Outgoing {
  readonly method: ApiRequest["method"];
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: Uint8Array | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly kept?: boolean;
}

type Send = (request: Outgoing) => Promise<ApiResponse>;

/** Sends a request and answers with a success, waiting out Retry-After; a failure is thrown. */
function createSender(transport: Transport, options: ClientOptions): Send {
  const { userAgent = "karmada-ts", clock, keepManagedFields = false } = options;
  const base = {
    accept: "application/json",
    "user-agent": userAgent,
    ...(keepManagedFields ? {} : { [omitManagedFieldsHeader]: "true" }),
  };
  return async ({ method, path, headers, body, signal = neverAborted, kept = false }) => {
    const request = { method, path, headers: headers === undefined ? base : { ...base, ...headers }, body, signal };
    for (let attempt = 1; ; attempt++) {
      signal.throwIfAborted();
      const { sendKept } = transport;
      const response = await (kept && sendKept !== undefined ? sendKept(request) : transport.send(request));
      if (response.status < 300 || response.status === 304) return response;
      const error = errorOfResponse(response, await wholeBody(response.body));
      const delay = retryDelayOf(response);
      if (clock === undefined || delay === undefined || attempt > retryAfterAttemptsMax) throw error;
      await clock.sleep(delay, signal);
    }
  };
}

function keptReads(send: Send): KeptReads {
  return {
    async list(kind, options) {
      const { kept, body } = await send({ ...listRequest(kind, options), kept: true });
      return kept ?? decodeList(kind, await wholeBody(body));
    },
    async watch(kind, options) {
      const { kept, body } = await send({ ...watchRequest(kind, options), kept: true });
      return kept ?? decodeEvents(kind, body, options.signal);
    },
  };
}

function listRequest(kind: Kind, options: ListOptions): Outgoing {
  const path = withQuery(collectionPath(kind, options.namespace), {
    labelSelector: options.labelSelector,
    fieldSelector: options.fieldSelector,
    limit: options.limit,
    continue: options.continue,
    resourceVersion: options.resourceVersion,
  });
  const headers = options.metadataOnly === true ? { accept: metadataListAccept } : undefined;
  return { method: "GET", path, headers, signal: options.signal };
}

function writeRequest(
  method: "POST" | "PUT" | "PATCH",
  path: string,
  body: unknown,
  options: WriteOptions,
  contentType = "application/json",
): Outgoing {
  return {
    method,
    path: withQuery(path, {
      fieldManager: options.fieldManager,
      fieldValidation: options.fieldValidation,
      dryRun: options.dryRun === true ? "All" : undefined,
    }),
    headers: { "content-type": contentType },
    body: encodeJson(body),
    signal: options.signal,
  };
}

function deleteRequest(path: string, { signal, ...options }: DeleteOptions): Outgoing {
  if (Object.keys(options).length === 0) return { method: "DELETE", path, signal };
  const body = encodeJson({ kind: "DeleteOptions", apiVersion: "v1", ...options });
  return { method: "DELETE", path, headers: { "content-type": "application/json" }, body, signal };
}

function rawContent(
  headers: Readonly<Record<string, string>> | undefined,
  body: unknown,
): Pick<Outgoing, "headers" | "body"> {
  if (body === undefined) return { headers };
  if (body instanceof Uint8Array) return { headers, body };
  if (isString(body)) return { headers, body: Buffer.from(body) };
  return { headers: { "content-type": "application/json", ...headers }, body: encodeJson(body) };
}

async function* watchEvents<T extends KubeObject>(
  send: Send,
  kind: Kind<T>,
  options: WatchCallOptions,
): AsyncGenerator<WatchEvent<T>> {
  const { signal } = options;
  let body: ApiResponse["body"];
  try {
    ({ body } = await send(watchRequest(kind, options)));
  } catch (error) {
    if (signal.aborted) return;
    throw error;
  }
  yield* decodeEvents(kind, body, signal);
}

/** The events in a watch's body. One that its reader has aborted just ends. */
async function* decodeEvents<T extends KubeObject>(
  kind: Kind<T>,
  body: ApiResponse["body"],
  signal: AbortSignal,
): AsyncGenerator<WatchEvent<T>> {
  const splitter = new LineSplitter();
  try {
    for await (const chunk of body instanceof Uint8Array ? [body] : body) {
      for (const line of splitter.push(chunk)) {
        if (signal.aborted) return;
        yield decodeWatchEvent(kind, line);
      }
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

function watchRequest(kind: Kind, options: WatchCallOptions): Outgoing {
  const path = withQuery(collectionPath(kind, options.namespace), {
    watch: true,
    allowWatchBookmarks: true,
    labelSelector: options.labelSelector,
    fieldSelector: options.fieldSelector,
    resourceVersion: options.resourceVersion,
    timeoutSeconds: options.timeoutSeconds,
  });
  const headers = options.metadataOnly === true ? { accept: metadataAccept } : undefined;
  return { method: "GET", path, headers, signal: options.signal };
}

function typeOf(kind: Kind): { readonly apiVersion: string; readonly kind: string } {
  return { apiVersion: apiVersionOf(kind), kind: kind.kind };
}

function decodeObject<T extends KubeObject>(kind: Kind<T>, bytes: Uint8Array): T {
  const value = parseAnswer(bytes);
  if (isObjectOf(kind, value)) return value;
  throw new ApiError("InternalError", `the server's answer is no ${kind.kind}: ${textOf(bytes).slice(0, 80)}`);
}

function decodeList<T extends KubeObject>(kind: Kind<T>, bytes: Uint8Array): ObjectList<T> {
  const value = parseAnswer(bytes);
  const items = isRecord(value) ? (value["items"] ?? []) : undefined;
  if (!isRecord(value) || !isArray(items)) {
    throw new ApiError(
      "InternalError",
      `the server's answer is no list of ${kind.kind}: ${textOf(bytes).slice(0, 80)}`,
    );
  }
  // Servers leave apiVersion and kind out of the items of built-in kinds.
  const type = typeOf(kind);
  for (const item of items) if (isRecord(item) && item["kind"] === undefined) Object.assign(item, type);
  return { metadata: listMetaOf(value["metadata"]), items: items.filter((item) => isObjectOf(kind, item)) };
}

function listMetaOf(value: unknown): ListMeta {
  const metadata = isRecord(value) ? value : {};
  const { resourceVersion, continue: next, remainingItemCount } = metadata;
  return {
    resourceVersion: isString(resourceVersion) ? resourceVersion : "",
    ...(isString(next) && next !== "" ? { continue: next } : {}),
    ...(typeof remainingItemCount === "number" ? { remainingItemCount } : {}),
  };
}

function parseAnswer(bytes: Uint8Array): unknown {
  const text = textOf(bytes);
  try {
    return parseJson(text, { protoKeys: "drop" });
  } catch (error) {
    throw new ApiError("InternalError", `the server's answer is not JSON: ${text.slice(0, 80)}`, { cause: error });
  }
}
