// Reads a CEL text: operators by precedence, receivers, and the macros that Kubernetes knows.
// Specification: google/cel-spec doc/langdef.md, "Grammar"; upstream: google/cel-go parser.
import {
  CelSyntaxError,
  type Expr,
  type ListItem,
  type MapEntry,
  qualifiedName,
  reservedWords,
  type StructField,
} from "./expression.ts";
import { type Token, tokenize } from "./lexer.ts";
import { expandGlobalMacro, expandMemberMacro } from "./macros.ts";

/** Longer texts are refused: no rule needs them. */
const textLengthMax = 100_000;
/** How deep a text may nest, as in upstream's parser. */
const depthMax = 250;
const intMax = 2n ** 63n - 1n;

/** Functions whose name has a dot: `sets.contains(a, b)` is no call on `sets`. */
const namespaces: ReadonlySet<string> = new Set([
  "sets",
  "optional",
  "format",
  "math",
  "strings",
  "base64",
  "cel",
  "lists",
  "ip",
  "cidr",
  "jsonpatch",
]);

const relations: readonly string[] = ["==", "!=", "<", "<=", ">", ">=", "in"];
const levels: readonly (readonly string[])[] = [["||"], ["&&"], relations, ["+", "-"], ["*", "/", "%"]];
const operatorNames: ReadonlyMap<string, string> = new Map([["in", "@in"]]);

/** The meaning of `text`. Throws CelSyntaxError. */
export function parseCel(text: string): Expr {
  if (text.length > textLengthMax) {
    throw new CelSyntaxError(
      0,
      `expression code point size exceeds limit: size: ${text.length}, limit ${textLengthMax}`,
    );
  }
  const parser = new Parser(tokenize(text));
  return parser.readAll();
}

class Parser {
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  readAll(): Expr {
    const expr = this.#expression();
    const token = this.#peek();
    if (token.kind !== "end") this.#unexpected(token);
    return expr;
  }

  #expression(): Expr {
    this.#enter();
    const condition = this.#level(0);
    let expr = condition;
    if (this.#take("?")) {
      const whenTrue = this.#level(0);
      this.#expect(":");
      expr = call(condition.at, "_?_:_", [condition, whenTrue, this.#expression()]);
    }
    this.#depth -= 1;
    return expr;
  }

  /** Operators of one precedence, from left to right. */
  #level(level: number): Expr {
    const operators = levels[level];
    if (operators === undefined) return this.#unary();
    let left = this.#level(level + 1);
    for (let count = 0; ; count++) {
      const token = this.#peek();
      if (token.kind !== "symbol" || !operators.includes(token.text)) return left;
      if (count > depthMax * 8) throw new CelSyntaxError(token.at, "too many operators in a row");
      this.#next += 1;
      const name = operatorNames.get(token.text) ?? `_${token.text}_`;
      left = call(token.at, name, [left, this.#level(level + 1)]);
    }
  }

  #unary(): Expr {
    const token = this.#peek();
    if (token.kind !== "symbol" || (token.text !== "!" && token.text !== "-")) return this.#member();
    this.#enter();
    this.#next += 1;
    const expr = token.text === "!" ? call(token.at, "!_", [this.#unary()]) : this.#negative(token.at);
    this.#depth -= 1;
    return expr;
  }

  /** A minus directly before a number belongs to it: only so can the smallest int be written. */
  #negative(at: number): Expr {
    const token = this.#peek();
    if (token.kind === "literal" && (token.literal.type === "int" || token.literal.type === "double")) {
      this.#next += 1;
      const { literal } = token;
      if (literal.type === "double") {
        return this.#suffixes({ kind: "literal", at, literal: { type: "double", value: -literal.value } });
      }
      if (literal.value > intMax + 1n) throw new CelSyntaxError(at, "invalid int literal");
      return this.#suffixes({ kind: "literal", at, literal: { type: "int", value: -literal.value } });
    }
    return call(at, "-_", [this.#unary()]);
  }

  #member(): Expr {
    return this.#suffixes(this.#primary());
  }

  #suffixes(first: Expr): Expr {
    let expr = first;
    for (let count = 0; ; count++) {
      const token = this.#peek();
      if (count > depthMax) throw new CelSyntaxError(token.at, recursionText);
      if (this.#take(".")) expr = this.#field(expr, token.at);
      else if (this.#take("[")) {
        const isOptional = this.#take("?");
        const index = this.#expression();
        this.#expect("]");
        expr = call(token.at, isOptional ? "_[?_]" : "_[_]", [expr, index]);
      } else {
        const name = qualifiedName(expr);
        if (name === undefined || !this.#take("{")) return expr;
        expr = { kind: "struct", at: expr.kind === "select" ? startOf(expr) : expr.at, name, fields: this.#fields() };
      }
    }
  }

  /** Behind the opening brace, up to the closing one. */
  #fields(): StructField[] {
    const fields: StructField[] = [];
    while (!this.#take("}")) {
      const isOptional = this.#take("?");
      const token = this.#peek();
      if (token.kind !== "name") this.#unexpected(token);
      this.#next += 1;
      this.#expect(":");
      fields.push({ name: token.text, at: token.at, value: this.#expression(), isOptional });
      if (!this.#take(",")) {
        this.#expect("}");
        break;
      }
    }
    return fields;
  }

  #field(operand: Expr, at: number): Expr {
    const isOptional = this.#take("?");
    const token = this.#peek();
    if (token.kind !== "name") this.#unexpected(token);
    this.#next += 1;
    if (isOptional || token.isQuoted || !this.#take("(")) {
      return { kind: "select", at, operand, field: token.text, isTest: false, isOptional };
    }
    const args = this.#arguments();
    if (operand.kind === "ident" && namespaces.has(operand.name)) {
      return expandGlobalMacro(operand.at, `${operand.name}.${token.text}`, args);
    }
    if (operand.kind === "select" && operand.operand.kind === "ident" && namespaces.has(operand.operand.name)) {
      return call(operand.operand.at, `${operand.operand.name}.${operand.field}.${token.text}`, args);
    }
    return expandMemberMacro(at, operand, token.text, args);
  }

  #primary(): Expr {
    const token = this.#peek();
    this.#next += 1;
    if (token.kind === "literal") return this.#literal(token);
    if (token.kind === "name" && !token.isQuoted) return this.#named(token);
    if (token.kind !== "symbol") this.#unexpected(token);
    switch (token.text) {
      case "(": {
        const expr = this.#expression();
        this.#expect(")");
        return expr;
      }
      case "[":
        return { kind: "list", at: token.at, items: this.#items() };
      case "{":
        return { kind: "map", at: token.at, entries: this.#entries() };
      case ".": {
        const name = this.#peek();
        this.#next += 1;
        if (name.kind === "name" && !name.isQuoted) return this.#named(name);
        return this.#unexpected(name);
      }
      default:
        return this.#unexpected(token);
    }
  }

  #literal({ at, literal }: Token & { kind: "literal" }): Expr {
    if (literal.type === "int" && literal.value > intMax) throw new CelSyntaxError(at, "invalid int literal");
    return { kind: "literal", at, literal };
  }

  #named({ at, text }: Token & { kind: "name" }): Expr {
    if (reservedWords.has(text)) throw new CelSyntaxError(at, `reserved identifier: ${text}`);
    if (this.#take("(")) return expandGlobalMacro(at, text, this.#arguments());
    return { kind: "ident", at, name: text };
  }

  /** Behind the opening parenthesis, up to the closing one. */
  #arguments(): Expr[] {
    const args: Expr[] = [];
    if (this.#take(")")) return args;
    do args.push(this.#expression());
    while (this.#take(","));
    this.#expect(")");
    return args;
  }

  #items(): ListItem[] {
    const items: ListItem[] = [];
    while (!this.#take("]")) {
      const isOptional = this.#take("?");
      items.push({ value: this.#expression(), isOptional });
      if (!this.#take(",")) {
        this.#expect("]");
        break;
      }
    }
    return items;
  }

  #entries(): MapEntry[] {
    const entries: MapEntry[] = [];
    while (!this.#take("}")) {
      const isOptional = this.#take("?");
      const key = this.#expression();
      this.#expect(":");
      entries.push({ key, value: this.#expression(), isOptional });
      if (!this.#take(",")) {
        this.#expect("}");
        break;
      }
    }
    return entries;
  }

  #enter(): void {
    this.#depth += 1;
    if (this.#depth > depthMax) throw new CelSyntaxError(this.#peek().at, recursionText);
  }

  #peek(): Token {
    return this.#tokens[this.#next] ?? { kind: "end", at: 0 };
  }

  #take(text: string): boolean {
    const token = this.#peek();
    if (token.kind !== "symbol" || token.text !== text) return false;
    this.#next += 1;
    return true;
  }

  #expect(text: string): void {
    if (!this.#take(text)) this.#unexpected(this.#peek(), text);
  }

  #unexpected(token: Token, expected?: string): never {
    const wanted = expected === undefined ? "" : ` expecting '${expected}'`;
    throw new CelSyntaxError(token.at, `Syntax error: mismatched input '${textOf(token)}'${wanted}`);
  }
}

/** Where a chain of selections begins. */
function startOf(expr: Expr): number {
  return expr.kind === "select" ? startOf(expr.operand) : expr.at;
}

const recursionText = `expression recursion limit exceeded: ${depthMax}`;

function textOf(token: Token): string {
  if (token.kind === "end") return "<EOF>";
  if (token.kind !== "literal") return token.text;
  return "value" in token.literal ? String(token.literal.value) : "null";
}

function call(at: number, name: string, args: readonly Expr[]): Expr {
  return { kind: "call", at, name, isMember: false, args };
}
