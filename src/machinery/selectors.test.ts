import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ApiError } from "./api-error.ts";
import {
  formatFieldSelector,
  formatLabelSelector,
  isLabelSelectorSpec,
  labelSelectorOf,
  parseFieldSelector,
  parseLabelSelector,
} from "./selectors.ts";

// Every row was compared with Kubernetes' own parser.
for (const { text, canonical, matching, other } of [
  { text: "", canonical: "", matching: {}, other: undefined },
  { text: "a=b", canonical: "a=b", matching: { a: "b" }, other: { a: "c" } },
  { text: " a == b ", canonical: "a==b", matching: { a: "b" }, other: {} },
  { text: "a=", canonical: "a=", matching: { a: "" }, other: {} },
  { text: "a!=b", canonical: "a!=b", matching: {}, other: { a: "b" } },
  { text: "a in (x, y)", canonical: "a in (x,y)", matching: { a: "y" }, other: { a: "z" } },
  { text: "a in (y,x),b", canonical: "a in (x,y),b", matching: { a: "x", b: "" }, other: { a: "x" } },
  { text: "a in ()", canonical: "a in ()", matching: { a: "" }, other: {} },
  { text: "a in (,x)", canonical: "a in (,x)", matching: { a: "" }, other: {} },
  { text: "a notin (x)", canonical: "a notin (x)", matching: {}, other: { a: "x" } },
  { text: "a", canonical: "a", matching: { a: "" }, other: { b: "" } },
  { text: "!a", canonical: "!a", matching: { b: "" }, other: { a: "" } },
  { text: "a>5", canonical: "a>5", matching: { a: "6" }, other: { a: "5" } },
  { text: "a<5", canonical: "a<5", matching: { a: "4" }, other: { a: "x" } },
  { text: "in in (in)", canonical: "in in (in)", matching: { in: "in" }, other: {} },
  {
    text: "b=1,a=2,x.io/y",
    canonical: "a=2,b=1,x.io/y",
    matching: { a: "2", b: "1", "x.io/y": "" },
    other: { a: "2" },
  },
  { text: "toString", canonical: "toString", matching: { toString: "" }, other: {} },
  { text: "constructor!=x", canonical: "constructor!=x", matching: {}, other: { constructor: "x" } },
] as {
  text: string;
  canonical: string;
  matching: Record<string, string>;
  other: Record<string, string> | undefined;
}[]) {
  test(`parseLabelSelector reads ${JSON.stringify(text)}`, () => {
    const matches = parseLabelSelector(text);
    assert.equal(matches.text, canonical);
    assert.equal(matches(matching), true);
    if (other !== undefined) assert.equal(matches(other), false);
  });
}

const nameText =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character" +
  " (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

for (const [text, message] of [
  ["a=b c", "found 'c', expected: ',' or 'end of string'"],
  [",a", "found ',', expected: !, identifier, or 'end of string'"],
  ["a,", "found '', expected: identifier after ','"],
  ["a=b,=", "found '=', expected: identifier after ','"],
  ["a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
  ["a in x", "unable to parse requirement: found 'x' expected: '('"],
  ["a in (", "unable to parse requirement: found '', expected: ',', ')' or identifier"],
  ["a in (x y)", "unable to parse requirement: found 'y', expected: ',' or ')'"],
  ["a==!", "unable to parse requirement: found '!', expected: identifier"],
  ["!", "unable to parse requirement: found '', expected: identifier"],
  ["-a", `unable to parse requirement: <nil>: Invalid value: "-a": ${nameText}`],
  [
    "a>x",
    "unable to parse requirement: values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value must be an integer",
  ],
] as const) {
  test(`parseLabelSelector refuses ${JSON.stringify(text)}`, () => {
    assert.throws(
      () => parseLabelSelector(text),
      (error) => error instanceof ApiError && error.reason === "BadRequest" && error.message === message,
    );
  });
}

test("labelSelectorOf compiles metav1.LabelSelector", () => {
  const matches = labelSelectorOf({
    matchLabels: { b: "1" },
    matchExpressions: [
      { key: "a", operator: "In", values: ["y", "x"] },
      { key: "c", operator: "NotIn", values: ["z"] },
      { key: "d", operator: "Exists" },
      { key: "e", operator: "DoesNotExist", values: [] },
    ],
  });
  assert.equal(matches.text, "a in (x,y),b=1,c notin (z),d,!e");
  assert.ok(matches({ a: "x", b: "1", d: "" }));
  assert.ok(!matches({ a: "x", b: "1", d: "", e: "" }));
  assert.ok(!matches(undefined));
});

test("an absent selector matches nothing, an empty one everything", () => {
  assert.equal(labelSelectorOf(undefined)({}), false);
  assert.equal(labelSelectorOf(null)({ a: "b" }), false);
  assert.equal(labelSelectorOf({})(undefined), true);
  assert.equal(labelSelectorOf({ matchLabels: {}, matchExpressions: [] })({ a: "b" }), true);
});

test("labelSelectorOf refuses what upstream refuses", () => {
  for (const [selector, message] of [
    [{ matchExpressions: [{ key: "a", operator: "in" }] }, '"in" is not a valid label selector operator'],
    [
      { matchExpressions: [{ key: "a", operator: "In" }] },
      "values: Invalid value: null: for 'in', 'notin' operators, values set can't be empty",
    ],
    [
      { matchExpressions: [{ key: "a", operator: "Exists", values: ["x"] }] },
      'values: Invalid value: ["x"]: values set must be empty for exists and does not exist',
    ],
  ] as const) {
    assert.throws(
      () => labelSelectorOf(selector),
      (error) => error instanceof ApiError && error.message === message,
    );
    assert.equal(formatLabelSelector(selector), "<error>");
  }
});

test("formatLabelSelector shows <none> for absent and empty selectors", () => {
  assert.equal(formatLabelSelector(undefined), "<none>");
  assert.equal(formatLabelSelector({}), "<none>");
  assert.equal(formatLabelSelector({ matchLabels: { app: "nginx" } }), "app=nginx");
});

test("isLabelSelectorSpec looks at values from outside", () => {
  assert.ok(isLabelSelectorSpec({}));
  assert.ok(isLabelSelectorSpec({ matchLabels: { a: "b" }, matchExpressions: [{ key: "a", operator: "In" }] }));
  for (const value of [null, "a=b", { matchLabels: { a: 1 } }, { matchExpressions: [{ key: "a" }] }]) {
    assert.ok(!isLabelSelectorSpec(value));
  }
});

test("property: a selector's text gives the same selector", () => {
  const key = fc.constantFrom("a", "b", "x.io/c");
  const value = fc.constantFrom("", "x", "y");
  const selector = fc.record({
    matchLabels: fc.dictionary(key, value, { noNullPrototype: true }),
    matchExpressions: fc.array(
      fc.oneof(
        fc.record({ key, operator: fc.constantFrom("In", "NotIn"), values: fc.array(value, { minLength: 1 }) }),
        fc.record({ key, operator: fc.constantFrom("Exists", "DoesNotExist") }),
      ),
      { maxLength: 3 },
    ),
  });
  fc.assert(
    fc.property(selector, fc.dictionary(key, value, { noNullPrototype: true }), (spec, labels) => {
      const direct = labelSelectorOf(spec);
      const parsed = parseLabelSelector(direct.text);
      assert.equal(parsed(labels), direct(labels));
    }),
  );
});

for (const { text, requirements, canonical } of [
  { text: "", requirements: [], canonical: "" },
  {
    text: "status.phase!=Running,metadata.name=x",
    requirements: [
      { field: "metadata.name", operator: "=", value: "x" },
      { field: "status.phase", operator: "!=", value: "Running" },
    ],
    canonical: "metadata.name=x,status.phase!=Running",
  },
  { text: "a==b", requirements: [{ field: "a", operator: "=", value: "b" }], canonical: "a=b" },
  { text: "a=", requirements: [{ field: "a", operator: "=", value: "" }], canonical: "a=" },
  { text: ",,=", requirements: [], canonical: "" },
  {
    text: "a=x\\,y\\=z\\\\",
    requirements: [{ field: "a", operator: "=", value: "x,y=z\\" }],
    canonical: "a=x\\,y\\=z\\\\",
  },
]) {
  test(`parseFieldSelector reads ${JSON.stringify(text)}`, () => {
    const parsed = parseFieldSelector(text);
    assert.deepEqual(parsed, requirements);
    assert.equal(formatFieldSelector(parsed), canonical);
  });
}

for (const [text, message] of [
  ["a", "invalid selector: 'a'; can't understand 'a'"],
  ["x=1,a", "invalid selector: 'x=1,a'; can't understand 'a'"],
  ["a=b=c", "invalid field selector: unescaped character in value: 61"],
  ["a=b\\c", "invalid field selector: invalid escape sequence: \\c"],
  ["a=b\\", "invalid field selector: invalid escape sequence: \\"],
] as const) {
  test(`parseFieldSelector refuses ${JSON.stringify(text)}`, () => {
    assert.throws(
      () => parseFieldSelector(text),
      (error) => error instanceof ApiError && error.reason === "BadRequest" && error.message === message,
    );
  });
}
