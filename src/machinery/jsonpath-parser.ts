// Reads JSONPath templates of kubectl's dialect: text with `{…}` actions in it.
// Upstream: k8s.io/client-go/util/jsonpath/parser.go, whose error texts users see.
import { ApiError } from "./api-error.ts";

/** One step of an action, or a value in it. */
export type PathNode =
  | { readonly kind: "value"; readonly value: string | number | boolean }
  | { readonly kind: "field"; readonly name: string }
  | { readonly kind: "wildcard" | "recursive" }
  | { readonly kind: "slice"; readonly start?: number; readonly end?: number; readonly step?: number }
  | { readonly kind: "index"; readonly index: number }
  | { readonly kind: "union"; readonly paths: readonly PathNode[][] }
  | { readonly kind: "filter"; readonly left: PathNode[]; readonly operator: string; readonly right: PathNode[] };

/** A part of a template. */
export type TemplateNode =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "action"; readonly path: readonly PathNode[] }
  | { readonly kind: "range"; readonly path: readonly PathNode[]; readonly body: readonly TemplateNode[] };

/** Templates may nest no deeper, ranges and filters counted together. */
const depthMax = 100;

/** The parts of a template. Throws ApiError BadRequest. */
export function parseTemplate(template: string): readonly TemplateNode[] {
  return new Parser(template, 0).template();
}

/** What `range` and `end` are before they find each other. */
interface Action {
  readonly path: PathNode[];
  readonly keyword: "range" | "end" | undefined;
}

const wordCharacter = /[\p{L}\p{Nd}_]/u;
const fieldEnd = /[\s.,[\]$@{}]/;

class Parser {
  readonly #text: string;
  readonly #depth: number;
  #at = 0;

  constructor(text: string, depth: number) {
    if (depth > depthMax) throw badPath("the template nests too deeply");
    this.#text = text;
    this.#depth = depth;
  }

  template(): readonly TemplateNode[] {
    const open: { readonly path: readonly PathNode[]; readonly nodes: TemplateNode[] }[] = [{ path: [], nodes: [] }];
    while (this.#at < this.#text.length) {
      if (!this.#text.startsWith("{", this.#at)) {
        open.at(-1)?.nodes.push({ kind: "text", text: this.#literal() });
        continue;
      }
      const { path, keyword } = this.#action();
      if (keyword === "range") {
        if (open.length > depthMax) throw badPath("the template nests too deeply");
        open.push({ path, nodes: [] });
      } else if (keyword === "end") {
        closeRange(open);
      } else {
        open.at(-1)?.nodes.push({ kind: "action", path });
      }
    }
    // A range that is not ended reaches to the end of the template.
    while (open.length > 1) closeRange(open);
    return open[0]?.nodes ?? [];
  }

  #literal(): string {
    const brace = this.#text.indexOf("{", this.#at);
    const text = this.#text.slice(this.#at, brace < 0 ? undefined : brace);
    this.#at += text.length;
    return text;
  }

  #action(): Action {
    this.#at++;
    const path: PathNode[] = [];
    let keyword: Action["keyword"];
    for (;;) {
      const character = this.#text[this.#at];
      if (character === undefined || character === "\n" || character === "\r") throw badPath("unclosed action");
      if (character === "}") {
        this.#at++;
        return { path, keyword };
      }
      if (wordCharacter.test(character) && !/[0-9]/.test(character)) {
        const word = this.#word();
        if (word === "true" || word === "false") path.push({ kind: "value", value: word === "true" });
        else if (word === "range" || word === "end") keyword = word;
        else throw badPath(`unrecognized identifier ${word}`);
      } else {
        const node = this.#step(character);
        if (node !== undefined) path.push(...node);
      }
    }
  }

  #step(character: string): readonly PathNode[] | undefined {
    switch (character) {
      case " ":
      case "@":
      case "$":
        this.#at++;
        return undefined;
      case "[":
        return this.#text.startsWith("[?(", this.#at) ? [this.#filter()] : this.#brackets();
      case '"':
      case "'":
        return [{ kind: "value", value: this.#quoted(character) }];
      case ".":
        return this.#text.startsWith("..", this.#at) ? this.#recursive() : [this.#field()];
      default:
        if (/[-+0-9]/.test(character)) return [{ kind: "value", value: this.#number() }];
        throw badPath(`unrecognized character in action: ${describe(character)}`);
    }
  }

  #recursive(): readonly PathNode[] {
    this.#at += 2;
    const next = this.#text[this.#at] ?? "";
    if (next === ".") throw badPath("unexpected multiple recursive descent operator");
    if (!wordCharacter.test(next)) return [{ kind: "recursive" }];
    this.#at--;
    return [{ kind: "recursive" }, this.#field()];
  }

  /** `.name`; a backslash keeps what follows from ending the name. */
  #field(): PathNode {
    this.#at++;
    let name = "";
    for (; this.#at < this.#text.length; this.#at++) {
      const character = this.#text.charAt(this.#at);
      if (character === "\\") {
        this.#at++;
        name += this.#text.charAt(this.#at);
      } else if (fieldEnd.test(character)) {
        break;
      } else {
        name += character;
      }
    }
    return name === "*" ? { kind: "wildcard" } : { kind: "field", name };
  }

  #word(): string {
    const start = this.#at;
    while (wordCharacter.test(this.#text[this.#at] ?? "")) this.#at++;
    return this.#text.slice(start, this.#at);
  }

  #number(): number {
    const match = /^[-+]?[0-9.]*/.exec(this.#text.slice(this.#at));
    const text = match?.[0] ?? "";
    this.#at += text.length;
    if (!/^[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)$/.test(text)) throw badPath(`cannot parse number ${text}`);
    return Number(text);
  }

  #quoted(quote: string): string {
    let value = "";
    for (this.#at++; this.#at < this.#text.length; this.#at++) {
      const character = this.#text.charAt(this.#at);
      if (character === "\n") break;
      if (character === quote) {
        this.#at++;
        return value;
      }
      value += character === "\\" ? this.#escape() : character;
    }
    throw badPath("unterminated quoted string");
  }

  #escape(): string {
    this.#at++;
    const character = this.#text.charAt(this.#at);
    const digits = { x: 2, u: 4, U: 8 }[character];
    if (digits === undefined) return simpleEscapes[character] ?? character;
    const code = this.#text.slice(this.#at + 1, this.#at + 1 + digits);
    const point = Number.parseInt(code, 16);
    if (!/^[0-9a-fA-F]+$/.test(code) || code.length < digits || point > 0x10ffff) throw badPath("invalid syntax");
    this.#at += digits;
    return String.fromCodePoint(point);
  }

  /** `[…]`: a key, an index, a slice, or several of them. */
  #brackets(): readonly PathNode[] {
    const close = this.#text.slice(this.#at).search(/[\]\n]/);
    if (close < 0 || this.#text[this.#at + close] === "\n") throw badPath("unterminated array");
    const text = this.#text.slice(this.#at + 1, this.#at + close);
    this.#at += close + 1;
    const parts = text.split(",");
    if (parts.length === 1) return this.#subscript(text);
    return [{ kind: "union", paths: parts.map((part) => [...this.#inner(`[${part.trim()}]`)]) }];
  }

  #subscript(text: string): readonly PathNode[] {
    const key = /^'([^']*)'$/.exec(text)?.[1];
    if (key !== undefined) return this.#inner(`.${key}`);
    if (text === "*") return [{ kind: "slice" }];
    const match = /^(-?[0-9]*)(?::(-?[0-9]*))?(?::(-?[0-9]*))?$/.exec(text);
    if (match === null) throw badPath(`invalid array index ${text}`);
    const [, first = "", second, third] = match;
    if (second === undefined) return [{ kind: "index", index: integer(first, text) ?? 0 }];
    const start = integer(first, text);
    const end = integer(second, text);
    const step = integer(third ?? "", text);
    return [
      {
        kind: "slice",
        ...(start === undefined ? {} : { start }),
        ...(end === undefined ? {} : { end }),
        ...(step === undefined ? {} : { step }),
      },
    ];
  }

  /** `[?(left op right)]`, or `[?(path)]` for what has the path. */
  #filter(): PathNode {
    const text = this.#filterText();
    const match = /^([^!<>=]+)([!<>=]+)(.+?)$/.exec(text);
    if (match === null) return { kind: "filter", left: [...this.#inner(text)], operator: "exists", right: [] };
    const [, left = "", operator = "", right = ""] = match;
    return { kind: "filter", left: [...this.#inner(left)], operator, right: [...this.#inner(right)] };
  }

  #filterText(): string {
    const start = this.#at + 3;
    let depth = 1;
    let quote = "";
    for (this.#at = start; this.#at < this.#text.length; this.#at++) {
      const character = this.#text.charAt(this.#at);
      if (character === "\n") break;
      if (quote !== "") {
        if (character === quote && this.#text[this.#at - 1] !== "\\") quote = "";
      } else if (character === '"' || character === "'") {
        quote = character;
      } else if (character === "(") {
        depth++;
      } else if (character === ")" && --depth === 0) {
        const text = this.#text.slice(start, this.#at);
        if (this.#text[this.#at + 1] !== "]") throw badPath("unclosed array expect ]");
        this.#at += 2;
        return text;
      }
    }
    throw badPath("unterminated filter");
  }

  /** The steps of a text that stands inside this one. */
  #inner(text: string): readonly PathNode[] {
    const parser = new Parser(`{${text}}`, this.#depth + 1);
    const { path } = parser.#action();
    return path;
  }
}

const simpleEscapes: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

function closeRange(open: { readonly path: readonly PathNode[]; readonly nodes: TemplateNode[] }[]): void {
  const range = open.length > 1 ? open.pop() : undefined;
  if (range === undefined) throw badPath("not in range, nothing to end");
  open.at(-1)?.nodes.push({ kind: "range", path: range.path, body: range.nodes });
}

function integer(text: string, whole: string): number | undefined {
  if (text === "") return undefined;
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw badPath(`array index ${whole} is not a number`);
  return value;
}

function describe(character: string): string {
  const point = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
  return `U+${point} '${character}'`;
}

/** The error of a template or its use. */
export function badPath(message: string): ApiError {
  return new ApiError("BadRequest", message);
}
