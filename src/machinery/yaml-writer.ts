// Writes YAML as kubectl prints it: keys in natural order, two spaces, lists not indented under their key.
// Upstream: go.yaml.in/yaml/v2 encode.go, sorter.go and emitterc.go.
import { isArray, isRecord } from "./guards.ts";
import { encodeJsonText } from "./json.ts";
import { stringText } from "./yaml-quoting.ts";

/** Longer keys, in bytes, are written as `? key`. */
const simpleKeyBytesMax = 128;
const indentStep = 2;

/** One YAML document, with a line break at its end. Undefined fields are left out. */
export function stringifyYaml(value: unknown): string {
  const writer = new YamlWriter();
  writer.write(value);
  return writer.finish();
}

class YamlWriter {
  readonly #parts: string[] = [];
  #column = 0;
  /** Only spaces and `- ` so far: a first item or key may follow on this line. */
  #lineIsOpen = true;

  finish(): string {
    this.#breakLine();
    return this.#parts.join("");
  }

  write(value: unknown): void {
    if (!this.#block(value, 0)) this.#scalar(value, indentStep, false);
  }

  /** Writes a list or map that has items, from the current column on; false for anything else. */
  #block(value: unknown, indent: number): boolean {
    if (isArray(value) && value.length > 0) {
      this.#list(value, indent);
      return true;
    }
    if (isRecord(value)) {
      const keys = Object.keys(value).filter((key) => value[key] !== undefined);
      if (keys.length > 0) {
        this.#map(value, keys.sort(compareNaturally), indent);
        return true;
      }
    }
    return false;
  }

  #list(items: readonly unknown[], indent: number): void {
    for (const item of items) {
      this.#startLine(indent);
      this.#put("- ");
      if (!this.#block(item, indent + indentStep)) this.#scalar(item, indent + indentStep, false);
    }
  }

  #map(map: Readonly<Record<string, unknown>>, keys: readonly string[], indent: number): void {
    for (const key of keys) {
      this.#startLine(indent);
      if (key.includes("\n") || Buffer.byteLength(key) > simpleKeyBytesMax) this.#longEntry(key, map[key], indent);
      else this.#entry(key, map[key], indent);
    }
  }

  #entry(key: string, value: unknown, indent: number): void {
    this.#scalar(key, indent + indentStep, true);
    this.#put(":");
    // Lists stand below their key, not right of it.
    const blockIndent = isArray(value) ? indent : indent + indentStep;
    if (isBlock(value)) {
      this.#breakLine();
      this.#block(value, blockIndent);
    } else {
      this.#put(" ");
      this.#scalar(value, indent + indentStep, false);
    }
  }

  #longEntry(key: string, value: unknown, indent: number): void {
    this.#put("? ");
    this.#scalar(key, indent + indentStep, false);
    this.#startLine(indent);
    this.#put(": ");
    if (!this.#block(value, indent + indentStep)) this.#scalar(value, indent + indentStep, false);
  }

  #scalar(value: unknown, indent: number, isKey: boolean): void {
    this.#put(scalarText(value, { column: this.#column, indent, isKey }));
    this.#lineIsOpen = this.#column === 0;
  }

  /** Moves to column `indent`, on a new line if this one is in use. */
  #startLine(indent: number): void {
    if (!this.#lineIsOpen) this.#breakLine();
    this.#put(" ".repeat(indent - this.#column));
    this.#lineIsOpen = true;
  }

  #breakLine(): void {
    if (this.#column > 0) this.#put("\n");
    this.#lineIsOpen = true;
  }

  #put(text: string): void {
    this.#parts.push(text);
    const lastBreak = text.lastIndexOf("\n");
    this.#column = lastBreak < 0 ? this.#column + text.length : text.length - lastBreak - 1;
  }
}

function isBlock(value: unknown): boolean {
  if (isArray(value)) return value.length > 0;
  return isRecord(value) && Object.values(value).some((item) => item !== undefined);
}

function scalarText(value: unknown, place: { column: number; indent: number; isKey: boolean }): string {
  if (typeof value === "string") return stringText(value, place);
  if (isArray(value)) return "[]";
  if (isRecord(value)) return "{}";
  if (typeof value === "number" && !Number.isInteger(value)) return floatText(value);
  return encodeJsonText(value ?? null);
}

/** Go's strconv.FormatFloat(value, 'g', -1, 64). */
function floatText(value: number): string {
  const [mantissa = "", exponent = "0"] = value.toExponential().split("e");
  const power = Number(exponent);
  if (power >= -4 && power < 6) return String(value);
  return `${mantissa}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
}

/** Letters by code point, numbers inside by their value, all else before letters. */
function compareNaturally(left: string, right: string): number {
  const a = Array.from(left);
  const b = Array.from(right);
  for (let index = 0; index < a.length && index < b.length; index++) {
    const x = a[index] ?? "";
    const y = b[index] ?? "";
    if (x === y) continue;
    const xIsLetter = letter.test(x);
    const yIsLetter = letter.test(y);
    if (xIsLetter !== yIsLetter) return yIsLetter ? -1 : 1;
    if (!xIsLetter) {
      const byNumber = compareNumbers(a, b, index);
      if (byNumber !== 0) return byNumber;
    }
    return comparePoints(x, y);
  }
  return a.length - b.length;
}

const letter = /\p{L}/u;
const digit = /^[0-9]$/;

/** Compares the numbers that start at `index`; zeros after other digits belong to the number before. */
function compareNumbers(a: readonly string[], b: readonly string[], index: number): number {
  let prefix = "";
  if (a[index] === "0" || b[index] === "0") {
    for (let back = index - 1; back >= 0 && digit.test(a[back] ?? ""); back--) {
      if (a[back] !== "0") prefix = "1";
    }
  }
  const x = digitsFrom(a, index);
  const y = digitsFrom(b, index);
  const byValue = Number(BigInt(`${prefix}${x}` || "0") - BigInt(`${prefix}${y}` || "0"));
  return byValue === 0 ? x.length - y.length : byValue;
}

function digitsFrom(characters: readonly string[], index: number): string {
  let end = index;
  while (digit.test(characters[end] ?? "")) end++;
  return characters.slice(index, end).join("");
}

function comparePoints(left: string, right: string): number {
  return (left.codePointAt(0) ?? 0) - (right.codePointAt(0) ?? 0);
}
