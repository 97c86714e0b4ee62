// What CEL can do with texts: the standard functions, the strings extension as Kubernetes has it, and regular expressions.
// Positions count characters (code points). Upstream: google/cel-go ext/strings.go, k8s.io/apiserver/pkg/cel/library/regex.go.
import { RecentCache } from "#std/recent-cache.ts";
import { type LinearRegExp, linearRegExp } from "../regexp/linear-regexp.ts";
import { PatternError } from "../regexp/syntax.ts";
import { characters } from "./conversions.ts";
import { type CelFunction, type Definition, member, type Overload, traversal, traverseAll } from "./function.ts";
import { textsOf } from "./json-value.ts";
import { bool, int, listOf, string } from "./type.ts";
import { type Budget, CelError, CelList, type CelValue } from "./value.ts";

/** Compiled patterns that are kept: most patterns stand in an expression and never change. */
const patternsMax = 200;
const patterns = new RecentCache<string, LinearRegExp>(patternsMax);
/** What one position of a text may cost a pattern, per character of the pattern. */
const matching = 0.25;

/** Throws CelError with Go's text. */
function patternOf(source: string): LinearRegExp {
  const known = patterns.get(source);
  if (known !== undefined) return known;
  try {
    const compiled = linearRegExp(source);
    patterns.set(source, compiled);
    return compiled;
  } catch (error) {
    if (error instanceof PatternError) throw new CelError(error.message);
    throw error;
  }
}

function chargeMatch(text: string, pattern: string, budget: Budget): void {
  budget.charge(text.length * traversal + Math.max(1, text.length) * pattern.length * matching * traversal);
}

function matchCost([text = 0, pattern = 0]: readonly number[]): number {
  return text * traversal + Math.max(1, text) * pattern * matching * traversal;
}

/** A function whose arguments are all texts. */
function onTexts(
  overloads: readonly Overload[],
  run: (texts: readonly string[], budget: Budget) => CelValue,
): CelFunction {
  return {
    overloads,
    run: (args, budget) => {
      const texts = args.filter((arg) => typeof arg === "string");
      if (texts.length < args.length) return undefined;
      for (const text of texts) budget.charge(text.length * traversal);
      return run(texts, budget);
    },
    cost: traverseAll,
  };
}

/** A function of a text and whatever else. */
function onText(
  overloads: readonly Overload[],
  run: (text: string, args: readonly CelValue[], budget: Budget) => CelValue | undefined,
): CelFunction {
  return {
    overloads,
    run: ([text, ...args], budget) => {
      if (typeof text !== "string") return undefined;
      budget.charge(text.length * traversal);
      return run(text, args, budget);
    },
    cost: traverseAll,
  };
}

function predicate(holds: (text: string, part: string) => boolean): CelFunction {
  return onTexts([member([string, string], bool)], ([text = "", part = ""]) => holds(text, part));
}

const matches: CelFunction = {
  overloads: [member([string, string], bool), { isMember: false, params: [string, string], result: bool }],
  run: ([text, pattern], budget) => {
    if (typeof text !== "string" || typeof pattern !== "string") return undefined;
    chargeMatch(text, pattern, budget);
    return patternOf(pattern).test(text);
  },
  cost: matchCost,
};

const find: CelFunction = {
  overloads: [member([string, string], string)],
  run: ([text, pattern], budget) => {
    if (typeof text !== "string" || typeof pattern !== "string") return undefined;
    chargeMatch(text, pattern, budget);
    const span = patternOf(pattern).find(text);
    return span === undefined ? "" : text.slice(span.start, span.end);
  },
  cost: matchCost,
  resultSize: ([text = 0]) => text,
};

const findAll: CelFunction = {
  overloads: [member([string, string], listOf(string)), member([string, string, int], listOf(string))],
  run: ([text, pattern, limit = -1n], budget) => {
    if (typeof text !== "string" || typeof pattern !== "string" || typeof limit !== "bigint") return undefined;
    const compiled = patternOf(pattern);
    const found: string[] = [];
    for (let from = 0; from <= text.length && (limit < 0n || BigInt(found.length) < limit);) {
      chargeMatch(text.slice(from), pattern, budget);
      const span = compiled.find(text, from);
      if (span === undefined) break;
      found.push(text.slice(span.start, span.end));
      from = span.end > span.start ? span.end : span.end + 1;
    }
    return textsOf(found);
  },
  cost: (sizes) => matchCost(sizes) * Math.max(1, sizes[0] ?? 0),
  resultSize: ([text = 0]) => text,
};

/** An int that is a position within `size` (or at its end). Throws CelError. */
function position(value: CelValue | undefined, size: number): number {
  if (typeof value !== "bigint") throw new CelError("no such overload");
  if (value < 0n || value > BigInt(size)) throw new CelError(`index out of range: ${value}`);
  return Number(value);
}

function sliceOf(chars: string | readonly string[], from: number, to?: number): string {
  const part = chars.slice(from, to);
  return typeof part === "string" ? part : part.join("");
}

const charAt = onText([member([string, int], string)], (text, [index]) => {
  const chars = characters(text);
  return sliceOf(chars, position(index, chars.length), position(index, chars.length) + 1);
});

const substring = onText([member([string, int], string), member([string, int, int], string)], (text, [from, to]) => {
  const chars = characters(text);
  const start = position(from, chars.length);
  const end = to === undefined ? chars.length : position(to, chars.length);
  if (start > end) throw new CelError(`invalid substring range. start: ${start}, end: ${end}`);
  return sliceOf(chars, start, end);
});

const searches = [member([string, string], int), member([string, string, int], int)];

/** Where a part stands, in characters. */
function placeOf(text: string, units: number): bigint {
  return units < 0 ? -1n : BigInt(characters(text.slice(0, units)).length);
}

/** The offset in UTF-16 units of a position in characters. */
function unitsOf(text: string, at: CelValue | undefined): number {
  const chars = characters(text);
  return sliceOf(chars, 0, position(at, chars.length)).length;
}

const indexOf = onText(searches, (text, [part, from], budget) => {
  if (typeof part !== "string") return undefined;
  budget.charge(text.length * traversal);
  return placeOf(text, text.indexOf(part, from === undefined ? 0 : unitsOf(text, from)));
});

const lastIndexOf = onText(searches, (text, [part, from], budget) => {
  if (typeof part !== "string") return undefined;
  budget.charge(text.length * traversal);
  return placeOf(text, text.lastIndexOf(part, from === undefined ? text.length : unitsOf(text, from)));
});

const replace: CelFunction = {
  overloads: [member([string, string, string], string), member([string, string, string, int], string)],
  run: ([text, from, to, limit = -1n], budget) => {
    if (typeof text !== "string" || typeof from !== "string" || typeof to !== "string") return undefined;
    if (typeof limit !== "bigint") return undefined;
    const parts = split(text, from, limit < 0n ? -1n : limit + 1n, budget);
    budget.charge((text.length + parts.length * to.length) * traversal);
    // Go puts the new text before every character, and at the end, where the old one is empty.
    const isWhole = limit < 0n || limit > BigInt(characters(text).length);
    return from === "" && text !== "" && limit !== 0n ? to + parts.join(to) + (isWhole ? to : "") : parts.join(to);
  },
  cost: traverseAll,
  resultSize: ([text = 0, , to = 0]) => (text + 1) * Math.max(1, to),
};

/** At most `limit` parts where that is not negative. */
function split(text: string, separator: string, limit: bigint, budget: Budget): readonly string[] {
  if (limit === 0n) return [];
  const parts = separator === "" ? Array.from(text) : text.split(separator);
  budget.charge(parts.length);
  if (limit < 0n || BigInt(parts.length) <= limit) return parts;
  const kept = Number(limit) - 1;
  return [...parts.slice(0, kept), parts.slice(kept).join(separator)];
}

const splitting = onText(
  [member([string, string], listOf(string)), member([string, string, int], listOf(string))],
  (text, [separator, limit = -1n], budget) => {
    if (typeof separator !== "string" || typeof limit !== "bigint") return undefined;
    return textsOf(split(text, separator, limit, budget));
  },
);

const join: CelFunction = {
  overloads: [member([listOf(string)], string), member([listOf(string), string], string)],
  run: ([list, separator = ""], budget) => {
    if (!(list instanceof CelList) || typeof separator !== "string") return undefined;
    const texts: string[] = [];
    for (let index = 0; index < list.size; index++) {
      const item = list.at(index);
      if (typeof item !== "string") throw new CelError("no such overload");
      budget.charge((item.length + separator.length) * traversal + 1);
      texts.push(item);
    }
    return texts.join(separator);
  },
  cost: ([items = 0, separator = 0]) => items * (1 + separator * traversal),
};

/** What Go takes for white space: no byte order mark, which is some to JavaScript. */
const whiteSpace = /^(?:(?!\ufeff)[\s\u0085])+|(?:(?!\ufeff)[\s\u0085])+$/gu;

export const textFunctions: readonly Definition[] = [
  ["contains", predicate((text, part) => text.includes(part))],
  ["startsWith", predicate((text, part) => text.startsWith(part))],
  ["endsWith", predicate((text, part) => text.endsWith(part))],
  ["matches", matches],
  ["find", find],
  ["findAll", findAll],
  ["charAt", charAt],
  ["substring", substring],
  ["indexOf", indexOf],
  ["lastIndexOf", lastIndexOf],
  ["replace", replace],
  ["split", splitting],
  ["join", join],
  ["trim", onTexts([member([string], string)], ([text = ""]) => text.replace(whiteSpace, ""))],
  [
    "lowerAscii",
    onTexts([member([string], string)], ([text = ""]) => text.replace(/[A-Z]+/g, (run) => run.toLowerCase())),
  ],
  [
    "upperAscii",
    onTexts([member([string], string)], ([text = ""]) => text.replace(/[a-z]+/g, (run) => run.toUpperCase())),
  ],
  ["reverse", onTexts([member([string], string)], ([text = ""]) => Array.from(text).reverse().join(""))],
];
