// What both halves of the parser read tokens with.
import { Lexer, type Token } from "./lexer.ts";
import type { Scope } from "./scope.ts";
import type { Local } from "./syntax.ts";
import { LuaSyntaxError } from "./syntax-error.ts";

/** As in Lua 5.1: deeper nesting is refused, since whoever works on the tree recurses. */
const levelsMax = 200;

export class TokenReader {
  readonly chunk: string;
  token: Token;
  /** Line of the token before. */
  lastLine = 1;
  readonly #lexer: Lexer;
  #ahead: Token | undefined;
  #levels = 0;

  constructor(chunk: string, source: string) {
    this.chunk = chunk;
    this.#lexer = new Lexer(chunk, source);
    this.token = this.#lexer.next();
  }

  advance(): Token {
    const taken = this.token;
    this.lastLine = taken.line;
    this.token = this.#ahead ?? this.#lexer.next();
    this.#ahead = undefined;
    return taken;
  }

  peek(): Token {
    return (this.#ahead ??= this.#lexer.next());
  }

  accept(kind: string): boolean {
    if (this.token.kind !== kind) return false;
    this.advance();
    return true;
  }

  expect(kind: string): Token {
    return this.token.kind === kind ? this.advance() : this.failNear(`'${kind}' expected`);
  }

  /** The end of what began with `opening` in `line`. */
  expectClosing(kind: string, opening: string, line: number): void {
    if (this.accept(kind)) return;
    if (line === this.token.line) this.failNear(`'${kind}' expected`);
    this.failNear(`'${kind}' expected (to close '${opening}' at line ${line})`);
  }

  name(): string {
    return this.token.kind === "<name>" ? String(this.advance().value) : this.failNear("'<name>' expected");
  }

  declare(scope: Scope, name: string): Local {
    return scope.declare(name) ?? this.fail("function has more than 200 local variables");
  }

  /** Runs what recurses. */
  nested<T>(parse: () => T): T {
    if (++this.#levels > levelsMax) this.fail("chunk has too many syntax levels");
    const result = parse();
    this.#levels--;
    return result;
  }

  fail(text: string, line = this.token.line): never {
    throw new LuaSyntaxError(this.chunk, line, text);
  }

  failNear(text: string): never {
    return this.fail(`${text} near '${this.token.text}'`);
  }
}
