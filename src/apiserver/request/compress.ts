// Compresses large answers for those who can read gzip. In zlib's own threads: the event loop does not feel it.
// Upstream: k8s.io/apiserver/pkg/endpoints/handlers/responsewriters/writers.go.
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { createGzip, gzip, type ZlibOptions } from "node:zlib";
import type { ApiRequest, ApiResponse } from "#machinery/http.ts";

/** Smaller answers leave as they are. */
const compressFromBytes = 128 * 1024;

/** Speed before size: the network is rarely the bottleneck of an API server. */
const options: ZlibOptions = { level: 1 };
const gzipAsync = promisify<Uint8Array, ZlibOptions, Buffer>(gzip);

/** The response, compressed if it is large and the requester accepts that. Watches are never compressed. */
export async function compress(request: ApiRequest, response: ApiResponse): Promise<ApiResponse> {
  if (!acceptsGzip(request) || response.status === 304) return response;
  const { body } = response;
  if (body instanceof Uint8Array) {
    if (body.length < compressFromBytes) return response;
    return { ...response, headers: compressedHeaders(response), body: await gzipAsync(body, options) };
  }
  // A list in pieces is at least as large as its first piece.
  return { ...response, headers: compressedHeaders(response), body: gzipStream(body) };
}

async function* gzipStream(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, undefined> {
  const compressor = createGzip(options);
  // A failure of the source comes out of the compressor, and a reader who leaves ends the source.
  pipeline(Readable.from(source, { objectMode: false }), compressor).catch(() => undefined);
  const chunks: AsyncIterable<unknown> = compressor;
  for await (const chunk of chunks) {
    if (chunk instanceof Uint8Array) yield chunk;
  }
  return undefined;
}

function compressedHeaders({ headers }: ApiResponse): ApiResponse["headers"] {
  return { ...headers, "content-encoding": "gzip", vary: "Accept-Encoding" };
}

function acceptsGzip({ headers }: ApiRequest): boolean {
  return headers["accept-encoding"]?.includes("gzip") === true;
}
