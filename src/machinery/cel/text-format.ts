// `'%s has %d'.format([…])` and strings.quote in CEL. Numbers are written without separators, whatever the language.
// Upstream: google/cel-go ext/formatting.go, ext/strings.go (version 2, which Kubernetes has).
import { textOfValue } from "./conversions.ts";
import { type Definition, global, member, traversal, traverseAll } from "./function.ts";
import { dyn, listOf, string } from "./type.ts";
import {
  type Budget,
  CelError,
  CelList,
  CelMap,
  type CelValue,
  OptionalValue,
  typeNameOf,
  TypeValue,
  Uint,
} from "./value.ts";

const clause = /%(?:%|(?:\.(\d{1,4}))?(.?))/gsu;
const precisionDefault = 6;
const precisionMax = 100;
/** Lists in lists that are written; an object out of JSON is no deeper. */
const depthMax = 1_000;

/** The text with its clauses filled in. Throws CelError. */
function formatted(text: string, args: CelList, budget: Budget): string {
  let next = 0;
  const out = text.replace(clause, (whole, digits: string | undefined, verb: string) => {
    if (whole === "%%") return "%";
    if (verb === "") throw failed("unexpected end of string");
    if (!Object.hasOwn(verbs, verb)) {
      throw failed(`could not parse formatting clause: unrecognized formatting clause ${JSON.stringify(verb)}`);
    }
    if (next >= args.size) throw failed(`index ${String(next)} out of range`);
    const precision = digits === undefined ? precisionDefault : Math.min(Number(digits), precisionMax);
    const part = verbs[verb]?.(args.at(next++), precision, budget) ?? "";
    budget.charge(part.length * traversal);
    return part;
  });
  return out;
}

function failed(why: string): CelError {
  return new CelError(`error during formatting: ${why}`);
}

type Verb = (value: CelValue, precision: number, budget: Budget) => string;

const verbs: Readonly<Record<string, Verb | undefined>> = {
  s: (value, _precision, budget) => plainText(value, budget, 0),
  d: (value) => special(value) ?? digitsOf(value, 10, "decimal clause can only be used on integers"),
  f: (value, precision) => special(value) ?? fixed(toEven(doubleIn(value, "fixed-point"), precision, "toFixed")),
  e: (value, precision) =>
    special(value) ?? exponent(toEven(doubleIn(value, "scientific"), precision, "toExponential")),
  b: (value) => {
    if (typeof value === "boolean") return value ? "1" : "0";
    return digitsOf(value, 2, "only integers and bools can be formatted as binary");
  },
  o: (value) => digitsOf(value, 8, "octal clause can only be used on integers"),
  x: hexadecimal,
  X: (value) => hexadecimal(value).toUpperCase(),
};

function wrongType(why: string, value: CelValue): CelError {
  return failed(`${why}, was given ${typeNameOf(value)}`);
}

/** What is no number is written as a word. */
function special(value: CelValue): string | undefined {
  if (typeof value !== "number" || Number.isFinite(value)) return undefined;
  return Number.isNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
}

function digitsOf(value: CelValue, radix: number, why: string): string {
  if (typeof value === "bigint") return value.toString(radix);
  if (value instanceof Uint) return value.value.toString(radix);
  throw wrongType(why, value);
}

function doubleIn(value: CelValue, name: string): number {
  if (typeof value === "number") return value;
  throw wrongType(`${name} clause can only be used on doubles`, value);
}

/** With so many digits, where a value lies just between two of them the even one, as Go; JavaScript takes the larger. */
function toEven(value: number, precision: number, method: "toFixed" | "toExponential"): string {
  const text = value[method](precision);
  const [exact = "", tail = ""] = value[method](precisionMax).split("e");
  const cut = exact.length - precisionMax + precision;
  const isTie = precision < precisionMax && /^50*$/.test(exact.slice(cut).replace(".", ""));
  if (!isTie) return text;
  const below = exact.slice(0, cut).replace(/\.$/, "");
  const isEven = /[02468]$/.test(below);
  return isEven ? below + (tail === "" ? "" : `e${tail}`) : text;
}

/** Beyond 10²¹ JavaScript goes over to exponents. */
function fixed(text: string): string {
  return text.includes("e") ? BigInt(Number(text)).toString() : text;
}

function exponent(text: string): string {
  return text.replace(/e([+-])(\d)$/, "e$10$2");
}

function hexadecimal(value: CelValue): string {
  if (typeof value === "string") return Buffer.from(value).toString("hex");
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  return digitsOf(value, 16, "only integers, byte buffers, and strings can be formatted as hex");
}

function plainText(value: CelValue, budget: Budget, depth: number): string {
  budget.charge(1);
  if (depth > depthMax) throw failed("a value is nested too deeply");
  if (value === null) return "null";
  if (value instanceof CelList) {
    return `[${Array.from({ length: value.size }, (_, at) => plainText(value.at(at), budget, depth + 1)).join(", ")}]`;
  }
  if (value instanceof CelMap) {
    const entries = value.keys().map((key) => {
      return `${plainText(key, budget, depth + 1)}: ${plainText(value.get(key) ?? null, budget, depth + 1)}`;
    });
    return `{${entries.toSorted().join(", ")}}`;
  }
  if (value instanceof TypeValue) return value.name;
  const text = special(value) ?? (value instanceof OptionalValue ? undefined : textOfValue(value));
  if (text === undefined)
    throw wrongType(
      "string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps",
      value,
    );
  return text;
}

const escapes: ReadonlyMap<string, string> = new Map([
  ["\u0007", "\\a"],
  ["\b", "\\b"],
  ["\f", "\\f"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
  ["\v", "\\v"],
  ["\\", "\\\\"],
  ['"', '\\"'],
]);

export const textFormatFunctions: readonly Definition[] = [
  [
    "format",
    {
      overloads: [member([string, listOf(dyn)], string)],
      run: ([text, args], budget) => {
        if (typeof text !== "string" || !(args instanceof CelList)) return undefined;
        budget.charge(text.length * traversal);
        return formatted(text, args, budget);
      },
      cost: traverseAll,
    },
  ],
  [
    "strings.quote",
    {
      overloads: [global([string], string)],
      run: ([text], budget) => {
        if (typeof text !== "string") return undefined;
        budget.charge(text.length * traversal);
        return `"${text.replace(/[\u0007\b\f\n\r\t\v\\"]/g, (char) => escapes.get(char) ?? char)}"`;
      },
      cost: traverseAll,
      resultSize: ([text = 0]) => 2 * text + 2,
    },
  ],
];
