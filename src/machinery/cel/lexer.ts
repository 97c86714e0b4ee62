// Cuts a CEL text into words. Specification: google/cel-spec doc/langdef.md, "Syntax".
import { CelSyntaxError, type Literal } from "./expression.ts";

export type Token =
  | { readonly kind: "literal"; readonly at: number; readonly literal: Literal }
  /** `isQuoted`: between backticks; such a name is only ever a field. */
  | { readonly kind: "name"; readonly at: number; readonly text: string; readonly isQuoted: boolean }
  | { readonly kind: "symbol"; readonly at: number; readonly text: string }
  | { readonly kind: "end"; readonly at: number };

const blank = /(?:[ \t\r\n\f]|\/\/[^\n]*)*/y;
const number =
  /0[xX][0-9a-fA-F]+[uU]?|(?:[0-9]+\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+|\.[0-9]+(?:[eE][+-]?[0-9]+)?)|[0-9]+[uU]?/y;
const name = /[_a-zA-Z][_a-zA-Z0-9]*/y;
const quotedName = /`([_a-zA-Z0-9./ -]+)`/y;
const stringStart = /(?:[rR][bB]?|[bB][rR]?)?("""|'''|"|')/y;
const symbol = /==|!=|<=|>=|&&|\|\||[-+*/%!<>?:.,()[\]{}]/y;

/** The words of `text`, the end last. Throws CelSyntaxError. */
export function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(text);
  };
  for (;;) {
    at += match(blank)?.[0].length ?? 0;
    if (at >= text.length) {
      tokens.push({ kind: "end", at });
      return tokens;
    }
    const start = at;
    const quote = match(stringStart);
    if (quote !== null) {
      const { literal, end } = readString(text, start, quote[0], quote[1] ?? "");
      tokens.push({ kind: "literal", at: start, literal });
      at = end;
      continue;
    }
    const found = match(number) ?? match(name) ?? match(quotedName) ?? match(symbol);
    if (found === null) throw new CelSyntaxError(at, `Syntax error: token recognition error at: '${text.charAt(at)}'`);
    at += found[0].length;
    tokens.push(wordOf(start, found[0], found[1]));
  }
}

function wordOf(at: number, text: string, quoted: string | undefined): Token {
  if (quoted !== undefined) return { kind: "name", at, text: quoted, isQuoted: true };
  if (/^\.?[0-9]/.test(text)) return { kind: "literal", at, literal: readNumber(at, text) };
  if (!/^[_a-zA-Z]/.test(text)) return { kind: "symbol", at, text };
  if (text === "true" || text === "false")
    return { kind: "literal", at, literal: { type: "bool", value: text === "true" } };
  if (text === "null") return { kind: "literal", at, literal: { type: "null" } };
  if (text === "in") return { kind: "symbol", at, text };
  return { kind: "name", at, text, isQuoted: false };
}

/** The sign stands before a number, so 2^63 is read here and judged by the parser. */
function readNumber(at: number, text: string): Literal {
  if (/^[0-9]+$|^0[xX]/.test(text.replace(/[uU]$/, ""))) {
    const isUnsigned = /[uU]$/.test(text);
    const value = BigInt(text.replace(/[uU]$/, ""));
    if (isUnsigned && value > 2n ** 64n - 1n) throw new CelSyntaxError(at, "invalid uint literal");
    if (value > 2n ** 64n) throw new CelSyntaxError(at, "invalid int literal");
    return { type: isUnsigned ? "uint" : "int", value };
  }
  const value = Number(text);
  if (!Number.isFinite(value)) throw new CelSyntaxError(at, "invalid double literal");
  return { type: "double", value };
}

function readString(text: string, start: number, opening: string, quote: string): { literal: Literal; end: number } {
  const prefix = opening.slice(0, -quote.length).toLowerCase();
  const isRaw = prefix.includes("r");
  const isBytes = prefix.includes("b");
  const out: (string | number)[] = [];
  let at = start + opening.length;
  for (;;) {
    if (text.startsWith(quote, at)) break;
    const char = text.charAt(at);
    if (char === "" || (quote.length === 1 && /[\r\n]/.test(char))) {
      throw new CelSyntaxError(start, `Syntax error: token recognition error at: '${text.slice(start, at)}'`);
    }
    if (char === "\\" && isRaw) {
      out.push(text.slice(at, at + 2));
      at += 2;
    } else if (char === "\\") {
      const escape = readEscape(text, at, isBytes);
      out.push(escape.value);
      at = escape.end;
    } else {
      out.push(char);
      at += 1;
    }
  }
  const literal: Literal = isBytes
    ? { type: "bytes", value: bytesOf(out) }
    : {
        type: "string",
        value: out.map((part) => (typeof part === "number" ? String.fromCodePoint(part) : part)).join(""),
      };
  return { literal, end: at + quote.length };
}

/** In bytes a numeric escape is one byte, all else is its UTF-8 form. */
function bytesOf(parts: readonly (string | number)[]): Uint8Array {
  const chunks: Buffer[] = [];
  let run = "";
  for (const part of parts) {
    if (typeof part === "string") run += part;
    else {
      chunks.push(Buffer.from(run), Buffer.from([part]));
      run = "";
    }
  }
  return new Uint8Array(Buffer.concat([...chunks, Buffer.from(run)]));
}

const simpleEscapes: ReadonlyMap<string, string> = new Map([
  ["a", "\u0007"],
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
  ["v", "\v"],
  ...["\\", "'", '"', "`", "?"].map((char) => [char, char] as const),
]);
const numericEscape = /\\(?:x([0-9a-fA-F]{2})|X([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2}))/y;

function readEscape(text: string, at: number, isBytes: boolean): { value: string | number; end: number } {
  const simple = simpleEscapes.get(text.charAt(at + 1));
  if (simple !== undefined) return { value: simple, end: at + 2 };
  numericEscape.lastIndex = at;
  const match = numericEscape.exec(text);
  if (match === null) throw new CelSyntaxError(at, `invalid escape sequence: ${text.slice(at, at + 2)}`);
  const [whole, small, big, four, eight, octal] = match;
  const unicode = four ?? eight;
  const value = octal === undefined ? parseInt(small ?? big ?? unicode ?? "", 16) : parseInt(octal, 8);
  const isSurrogate = value >= 0xd800 && value <= 0xdfff;
  if (value > 0x10ffff || (unicode !== undefined && (isSurrogate || isBytes))) {
    throw new CelSyntaxError(at, `invalid escape sequence: ${whole}`);
  }
  return { value, end: at + whole.length };
}
