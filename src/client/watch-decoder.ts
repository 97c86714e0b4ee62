// From the bytes of a watch to its events: newline-delimited JSON, cut anywhere by the network.
// Upstream: k8s.io/apimachinery/pkg/util/framer and k8s.io/client-go/rest/watch/decoder.go.
import { ApiError, errorFromStatus } from "#machinery/api-error.ts";
import { fieldOf, isObjectOf, isRecord, isString } from "#machinery/guards.ts";
import { parseJson } from "#machinery/json.ts";
import type { Kind, KubeObject } from "#machinery/object.ts";
import type { WatchEvent } from "./client.ts";

/** Longest event that is waited for. A server's largest object is 3 MiB; the rest is room for escapes. */
const watchLineBytesMax = 32 * 1024 * 1024;

const newline = 0x0a;

/** Cuts chunks into lines. Only whole lines are decoded, so a character split between chunks stays whole. */
export class LineSplitter {
  #pending: Buffer[] = [];
  #pendingBytes = 0;

  /** The lines that `chunk` completes, without their ends; empty ones are dropped. */
  push(chunk: Uint8Array): readonly string[] {
    const buffer = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const lines: string[] = [];
    let start = 0;
    for (let end = buffer.indexOf(newline); end >= 0; end = buffer.indexOf(newline, start)) {
      const line = this.#completeWith(buffer, start, end);
      if (line !== "") lines.push(line);
      start = end + 1;
    }
    if (start < buffer.length) this.#keep(buffer.subarray(start));
    return lines;
  }

  #completeWith(buffer: Buffer, start: number, end: number): string {
    if (this.#pendingBytes === 0) return buffer.toString("utf8", start, end);
    const line = Buffer.concat([...this.#pending, buffer.subarray(start, end)]).toString("utf8");
    this.#pending = [];
    this.#pendingBytes = 0;
    return line;
  }

  #keep(rest: Buffer): void {
    this.#pendingBytes += rest.length;
    if (this.#pendingBytes > watchLineBytesMax) {
      throw new ApiError("InternalError", `a watch event is longer than ${watchLineBytesMax} bytes`);
    }
    this.#pending.push(rest);
  }
}

/** The event on one line. An ERROR event is thrown as the ApiError it carries. */
export function decodeWatchEvent<T extends KubeObject>(kind: Kind<T>, line: string): WatchEvent<T> {
  const event = parseLine(line);
  const object = event["object"];
  switch (event["type"]) {
    case "ADDED":
    case "MODIFIED":
    case "DELETED":
      if (isObjectOf(kind, object)) return { type: event["type"], object };
      break;
    case "BOOKMARK": {
      const resourceVersion = fieldOf(object, "metadata", "resourceVersion");
      if (isString(resourceVersion)) return { type: "BOOKMARK", resourceVersion };
      break;
    }
    case "ERROR": {
      const code = fieldOf(object, "code");
      throw errorFromStatus(isRecord(object) ? object : {}, typeof code === "number" ? code : 500);
    }
  }
  throw undecodable(line);
}

function parseLine(line: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = parseJson(line, { protoKeys: "drop" });
  } catch (error) {
    throw undecodable(line, error);
  }
  if (!isRecord(value)) throw undecodable(line);
  return value;
}

function undecodable(line: string, cause?: unknown): ApiError {
  return new ApiError(
    "InternalError",
    `unable to decode an event from the watch stream: ${line.slice(0, 80)}`,
    cause === undefined ? {} : { cause },
  );
}
