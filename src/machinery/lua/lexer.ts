// Cuts a script's bytes into tokens. Upstream: lua 5.1 llex.c; `goto` and `::` as in gopher-lua.
import { parseNumber } from "./values.ts";
import { LuaSyntaxError } from "./syntax-error.ts";

export interface Token {
  /** A keyword or a sign is its own kind. */
  readonly kind: string;
  /** The text of a name or a string, or a number. */
  readonly value: string | number;
  readonly line: number;
  /** As it stands in the script. */
  readonly text: string;
}

const keywords: ReadonlySet<string> = new Set([
  ...["and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in", "local"],
  ...["nil", "not", "or", "repeat", "return", "then", "true", "until", "while"],
]);
const signs = ["...", "..", "==", "~=", "<=", ">=", "::", ...Array.from("+-*/%^#<>=(){}[];:,.")];
const escapes: Readonly<Record<string, string>> = {
  ...{ a: "\u0007", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" },
};
const byteMax = 255;

/** Made once: a literal makes a new expression each time that it is met. All are matched at a place (`y`). */
const forms = {
  blanks: /[ \t\r\n\v\f]*/y,
  name: /[A-Za-z_][A-Za-z0-9_]*/y,
  digits: /[0-9.]*/y,
  exponent: /[eE]/y,
  sign: /[+-]/y,
  numberEnd: /[A-Za-z0-9_]*/y,
  inDoubleQuotes: /[^"\\\n]*/y,
  inSingleQuotes: /[^'\\\n]*/y,
  code: /[0-9]{1,3}/y,
  longBracket: /\[(=*)\[/y,
} as const;

/** The signs by their first character, the longest first. */
const signsByStart = new Map<string, readonly string[]>();
for (const sign of signs) {
  const start = sign.charAt(0);
  signsByStart.set(start, [...(signsByStart.get(start) ?? []), sign]);
}

export class Lexer {
  readonly #chunk: string;
  readonly #source: string;
  #at = 0;
  #line = 1;

  constructor(chunk: string, source: string) {
    this.#chunk = chunk;
    this.#source = source;
    if (source.startsWith("#")) this.#at = this.#endOfLine();
  }

  next(): Token {
    this.#skipBlanks();
    const start = this.#at;
    const first = this.#source[start];
    if (first === undefined) return this.#token("<eof>", "", start);
    const name = this.#take(forms.name);
    if (name !== "") return this.#token(keywords.has(name) ? name : "<name>", name, start);
    if (isDigit(first) || (first === "." && isDigit(this.#source[start + 1] ?? ""))) return this.#number();
    if (first === '"' || first === "'") return this.#quoted(first);
    const level = this.#longBracket();
    if (level !== undefined) return this.#token("<string>", this.#long(level, "string"), start);
    const sign = signsByStart.get(first)?.find((text) => this.#source.startsWith(text, start));
    if (sign === undefined) return this.#fail("unexpected symbol", first);
    this.#at += sign.length;
    return this.#token(sign, "", start);
  }

  #token(kind: string, value: string | number, start: number): Token {
    return { kind, value, line: this.#line, text: kind === "<eof>" ? kind : this.#source.slice(start, this.#at) };
  }

  #fail(message: string, near: string): never {
    throw new LuaSyntaxError(this.#chunk, this.#line, `${message} near '${near}'`);
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const [found = ""] = pattern.exec(this.#source) ?? [];
    this.#at += found.length;
    return found;
  }

  #endOfLine(): number {
    const end = this.#source.indexOf("\n", this.#at);
    return end < 0 ? this.#source.length : end;
  }

  #skipBlanks(): void {
    for (;;) {
      const blanks = this.#take(forms.blanks);
      this.#countLines(blanks);
      if (!this.#source.startsWith("--", this.#at)) return;
      this.#at += 2;
      const level = this.#longBracket();
      if (level === undefined) this.#at = this.#endOfLine();
      else this.#long(level, "comment");
    }
  }

  #countLines(text: string): void {
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) this.#line++;
  }

  #number(): Token {
    const start = this.#at;
    this.#take(forms.digits);
    if (this.#take(forms.exponent) !== "") this.#take(forms.sign);
    this.#take(forms.numberEnd);
    const text = this.#source.slice(start, this.#at);
    const value = parseNumber(text);
    return value === undefined ? this.#fail("malformed number", text) : this.#token("<number>", value, start);
  }

  /** How many `=` are in the long bracket that begins here, if one does. */
  #longBracket(): number | undefined {
    if (this.#source[this.#at] !== "[") return undefined;
    forms.longBracket.lastIndex = this.#at;
    return forms.longBracket.exec(this.#source)?.[1]?.length;
  }

  #long(level: number, what: "string" | "comment"): string {
    const closing = `]${"=".repeat(level)}]`;
    const start = this.#at + level + 2;
    const end = this.#source.indexOf(closing, start);
    if (end < 0) {
      this.#countLines(this.#source.slice(start));
      return this.#fail(`unfinished long ${what}`, "<eof>");
    }
    this.#at = end + closing.length;
    const text = this.#source.slice(start, end);
    this.#countLines(text);
    return text.replace(/\r\n?|\n\r/g, "\n").replace(/^\n/, "");
  }

  #quoted(quote: string): Token {
    const start = this.#at++;
    let text = "";
    for (;;) {
      text += this.#take(quote === '"' ? forms.inDoubleQuotes : forms.inSingleQuotes);
      const next = this.#source[this.#at];
      if (next === undefined) return this.#fail("unfinished string", "<eof>");
      if (next === "\n") return this.#fail("unfinished string", this.#source.slice(start, this.#at));
      this.#at++;
      if (next === quote) return this.#token("<string>", text, start);
      text += this.#escape(start);
    }
  }

  #escape(start: number): string {
    const digits = this.#take(forms.code);
    if (digits !== "") {
      if (Number(digits) > byteMax) this.#fail("escape sequence too large", this.#source.slice(start, this.#at));
      return String.fromCharCode(Number(digits));
    }
    const letter = this.#source[this.#at];
    if (letter === undefined) return "";
    this.#at++;
    if (letter === "\n") this.#line++;
    return Object.hasOwn(escapes, letter) ? (escapes[letter] ?? "") : letter;
  }
}

function isDigit(letter: string): boolean {
  return letter >= "0" && letter <= "9";
}
