// JSON that keeps what JavaScript would lose: integers beyond 2^53 become `bigint`, `__proto__` never becomes a prototype,
// nesting is bounded. JSON.parse does the work; what it cannot do right is read again, exactly, by json-reader.ts.
// Upstream: sigs.k8s.io/json and k8s.io/apimachinery/pkg/util/json.
import { invariant } from "#std/invariant.ts";
import { ApiError } from "./api-error.ts";
import { isArray, isRecord } from "./guards.ts";
import { type ParseJsonOptions, jsonDepthMax, readJson } from "./json-reader.ts";

/** The value of a JSON text. Throws ApiError BadRequest with Go's wording. */
export function parseJson(input: Uint8Array | string, options: ParseJsonOptions = {}): unknown {
  const text = typeof input === "string" ? input : decodeUtf8(input);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    // The exact reader finds the same fault and says it as Go does.
    readJson(text, options);
    throw new ApiError("BadRequest", "invalid JSON", { cause });
  }
  const findings: Findings = { keys: 0, inexact: false };
  inspect(value, 0, findings);
  const repeats = options.onDuplicate !== undefined && countPairs(text) !== findings.keys;
  return findings.inexact || repeats ? readJson(text, options) : value;
}

/** JSON bytes of `value`: bigint as integers, undefined fields dropped. */
export function encodeJson(value: unknown): Buffer {
  return Buffer.from(encodeJsonText(value));
}

/** JSON text of `value`: bigint as integers, undefined fields dropped. */
export function encodeJsonText(value: unknown): string {
  let text: unknown;
  try {
    text = JSON.stringify(value);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    text = JSON.stringify(value, (_key, item: unknown) => (typeof item === "bigint" ? rawNumber(item) : item));
  }
  invariant(typeof text === "string", "encodeJson: the value has no JSON form");
  return text;
}

/**
 * JSON text as Go's encoding/json writes a map: keys sorted by bytes, `<`, `>`, `&` and line separators escaped. For texts
 * that are compared or hashed.
 */
export function encodeGoJson(value: unknown): string {
  if (isArray(value)) return `[${value.map(encodeGoJson).join(",")}]`;
  if (isRecord(value)) {
    const fields: string[] = [];
    for (const key of Object.keys(value).sort(compareBytes)) {
      if (value[key] !== undefined) fields.push(`${goString(key)}:${encodeGoJson(value[key])}`);
    }
    return `{${fields.join(",")}}`;
  }
  return typeof value === "string" ? goString(value) : encodeJsonText(value ?? null);
}

/** Orders two texts by their UTF-8 bytes, as Go's sort.Strings does. */
export function compareBytes(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    const a = left.charCodeAt(index);
    const b = right.charCodeAt(index);
    if (a !== b) return byteRank(a) - byteRank(b);
  }
  return left.length - right.length;
}

/** UTF-16 puts surrogates before U+E000; UTF-8 puts the characters they stand for after U+FFFF. */
function byteRank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

interface Findings {
  keys: number;
  /** JSON.parse rounded an integer, or there is a key `__proto__`. */
  inexact: boolean;
}

function inspect(value: unknown, depth: number, findings: Findings): void {
  if (typeof value === "number") {
    if (value > Number.MAX_SAFE_INTEGER || value < -Number.MAX_SAFE_INTEGER) findings.inexact = true;
    return;
  }
  if (typeof value !== "object" || value === null) return;
  if (depth >= jsonDepthMax) throw new ApiError("BadRequest", "exceeded max depth");
  if (isArray(value)) {
    for (const item of value) if (typeof item !== "string") inspect(item, depth + 1, findings);
  } else if (isRecord(value)) {
    for (const key in value) {
      findings.keys++;
      if (key === "__proto__") findings.inexact = true;
      const item = value[key];
      if (typeof item !== "string") inspect(item, depth + 1, findings);
    }
  }
}

/** How many `"key":` pairs a well-formed text has. */
function countPairs(text: string): number {
  let pairs = 0;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit === 0x3a) {
      pairs++;
    } else if (unit === 0x22) {
      for (index++; index < text.length; index++) {
        const inner = text.charCodeAt(index);
        if (inner === 0x22) break;
        if (inner === 0x5c) index++;
      }
    }
  }
  return pairs;
}

function decodeUtf8(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}

function goString(text: string): string {
  return JSON.stringify(text).replace(/[<>&\u2028\u2029]/g, escapeUnit);
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

interface RawJson {
  rawJSON(text: string): unknown;
}

function hasRawJson(json: object): json is RawJson {
  return "rawJSON" in json;
}

function rawNumber(value: bigint): unknown {
  invariant(hasRawJson(JSON), "JSON.rawJSON is missing: Node.js is older than 24");
  return JSON.rawJSON(value.toString());
}
