// Sizes, types, and one type made of another. Upstream: google/cel-go common/stdlib/standard.go.
import { type CelFunction, type Definition, global, member, traverseFirst } from "./function.ts";
import { checkedInt, checkedTimestamp, checkedUint } from "./operators.ts";
import { durationText, parseDuration, parseTimestamp, timestampText } from "./time-text.ts";
import {
  bool,
  bytes,
  type CelType,
  double,
  duration,
  dyn,
  int,
  listOf,
  mapOf,
  param,
  string,
  timestamp,
  typeType,
  uint,
} from "./type.ts";
import { CelError, CelList, CelMap, type CelValue, Duration, Timestamp, typeNameOf, TypeValue, Uint } from "./value.ts";

const sized: readonly CelType[] = [string, bytes, listOf(param("A")), mapOf(param("A"), param("B"))];

const size: CelFunction = {
  overloads: sized.flatMap((type) => [global([type], int), member([type], int)]),
  run: ([value = null], budget) => {
    if (typeof value === "string") {
      budget.charge(value.length / 10);
      return BigInt(characters(value).length);
    }
    if (value instanceof Uint8Array) return BigInt(value.length);
    return value instanceof CelList || value instanceof CelMap ? BigInt(value.size) : undefined;
  },
  cost: traverseFirst,
  resultSize: () => 1,
};

/** The characters of a text: the text itself where each is one unit of UTF-16. */
export function characters(text: string): string | readonly string[] {
  return /[\ud800-\udfff]/.test(text) ? Array.from(text) : text;
}

function conversion(
  from: readonly CelType[],
  to: CelType,
  run: (value: CelValue) => CelValue | undefined,
): CelFunction {
  return {
    overloads: from.map((type) => global([type], to)),
    run: ([value = null]) => run(value),
    cost: traverseFirst,
  };
}

function toInt(value: CelValue): CelValue | undefined {
  if (typeof value === "bigint") return value;
  if (value instanceof Uint) return checkedInt(value.value);
  if (value instanceof Timestamp) return value.nanos / 1_000_000_000n - (value.nanos % 1_000_000_000n < 0n ? 1n : 0n);
  if (typeof value === "number") return doubleToInt(value);
  if (typeof value !== "string") return undefined;
  if (!/^[+-]?[0-9]+$/.test(value) || value.length > 100)
    throw new CelError(`strconv.ParseInt: parsing ${JSON.stringify(value)}: invalid syntax`);
  return checkedInt(BigInt(value.replace(/^\+/, "")));
}

/** Towards zero; the ends of the range are out, as a double cannot tell them apart from what lies beyond. */
function doubleToInt(value: number): bigint {
  if (!(value > -(2 ** 63) && value < 2 ** 63)) throw new CelError("integer overflow");
  return BigInt(Math.trunc(value));
}

function toUint(value: CelValue): CelValue | undefined {
  if (value instanceof Uint) return value;
  if (typeof value === "bigint") return checkedUint(value);
  if (typeof value === "number") {
    if (!(value >= 0 && value < 2 ** 64)) throw new CelError("unsigned integer overflow");
    return new Uint(BigInt(Math.trunc(value)));
  }
  if (typeof value !== "string") return undefined;
  if (!/^[0-9]+$/.test(value) || value.length > 100)
    throw new CelError(`strconv.ParseUint: parsing ${JSON.stringify(value)}: invalid syntax`);
  return checkedUint(BigInt(value));
}

function toDouble(value: CelValue): CelValue | undefined {
  if (typeof value === "number") return value;
  if (typeof value === "bigint") return Number(value);
  if (value instanceof Uint) return Number(value.value);
  if (typeof value !== "string") return undefined;
  const special = new Map([
    ["nan", NaN],
    ["inf", Infinity],
    ["+inf", Infinity],
    ["-inf", -Infinity],
    ["infinity", Infinity],
    ["-infinity", -Infinity],
  ]);
  const named = special.get(value.toLowerCase());
  if (named !== undefined) return named;
  if (!/^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$/.test(value)) {
    throw new CelError(`strconv.ParseFloat: parsing ${JSON.stringify(value)}: invalid syntax`);
  }
  return Number(value);
}

/** `string(value)`; undefined: it has no text. */
export function textOfValue(value: CelValue): string | undefined {
  if (typeof value === "string") return value;
  if (typeof value === "bigint" || typeof value === "boolean") return String(value);
  if (value instanceof Uint) return String(value.value);
  if (typeof value === "number") return doubleText(value);
  if (value instanceof Timestamp) return timestampText(value);
  if (value instanceof Duration) return durationText(value);
  if (!(value instanceof Uint8Array)) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(value);
  } catch {
    throw new CelError("invalid UTF-8 in bytes, cannot convert to string");
  }
}

/** As Go's %g with the fewest digits. */
function doubleText(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  if (Object.is(value, -0)) return "-0";
  const magnitude = Math.abs(value);
  if (value !== 0 && (magnitude < 1e-4 || magnitude >= 1e21)) {
    return value.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
  }
  return String(value);
}

function toBool(value: CelValue): CelValue | undefined {
  if (typeof value === "boolean") return value;
  if (typeof value !== "string") return undefined;
  if (["1", "t", "T", "true", "TRUE", "True"].includes(value)) return true;
  if (["0", "f", "F", "false", "FALSE", "False"].includes(value)) return false;
  throw new CelError(`strconv.ParseBool: parsing ${JSON.stringify(value)}: invalid syntax`);
}

function toBytes(value: CelValue): CelValue | undefined {
  if (value instanceof Uint8Array) return value;
  return typeof value === "string" ? new Uint8Array(Buffer.from(value)) : undefined;
}

function toTimestamp(value: CelValue): CelValue | undefined {
  if (value instanceof Timestamp) return value;
  if (typeof value === "bigint") return checkedTimestamp(value * 1_000_000_000n);
  if (typeof value !== "string") return undefined;
  const parsed = /^\d{4}-\d\d-\d\d$/.test(value) ? undefined : parseTimestamp(value);
  if (parsed === undefined) throw new CelError(`parsing time ${JSON.stringify(value)}: not an RFC 3339 time`);
  return parsed;
}

function toDuration(value: CelValue): CelValue | undefined {
  if (value instanceof Duration) return value;
  if (typeof value === "bigint") return new Duration(value * 1_000_000_000n);
  if (typeof value !== "string") return undefined;
  const parsed = parseDuration(value);
  if (parsed === undefined) throw new CelError(`time: invalid duration ${JSON.stringify(value)}`);
  return parsed;
}

const type: CelFunction = {
  overloads: [global([param("A")], typeType)],
  run: ([value = null]) => new TypeValue(typeNameOf(value)),
};

/** The names of types are values themselves. */
export const typeNames: ReadonlyMap<string, TypeValue> = new Map(
  ["bool", "int", "uint", "double", "string", "bytes", "list", "map", "null_type", "type", "optional_type"]
    .concat("google.protobuf.Timestamp", "google.protobuf.Duration")
    .map((name) => [name, new TypeValue(name)]),
);

export const conversions: readonly Definition[] = [
  ["size", size],
  ["type", type],
  ["dyn", { overloads: [global([param("A")], dyn)], run: ([value = null]) => value }],
  ["int", conversion([int, uint, double, string, timestamp], int, toInt)],
  ["uint", conversion([int, uint, double, string], uint, toUint)],
  ["double", conversion([int, uint, double, string], double, toDouble)],
  ["string", conversion([int, uint, double, string, bool, bytes, timestamp, duration], string, textOfValue)],
  ["bytes", conversion([string, bytes], bytes, toBytes)],
  ["bool", conversion([bool, string], bool, toBool)],
  ["timestamp", conversion([string, int, timestamp], timestamp, toTimestamp)],
  ["duration", conversion([string, int, duration], duration, toDuration)],
];
