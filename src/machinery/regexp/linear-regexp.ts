// Regular expressions in time linear in the input, whatever the pattern: patterns come from users (CustomResourceDefinitions),
// and a backtracking engine can be made to run for hours by one line of theirs. Upstream: Go regexp (RE2).
import { matcherOf } from "./code-set.ts";
import { type Assertion, parsePattern, PatternError, type RegExpNode } from "./syntax.ts";

/** A compiled pattern. */
export interface LinearRegExp {
  /** Whether the pattern matches anywhere in `text`. */
  test(text: string): boolean;
  /** The first match that begins at `from` or later, as Go finds it (leftmost, then by preference); offsets in UTF-16 units. */
  find(text: string, from?: number): RegExpSpan | undefined;
}

export interface RegExpSpan {
  readonly start: number;
  readonly end: number;
}

/** Instructions of a pattern; Go bounds its expressions likewise. */
const instructionsMax = 20_000;

/** What has matched is remembered: the same few words (reasons, types, names of fields) come with every write. */
const rememberedMax = 64;
const rememberedLengthMax = 128;

type Instruction =
  | { readonly kind: "match" }
  | { readonly kind: "set"; readonly matches: (code: number) => boolean; next: number }
  | { readonly kind: "assert"; readonly assertion: Assertion; next: number }
  | { readonly kind: "split"; next: number; other: number };

/** Compiles a pattern in Go's syntax. Throws PatternError with Go's text. */
export function linearRegExp(pattern: string): LinearRegExp {
  const program: Instruction[] = [{ kind: "match" }];
  const start = emit(program, parsePattern(pattern), 0, pattern);
  const isAnchored = startsAtText(program, start);
  const matched = new Set<string>();
  const test = (text: string): boolean => {
    if (matched.has(text)) return true;
    const matches = run(program, start, isAnchored, text);
    if (!matches || text.length > rememberedLengthMax) return matches;
    if (matched.size >= rememberedMax) matched.clear();
    matched.add(text);
    return true;
  };
  return {
    test,
    find: (text, from = 0) => findSpan(program, start, text, from),
  };
}

/** Adds the instructions of `node`, which go on to `next`; gives the first one. */
function emit(program: Instruction[], node: RegExpNode, next: number, pattern: string): number {
  if (program.length > instructionsMax) {
    throw new PatternError(`error parsing regexp: expression too large: \`${pattern}\``);
  }
  switch (node.kind) {
    case "empty":
      return next;
    case "set":
      return program.push({ kind: "set", matches: matcherOf(node.set), next }) - 1;
    case "assert":
      return program.push({ kind: "assert", assertion: node.assertion, next }) - 1;
    case "sequence":
      return node.nodes.reduceRight((after, part) => emit(program, part, after, pattern), next);
    case "choice":
      return (
        node.nodes.reduceRight<number | undefined>((other, part) => {
          const first = emit(program, part, next, pattern);
          return other === undefined ? first : program.push({ kind: "split", next: first, other }) - 1;
        }, undefined) ?? next
      );
    case "repeat":
      return emitRepeat(program, node, next, pattern);
  }
}

function emitRepeat(
  program: Instruction[],
  { node, min, max, isLazy }: RegExpNode & { kind: "repeat" },
  next: number,
  pattern: string,
): number {
  let after = next;
  if (max === undefined) {
    const loop: Instruction = { kind: "split", next: after, other: after };
    after = program.push(loop) - 1;
    const inner = emit(program, node, after, pattern);
    if (isLazy) loop.other = inner;
    else loop.next = inner;
  } else {
    for (let count = min; count < max; count++) {
      const inner = emit(program, node, after, pattern);
      after = program.push({ kind: "split", next: isLazy ? next : inner, other: isLazy ? inner : next }) - 1;
    }
  }
  for (let count = 0; count < min; count++) after = emit(program, node, after, pattern);
  return after;
}

/** Whether the pattern begins with `^`: then only the first position can match. */
function startsAtText(program: readonly Instruction[], start: number): boolean {
  const first = program[start];
  return first?.kind === "assert" && first.assertion === "textStart";
}

/** Thompson's simulation: the set of instructions reached so far moves over the text, one character at a time. */
function run(program: readonly Instruction[], start: number, isAnchored: boolean, text: string): boolean {
  let current = new Reached(program.length);
  let following = new Reached(program.length);
  for (let at = 0, before = -1; ;) {
    const code = text.codePointAt(at) ?? -1;
    if (at === 0 || !isAnchored) reach(program, current, start, before, code);
    if (current.matched) return true;
    if (code < 0 || (isAnchored && current.count === 0)) return false;
    for (let index = 0; index < current.count; index++) {
      const instruction = program[current.list[index] ?? 0];
      if (instruction?.kind !== "set" || !instruction.matches(code)) continue;
      const step = code > 0xffff ? 2 : 1;
      reach(program, following, instruction.next, code, text.codePointAt(at + step) ?? -1);
    }
    at += code > 0xffff ? 2 : 1;
    before = code;
    [current, following] = [following, current];
    following.clear();
  }
}

/** As `run`, but the instructions reached stand in order of preference, and each knows where its match began. */
function findSpan(program: readonly Instruction[], start: number, text: string, from: number): RegExpSpan | undefined {
  let current = new Reached(program.length);
  let following = new Reached(program.length);
  let found: RegExpSpan | undefined;
  for (let at = from, before = from === 0 ? -1 : (text.codePointAt(from - 1) ?? -1); ;) {
    const code = text.codePointAt(at) ?? -1;
    if (found === undefined) reach(program, current, start, before, code, at);
    const step = code > 0xffff ? 2 : 1;
    for (let index = 0; index < current.count; index++) {
      const instruction = program[current.list[index] ?? 0];
      const begin = current.begins[index] ?? at;
      if (instruction?.kind === "match") {
        // What stands behind it is less preferred.
        found = { start: begin, end: at };
        break;
      }
      if (instruction?.kind !== "set" || code < 0 || !instruction.matches(code)) continue;
      reach(program, following, instruction.next, code, text.codePointAt(at + step) ?? -1, begin);
    }
    if (code < 0 || (found !== undefined && following.count === 0)) return found;
    at += step;
    before = code;
    [current, following] = [following, current];
    following.clear();
  }
}

/** A set of instructions that is emptied in no time. */
class Reached {
  readonly list: Uint32Array;
  /** Where the match of each began. */
  readonly begins: Uint32Array;
  readonly #place: Uint32Array;
  count = 0;
  matched = false;

  constructor(size: number) {
    this.list = new Uint32Array(size);
    this.begins = new Uint32Array(size);
    this.#place = new Uint32Array(size);
  }

  add(instruction: number, begin: number): boolean {
    const place = this.#place[instruction] ?? 0;
    if (place < this.count && this.list[place] === instruction) return false;
    this.#place[instruction] = this.count;
    this.begins[this.count] = begin;
    this.list[this.count++] = instruction;
    return true;
  }

  clear(): void {
    this.count = 0;
    this.matched = false;
  }
}

/**
 * Adds an instruction and all that it leads to without reading a character, the preferred first. `before`, `after`: code
 * points, -1 at the ends.
 */
function reach(
  program: readonly Instruction[],
  set: Reached,
  first: number,
  before: number,
  after: number,
  begin = 0,
): void {
  const pending = [first];
  for (let index = pending.pop(); index !== undefined; index = pending.pop()) {
    if (!set.add(index, begin)) continue;
    const instruction = program[index];
    if (instruction === undefined || instruction.kind === "set") continue;
    if (instruction.kind === "match") set.matched = true;
    else if (instruction.kind === "split") pending.push(instruction.other, instruction.next);
    else if (holdsAt(instruction.assertion, before, after)) pending.push(instruction.next);
  }
}

function holdsAt(assertion: Assertion, before: number, after: number): boolean {
  switch (assertion) {
    case "textStart":
      return before < 0;
    case "textEnd":
      return after < 0;
    case "lineStart":
      return before < 0 || before === 10;
    case "lineEnd":
      return after < 0 || after === 10;
    case "wordBoundary":
      return isWord(before) !== isWord(after);
    case "noWordBoundary":
      return isWord(before) === isWord(after);
  }
}

function isWord(code: number): boolean {
  return (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95;
}
