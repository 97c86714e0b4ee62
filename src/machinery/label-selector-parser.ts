// Reads the text form of label selectors: `a=b,c!=d,e in (f,g),h notin (i),j,!k,l>5`.
// Upstream: k8s.io/apimachinery/pkg/labels/selector.go (Lexer, Parser), whose error texts are wire format.
import { ApiError, errorText } from "./api-error.ts";
import { compareBytes } from "./json.ts";
import {
  badSelector,
  type LabelMatcher,
  type LabelOperator,
  type LabelRequirement,
  labelRequirement,
  matcherOf,
} from "./label-selector.ts";
import { qualifiedNameErrors } from "./names.ts";

/** The matcher of a selector's text; an empty one matches everything. Throws ApiError BadRequest. */
export function parseLabelSelector(text: string): LabelMatcher {
  return matcherOf(new Parser(text).parse());
}

interface Token {
  readonly kind: "identifier" | "symbol" | "end";
  readonly text: string;
}

const end: Token = { kind: "end", text: "" };
const specialCharacters = "=!(),<>";
const spaces = " \t\r\n";
const symbols: readonly string[] = [")", ",", "!", "==", "=", ">", "<", "!=", "("];
const operatorWords: readonly string[] = ["in", "notin"];
const operatorList = "in, notin, =, ==, !=, gt, lt";
const binaryOperators: ReadonlyMap<string, LabelOperator> = new Map([
  ["in", "in"],
  ["notin", "notin"],
  ["=", "="],
  ["==", "=="],
  ["!=", "!="],
  [">", ">"],
  ["<", "<"],
]);

/** Splits at white space and at the longest symbols; `in` and `notin` are words only where an operator may stand. */
function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const character = text.charAt(at);
    if (spaces.includes(character)) {
      at++;
      continue;
    }
    const token = specialCharacters.includes(character) ? symbolAt(text, at) : wordAt(text, at);
    tokens.push(token);
    at += token.text.length;
  }
  return tokens;
}

function symbolAt(text: string, at: number): Token {
  const two = text.slice(at, at + 2);
  return { kind: "symbol", text: symbols.includes(two) ? two : text.charAt(at) };
}

function wordAt(text: string, at: number): Token {
  let stop = at;
  while (stop < text.length && !specialCharacters.includes(text.charAt(stop)) && !spaces.includes(text.charAt(stop))) {
    stop++;
  }
  return { kind: "identifier", text: text.slice(at, stop) };
}

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(text: string) {
    this.#tokens = tokensOf(text);
  }

  parse(): LabelRequirement[] {
    const requirements: LabelRequirement[] = [];
    for (;;) {
      const token = this.#peek();
      if (token.kind === "end") return requirements;
      if (!startsRequirement(token)) {
        throw badSelector(`found '${token.text}', expected: !, identifier, or 'end of string'`);
      }
      requirements.push(this.#wrapped());
      const next = this.#take();
      if (next.kind === "end") return requirements;
      if (next.text !== ",") throw badSelector(`found '${next.text}', expected: ',' or 'end of string'`);
      const after = this.#peek();
      if (!startsRequirement(after)) throw badSelector(`found '${after.text}', expected: identifier after ','`);
    }
  }

  #wrapped(): LabelRequirement {
    try {
      return this.#requirement();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      throw badSelector(`unable to parse requirement: ${errorText(error)}`);
    }
  }

  #requirement(): LabelRequirement {
    let token = this.#take();
    const negated = token.text === "!";
    if (negated) token = this.#take();
    if (token.kind !== "identifier") throw badSelector(`found '${token.text}', expected: identifier`);
    const key = token.text;
    const keyErrors = qualifiedNameErrors(key);
    if (keyErrors.length > 0) {
      throw badSelector(`<nil>: Invalid value: ${JSON.stringify(key)}: ${keyErrors.join("; ")}`);
    }
    if (negated) return labelRequirement(key, "!", []);
    if (this.#atEndOrComma()) return labelRequirement(key, "exists", []);
    const operator = this.#operator();
    const values = operatorWords.includes(operator) ? this.#values() : [this.#exactValue()];
    return labelRequirement(key, operator, values);
  }

  #operator(): LabelOperator {
    const token = this.#take();
    const operator = binaryOperators.get(token.text);
    if (operator === undefined) throw badSelector(`found '${token.text}', expected: ${operatorList}`);
    return operator;
  }

  #exactValue(): string {
    if (this.#atEndOrComma()) return "";
    const token = this.#take();
    if (token.kind !== "identifier") throw badSelector(`found '${token.text}', expected: identifier`);
    return token.text;
  }

  /** `(a,b)`; empty items are empty values. */
  #values(): string[] {
    const open = this.#take();
    if (open.text !== "(") throw badSelector(`found '${open.text}' expected: '('`);
    const values = new Set<string>();
    const first = this.#peek();
    if (first.kind !== "identifier" && first.text !== "," && first.text !== ")") {
      throw badSelector(`found '${first.text}', expected: ',', ')' or identifier`);
    }
    for (;;) {
      const token = this.#peek();
      if (token.kind === "identifier") {
        values.add(this.#take().text);
      } else {
        values.add("");
      }
      const next = this.#take();
      if (next.text === ")") return [...values].sort(compareBytes);
      if (next.text !== ",") {
        const expected = token.kind === "identifier" ? "',' or ')'" : "',', or identifier";
        throw badSelector(`found '${next.text}', expected: ${expected}`);
      }
    }
  }

  #atEndOrComma(): boolean {
    const token = this.#peek();
    return token.kind === "end" || token.text === ",";
  }

  #peek(): Token {
    return this.#tokens[this.#at] ?? end;
  }

  #take(): Token {
    const token = this.#peek();
    this.#at++;
    return token;
  }
}

function startsRequirement(token: Token): boolean {
  return token.kind === "identifier" || token.text === "!";
}
