// Scalars that Go reads with code of their own: times, quantities, int-or-string, bytes. Each gives the form Go would write
// back, or undefined for a value that means "absent" or was reported. Upstream: UnmarshalJSON of metav1.Time, resource.Quantity, ….
import { formatTime } from "#std/time.ts";
import { errorText } from "./api-error.ts";
import { type DecodeContext, goKind, reportFault, reportType } from "./decode-context.ts";
import { canonicalQuantity } from "./quantity.ts";

/** Reads one value that is not null. The result replaces it; undefined drops it. */
export type DecodeStep = (value: unknown, context: DecodeContext) => unknown;

const int32Min = -(2 ** 31);
const int32Max = 2 ** 31 - 1;
const int64Min = -(2n ** 63n);
const int64Max = 2n ** 63n - 1n;

/** By the `x-go-type` of their definitions. */
export const goScalars: ReadonlyMap<string, { readonly step: DecodeStep; readonly zero: unknown }> = new Map([
  ["v1.Time", { step: decodeTime, zero: undefined }],
  ["v1.MicroTime", { step: decodeMicroTime, zero: undefined }],
  ["v1.Duration", { step: decodeDuration, zero: "0s" }],
  ["v1.FieldsV1", { step: keep, zero: undefined }],
  ["v1.JSON", { step: keep, zero: undefined }],
  ["runtime.RawExtension", { step: keep, zero: undefined }],
  ["interface {}", { step: keep, zero: undefined }],
  ["resource.Quantity", { step: decodeQuantity, zero: "0" }],
  ["intstr.IntOrString", { step: decodeIntOrString, zero: 0 }],
]);

export function decodeInteger(value: unknown, context: DecodeContext, bits: 32 | 64, goType: string): unknown {
  if (typeof value === "number") {
    if (!Number.isInteger(value)) return refuseNumber(value, context, goType);
    if (bits === 32 && (value < int32Min || value > int32Max)) return refuseNumber(value, context, goType);
    if (Number.isSafeInteger(value)) return value;
    return BigInt(value) < int64Min || BigInt(value) > int64Max ? refuseNumber(value, context, goType) : value;
  }
  if (typeof value === "bigint") {
    return bits === 32 || value < int64Min || value > int64Max ? refuseNumber(value, context, goType) : value;
  }
  reportType(context, value, goType);
  return undefined;
}

/** A []byte: base64 text. */
export function decodeBytes(value: unknown, context: DecodeContext): unknown {
  if (typeof value !== "string") {
    reportType(context, value, "[]uint8");
    return undefined;
  }
  if (value.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(value)) return value;
  const packed = value.replaceAll(/[\r\n]/g, "");
  if (packed.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(packed)) return packed;
  reportFault(context, `illegal base64 data at input byte ${String(firstBadBase64(value))}`);
  return undefined;
}

function firstBadBase64(text: string): number {
  const bad = text.search(/[^A-Za-z0-9+/\r\n]/);
  return bad < 0 ? text.length - (text.length % 4) : bad;
}

function refuseNumber(value: number | bigint, context: DecodeContext, goType: string): unknown {
  reportType(context, value, goType, `number ${String(value)}`);
  return undefined;
}

function keep(value: unknown): unknown {
  return value;
}

function decodeQuantity(value: unknown, context: DecodeContext): unknown {
  // The usual forms are canonical already: fewer than four digits and one unit.
  if (typeof value === "string" && /^(0|[1-9]\d{0,2}([mkMG]|[KMG]i)?)$/.test(value)) return value;
  const isText = typeof value === "string" || typeof value === "number" || typeof value === "bigint";
  try {
    return canonicalQuantity(isText ? String(value).trim() : "");
  } catch (error) {
    reportFault(context, errorText(error));
    return undefined;
  }
}

function decodeIntOrString(value: unknown, context: DecodeContext): unknown {
  if (typeof value === "string") return value;
  if (typeof value === "number" && Number.isInteger(value) && value >= int32Min && value <= int32Max) return value;
  const shown = typeof value === "number" || typeof value === "bigint" ? `number ${String(value)}` : goKind(value);
  reportFault(context, `json: cannot unmarshal ${shown} into Go value of type int32`);
  return undefined;
}

function decodeTime(value: unknown, context: DecodeContext): unknown {
  if (typeof value !== "string") return refuseTime(value, context);
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(value) && isDate(value)) return isZeroTime(value) ? undefined : value;
  const fault = timeFault(value, "2006-01-02T15:04:05Z07:00");
  if (fault === undefined) {
    const text = formatTime(Date.parse(value));
    return isZeroTime(text) ? undefined : text;
  }
  reportFault(context, fault);
  return undefined;
}

function decodeMicroTime(value: unknown, context: DecodeContext): unknown {
  if (typeof value !== "string") return refuseTime(value, context);
  const fault = timeFault(value, "2006-01-02T15:04:05.000000Z07:00");
  if (fault !== undefined) {
    reportFault(context, fault);
    return undefined;
  }
  if (isZeroTime(value)) return undefined;
  if (value.endsWith("Z")) return value;
  return formatTime(Date.parse(value)).replace("Z", `${/\.\d{6}/.exec(value)?.[0] ?? ""}Z`);
}

function decodeDuration(value: unknown, context: DecodeContext): unknown {
  if (typeof value !== "string") return refuseTime(value, context);
  if (/^[+-]?(0|(\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))+$/.test(value)) return value;
  reportFault(context, `time: invalid duration ${JSON.stringify(value)}`);
  return undefined;
}

function refuseTime(value: unknown, context: DecodeContext): unknown {
  reportFault(context, `json: cannot unmarshal ${goKind(value)} into Go value of type string`);
  return undefined;
}

/** Go's zero time is written as null. */
function isZeroTime(text: string): boolean {
  return text.startsWith("0001-01-01T00:00:00");
}

function isDate(text: string): boolean {
  const milliseconds = Date.parse(text);
  // Date takes the 31st of any month; Go does not.
  return !Number.isNaN(milliseconds) && formatTime(milliseconds).slice(8, 10) === text.slice(8, 10);
}

/** The pieces of Go's layouts and what they match. */
const layoutPieces: readonly (readonly [string, RegExp])[] = [
  ["2006", /^\d{4}/],
  ["-", /^-/],
  ["01", /^\d\d/],
  ["-", /^-/],
  ["02", /^\d\d/],
  ["T", /^T/],
  ["15", /^\d\d/],
  [":", /^:/],
  ["04", /^\d\d/],
  [":", /^:/],
  ["05", /^\d\d/],
  [".000000", /^\.\d{6}(?!\d)/],
  ["Z07:00", /^(Z|[+-]\d\d:\d\d)/],
];

/** The text of Go's time.ParseError, or undefined where `text` fits `layout`. */
function timeFault(text: string, layout: string): string | undefined {
  const head = `parsing time ${JSON.stringify(text)} as ${JSON.stringify(layout)}: `;
  const isMicro = layout.includes(".000000");
  let rest = text;
  for (const [piece, pattern] of layoutPieces) {
    if (piece === ".000000" && !isMicro) {
      // Go takes a fraction wherever the layout has seconds.
      rest = rest.replace(/^[.,]\d+/, "");
      continue;
    }
    const match = pattern.exec(rest);
    if (match === null) return `${head}cannot parse ${JSON.stringify(rest)} as ${JSON.stringify(piece)}`;
    rest = rest.slice(match[0].length);
  }
  if (rest !== "") return `parsing time ${JSON.stringify(text)}: extra text: ${JSON.stringify(rest)}`;
  return rangeFault(text);
}

const fieldRanges: readonly (readonly [string, number, number, number])[] = [
  ["month", 5, 1, 12],
  ["day", 8, 1, 31],
  ["hour", 11, 0, 23],
  ["minute", 14, 0, 59],
  ["second", 17, 0, 59],
];

function rangeFault(text: string): string | undefined {
  for (const [name, at, min, max] of fieldRanges) {
    const number = Number(text.slice(at, at + 2));
    if (number < min || number > max) return `parsing time ${JSON.stringify(text)}: ${name} out of range`;
  }
  const date = `${text.slice(0, 10)}T00:00:00Z`;
  return isDate(date) ? undefined : `parsing time ${JSON.stringify(text)}: day out of range`;
}
