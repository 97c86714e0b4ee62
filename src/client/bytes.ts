// Bodies of answers as bytes.
import { ApiError } from "#machinery/api-error.ts";
import type { ApiResponse } from "#machinery/http.ts";

/** The largest answer that is read whole. A list of 100,000 objects of 4 KB fits; a server gone mad does not. */
const responseBytesMax = 1024 * 1024 * 1024;

/** All bytes of a body. Not copied when it is whole already: callers that hand it out copy it. */
export async function wholeBody(body: ApiResponse["body"], bytesMax = responseBytesMax): Promise<Uint8Array> {
  if (body instanceof Uint8Array) return body;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > bytesMax) throw new ApiError("InternalError", `the answer is longer than ${bytesMax} bytes`);
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, size);
}

/** UTF-8 text of bytes, without copying them first. */
export function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}
