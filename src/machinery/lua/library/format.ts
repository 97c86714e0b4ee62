// string.format. Upstream: lua 5.1 lstrlib.c, str_format.
import { exponentialText, fixedText } from "../decimal.ts";
import { exponentPart, formatGeneral } from "../values.ts";
import type { Arguments } from "./arguments.ts";

const directive = /%([-+ #0]*)(\d*)(?:\.(\d*))?(.?)/gs;
const defaultPrecision = 6;

interface Directive {
  readonly flags: string;
  readonly width: number;
  readonly precision: number | undefined;
  readonly letter: string;
}

export function formatText(args: Arguments): string {
  let position = 1;
  return args
    .string(1)
    .replace(directive, (_, flags: string, width: string, precision: string | undefined, letter: string) => {
      if (letter === "%") return "%";
      if (flags.length > 5) args.machine.fail("invalid format (repeated flags)");
      if (width.length > 2 || (precision ?? "").length > 2)
        args.machine.fail("invalid format (width or precision too long)");
      position++;
      if (position > args.values.length) args.fail(position, "no value");
      const given = {
        flags,
        width: Number(width),
        precision: precision === undefined ? undefined : Number(precision),
        letter,
      };
      return formatOne(args, position, given);
    });
}

function formatOne(args: Arguments, position: number, given: Directive): string {
  const { letter, precision } = given;
  switch (letter) {
    case "c":
      return padded(String.fromCharCode(args.integer(position) & 255), given, false);
    case "d":
    case "i":
      return integer(args.number(position), given);
    case "o":
    case "u":
    case "x":
    case "X":
      return unsigned(args.number(position), given);
    case "e":
    case "E":
    case "f":
    case "g":
    case "G":
      return floating(args.number(position), given);
    case "q":
      return quoted(args.string(position));
    case "s": {
      const text = args.string(position);
      return padded(precision === undefined ? text : text.slice(0, precision), given, false);
    }
    default:
      return args.machine.fail(`invalid option '%${letter}' to 'format'`);
  }
}

function integer(value: number, given: Directive): string {
  const whole = Math.trunc(value);
  const digits = plain(Math.abs(whole)).padStart(given.precision ?? 1, "0");
  return padded(signOf(whole < 0, given) + digits, given, given.precision === undefined);
}

/** All digits: numbers from 1e21 on are not written with an exponent. */
function plain(value: number): string {
  return Number.isFinite(value) ? BigInt(value).toString() : "0";
}

function unsigned(value: number, given: Directive): string {
  const whole = Math.trunc(value);
  const bits = Number.isFinite(whole) ? BigInt.asUintN(64, BigInt(whole)) : 0n;
  const base = given.letter === "o" ? 8 : given.letter === "u" ? 10 : 16;
  let digits = bits.toString(base).padStart(given.precision ?? 1, "0");
  if (given.flags.includes("#") && bits !== 0n && base !== 10) digits = (base === 16 ? "0x" : "0") + digits;
  return padded(given.letter === "X" ? digits.toUpperCase() : digits, given, given.precision === undefined);
}

function floating(value: number, given: Directive): string {
  const { precision = defaultPrecision, letter, flags } = given;
  const isNegative = value < 0 || Object.is(value, -0);
  const size = Math.abs(value);
  const text = Number.isFinite(size)
    ? digitsOf(size, letter.toLowerCase(), precision, flags.includes("#"))
    : formatGeneral(size, 1);
  const signed = signOf(isNegative, given) + text;
  return padded(letter === "E" || letter === "G" ? signed.toUpperCase() : signed, given, Number.isFinite(size));
}

function digitsOf(size: number, letter: string, precision: number, keepZeros: boolean): string {
  if (letter === "g") return formatGeneral(size, precision, keepZeros);
  if (letter === "f") return fixedText(size, precision);
  const [mantissa, exponent] = exponentialText(size, precision);
  return mantissa + exponentPart(exponent);
}

function signOf(isNegative: boolean, { flags }: Directive): string {
  if (isNegative) return "-";
  if (flags.includes("+")) return "+";
  return flags.includes(" ") ? " " : "";
}

/** `canZero`: a 0 among the flags fills up behind the sign. */
function padded(text: string, { flags, width }: Directive, canZero: boolean): string {
  if (flags.includes("-")) return text.padEnd(width);
  if (!flags.includes("0") || !canZero) return text.padStart(width);
  const [sign = ""] = /^[-+ ]?(?:0[xX])?/.exec(text) ?? [];
  return sign + text.slice(sign.length).padStart(width - sign.length, "0");
}

function quoted(text: string): string {
  const escaped = text
    .replace(/["\\\n]/g, "\\$&")
    .replaceAll("\r", "\\r")
    .replaceAll("\0", "\\000");
  return `"${escaped}"`;
}
