// The values of Lua 5.1 in JavaScript: nil is undefined, a string holds bytes (each unit of it is one, 0 to 255), tables and
// functions are objects. There are no metatables, threads or userdata: Karmada's sandbox gives scripts no way to make one.
import { exponentialText, fixedText } from "./decimal.ts";
import type { LuaTable } from "./table.ts";
import type { Machine } from "./machine.ts";

export type LuaValue = undefined | boolean | number | string | LuaTable | LuaFunction;
export type LuaValues = readonly LuaValue[];

/** A function of a script or of a library. */
export class LuaFunction {
  readonly name: string;
  readonly call: (machine: Machine, args: LuaValues) => LuaValues;

  constructor(name: string, call: (machine: Machine, args: LuaValues) => LuaValues) {
    this.name = name;
    this.call = call;
  }
}

/** The name of a value's type. */
export function typeName(value: LuaValue): string {
  switch (typeof value) {
    case "undefined":
      return "nil";
    case "boolean":
      return "boolean";
    case "number":
      return "number";
    case "string":
      return "string";
    default:
      return value instanceof LuaFunction ? "function" : "table";
  }
}

export function isTruthy(value: LuaValue): boolean {
  return value !== undefined && value !== false;
}

const plainIntegerMax = 1e14;
const significantDigits = 14;

/** A number as `tostring` and `..` write it: "%.14g". */
export function formatNumber(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < plainIntegerMax) return Object.is(value, -0) ? "-0" : String(value);
  return formatGeneral(value, significantDigits);
}

/** C's "%g". `keepZeros` is its "#". */
export function formatGeneral(value: number, precision: number, keepZeros = false): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  const digits = precision === 0 ? 1 : precision;
  const size = Math.abs(value);
  const [mantissa, exponent] = exponentialText(size, digits - 1);
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  const bare = (text: string): string => (keepZeros || !text.includes(".") ? text : text.replace(/\.?0+$/, ""));
  if (exponent < -4 || exponent >= digits) return sign + bare(mantissa) + exponentPart(exponent);
  return sign + bare(fixedText(size, Math.max(0, digits - 1 - exponent)));
}

/** `e+05`: a sign and two digits at least. */
export function exponentPart(exponent: number): string {
  return `e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

const decimal = /^[ \t-\r]*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)[ \t-\r]*$/;
const hexadecimal = /^[ \t-\r]*([+-]?)0[xX]([0-9a-fA-F]+)[ \t-\r]*$/;

/** The number that a text spells, or undefined. */
export function parseNumber(text: string): number | undefined {
  const found = decimal.exec(text)?.[1];
  if (found !== undefined) return Number(found);
  const hex = hexadecimal.exec(text);
  if (hex === null) return undefined;
  const value = Number(`0x${hex[2] ?? ""}`);
  return hex[1] === "-" ? -value : value;
}

/** A number, or a string that spells one. */
export function toNumber(value: LuaValue): number | undefined {
  if (typeof value === "number") return value;
  return typeof value === "string" ? parseNumber(value) : undefined;
}

/** UTF-8 bytes of a text. */
export function bytesOf(text: string): string {
  return isAscii(text) ? text : Buffer.from(text, "utf8").toString("latin1");
}

/** The text of UTF-8 bytes; U+FFFD for what is none. */
export function textOf(bytes: string): string {
  return isAscii(bytes) ? bytes : Buffer.from(bytes, "latin1").toString("utf8");
}

function isAscii(text: string): boolean {
  return !/[^\u0000-\u007f]/.test(text);
}
