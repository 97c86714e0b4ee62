// Texts and documents from strangers, read by everything here that reads them.
// Strategy: grammars bent out of shape, words repeated and nested until they hurt, keys that mean something to JavaScript.
// Invariants: an answer or an ApiError that is the requester's fault, within a second, and Object.prototype as it was.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ApiError } from "./api-error.ts";
import { celOf } from "./cel/json-value.ts";
import { compileCel } from "./cel/program.ts";
import { dyn } from "./cel/type.ts";
import { Budget, CelBudgetError, CelError } from "./cel/value.ts";
import { isRecord } from "./guards.ts";
import { encodeJsonText, parseJson } from "./json.ts";
import { parseJsonPath } from "./jsonpath.ts";
import { applyJsonPatch, decodeJsonPatch } from "./patch/json-patch.ts";
import { applyMergePatch } from "./patch/merge-patch.ts";
import { applyStrategicMergePatch } from "./patch/strategic-merge-patch.ts";
import { PatternError } from "./regexp/syntax.ts";
import { linearRegExp } from "./regexp/linear-regexp.ts";
import { parseFieldSelector, parseLabelSelector } from "./selectors.ts";
import { parseYaml } from "./yaml.ts";

const millisecondsMax = 1_000;

/** Runs it: an ApiError of the requester's fault is an answer too. */
function withinReason(what: string, act: () => unknown): void {
  const startedAt = process.cpuUsage();
  try {
    act();
  } catch (error) {
    assert.ok(error instanceof ApiError, `${what.slice(0, 200)}: ${String(error)}`);
    // Unknown is what upstream says to some patches; InternalError would be a fault of ours.
    assert.notEqual(error.reason, "InternalError", error.message);
  }
  const { user, system } = process.cpuUsage(startedAt);
  assert.ok((user + system) / 1e3 < millisecondsMax, `${what.slice(0, 200)} took ${String((user + system) / 1e3)} ms`);
  assert.equal(Reflect.get({}, "polluted"), undefined, what.slice(0, 200));
}

const many = 20_000;
const words = ["__proto__", "constructor", "prototype", "toString", "..", "a/b", "", "ä", "\u0000", "\ud800"];
const word = fc.oneof(fc.constantFrom("a", "b", ...words), fc.string());
/** Pieces of a grammar in any order, some of them many times. */
function garbled(...pieces: readonly string[]): fc.Arbitrary<string> {
  const piece = fc.oneof(fc.constantFrom(...pieces), word);
  const repeated = fc.tuple(fc.constantFrom(...pieces), fc.nat(3_000)).map(([text, times]) => text.repeat(times));
  return fc
    .array(fc.oneof({ weight: 8, arbitrary: piece }, { weight: 1, arbitrary: repeated }))
    .map((all) => all.join(""));
}

/** A document with paths worth finding, and the names that are none. */
function nested(depth: number): unknown {
  let value: unknown = { a: ["x", { b: 1 }], constructor: 1 };
  for (let level = 0; level < depth; level++)
    value = { a: value, b: [value === undefined ? 0 : level], items: [{ a: level }] };
  return value;
}

test("label selectors and field selectors", () => {
  const labels = new Map([["a", "b"]]);
  for (const text of [
    "a in (".repeat(many),
    `a in (${"x,".repeat(many)}x)`,
    ",".repeat(many),
    "!".repeat(many),
    `a=${"(".repeat(many)}`,
  ]) {
    withinReason(text, () => parseLabelSelector(text)(Object.fromEntries(labels)));
    withinReason(text, () => parseFieldSelector(text));
  }
  fc.assert(
    fc.property(garbled("a", "=", "==", "!=", "!", " in ", " notin ", "(", ")", ",", ">", "<", "\\", " "), (text) => {
      withinReason(text, () => parseLabelSelector(text)({}));
      withinReason(text, () => parseFieldSelector(text));
    }),
  );
});

test("JSONPath", () => {
  const data = nested(40);
  for (const text of [
    `{${"..".repeat(30)}a}`,
    `{${"..a".repeat(30)}}`,
    `{${"..*".repeat(12)}}`,
    "{range ..}".repeat(8) + "{@}" + "{end}".repeat(8),
    `{${"[*]".repeat(many)}}`,
    `{.items[?(@.a${"=".repeat(many)}1)]}`,
    `{${"[?(".repeat(5_000)}`,
    `{.a[0:1000000000:1]}{.a[-1000000000:]}{.a[999999999999999999999]}`,
    `{.__proto__.polluted}{.constructor.constructor("return 1")()}`,
    `{${"{".repeat(many)}`,
    `{'${"\\".repeat(many)}'}`,
    `{.items[${"0,".repeat(many)}0]}`,
  ]) {
    withinReason(text, () => parseJsonPath(text).print(data));
    withinReason(text, () => parseJsonPath(text, { relaxed: true }).find(data));
  }
  const pieces = [
    "{",
    "}",
    ".",
    "..",
    "[",
    "]",
    "*",
    "?(",
    ")",
    "@",
    "==",
    "<",
    "'",
    '"',
    ":",
    ",",
    "-1",
    "range ",
    "end",
    "a",
    "b",
    "items",
  ];
  fc.assert(
    fc.property(garbled(...pieces), (text) => {
      withinReason(text, () => parseJsonPath(`{${text}}`).print(data));
      withinReason(text, () => parseJsonPath(text).print(data));
    }),
  );
});

test("CEL", () => {
  const variables = new Map([["self", dyn]]);
  const value = celOf({
    a: "a".repeat(5_000),
    list: Array.from({ length: 500 }, (_, index) => index),
    map: { __proto__: 1 },
  });
  const run = (text: string): void => {
    const { program } = compileCel(text, { variables });
    if (program === undefined) return;
    try {
      program.evaluate([value], new Budget(500_000));
    } catch (error) {
      if (!(error instanceof CelError || error instanceof CelBudgetError)) throw error;
    }
  };
  const loops = (depth: number): string =>
    depth === 0 ? "true" : `self.list.all(x${String(depth)}, ${loops(depth - 1)})`;
  for (const text of [
    loops(12),
    "(".repeat(many),
    "[".repeat(many),
    "!".repeat(many) + "true",
    "-".repeat(many) + "1",
    `self${".a".repeat(many)}`,
    `1${" + 1".repeat(many)}`,
    `true${" ? true : true".repeat(many)}`,
    `${'"a" + '.repeat(many)}"a"`,
    `'${"\\x".repeat(many)}'`,
    `self.a.matches('(a+)+$') || self.a.matches('(a|a)*b') || self.a.matches('(a{1,900}){1,900}')`,
    `self.a.replace('a', self.a).replace('a', self.a).replace('a', self.a)`,
    `[self.a, self.a].join(self.a).split('').map(x, self.a + self.a)`,
    `self.list.map(x, self.list.map(y, self.list.map(z, [x, y, z])))`,
    `'%999999999d'.format([1]) + '%s'.format([self])`,
    `self.__proto__.polluted || self.constructor == 1 || self.map.__proto__ == 1`,
    `duration('${"1h".repeat(many)}') > duration('1s') || timestamp('${"9".repeat(many)}') == timestamp('x')`,
    `quantity('${"9".repeat(many)}').isGreaterThan(quantity('1e999999999'))`,
    `{${"'a': {".repeat(2_000)}`,
  ]) {
    withinReason(text, () => {
      run(text);
    });
  }
  const pieces = [
    "self",
    ".a",
    ".map(",
    ".all(x, ",
    "x",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "'",
    '"',
    "+",
    "&&",
    "||",
    "?",
    ":",
    "1",
    "1u",
    "1e9",
    "in",
    "has(",
    ".matches('(a*)*b')",
    ".size()",
    "==",
  ];
  fc.assert(
    fc.property(garbled(...pieces), (text) => {
      withinReason(text, () => {
        run(text);
      });
    }),
  );
});

test("patterns", () => {
  const subject = "a".repeat(5_000);
  const run = (pattern: string): void => {
    try {
      linearRegExp(pattern).test(subject);
    } catch (error) {
      if (!(error instanceof PatternError)) throw error;
    }
  };
  for (const pattern of [
    "(a+)+$",
    "(a|a)*b",
    "(a*)*b",
    "((a{1,1000}){1,1000}){1,1000}",
    "(".repeat(many),
    "a{1000}".repeat(1_000),
    "(?:a?){1000}a{1000}",
    `[${"a-z".repeat(many)}]`,
    "(a|".repeat(5_000),
    "\\pL".repeat(1_000),
  ]) {
    withinReason(pattern, () => {
      run(pattern);
    });
  }
  fc.assert(
    fc.property(
      garbled("(", ")", "a", "*", "+", "?", "{1,1000}", "{", "}", "[", "]", "^", "$", "|", "\\", "(?i)", "\\d"),
      (pattern) => {
        withinReason(pattern, () => {
          run(pattern);
        });
      },
    ),
  );
});

const bomb = ["a: &a [x, x, x, x, x, x, x, x, x]"]
  .concat(
    Array.from(
      "bcdefghij",
      (name, index) =>
        `${name}: &${name} [${Array(9)
          .fill(`*${"abcdefghij"[index] ?? ""}`)
          .join(", ")}]`,
    ),
  )
  .join("\n");

test("JSON and YAML", () => {
  for (const text of [
    bomb,
    "a: &a\n  b: *a",
    "[".repeat(many),
    `{"a":`.repeat(many),
    "- ".repeat(many),
    "? ".repeat(many),
    "<<: {__proto__: {polluted: 1}}",
    "__proto__:\n  polluted: 1",
    '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}',
    "!!js/function 'x'",
    `"${"\\u".repeat(many)}`,
    "9".repeat(many),
    `-1e${"9".repeat(many)}`,
    "&a ".repeat(many),
    `${"{".repeat(2_000)}${"}".repeat(2_000)}`,
    "---\n".repeat(many),
  ]) {
    withinReason(text, () => encodeJsonText(parseYaml(text)));
    withinReason(text, () => encodeJsonText(parseJson(text)));
  }
  const pieces = [
    "- ",
    ": ",
    "a",
    "&a ",
    "*a",
    "\n",
    "  ",
    "{",
    "}",
    "[",
    "]",
    ",",
    '"',
    "'",
    "|",
    ">",
    "!!str ",
    "<<",
    "? ",
    "---\n",
    "#",
  ];
  fc.assert(
    fc.property(garbled(...pieces), (text) => {
      withinReason(text, () => encodeJsonText(parseYaml(text)));
      withinReason(text, () => encodeJsonText(parseJson(text)));
    }),
  );
});

test("patches", () => {
  const target = (): Record<string, unknown> => ({
    metadata: { labels: { a: "b" } },
    spec: { list: [1, { name: "a" }] },
  });
  const polluting: unknown = JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}');
  const copies = Array.from({ length: 30 }, () => ({ op: "copy", from: "/spec", path: "/spec/list/-" }));
  const hostile: readonly unknown[] = [
    polluting,
    { metadata: polluting, spec: { $patch: "replace", __proto__: null } },
    { spec: { $patch: "x" } },
    { spec: { "$deleteFromPrimitiveList/list": {}, "$setElementOrder/list": [[[]]], $retainKeys: 7 } },
    [{ op: "add", path: "/__proto__/polluted", value: 1 }],
    [{ op: "add", path: "/constructor/prototype/polluted", value: 1 }],
    [{ op: "add", path: "/spec/list/99999999999", value: 1 }],
    [{ op: "move", from: "/spec", path: "/spec/list/0" }],
    [{ op: "test", path: "/a".repeat(many), value: 1 }],
    copies,
    copies.map((each) => ({ ...each, from: "" })),
    nested(400),
  ];
  const anything = fc.oneof(fc.jsonValue(), fc.constantFrom(...hostile));
  const bent = fc.dictionary(
    fc.oneof(word, fc.constantFrom("metadata", "spec", "list", "$patch", "$retainKeys")),
    anything,
  );
  const operation = fc.record({
    op: fc.constantFrom("add", "remove", "replace", "move", "copy", "test", "x"),
    path: garbled("/", "spec", "list", "0", "-", "~", "~0", "~1"),
    from: garbled("/", "spec", "list", "0"),
    value: anything,
  });
  const apply = (patch: unknown): void => {
    withinReason(JSON.stringify(patch), () => applyJsonPatch(target(), decodeJsonPatch(patch)));
    if (!isRecord(patch)) return;
    withinReason("a merge patch", () => applyMergePatch(target(), patch));
    withinReason("a strategic merge patch", () => applyStrategicMergePatch(target(), patch, {}, () => ({})));
  };
  hostile.forEach(apply);
  fc.assert(fc.property(fc.oneof(anything, bent, fc.array(operation)), apply));
});
