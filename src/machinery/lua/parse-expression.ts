// Expressions of Lua 5.1. Upstream: lua 5.1 lparser.c, from primaryexp to subexpr.
import type { Scope } from "./scope.ts";
import type { BinarySign, Call, Expression, FunctionTree } from "./syntax.ts";
import type { TokenReader } from "./token-reader.ts";

/** How tightly operators bind, to their left and to their right. */
const priorities: ReadonlyMap<string, readonly [left: number, right: number]> = new Map([
  ...["+", "-"].map((sign): [string, [number, number]] => [sign, [6, 6]]),
  ...["*", "/", "%"].map((sign): [string, [number, number]] => [sign, [7, 7]]),
  ["^", [10, 9]],
  ["..", [5, 4]],
  ...["==", "~=", "<", "<=", ">", ">="].map((sign): [string, [number, number]] => [sign, [3, 3]]),
  ["and", [2, 2]],
  ["or", [1, 1]],
]);
const unaryPriority = 8;

/** The body of a function is a block: who parses blocks parses it. */
export type ParseFunction = (
  scope: Scope,
  options: { readonly name: string; readonly hasSelf: boolean },
) => FunctionTree;

export class ExpressionParser {
  readonly #tokens: TokenReader;
  readonly #parseFunction: ParseFunction;

  constructor(tokens: TokenReader, parseFunction: ParseFunction) {
    this.#tokens = tokens;
    this.#parseFunction = parseFunction;
  }

  /** One expression, of operators that bind more tightly than `limit`. */
  expression(scope: Scope, limit = 0): Expression {
    const tokens = this.#tokens;
    return tokens.nested(() => {
      let left = this.#operand(scope);
      for (;;) {
        const { kind: sign, line } = tokens.token;
        const [leftPriority, rightPriority] = priorities.get(sign) ?? [0, 0];
        if (leftPriority <= limit) return left;
        tokens.advance();
        left = joined(sign, left, this.expression(scope, rightPriority), line);
      }
    });
  }

  list(scope: Scope): Expression[] {
    const found = [this.expression(scope)];
    while (this.#tokens.accept(",")) found.push(this.expression(scope));
    return found;
  }

  #operand(scope: Scope): Expression {
    const tokens = this.#tokens;
    const { kind, line } = tokens.token;
    if (kind !== "not" && kind !== "-" && kind !== "#") return this.#simple(scope);
    tokens.advance();
    const of = this.expression(scope, unaryPriority);
    if (kind === "-" && of.kind === "constant" && typeof of.value === "number") return { ...of, value: -of.value };
    return { kind: "unary", sign: kind, of, line };
  }

  #simple(scope: Scope): Expression {
    const tokens = this.#tokens;
    const { kind, value } = tokens.token;
    const constant = (found: undefined | boolean | string | number): Expression => {
      tokens.advance();
      return { kind: "constant", value: found };
    };
    switch (kind) {
      case "<number>":
      case "<string>":
        return constant(value);
      case "nil":
        return constant(undefined);
      case "true":
        return constant(true);
      case "false":
        return constant(false);
      case "...":
        if (!scope.isVararg) tokens.failNear("cannot use '...' outside a vararg function");
        scope.saysVararg = true;
        tokens.advance();
        return { kind: "vararg" };
      case "{":
        return this.#table(scope);
      case "function":
        tokens.advance();
        return { kind: "function", tree: this.#parseFunction(scope, { name: "anonymous", hasSelf: false }) };
      default:
        return this.suffixed(scope);
    }
  }

  /** A name or something in parentheses, and what is indexed and called behind it. */
  suffixed(scope: Scope): Expression {
    const tokens = this.#tokens;
    let found = this.#prefix(scope);
    for (;;) {
      const { kind, line } = tokens.token;
      switch (kind) {
        case ".":
          tokens.advance();
          found = { kind: "index", object: found, key: { kind: "constant", value: tokens.name() }, line };
          break;
        case "[":
          found = { kind: "index", object: found, key: this.#bracketed(scope), line };
          break;
        case ":": {
          tokens.advance();
          const method = tokens.name();
          found = this.#call(scope, found, method);
          break;
        }
        case "(":
          if (line !== tokens.lastLine) tokens.failNear("ambiguous syntax (function call x new statement)");
          found = this.#call(scope, found, undefined);
          break;
        case "<string>":
        case "{":
          found = this.#call(scope, found, undefined);
          break;
        default:
          return found;
      }
    }
  }

  #prefix(scope: Scope): Expression {
    const tokens = this.#tokens;
    const { kind, line } = tokens.token;
    if (kind === "<name>") {
      return scope.resolve(tokens.name(), line) ?? tokens.fail("function has more than 60 upvalues", tokens.lastLine);
    }
    if (kind !== "(") return tokens.failNear("unexpected symbol");
    tokens.advance();
    const inner = this.expression(scope);
    tokens.expectClosing(")", "(", line);
    return inner.kind === "call" || inner.kind === "vararg" || isTarget(inner) ? { kind: "one", of: inner } : inner;
  }

  #bracketed(scope: Scope): Expression {
    this.#tokens.expect("[");
    const key = this.expression(scope);
    this.#tokens.expect("]");
    return key;
  }

  #call(scope: Scope, callee: Expression, method: string | undefined): Call {
    const tokens = this.#tokens;
    const { kind, line, value } = tokens.token;
    if (kind === "<string>") {
      tokens.advance();
      return { kind: "call", callee, method, args: [{ kind: "constant", value }], line };
    }
    if (kind === "{") return { kind: "call", callee, method, args: [this.#table(scope)], line };
    if (kind !== "(") tokens.failNear("function arguments expected");
    tokens.advance();
    const args = tokens.token.kind === ")" ? [] : this.list(scope);
    tokens.expectClosing(")", "(", line);
    return { kind: "call", callee, method, args, line };
  }

  #table(scope: Scope): Expression {
    const tokens = this.#tokens;
    const { line } = tokens.expect("{");
    const list: Expression[] = [];
    const fields: { key: Expression; value: Expression; line: number }[] = [];
    while (tokens.token.kind !== "}") {
      const { kind, line: fieldLine } = tokens.token;
      if (kind === "[" || (kind === "<name>" && tokens.peek().kind === "=")) {
        const key: Expression = kind === "[" ? this.#bracketed(scope) : { kind: "constant", value: tokens.name() };
        tokens.expect("=");
        fields.push({ key, value: this.expression(scope), line: fieldLine });
      } else {
        list.push(this.expression(scope));
      }
      if (!tokens.accept(",") && !tokens.accept(";")) break;
    }
    tokens.expectClosing("}", "{", line);
    return { kind: "table", list, fields, line };
  }
}

function isTarget({ kind }: Expression): boolean {
  return kind === "local" || kind === "upvalue" || kind === "global" || kind === "index";
}

function joined(sign: string, left: Expression, right: Expression, line: number): Expression {
  if (sign === "and" || sign === "or") return { kind: "logic", word: sign, left, right };
  if (sign === "..") {
    return { kind: "concat", parts: right.kind === "concat" ? [left, ...right.parts] : [left, right], line };
  }
  return isBinarySign(sign) ? { kind: "binary", sign, left, right, line } : left;
}

function isBinarySign(sign: string): sign is BinarySign {
  return sign !== "and" && sign !== "or" && sign !== ".." && priorities.has(sign);
}
