// Statements of Lua 5.1, and whole scripts. Upstream: lua 5.1 lparser.c; `goto` and labels as in gopher-lua.
import { ExpressionParser } from "./parse-expression.ts";
import { Scope } from "./scope.ts";
import type { Block, Expression, FunctionTree, Local, Statement, Target } from "./syntax.ts";
import { TokenReader } from "./token-reader.ts";

/** The tree of a script. What is wrong with its text is thrown as a LuaSyntaxError, as `chunk:line: what`. */
export function parse(chunk: string, source: string): FunctionTree {
  return new Parser(new TokenReader(chunk, source)).script();
}

const blockEnds: ReadonlySet<string> = new Set(["<eof>", "end", "else", "elseif", "until"]);

class Parser {
  readonly #tokens: TokenReader;
  readonly #expressions: ExpressionParser;

  constructor(tokens: TokenReader) {
    this.#tokens = tokens;
    this.#expressions = new ExpressionParser(tokens, (scope, options) => this.#function(scope, options));
  }

  script(): FunctionTree {
    const scope = new Scope(undefined, true);
    const body = this.#block(scope);
    if (this.#tokens.token.kind !== "<eof>") this.#tokens.failNear("'<eof>' expected");
    return { name: "main chunk", line: 0, parameters: [], isVararg: true, arg: undefined, upvalues: [], body };
  }

  /** A block with its own names. `declare` adds those it begins with, `end` parses what still sees them. */
  #block(scope: Scope, { declare, end }: { declare?: () => void; end?: () => void } = {}): Block {
    const start = scope.openBlock();
    declare?.();
    const statements: Statement[] = [];
    const labels = new Map<string, number>();
    const tokens = this.#tokens;
    while (!blockEnds.has(tokens.token.kind)) {
      if (tokens.token.kind === "::") {
        labels.set(this.#label(scope), statements.length);
        continue;
      }
      const isLast = tokens.token.kind === "return" || tokens.token.kind === "break";
      statements.push(tokens.nested(() => this.#statement(scope)));
      tokens.accept(";");
      if (isLast) break;
    }
    end?.();
    const lost = scope.closeBlock(start);
    if (lost !== undefined) tokens.fail(`no visible label '${lost.label}' for goto`, lost.line);
    return { statements, labels };
  }

  #label(scope: Scope): string {
    this.#tokens.advance();
    const label = this.#tokens.name();
    if (!scope.addLabel(label)) this.#tokens.fail(`label '${label}' already defined`);
    this.#tokens.expect("::");
    return label;
  }

  #loop(scope: Scope, options: { declare?: () => void; end?: () => void } = {}): Block {
    scope.loops++;
    const body = this.#block(scope, options);
    scope.loops--;
    return body;
  }

  #statement(scope: Scope): Statement {
    const tokens = this.#tokens;
    const { kind, line } = tokens.token;
    switch (kind) {
      case "if":
        return this.#if(scope, line);
      case "while": {
        tokens.advance();
        const condition = this.#expressions.expression(scope);
        tokens.expect("do");
        const body = this.#loop(scope);
        tokens.expectClosing("end", "while", line);
        return { kind: "while", condition, body, line };
      }
      case "do": {
        tokens.advance();
        const body = this.#block(scope);
        tokens.expectClosing("end", "do", line);
        return { kind: "do", body, line };
      }
      case "for":
        return this.#for(scope, line);
      case "repeat":
        return this.#repeat(scope, line);
      case "function":
        return this.#functionStatement(scope, line);
      case "local":
        tokens.advance();
        return tokens.accept("function") ? this.#localFunction(scope, line) : this.#local(scope, line);
      case "return":
        tokens.advance();
        return { kind: "return", values: this.#returned(scope), line };
      case "break":
        tokens.advance();
        if (scope.loops === 0) tokens.fail(`no loop to break near '${tokens.token.text}'`);
        return { kind: "break", line };
      case "goto": {
        tokens.advance();
        const label = tokens.name();
        scope.wantLabel(label, line);
        return { kind: "goto", label, line };
      }
      default:
        return this.#callOrAssignment(scope, line);
    }
  }

  #returned(scope: Scope): Expression[] {
    const { kind } = this.#tokens.token;
    return blockEnds.has(kind) || kind === ";" ? [] : this.#expressions.list(scope);
  }

  #if(scope: Scope, line: number): Statement {
    const tokens = this.#tokens;
    const branches: { condition: Expression; body: Block }[] = [];
    do {
      tokens.advance();
      const condition = this.#expressions.expression(scope);
      tokens.expect("then");
      branches.push({ condition, body: this.#block(scope) });
    } while (tokens.token.kind === "elseif");
    const otherwise = tokens.accept("else") ? this.#block(scope) : undefined;
    tokens.expectClosing("end", "if", line);
    return { kind: "if", branches, otherwise, line };
  }

  #repeat(scope: Scope, line: number): Statement {
    this.#tokens.advance();
    let condition: Expression | undefined;
    const body = this.#loop(scope, {
      end: () => {
        this.#tokens.expectClosing("until", "repeat", line);
        condition = this.#expressions.expression(scope);
      },
    });
    return { kind: "repeat", condition: condition ?? { kind: "constant", value: true }, body, line };
  }

  #for(scope: Scope, line: number): Statement {
    const tokens = this.#tokens;
    tokens.advance();
    const first = tokens.name();
    const statement = tokens.token.kind === "=" ? this.#count(scope, first, line) : this.#each(scope, first, line);
    tokens.expectClosing("end", "for", line);
    return statement;
  }

  #count(scope: Scope, name: string, line: number): Statement {
    const tokens = this.#tokens;
    tokens.advance();
    const from = this.#expressions.expression(scope);
    tokens.expect(",");
    const to = this.#expressions.expression(scope);
    const step = tokens.accept(",") ? this.#expressions.expression(scope) : undefined;
    const [[variable], body] = this.#forBody(scope, [name]);
    return { kind: "count", variable, from, to, step, body, line };
  }

  #each(scope: Scope, first: string, line: number): Statement {
    const tokens = this.#tokens;
    const names: [string, ...string[]] = [first];
    while (tokens.accept(",")) names.push(tokens.name());
    if (tokens.token.kind !== "in") tokens.failNear("'=' or 'in' expected");
    tokens.advance();
    const values = this.#expressions.list(scope);
    const [variables, body] = this.#forBody(scope, names);
    return { kind: "each", variables, values, body, line };
  }

  #forBody(
    scope: Scope,
    [first, ...others]: readonly [string, ...string[]],
  ): [locals: readonly [Local, ...Local[]], body: Block] {
    const tokens = this.#tokens;
    tokens.expect("do");
    const start = scope.openBlock();
    const locals: readonly [Local, ...Local[]] = [
      tokens.declare(scope, first),
      ...others.map((name) => tokens.declare(scope, name)),
    ];
    const body = this.#loop(scope);
    const lost = scope.closeBlock(start);
    if (lost !== undefined) tokens.fail(`no visible label '${lost.label}' for goto`, lost.line);
    return [locals, body];
  }

  #functionStatement(scope: Scope, line: number): Statement {
    const tokens = this.#tokens;
    tokens.advance();
    const first = tokens.name();
    let name = first;
    let target: Target = scope.resolve(first, line) ?? tokens.fail("function has more than 60 upvalues");
    let hasSelf = false;
    while (!hasSelf && (tokens.token.kind === "." || tokens.token.kind === ":")) {
      hasSelf = tokens.advance().kind === ":";
      const field = tokens.name();
      name += `${hasSelf ? ":" : "."}${field}`;
      target = { kind: "index", object: target, key: { kind: "constant", value: field }, line };
    }
    const tree = this.#function(scope, { name, hasSelf });
    return { kind: "assign", targets: [target], values: [{ kind: "function", tree }], line };
  }

  #localFunction(scope: Scope, line: number): Statement {
    const name = this.#tokens.name();
    const local = this.#tokens.declare(scope, name);
    return { kind: "function", local, tree: this.#function(scope, { name, hasSelf: false }), line };
  }

  #local(scope: Scope, line: number): Statement {
    const tokens = this.#tokens;
    const names = [tokens.name()];
    while (tokens.accept(",")) names.push(tokens.name());
    const values = tokens.accept("=") ? this.#expressions.list(scope) : [];
    return { kind: "local", locals: names.map((name) => tokens.declare(scope, name)), values, line };
  }

  #callOrAssignment(scope: Scope, line: number): Statement {
    const tokens = this.#tokens;
    const first = this.#expressions.suffixed(scope);
    if (first.kind === "call") return { kind: "call", call: first, line };
    const targets = [this.#target(first)];
    while (tokens.accept(",")) targets.push(this.#target(this.#expressions.suffixed(scope)));
    tokens.expect("=");
    return { kind: "assign", targets, values: this.#expressions.list(scope), line };
  }

  #target(found: Expression): Target {
    switch (found.kind) {
      case "local":
      case "upvalue":
      case "global":
      case "index":
        return found;
      default:
        return this.#tokens.failNear("syntax error");
    }
  }

  /** Parameters and body, behind `function` and its name. */
  #function(parent: Scope, { name, hasSelf }: { readonly name: string; readonly hasSelf: boolean }): FunctionTree {
    const tokens = this.#tokens;
    const { line } = tokens.token;
    tokens.expect("(");
    const names = hasSelf ? ["self"] : [];
    let isVararg = false;
    while (tokens.token.kind !== ")") {
      isVararg = tokens.accept("...");
      if (isVararg) break;
      if (tokens.token.kind !== "<name>") tokens.failNear("<name> or '...' expected");
      names.push(tokens.name());
      if (!tokens.accept(",")) break;
      if (tokens.token.kind === ")") tokens.failNear("<name> or '...' expected");
    }
    tokens.expect(")");
    const scope = new Scope(parent, isVararg);
    let parameters: Local[] = [];
    let arg: Local | undefined;
    const body = this.#block(scope, {
      declare: () => {
        parameters = names.map((each) => tokens.declare(scope, each));
        if (isVararg) arg = tokens.declare(scope, "arg");
      },
    });
    tokens.expectClosing("end", "function", line);
    const used = scope.saysVararg ? undefined : arg;
    return { name, line, parameters, isVararg, arg: used, upvalues: scope.upvalues, body };
  }
}
