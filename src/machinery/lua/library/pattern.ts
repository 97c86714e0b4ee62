// Lua's patterns. Upstream: lua 5.1 lstrlib.c. Every step counts, so that a pattern that tries everything ends like a loop.
import type { Machine } from "../machine.ts";

const capturesMax = 32;
/** As in gopher-lua and newer Lua: a pattern that matches itself recursively stops here. */
const recursionMax = 200;
const unfinished = -1;
const position = -2;

interface Capture {
  start: number;
  length: number;
}

/** One attempt to match a pattern in a text, both as bytes. */
export class PatternMatch {
  readonly #machine: Machine;
  readonly #text: string;
  readonly #pattern: string;
  readonly #captures: Capture[] = [];
  #depth = 0;

  constructor(machine: Machine, text: string, pattern: string) {
    this.#machine = machine;
    this.#text = text;
    this.#pattern = pattern;
  }

  /** Where a match that begins at `start` ends; undefined when there is none. `from` is where the pattern is read from. */
  match(start: number, from: number): number | undefined {
    this.#captures.length = 0;
    this.#depth = 0;
    return this.#match(start, from);
  }

  /** What was captured, the whole match when nothing was asked for (unless `orNothing`). */
  captures(start: number, end: number, orNothing = false): (string | number)[] {
    if (this.#captures.length === 0) return orNothing ? [] : [this.#text.slice(start, end)];
    return this.#captures.map((capture) => {
      if (capture.length === position) return capture.start + 1;
      if (capture.length === unfinished) this.#machine.fail("unfinished capture");
      const text = this.#text.slice(capture.start, capture.start + capture.length);
      this.#machine.allocate(text.length);
      return text;
    });
  }

  #match(start: number, from: number): number | undefined {
    if (++this.#depth > recursionMax) this.#machine.fail("pattern too complex");
    const end = this.#matchHere(start, from);
    this.#depth--;
    return end;
  }

  #matchHere(start: number, from: number): number | undefined {
    let [at, p] = [start, from];
    for (;;) {
      this.#machine.step();
      const first = this.#pattern[p];
      switch (first) {
        case undefined:
          return at;
        case "(":
          return this.#pattern[p + 1] === ")" ? this.#open(at, p + 2, position) : this.#open(at, p + 1, unfinished);
        case ")":
          return this.#close(at, p + 1);
        case "$":
          if (p + 1 === this.#pattern.length) return at === this.#text.length ? at : undefined;
          break;
        case "%": {
          const special = this.#special(at, p);
          if (special === "none") break;
          if (special === undefined) return undefined;
          [at, p] = special;
          continue;
        }
        default:
      }
      const next = this.#single(at, p);
      if (typeof next !== "object") return next;
      [at, p] = next;
    }
  }

  /** `%b`, `%f` and `%1`: where to go on; undefined when they do not match, "none" when it is another `%`. */
  #special(at: number, p: number): [at: number, p: number] | "none" | undefined {
    const letter = this.#pattern[p + 1] ?? "";
    if (letter === "b") return this.#balance(at, p + 2);
    if (letter === "f") {
      const set = p + 2;
      if (this.#pattern[set] !== "[") this.#machine.fail("missing '[' after '%f' in pattern");
      const end = this.#classEnd(set);
      const before = at === 0 ? "\0" : (this.#text[at - 1] ?? "\0");
      const here = this.#text[at] ?? "\0";
      return !this.#isInSet(before, set, end - 1) && this.#isInSet(here, set, end - 1) ? [at, end] : undefined;
    }
    if (!/[0-9]/.test(letter)) return "none";
    const captured = this.#captures[Number(letter) - 1];
    if (captured === undefined || captured.length === unfinished) this.#machine.fail("invalid capture index");
    if (captured.length === position) return undefined; // a position is no text
    const text = this.#text.slice(captured.start, captured.start + captured.length);
    this.#machine.step(text.length >> 3);
    return this.#text.startsWith(text, at) ? [at + text.length, p + 2] : undefined;
  }

  #balance(start: number, p: number): [at: number, p: number] | undefined {
    const [open, close] = [this.#pattern[p], this.#pattern[p + 1]];
    if (open === undefined || close === undefined) return this.#machine.fail("unbalanced pattern");
    if (this.#text[start] !== open) return undefined;
    for (let at = start + 1, level = 1; at < this.#text.length; at++) {
      this.#machine.step();
      const letter = this.#text[at];
      if (letter === close) {
        if (--level === 0) return [at + 1, p + 2];
      } else if (letter === open) {
        level++;
      }
    }
    return undefined;
  }

  /** One character class and what repeats it: the end of the match, or where the loop goes on. */
  #single(at: number, p: number): number | undefined | [at: number, p: number] {
    const end = this.#classEnd(p);
    const fits = (index: number): boolean => this.#fits(index, p, end);
    switch (this.#pattern[end]) {
      case "?":
        if (fits(at)) {
          const found = this.#match(at + 1, end + 1);
          if (found !== undefined) return found;
        }
        return [at, end + 1];
      case "*":
        return this.#longest(at, fits, end + 1);
      case "+":
        return fits(at) ? this.#longest(at + 1, fits, end + 1) : undefined;
      case "-":
        return this.#shortest(at, fits, end + 1);
      default:
        return fits(at) ? [at + 1, end] : undefined;
    }
  }

  #longest(at: number, fits: (index: number) => boolean, p: number): number | undefined {
    let count = 0;
    for (; fits(at + count); count++) this.#machine.step();
    for (; count >= 0; count--) {
      const found = this.#match(at + count, p);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #shortest(start: number, fits: (index: number) => boolean, p: number): number | undefined {
    for (let at = start; ; at++) {
      const found = this.#match(at, p);
      if (found !== undefined) return found;
      this.#machine.step();
      if (!fits(at)) return undefined;
    }
  }

  #open(at: number, p: number, length: number): number | undefined {
    if (this.#captures.length >= capturesMax) this.#machine.fail("too many captures");
    this.#captures.push({ start: at, length });
    const found = this.#match(at, p);
    if (found === undefined) this.#captures.pop();
    return found;
  }

  #close(at: number, p: number): number | undefined {
    const capture = this.#captures.findLast(({ length }) => length === unfinished);
    if (capture === undefined) return this.#machine.fail("invalid pattern capture");
    capture.length = at - capture.start;
    const found = this.#match(at, p);
    if (found === undefined) capture.length = unfinished;
    return found;
  }

  /** The position behind the class that begins at `p`. */
  #classEnd(p: number): number {
    const first = this.#pattern[p];
    let at = p + 1;
    if (first === "%") {
      if (at >= this.#pattern.length) this.#machine.fail("malformed pattern (ends with '%')");
      return at + 1;
    }
    if (first !== "[") return at;
    if (this.#pattern[at] === "^") at++;
    do {
      const letter = this.#pattern[at++];
      if (letter === undefined) this.#machine.fail("malformed pattern (missing ']')");
      if (letter === "%" && at < this.#pattern.length) at++;
    } while (this.#pattern[at] !== "]");
    return at + 1;
  }

  #fits(index: number, p: number, end: number): boolean {
    const letter = this.#text[index];
    if (letter === undefined) return false;
    switch (this.#pattern[p]) {
      case ".":
        return true;
      case "%":
        return isInClass(letter, this.#pattern[p + 1] ?? "");
      case "[":
        return this.#isInSet(letter, p, end - 1);
      default:
        return this.#pattern[p] === letter;
    }
  }

  /** `close` is where the `]` stands. */
  #isInSet(letter: string, open: number, close: number): boolean {
    let at = open + 1;
    const isNegated = this.#pattern[at] === "^";
    if (isNegated) at++;
    for (; at < close; at++) {
      const first = this.#pattern[at] ?? "";
      if (first === "%") {
        if (isInClass(letter, this.#pattern[++at] ?? "")) return !isNegated;
      } else if (this.#pattern[at + 1] === "-" && at + 2 < close) {
        at += 2;
        if (first <= letter && letter <= (this.#pattern[at] ?? "")) return !isNegated;
      } else if (first === letter) {
        return !isNegated;
      }
    }
    return isNegated;
  }
}

const classes: Readonly<Record<string, RegExp>> = {
  a: /[A-Za-z]/,
  c: /[\u0000-\u001f\u007f]/,
  d: /[0-9]/,
  l: /[a-z]/,
  p: /[!-/:-@[-`{-~]/,
  s: /[ \t-\r]/,
  u: /[A-Z]/,
  w: /[A-Za-z0-9]/,
  x: /[A-Fa-f0-9]/,
  z: /\u0000/,
};

function isInClass(letter: string, name: string): boolean {
  const lower = name.toLowerCase();
  const found = Object.hasOwn(classes, lower) ? classes[lower] : undefined;
  if (found === undefined) return name === letter;
  return found.test(letter) === (lower === name);
}
