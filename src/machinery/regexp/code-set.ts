// Sets of characters, as ranges of code points or what is outside of them.

/** Ranges [from, to]; `isNegated`: everything else. `test`: sets that only Unicode tables know, beside the ranges. */
export interface CodeSet {
  readonly ranges: readonly (readonly [number, number])[];
  readonly isNegated?: boolean;
  readonly tests?: readonly ((code: number) => boolean)[];
  /** Whether another case of the character counts as well. */
  readonly ignoreCase?: boolean;
}

export const digits: CodeSet = { ranges: [[48, 57]] };
export const words: CodeSet = {
  ranges: [
    [48, 57],
    [65, 90],
    [95, 95],
    [97, 122],
  ],
};
/** Go's \s has no vertical tab. */
export const spaces: CodeSet = {
  ranges: [
    [9, 10],
    [12, 13],
    [32, 32],
  ],
};

const posixRanges: Readonly<Record<string, CodeSet["ranges"]>> = {
  alnum: [
    [48, 57],
    [65, 90],
    [97, 122],
  ],
  alpha: [
    [65, 90],
    [97, 122],
  ],
  ascii: [[0, 127]],
  blank: [
    [9, 9],
    [32, 32],
  ],
  cntrl: [
    [0, 31],
    [127, 127],
  ],
  digit: [[48, 57]],
  graph: [[33, 126]],
  lower: [[97, 122]],
  print: [[32, 126]],
  punct: [
    [33, 47],
    [58, 64],
    [91, 96],
    [123, 126],
  ],
  space: [
    [9, 13],
    [32, 32],
  ],
  upper: [[65, 90]],
  word: words.ranges,
  xdigit: [
    [48, 57],
    [65, 70],
    [97, 102],
  ],
};

/** The set of one character. */
export function classOf(char: string): CodeSet {
  const code = char.codePointAt(0) ?? 0;
  return { ranges: [[code, code]] };
}

export function negated(set: CodeSet): CodeSet {
  return { ...set, isNegated: set.isNegated !== true };
}

/** `[:name:]`, or undefined where there is no such class. */
export function posixClass(name: string): CodeSet | undefined {
  const ranges = Object.hasOwn(posixRanges, name) ? posixRanges[name] : undefined;
  return ranges === undefined ? undefined : { ranges };
}

/** `\p{name}`: a general category or a script, or undefined where there is no such thing. */
export function unicodeClass(name: string): CodeSet | undefined {
  const isNegated = name.startsWith("^");
  const bare = isNegated ? name.slice(1) : name;
  for (const property of [bare, `Script=${bare}`]) {
    try {
      const pattern = new RegExp(`^\\p{${property}}$`, "u");
      const set: CodeSet = { ranges: [], tests: [(code) => pattern.test(String.fromCodePoint(code))] };
      return isNegated ? negated(set) : set;
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
  }
  return undefined;
}

/** All of `sets` in one. */
export function union(sets: readonly CodeSet[], ignoreCase: boolean): CodeSet {
  const plain = sets.filter((set) => set.isNegated !== true && set.ignoreCase !== true);
  const others = sets.filter((set) => !plain.includes(set));
  return {
    ranges: plain.flatMap((set) => set.ranges),
    tests: [
      ...plain.flatMap((set) => set.tests ?? []),
      ...others.map((set) => {
        const matches = matcherOf(set);
        return (code: number) => matches(code);
      }),
    ],
    ...(ignoreCase ? { ignoreCase } : {}),
  };
}

/** A quick test for membership. */
export function matcherOf(set: CodeSet): (code: number) => boolean {
  const ascii = new Uint8Array(128);
  for (let code = 0; code < ascii.length; code++) ascii[code] = contains(set, code) ? 1 : 0;
  return (code) => (code < ascii.length ? ascii[code] === 1 : contains(set, code));
}

function contains(set: CodeSet, code: number): boolean {
  const isIn = holds(set, code) || (set.ignoreCase === true && otherCases(code).some((other) => holds(set, other)));
  return isIn !== (set.isNegated === true);
}

function holds(set: CodeSet, code: number): boolean {
  if (set.ranges.some(([from, to]) => code >= from && code <= to)) return true;
  return set.tests?.some((test) => test(code)) === true;
}

function otherCases(code: number): readonly number[] {
  const char = String.fromCodePoint(code);
  return [char.toLowerCase(), char.toUpperCase()].map((text) => text.codePointAt(0) ?? code);
}
