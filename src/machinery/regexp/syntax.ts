// Reads Go's regular expressions (RE2 syntax) into a tree. What backtracking engines know beyond it (look-around, back
// references) is refused as Go refuses it. Upstream: Go regexp/syntax.
import { classOf, type CodeSet, digits, negated, posixClass, spaces, union, unicodeClass, words } from "./code-set.ts";

/** A regular expression as a tree. `repeat.max` is undefined for "any number of times". */
export type RegExpNode =
  | { readonly kind: "empty" }
  | { readonly kind: "set"; readonly set: CodeSet }
  | { readonly kind: "assert"; readonly assertion: Assertion }
  | { readonly kind: "sequence"; readonly nodes: readonly RegExpNode[] }
  | { readonly kind: "choice"; readonly nodes: readonly RegExpNode[] }
  | {
      readonly kind: "repeat";
      readonly node: RegExpNode;
      readonly min: number;
      readonly max: number | undefined;
      /** As few as possible: no matter to whether something matches, only to how much does. */
      readonly isLazy: boolean;
    };

export type Assertion = "textStart" | "textEnd" | "lineStart" | "lineEnd" | "wordBoundary" | "noWordBoundary";

/** A pattern that is no regular expression; the message is Go's. */
export class PatternError extends Error {
  override readonly name = "PatternError";
}

/** Go's limits on `{n,m}` and on nested groups. */
const repeatMax = 1_000;
const depthMax = 1_000;

interface Flags {
  readonly ignoreCase: boolean;
  readonly multiline: boolean;
  readonly dotAll: boolean;
}

/** The tree of `pattern`. Throws PatternError. */
export function parsePattern(pattern: string): RegExpNode {
  const parser = new Parser(pattern);
  const node = parser.choice({ ignoreCase: false, multiline: false, dotAll: false }, 0);
  if (!parser.atEnd) throw parser.error("unexpected )", pattern);
  return node;
}

class Parser {
  readonly #pattern: string;
  #at = 0;

  constructor(pattern: string) {
    this.#pattern = pattern;
  }

  get atEnd(): boolean {
    return this.#at >= this.#pattern.length;
  }

  error(what: string, where: string): PatternError {
    return new PatternError(`error parsing regexp: ${what}: \`${where}\``);
  }

  choice(flags: Flags, depth: number): RegExpNode {
    if (depth > depthMax) throw new PatternError("error parsing regexp: expression nests too deeply");
    const nodes = [this.#sequence(flags, depth)];
    while (this.#take("|")) nodes.push(this.#sequence(flags, depth));
    return nodes.length === 1 ? (nodes[0] ?? { kind: "empty" }) : { kind: "choice", nodes };
  }

  #sequence(outer: Flags, depth: number): RegExpNode {
    let flags = outer;
    const nodes: RegExpNode[] = [];
    while (!this.atEnd && !this.#looksAt("|") && !this.#looksAt(")")) {
      const start = this.#at;
      const changed = this.#flagGroup(flags);
      if (changed !== undefined) {
        flags = changed;
        continue;
      }
      const atom = this.#atom(flags, depth);
      nodes.push(this.#repeated(atom, start));
    }
    return nodes.length === 1 ? (nodes[0] ?? { kind: "empty" }) : { kind: "sequence", nodes };
  }

  /** `(?i)`: flags for the rest of the group. */
  #flagGroup(flags: Flags): Flags | undefined {
    const found = /^\(\?([imsU-]+)\)/.exec(this.#pattern.slice(this.#at, this.#at + 16));
    if (found === null) return undefined;
    this.#at += found[0].length;
    return applyFlags(flags, found[1] ?? "");
  }

  #atom(flags: Flags, depth: number): RegExpNode {
    if (this.#looksAt("(")) return this.#group(flags, depth);
    if (this.#looksAt("[")) return setNode(this.#class(flags), flags);
    if (this.#take(".")) return { kind: "set", set: flags.dotAll ? negated({ ranges: [] }) : negated(classOf("\n")) };
    if (this.#take("^")) return { kind: "assert", assertion: flags.multiline ? "lineStart" : "textStart" };
    if (this.#take("$")) return { kind: "assert", assertion: flags.multiline ? "lineEnd" : "textEnd" };
    if (this.#looksAt("\\")) return this.#escape(flags);
    const repeat = /^([*+?]|\{\d+(,\d*)?\})/.exec(this.#pattern.slice(this.#at, this.#at + 16));
    if (repeat !== null) throw this.error("missing argument to repetition operator", repeat[0]);
    return setNode(classOf(this.#next()), flags);
  }

  #group(flags: Flags, depth: number): RegExpNode {
    const start = this.#at;
    let inner = flags;
    const head = /^\((\?P?<[A-Za-z_][A-Za-z0-9_]*>|\?([imsU-]*):)?/.exec(this.#pattern.slice(start, start + 128));
    this.#at += head?.[0].length ?? 1;
    if (head?.[1] === undefined && this.#looksAt("?")) {
      throw this.error("invalid or unsupported Perl syntax", this.#pattern.slice(start, start + 3));
    }
    if (head?.[2] !== undefined) inner = applyFlags(flags, head[2]);
    const node = this.choice(inner, depth + 1);
    if (!this.#take(")")) throw this.error("missing closing )", this.#pattern);
    return node;
  }

  #repeated(atom: RegExpNode, start: number): RegExpNode {
    let node = atom;
    for (let count = 0; ; count++) {
      const found = /^([*+?]|\{(\d+)(,(\d*))?\})\??/.exec(this.#pattern.slice(this.#at, this.#at + 16));
      if (found === null) return node;
      const operator = found[0];
      this.#at += operator.length;
      // Go refuses `a**`; `a*?` was read above as one operator.
      if (count > 0) throw this.error("invalid nested repetition operator", this.#pattern.slice(start, this.#at));
      node = repeatNode(node, found, (text) => this.error("invalid repeat count", text));
    }
  }

  #escape(flags: Flags): RegExpNode {
    const rest = this.#pattern.slice(this.#at + 1, this.#at + 2);
    const assertion = assertions[rest];
    if (assertion !== undefined) {
      this.#at += 2;
      return { kind: "assert", assertion };
    }
    if (rest === "Q") return this.#quoted(flags);
    return setNode(this.#escapedSet(), flags);
  }

  /** `\Q…\E`: literal text. */
  #quoted(flags: Flags): RegExpNode {
    const start = this.#at + 2;
    const end = this.#pattern.indexOf("\\E", start);
    const text = this.#pattern.slice(start, end < 0 ? undefined : end);
    this.#at = end < 0 ? this.#pattern.length : end + 2;
    return { kind: "sequence", nodes: Array.from(text, (char) => setNode(classOf(char), flags)) };
  }

  /** What an escape outside and inside of brackets has in common. */
  #escapedSet(): CodeSet {
    const start = this.#at;
    this.#at++;
    if (this.atEnd) throw new PatternError("error parsing regexp: trailing backslash at end of expression: ``");
    const char = this.#next();
    const named = escapedClasses[char];
    if (named !== undefined) return named;
    if (char === "p" || char === "P") return this.#unicode(char === "P", start);
    if (char === "x") return classOf(String.fromCodePoint(this.#hex(start)));
    const octal = /^[0-7]{1,3}/.exec(this.#pattern.slice(start + 1, start + 4))?.[0];
    if (octal !== undefined && (octal.startsWith("0") || octal.length > 1)) {
      this.#at = start + 1 + octal.length;
      return classOf(String.fromCodePoint(Number.parseInt(octal, 8)));
    }
    const control = controls[char];
    if (control !== undefined) return classOf(control);
    if (/[A-Za-z0-9]/.test(char)) throw this.error("invalid escape sequence", `\\${char}`);
    return classOf(char);
  }

  #unicode(isNegated: boolean, start: number): CodeSet {
    const found = /^(\{\^?[A-Za-z_]+\}|[A-Z])/.exec(this.#pattern.slice(this.#at, this.#at + 64));
    this.#at += found?.[0].length ?? 0;
    const set = found === null ? undefined : unicodeClass(found[0].replace(/[{}]/g, ""));
    if (set === undefined) throw this.error("invalid character class range", this.#pattern.slice(start, this.#at));
    return isNegated ? negated(set) : set;
  }

  #hex(start: number): number {
    const found = /^(\{([0-9A-Fa-f]{1,6})\}|[0-9A-Fa-f]{2})/.exec(this.#pattern.slice(this.#at, this.#at + 8));
    const code = found === null ? Number.NaN : Number.parseInt(found[2] ?? found[0], 16);
    if (found === null || code > 0x10ffff) {
      throw this.error("invalid escape sequence", this.#pattern.slice(start, this.#at + 1));
    }
    this.#at += found[0].length;
    return code;
  }

  #class(flags: Flags): CodeSet {
    const start = this.#at;
    this.#at++;
    const isNegated = this.#take("^");
    const parts: CodeSet[] = [];
    for (let first = true; first || !this.#looksAt("]"); first = false) {
      if (this.atEnd) throw this.error("missing closing ]", this.#pattern.slice(start));
      parts.push(this.#classItem());
    }
    this.#at++;
    const set = union(parts, flags.ignoreCase);
    return isNegated ? negated(set) : set;
  }

  #classItem(): CodeSet {
    const posix = /^\[:(\^?)([a-z]+):\]/.exec(this.#pattern.slice(this.#at, this.#at + 16));
    if (posix !== null) {
      const set = posixClass(posix[2] ?? "");
      if (set === undefined) throw this.error("invalid character class range", posix[0]);
      this.#at += posix[0].length;
      return posix[1] === "^" ? negated(set) : set;
    }
    const start = this.#at;
    const low = this.#classEnd();
    const isRange = this.#looksAt("-") && !this.#pattern.startsWith("-]", this.#at) && low.ranges.length === 1;
    if (!isRange || this.#at + 1 >= this.#pattern.length) return low;
    this.#at++;
    const high = this.#classEnd();
    const from = low.ranges[0]?.[0] ?? 0;
    const to = high.ranges[0]?.[1] ?? -1;
    if (to < from) throw this.error("invalid character class range", this.#pattern.slice(start, this.#at));
    return { ranges: [[from, to]] };
  }

  #classEnd(): CodeSet {
    return this.#looksAt("\\") ? this.#escapedSet() : classOf(this.#next());
  }

  #looksAt(text: string): boolean {
    return this.#pattern.startsWith(text, this.#at);
  }

  #take(text: string): boolean {
    if (!this.#looksAt(text)) return false;
    this.#at += text.length;
    return true;
  }

  /** The next character (code point). */
  #next(): string {
    const char = String.fromCodePoint(this.#pattern.codePointAt(this.#at) ?? 0);
    this.#at += char.length;
    return char;
  }
}

const assertions: Readonly<Record<string, Assertion>> = {
  A: "textStart",
  z: "textEnd",
  b: "wordBoundary",
  B: "noWordBoundary",
};

const escapedClasses: Readonly<Record<string, CodeSet>> = {
  d: digits,
  D: negated(digits),
  w: words,
  W: negated(words),
  s: spaces,
  S: negated(spaces),
};

const controls: Readonly<Record<string, string>> = { a: "\x07", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" };

function setNode(set: CodeSet, { ignoreCase }: Flags): RegExpNode {
  return { kind: "set", set: ignoreCase ? union([set], true) : set };
}

function applyFlags(flags: Flags, text: string): Flags {
  const [on = "", off = ""] = text.split("-");
  const value = (letter: string, before: boolean): boolean => (before || on.includes(letter)) && !off.includes(letter);
  return {
    ignoreCase: value("i", flags.ignoreCase),
    multiline: value("m", flags.multiline),
    dotAll: value("s", flags.dotAll),
  };
}

function repeatNode(node: RegExpNode, found: RegExpExecArray, refuse: (text: string) => PatternError): RegExpNode {
  const [operator, , least, comma, most] = found;
  const isLazy = operator.length > 1 && operator.endsWith("?");
  if (operator.startsWith("*")) return { kind: "repeat", node, min: 0, max: undefined, isLazy };
  if (operator.startsWith("+")) return { kind: "repeat", node, min: 1, max: undefined, isLazy };
  if (operator.startsWith("?")) return { kind: "repeat", node, min: 0, max: 1, isLazy };
  const min = Number(least);
  const max = comma === undefined ? min : most === undefined || most === "" ? undefined : Number(most);
  if (min > repeatMax || (max !== undefined && (max > repeatMax || max < min))) throw refuse(operator);
  return { kind: "repeat", node, min, max, isLazy };
}
