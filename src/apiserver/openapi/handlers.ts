// Serves OpenAPI: the index of version 3 and its documents in JSON, and version 2 in JSON and in protobuf, the only form of
// it that client-go takes. Upstream: k8s.io/kube-openapi/pkg/{handler,handler3}.
import type { ApiResponse } from "#machinery/http.ts";
import type { Clock } from "#std/time.ts";
import type { PathHandler, PathRequest } from "../options.ts";
import type { ResourceRegistry } from "../registry.ts";
import { parseAccept } from "../request/negotiation.ts";
import { notFoundPage, textResponse } from "../request/respond.ts";
import { type EncodedDocument, OpenApiDocuments } from "./documents.ts";

const prefix = "/openapi/v3/";
const jsonType = "application/json";
const v2ProtobufType = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";
const jsonPattern = /^(application\/json|application\/\*|\*\/\*)$/;
const yearMilliseconds = 365 * 24 * 3_600_000;

export interface OpenApiOptions {
  readonly registry: ResourceRegistry;
  /** The server's `gitVersion`. */
  readonly version: string;
  readonly clock: Clock;
}

/** The handlers of all paths below `/openapi`. */
export function openApiHandlers({ registry, version, clock }: OpenApiOptions): Readonly<Record<string, PathHandler>> {
  const documents = new OpenApiDocuments(registry, version, clock);
  return {
    "/openapi/v2": forReading(async (request) => {
      switch (v2TypeFor(request)) {
        case "json":
          return documentResponse(request, documents.v2(), { vary: "Accept" });
        case "protobuf":
          return documentResponse(request, await documents.v2Protobuf(), { vary: "Accept" }, v2ProtobufType);
        case undefined:
          return notAcceptable(`application/json, ${v2ProtobufType}`);
      }
    }),
    "/openapi/v3": forReading(async (request) => documentResponse(request, await documents.index(), {})),
    [prefix]: forReading((request) => {
      const path = request.path.slice(prefix.length).replace(/\/$/, "");
      const document = documents.v3(path);
      if (document === undefined) return notFoundPage();
      if (!takesJson(request)) return notAcceptable(jsonType);
      return hashedResponse(request, path, document, clock.now());
    }),
  };
}

function forReading(answer: PathHandler): PathHandler {
  return (request) => {
    if (request.method === "GET" || request.method === "HEAD") return answer(request);
    return textResponse(405, "Method Not Allowed\n");
  };
}

/** With the right hash a document can be kept for ever; with another one the client is sent to the right one. */
function hashedResponse(request: PathRequest, path: string, document: EncodedDocument, now: number): ApiResponse {
  const asked = request.query.get("hash");
  if (asked === undefined || asked === "") return documentResponse(request, document, { vary: "Accept" });
  if (asked !== document.hash) {
    const location = `${prefix}${path}?hash=${document.hash}`;
    return { status: 301, headers: { location }, body: Buffer.alloc(0) };
  }
  return documentResponse(request, document, {
    vary: "Accept",
    "cache-control": "public, immutable",
    expires: new Date(now + yearMilliseconds).toUTCString(),
  });
}

function documentResponse(
  request: PathRequest,
  { bytes, hash }: EncodedDocument,
  extra: Readonly<Record<string, string>>,
  contentType = jsonType,
): ApiResponse {
  const etag = `"${hash}"`;
  const headers = { ...extra, etag };
  if (request.headers["if-none-match"] === etag) return { status: 304, headers, body: Buffer.alloc(0) };
  return { status: 200, headers: { ...headers, "content-type": contentType }, body: bytes };
}

function takesJson(request: PathRequest): boolean {
  return acceptedTypes(request).some((type) => jsonPattern.test(type));
}

/** The form of version 2 that the client likes best. */
function v2TypeFor(request: PathRequest): "json" | "protobuf" | undefined {
  for (const type of acceptedTypes(request)) {
    if (jsonPattern.test(type)) return "json";
    // client-go asks with an "@" for what has been registered with a dot.
    if (type.replace("@", ".") === v2ProtobufType) return "protobuf";
  }
  return undefined;
}

function acceptedTypes({ headers }: PathRequest): readonly string[] {
  const accept = headers["accept"];
  if (accept === undefined || accept === "") return [jsonType];
  return parseAccept(accept).map(({ type, subtype }) => `${type}/${subtype}`);
}

function notAcceptable(served: string): ApiResponse {
  return textResponse(406, `Not Acceptable: served are ${served}\n`);
}
