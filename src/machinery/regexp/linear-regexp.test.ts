import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { linearRegExp } from "./linear-regexp.ts";
import { PatternError } from "./syntax.ts";

for (const { pattern, yes, no } of [
  { pattern: "^a$", yes: ["a"], no: ["aa", "b", ""] },
  { pattern: "b+", yes: ["abc", "bb"], no: ["ac"] },
  { pattern: "^(a|bc)*$", yes: ["", "abca"], no: ["b"] },
  { pattern: "^a{2,3}$", yes: ["aa", "aaa"], no: ["a", "aaaa"] },
  { pattern: "^a{2,}$", yes: ["aa", "aaaaa"], no: ["a"] },
  { pattern: "^[^0-9]+$", yes: ["abc", "é"], no: ["a1"] },
  { pattern: "^[]a-]+$", yes: ["]a-"], no: ["b"] },
  { pattern: "(?i)^hello$", yes: ["HeLLo"], no: ["hell"] },
  { pattern: "^(?i:a)b$", yes: ["Ab", "ab"], no: ["AB"] },
  { pattern: "^(?P<year>\\d{4})-\\d\\d$", yes: ["2026-05"], no: ["26-05"] },
  { pattern: "\\Aa\\z", yes: ["a"], no: ["a\n"] },
  { pattern: "^[[:alpha:]_]+$", yes: ["ab_"], no: ["a1"] },
  { pattern: "^\\p{Greek}+$", yes: ["αβγ"], no: ["abc"] },
  { pattern: "^.$", yes: ["😀", "x"], no: ["\n", "xy"] },
  { pattern: "(?s)^.$", yes: ["\n"], no: [""] },
  { pattern: "\\bfoo\\b", yes: ["a foo b"], no: ["food"] },
  { pattern: "^\\Qa.b\\E$", yes: ["a.b"], no: ["axb"] },
  { pattern: "a*?b", yes: ["aab"], no: ["aa"] },
  {
    pattern: "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$",
    yes: ["example.com", "a"],
    no: ["-a", "a..b", "A"],
  },
]) {
  test(`${pattern} matches as Go does`, () => {
    const regExp = linearRegExp(pattern);
    for (const text of yes) assert.ok(regExp.test(text), `${pattern} must match ${JSON.stringify(text)}`);
    for (const text of no) assert.ok(!regExp.test(text), `${pattern} must not match ${JSON.stringify(text)}`);
  });
}

for (const [pattern, message] of [
  ["a(b", "error parsing regexp: missing closing ): `a(b`"],
  ["[a", "error parsing regexp: missing closing ]: `[a`"],
  ["*a", "error parsing regexp: missing argument to repetition operator: `*`"],
  ["a**", "error parsing regexp: invalid nested repetition operator: `a**`"],
  ["a)", "error parsing regexp: unexpected ): `a)`"],
  ["(?=a)", "error parsing regexp: invalid or unsupported Perl syntax: `(?=`"],
  ["\\8", "error parsing regexp: invalid escape sequence: `\\8`"],
  ["a{1001}", "error parsing regexp: invalid repeat count: `{1001}`"],
  ["[b-a]", "error parsing regexp: invalid character class range: `b-a`"],
] as const) {
  test(`${pattern} is refused`, () => {
    assert.throws(() => linearRegExp(pattern), new PatternError(message));
  });
}

test("a pattern that makes backtracking engines explode is quick", () => {
  const regExp = linearRegExp("^(a+)+$");
  const started = performance.now();
  assert.ok(!regExp.test(`${"a".repeat(20_000)}b`));
  assert.ok(performance.now() - started < 5_000);
});

test("agrees with the engine of the language on simple patterns", () => {
  const atom = fc.constantFrom("a", "b", ".", "[ab]", "[^a]", "(a|b)", "(ab)", "\\d");
  const piece = fc.tuple(atom, fc.constantFrom("", "*", "+", "?", "{2}", "{1,2}")).map(([a, b]) => a + b);
  const pattern = fc.array(piece, { minLength: 1, maxLength: 4 }).map((pieces) => pieces.join(""));
  fc.assert(
    fc.property(pattern, fc.stringMatching(/^[ab1]{0,8}$/), fc.boolean(), (text, input, anchored) => {
      const whole = anchored ? `^(?:${text})$` : text;
      assert.equal(linearRegExp(whole).test(input), new RegExp(whole, "u").test(input), `${whole} on ${input}`);
    }),
    { numRuns: 300 },
  );
});

for (const { pattern, text, from, span } of [
  { pattern: "a+", text: "baac", span: { start: 1, end: 3 } },
  { pattern: "a+?", text: "baac", span: { start: 1, end: 2 } },
  { pattern: "a|ab", text: "ab", span: { start: 0, end: 1 } },
  { pattern: "ab|a", text: "ab", span: { start: 0, end: 2 } },
  { pattern: "a{1,2}?", text: "aa", span: { start: 0, end: 1 } },
  { pattern: "^b", text: "ab", from: 1, span: undefined },
  { pattern: "\\bb", text: "ab b", from: 1, span: { start: 3, end: 4 } },
  { pattern: "", text: "ab", from: 2, span: { start: 2, end: 2 } },
  { pattern: "😀", text: "x😀", span: { start: 1, end: 3 } },
  { pattern: "c", text: "ab", span: undefined },
]) {
  test(`${pattern} is found in ${text} where Go finds it`, () => {
    assert.deepEqual(linearRegExp(pattern).find(text, from), span);
  });
}

test("what is found is what JavaScript finds, for patterns that both read alike", () => {
  const pattern = fc.stringMatching(/^([ab]|a\*|b\+\?|\(a\|ab\)|\(ba\)\?){0,6}$/);
  fc.assert(
    fc.property(pattern, fc.stringMatching(/^[abc]{0,12}$/), (source, text) => {
      const match = new RegExp(source).exec(text);
      const span = linearRegExp(source).find(text);
      assert.deepEqual(span, match === null ? undefined : { start: match.index, end: match.index + match[0].length });
    }),
  );
});
