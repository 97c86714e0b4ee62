// Quantities: exact decimal amounts such as `100m`, `1.5Gi`, `1e3`. Held as whole nanos, the finest that Kubernetes keeps.
// Upstream: k8s.io/apimachinery/pkg/api/resource/quantity.go.
import { ApiError } from "./api-error.ts";

/** The family of suffixes a quantity was written with, and is printed with. */
export type QuantityFormat = "DecimalSI" | "BinarySI" | "DecimalExponent";

export interface Quantity {
  /** The amount times 10⁹, exact. */
  readonly nanos: bigint;
  readonly format: QuantityFormat;
  /** The text it was read from, where upstream prints that unchanged. */
  readonly text?: string;
}

export const zeroQuantity: Quantity = { nanos: 0n, format: "DecimalSI" };

/** Longer texts are refused: no amount needs them. */
const textLengthMax = 1_000;
/** Beyond this, exponents only make huge numbers. Upstream accepts more and computes with them. */
const exponentMax = 1_000;
const nanosPerUnit = 10n ** 9n;
/** Binary quantities are capped here. */
const nanosMax = (2n ** 63n - 1n) * nanosPerUnit;

const form = /^([-+]?)([0-9]*)(?:\.([0-9]*))?([eEinumkKMGTP]*)([-+]?[0-9]*)$/;
const decimalExponents: ReadonlyMap<string, number> = new Map([
  ["n", -9],
  ["u", -6],
  ["m", -3],
  ["", 0],
  ["k", 3],
  ["M", 6],
  ["G", 9],
  ["T", 12],
  ["P", 15],
  ["E", 18],
]);
const decimalSuffixes: ReadonlyMap<number, string> = new Map(
  [...decimalExponents].map(([suffix, exponent]) => [exponent, suffix]),
);
const binarySuffixes: readonly string[] = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

/** Reads a quantity; JSON numbers count as their text. Throws ApiError BadRequest with upstream's texts. */
export function parseQuantity(input: string | number | bigint): Quantity {
  const text = String(input);
  const match = text === "" || text.length > textLengthMax ? null : form.exec(text);
  if (match === null) throw new ApiError("BadRequest", formatText);
  const [, sign = "", whole = "", fraction = "", letters = "", exponentText = ""] = match;
  const { base, exponent, format } = suffixMeaning(letters, exponentText);
  // No digits at all read as zero, as upstream.
  const unscaled = BigInt(whole + fraction);
  // amount = unscaled · 10^-fraction · base^exponent
  const power = 9 - fraction.length + (base === 10 ? exponent : 0);
  const scaled = base === 2 ? unscaled << BigInt(exponent) : unscaled;
  const magnitude = power >= 0 ? scaled * 10n ** BigInt(power) : divideUp(scaled, 10n ** BigInt(-power));
  const capped = format === "BinarySI" && magnitude > nanosMax ? nanosMax : magnitude;
  const isSmall = capped > 0n && capped < nanosPerUnit;
  return {
    nanos: sign === "-" ? -capped : capped,
    format: format === "BinarySI" && isSmall ? "DecimalSI" : format,
    ...(keepsText(whole, fraction, exponent, format) ? { text } : {}),
  };
}

/** Whether the text is a quantity. */
export function isQuantity(text: string): boolean {
  try {
    parseQuantity(text);
    return true;
  } catch {
    return false;
  }
}

/** -1, 0 or 1. */
export function compareQuantities(left: Quantity, right: Quantity): number {
  if (left.nanos === right.nanos) return 0;
  return left.nanos < right.nanos ? -1 : 1;
}

/** The sum, in the format of `left` unless that is zero. */
export function addQuantities(left: Quantity, right: Quantity): Quantity {
  return { nanos: left.nanos + right.nanos, format: left.nanos === 0n ? right.format : left.format };
}

/** The difference, in the format of `left` unless that is zero. */
export function subtractQuantities(left: Quantity, right: Quantity): Quantity {
  return { nanos: left.nanos - right.nanos, format: left.nanos === 0n ? right.format : left.format };
}

/** A whole number of units. */
export function quantityOf(value: number | bigint, format: QuantityFormat = "DecimalSI"): Quantity {
  return { nanos: BigInt(value) * nanosPerUnit, format };
}

/** A whole number of thousandths: CPU millicores. */
export function quantityOfMilli(value: number | bigint): Quantity {
  return { nanos: BigInt(value) * (nanosPerUnit / 1000n), format: "DecimalSI" };
}

/** Whole units, rounded away from zero. Exact up to 2^53. */
export function quantityValue({ nanos }: Quantity): number {
  return Number(divideUp(nanos, nanosPerUnit));
}

/** Whole thousandths, rounded away from zero. Exact up to 2^53. */
export function quantityMilliValue({ nanos }: Quantity): number {
  return Number(divideUp(nanos, nanosPerUnit / 1000n));
}

/** The canonical text: the largest suffix that needs no fraction. */
export function formatQuantity({ nanos, format, text }: Quantity): string {
  if (text !== undefined) return text;
  if (nanos === 0n) return "0";
  if (format === "BinarySI" && nanos % nanosPerUnit === 0n) {
    const units = nanos / nanosPerUnit;
    if (units <= -1024n || units >= 1024n) return formatBinary(units);
  }
  return formatDecimal(nanos, format === "DecimalExponent");
}

/** The canonical form of a quantity's text: `1000m` gives `1`. */
export function canonicalQuantity(text: string): string {
  return formatQuantity(parseQuantity(text));
}

function formatBinary(units: bigint): string {
  let amount = units;
  let suffix = 0;
  while (amount % 1024n === 0n && suffix < binarySuffixes.length - 1) {
    amount /= 1024n;
    suffix++;
  }
  return `${String(amount)}${binarySuffixes[suffix] ?? ""}`;
}

function formatDecimal(nanos: bigint, asExponent: boolean): string {
  let amount = nanos;
  let exponent = -9;
  const exponentLimit = asExponent ? exponentMax * 2 : 18;
  while (amount % 1000n === 0n && exponent < exponentLimit) {
    amount /= 1000n;
    exponent += 3;
  }
  if (!asExponent) return `${String(amount)}${decimalSuffixes.get(exponent) ?? ""}`;
  return exponent === 0 ? String(amount) : `${String(amount)}e${exponent}`;
}

const formatText = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

interface SuffixMeaning {
  readonly base: 2 | 10;
  readonly exponent: number;
  readonly format: QuantityFormat;
}

function suffixMeaning(letters: string, exponentText: string): SuffixMeaning {
  if (exponentText === "") {
    const binary = binarySuffixes.indexOf(letters);
    if (binary > 0) return { base: 2, exponent: binary * 10, format: "BinarySI" };
    const decimal = decimalExponents.get(letters);
    if (decimal !== undefined) return { base: 10, exponent: decimal, format: "DecimalSI" };
  } else if ((letters === "e" || letters === "E") && /[0-9]/.test(exponentText)) {
    const exponent = Number(exponentText);
    if (Math.abs(exponent) <= exponentMax) return { base: 10, exponent, format: "DecimalExponent" };
  }
  throw new ApiError("BadRequest", "unable to parse quantity's suffix");
}

/** Upstream takes these for canonical already and prints them as they came, `+5` and `1.500` among them. */
function keepsText(whole: string, fraction: string, exponent: number, format: QuantityFormat): boolean {
  const digits = whole.replace(/^0+/, "") || "0";
  if (format === "BinarySI") {
    const precision = 15 - digits.length - Math.trunc((exponent * 3) / 10) - 1;
    return fraction === "" && precision >= 0 && (BigInt(digits) & 7n) !== 0n;
  }
  const shifted = digits + fraction;
  const scale = exponent - fraction.length;
  return shifted.length <= 18 && scale >= -9 && scale % 3 === 0 && !shifted.endsWith("000") && !shifted.startsWith("0");
}

/** Divides and rounds away from zero. */
function divideUp(value: bigint, divisor: bigint): bigint {
  const quotient = value / divisor;
  if (value % divisor === 0n) return quotient;
  return value < 0n ? quotient - 1n : quotient + 1n;
}
