// Reads JSON exactly, one character at a time: for the texts that JSON.parse refuses (to say why as Go does), rounds or
// hides something of. About ten times slower than JSON.parse. Upstream: sigs.k8s.io/json (a fork of encoding/json).
import { ApiError } from "./api-error.ts";
import { setOwn } from "./own-property.ts";

/**
 * How deep values may nest. Go allows 10,000; no Kubernetes object comes near this bound, and recursive code everywhere
 * can rely on it.
 */
export const jsonDepthMax = 1_000;

export interface ParseJsonOptions {
  /** Called with Go's field path (`spec.containers[0].name`) for each key that an object repeats. The last one wins. */
  readonly onDuplicate?: ((path: string) => void) | undefined;
  /**
   * What to do with a key `__proto__`. `refuse` (the default) is for what users send; `drop` is for what other API
   * servers send: one odd object must not make a whole list unreadable.
   */
  readonly protoKeys?: "refuse" | "drop" | undefined;
}

/** The value of a JSON text. */
export function readJson(text: string, options: ParseJsonOptions): unknown {
  const reader = new JsonReader(text, options);
  return reader.readAll();
}

const space = /[ \t\r\n]*/y;
const numberForm = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?/y;
const plainRun = /[^"\\\u0000-\u001f]*/y;
const int64Min = -(2n ** 63n);
const int64Max = 2n ** 63n - 1n;

class JsonReader {
  readonly #text: string;
  readonly #options: ParseJsonOptions;
  #at = 0;

  constructor(text: string, options: ParseJsonOptions) {
    this.#text = text;
    this.#options = options;
  }

  readAll(): unknown {
    const value = this.#value("", 0);
    this.#skipSpace();
    if (this.#at < this.#text.length) this.#fail("after top-level value");
    return value;
  }

  #value(path: string, depth: number): unknown {
    this.#skipSpace();
    switch (this.#text[this.#at]) {
      case "{":
        return this.#object(path, depth);
      case "[":
        return this.#array(path, depth);
      case '"':
        return this.#string();
      case "t":
        return this.#literal("true", true);
      case "f":
        return this.#literal("false", false);
      case "n":
        return this.#literal("null", null);
      default:
        return this.#number();
    }
  }

  #object(path: string, depth: number): Record<string, unknown> {
    this.#enter(depth);
    const result: Record<string, unknown> = {};
    let next = this.#next();
    while (next !== "}") {
      if (next !== '"') this.#fail("looking for beginning of object key string");
      const key = this.#string();
      const keyPath = path === "" ? key : `${path}.${key}`;
      if (this.#next() !== ":") this.#fail("after object key");
      this.#at++;
      if (Object.hasOwn(result, key)) this.#options.onDuplicate?.(keyPath);
      this.#setField(result, key, this.#value(keyPath, depth + 1));
      next = this.#next();
      if (next === "}") break;
      if (next !== ",") this.#fail("after object key:value pair");
      this.#at++;
      next = this.#next();
      if (next === "}") this.#fail("looking for beginning of object key string");
    }
    this.#at++;
    return result;
  }

  #array(path: string, depth: number): unknown[] {
    this.#enter(depth);
    const result: unknown[] = [];
    if (this.#next() === "]") {
      this.#at++;
      return result;
    }
    for (;;) {
      result.push(this.#value(`${path}[${String(result.length)}]`, depth + 1));
      const next = this.#next();
      if (next !== "," && next !== "]") this.#fail("after array element");
      this.#at++;
      if (next === "]") return result;
    }
  }

  #enter(depth: number): void {
    if (depth >= jsonDepthMax) throw new ApiError("BadRequest", "exceeded max depth");
    this.#at++;
  }

  #setField(result: Record<string, unknown>, key: string, value: unknown): void {
    if (key !== "__proto__") {
      setOwn(result, key, value);
    } else if (this.#options.protoKeys !== "drop") {
      throw new ApiError("BadRequest", 'the key "__proto__" is not supported');
    }
  }

  #string(): string {
    const start = this.#at;
    this.#at++;
    for (;;) {
      plainRun.lastIndex = this.#at;
      plainRun.test(this.#text);
      this.#at = plainRun.lastIndex;
      const unit = this.#text[this.#at];
      if (unit === '"') break;
      if (unit !== "\\") this.#fail("in string literal");
      this.#at++;
      this.#escape();
    }
    this.#at++;
    const literal: unknown = JSON.parse(this.#text.slice(start, this.#at));
    return String(literal);
  }

  #escape(): void {
    const unit = this.#text[this.#at];
    if (unit === undefined || !'"\\/bfnrtu'.includes(unit)) this.#fail("in string escape code");
    this.#at++;
    if (unit !== "u") return;
    for (let digit = 0; digit < 4; digit++) {
      if (!/^[0-9a-fA-F]$/.test(this.#text[this.#at] ?? "")) this.#fail("in \\u hexadecimal character escape");
      this.#at++;
    }
  }

  #literal<T>(word: string, value: T): T {
    for (let index = 0; index < word.length; index++, this.#at++) {
      const unit = word.charAt(index);
      if (this.#text[this.#at] !== unit) this.#fail(`in literal ${word} (expecting '${unit}')`);
    }
    return value;
  }

  /** Integers that a double cannot hold become bigint if they fit 64 bits, as in k8s.io/apimachinery/pkg/util/json. */
  #number(): number | bigint {
    const first = this.#text[this.#at];
    if (first === undefined || !/[-0-9]/.test(first)) this.#fail("looking for beginning of value");
    numberForm.lastIndex = this.#at;
    const match = numberForm.exec(this.#text);
    if (match === null) {
      this.#at++;
      this.#fail("in numeric literal");
    }
    this.#at = numberForm.lastIndex;
    const [digits, fraction, exponent] = match;
    this.#checkNumberEnd(fraction !== undefined, exponent !== undefined);
    const value = Number(digits);
    if (fraction !== undefined || exponent !== undefined || Number.isSafeInteger(value)) return value;
    const exact = BigInt(digits);
    return exact >= int64Min && exact <= int64Max ? exact : value;
  }

  /** A number that breaks off after `.` or `e`: the pattern stops before it. */
  #checkNumberEnd(hasFraction: boolean, hasExponent: boolean): void {
    const unit = this.#text[this.#at];
    if (unit === "." && !hasFraction && !hasExponent) {
      this.#at++;
      this.#fail("after decimal point in numeric literal");
    }
    if ((unit === "e" || unit === "E") && !hasExponent) {
      this.#at++;
      if (this.#text[this.#at] === "+" || this.#text[this.#at] === "-") this.#at++;
      this.#fail("in exponent of numeric literal");
    }
  }

  /** The next character that is not white space; undefined at the end. */
  #next(): string | undefined {
    this.#skipSpace();
    return this.#text[this.#at];
  }

  #skipSpace(): void {
    space.lastIndex = this.#at;
    space.test(this.#text);
    this.#at = space.lastIndex;
  }

  #fail(where: string): never {
    const unit = this.#text.codePointAt(this.#at);
    if (unit === undefined) throw new ApiError("BadRequest", "unexpected end of JSON input");
    throw new ApiError("BadRequest", `invalid character ${quoteCharacter(String.fromCodePoint(unit))} ${where}`);
  }
}

function quoteCharacter(character: string): string {
  if (character === "'") return String.raw`'\''`;
  if (character === '"') return `'"'`;
  return `'${JSON.stringify(character).slice(1, -1)}'`;
}
