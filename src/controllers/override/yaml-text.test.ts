import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { parse } from "yaml";
import { OverrideFailure } from "./override-failure.ts";
import { type PatchOperation, patchValue } from "./patch-value.ts";
import { patchYamlText } from "./yaml-text.ts";

const add = (path: string, value: unknown): PatchOperation => ({ operator: "add", path, value });
const remove = (path: string): PatchOperation => ({ operator: "remove", path });
const replace = (path: string, value: unknown): PatchOperation => ({ operator: "replace", path, value });

const config = `# Settings of the app.
app:
  database:
    port: 5432   # the usual one
    ip: 127.0.0.1
    name: "example"
    zone: 'zone1'

  features: [a, b]
  hosts:
  - one
  # the spare
  - two
version: 1.10
`;

for (const { name, operations, find, expect } of [
  {
    name: "a number's place takes a text that reads as a number",
    operations: [replace("/app/database/port", "3306")],
    find: "port: 5432   # the usual one",
    expect: "port: 3306   # the usual one",
  },
  {
    name: "a number replaces a number",
    operations: [replace("/app/database/port", 3306)],
    find: "5432",
    expect: "3306",
  },
  {
    name: "a text that is no number stays a text",
    operations: [replace("/app/database/port", "http")],
    find: "5432",
    expect: "http",
  },
  {
    name: "a plain text stays a text, quoted where it must be",
    operations: [replace("/app/database/ip", "3306")],
    find: "127.0.0.1",
    expect: '"3306"',
  },
  {
    name: "a double-quoted text keeps its quotes",
    operations: [replace("/app/database/name", "5")],
    find: '"example"',
    expect: '"5"',
  },
  {
    name: "a single-quoted text keeps its quotes",
    operations: [replace("/app/database/zone", "zone2")],
    find: "'zone1'",
    expect: "'zone2'",
  },
  {
    name: "a truth value in a text's place",
    operations: [replace("/app/database/name", true)],
    find: '"example"',
    expect: "true",
  },
  {
    name: "an item of a list in brackets",
    operations: [replace("/app/features/1", "c")],
    find: "[a, b]",
    expect: "[a, c]",
  },
  {
    name: "an item of a list with a comment",
    operations: [replace("/app/hosts/1", "three")],
    find: "- two",
    expect: "- three",
  },
  {
    name: "words that older readers take for truth values are quoted",
    operations: [replace("/app/database/ip", "on")],
    find: "127.0.0.1",
    expect: '"on"',
  },
  { name: "digits as they were given", operations: [replace("/version", "2.50")], find: "1.10", expect: "2.50" },
  {
    name: "several, in order",
    operations: [replace("/app/database/port", 1), replace("/app/database/port", 2)],
    find: "5432",
    expect: "2",
  },
]) {
  test(`replaces where it stands: ${name}`, () => {
    assert.equal(patchYamlText(config, operations), config.replace(find, expect));
  });
}

for (const { name, text, operations, expected } of [
  {
    name: "adds a key at the end of a map",
    text: "a:\n  b: 1 # one\n  c: 2\nd: 3\n",
    operations: [add("/a/e", { f: [1] })],
    expected: "a:\n  b: 1 # one\n  c: 2\n  e:\n    f:\n      - 1\nd: 3\n",
  },
  { name: "adds over a key", text: "a: 1 # one\n", operations: [add("/a", 2)], expected: "a: 2 # one\n" },
  {
    name: "adds a map over a scalar",
    text: "a: 1\nb: 2\n",
    operations: [add("/a", { c: "on" })],
    expected: 'a:\n  c: "on"\nb: 2\n',
  },
  {
    name: "adds at an index",
    text: "a:\n- x\n- y # why\n",
    operations: [add("/a/1", "z")],
    expected: "a:\n- x\n- z\n- y # why\n",
  },
  { name: "adds at the end", text: "a:\n  - x\n", operations: [add("/a/-", "z")], expected: "a:\n  - x\n  - z\n" },
  {
    name: "removes a key and its comments",
    text: "a: 1\n# about b\nb: 2 # two\nc: 3\n",
    operations: [remove("/b")],
    expected: "a: 1\nc: 3\n",
  },
  { name: "removes an item", text: "a:\n- x\n- y\n", operations: [remove("/a/0")], expected: "a:\n- y\n" },
  {
    name: "keeps braces as they are",
    text: "a: {b: 1}\n",
    operations: [add("/a/c", 2)],
    expected: "a: {b: 1, c: 2}\n",
  },
  {
    name: "keeps a wider indentation",
    text: "a:\n    b: 1\n",
    operations: [add("/a/c", 2)],
    expected: "a:\n    b: 1\n    c: 2\n",
  },
  {
    name: "keeps digits that a number would lose",
    text: "a: 12345678901234567890\nb: 1e3\nc: 0x1F\nd: 1.10\n",
    operations: [add("/e", 1)],
    expected: "a: 12345678901234567890\nb: 1e3\nc: 0x1F\nd: 1.10\ne: 1\n",
  },
  { name: "an empty file becomes a map", text: "", operations: [add("/a", 1)], expected: "a: 1\n" },
  {
    name: "a file of comments becomes a map",
    text: "# nothing yet\n",
    operations: [add("/a", 1)],
    expected: "# nothing yet\n\na: 1\n",
  },
  { name: "a text without a final line break", text: "a: 1\nb: 2", operations: [remove("/b")], expected: "a: 1" },
  { name: "a map that became empty", text: "a:\n  b: 1\n", operations: [remove("/a/b")], expected: "a: {}\n" },
  { name: "the whole document", text: "a: 1\n", operations: [replace("", { b: 2 })], expected: "b: 2\n" },
  {
    name: "keys that are numbers",
    text: "80: http # web\n",
    operations: [replace("/80", "web")],
    expected: "80: web # web\n",
  },
  { name: "keys with slashes", text: "a/b: 1\n", operations: [replace("/a~1b", 2)], expected: "a/b: 2\n" },
  {
    name: "a block of text",
    text: "a: |\n  x\n  y\nb: 1\n",
    operations: [replace("/a", "z\n")],
    expected: "a: |\n  z\nb: 1\n",
  },
  {
    name: "JSON, which is YAML too",
    text: '{"a": 1, "b": [1, 2]}\n',
    operations: [replace("/a", 2), remove("/b/0")],
    expected: '{"a": 2, "b": [2]}\n',
  },
  {
    name: "only the first of several documents",
    text: "a: 1\n---\na: 1 # second\n",
    operations: [replace("/a", 2)],
    expected: "a: 2\n---\na: 1 # second\n",
  },
  {
    name: "null, said as it was",
    text: "a: ~\nb: 1\n",
    operations: [add("/c", null)],
    expected: "a: ~\nb: 1\nc: null\n",
  },
]) {
  test(`keeps the rest: ${name}`, () => {
    assert.equal(patchYamlText(text, operations), expected);
  });
}

for (const { name, text, operations, value } of [
  {
    name: "an anchor's alias keeps its value",
    text: "a: &x {p: 1}\nb: *x\n",
    operations: [replace("/a/p", 2)],
    value: { a: { p: 2 }, b: { p: 1 } },
  },
  {
    name: "a path through an alias",
    text: "a: &x {p: 1}\nb: *x\n",
    operations: [replace("/b/p", 2)],
    value: { a: { p: 1 }, b: { p: 2 } },
  },
  {
    name: "a key that comes by merging",
    text: "base: &base {p: 1, q: 1}\nc:\n  <<: *base\n  r: 1\n",
    operations: [replace("/c/p", 2), remove("/c/q")],
    value: { base: { p: 1, q: 1 }, c: { p: 2, r: 1 } },
  },
]) {
  test(`means what it should: ${name}`, () => {
    assert.deepEqual(parse(patchYamlText(text, operations), { merge: true }), value);
  });
}

for (const { name, text, operation, message } of [
  {
    name: "a missing path to replace",
    text: "a: 1\n",
    operation: replace("/b/c", 1),
    message: "path /b does not exist",
  },
  {
    name: "a missing key to replace",
    text: "a: {}\n",
    operation: replace("/a/b", 1),
    message: "path /a/b does not exist",
  },
  { name: "a missing key to remove", text: "a: 1\n", operation: remove("/b"), message: "path /b does not exist" },
  { name: "a missing parent to add to", text: "a: 1\n", operation: add("/b/c", 1), message: "path /b does not exist" },
  { name: "a scalar as a parent", text: "a: 1\n", operation: add("/a/c", 1), message: "path /a/c does not exist" },
  { name: "an index behind the end", text: "a: [1]\n", operation: add("/a/2", 1), message: "path /a/2 does not exist" },
  { name: "a key of a list", text: "a: [1]\n", operation: replace("/a/x", 1), message: "path /a/x does not exist" },
  { name: "no pointer", text: "a: 1\n", operation: replace("a", 1), message: 'path "a" is not a JSON pointer' },
]) {
  test(`refuses ${name}`, () => {
    assert.throws(
      () => patchYamlText(text, [operation]),
      (error) => {
        assert.ok(error instanceof OverrideFailure);
        assert.equal(error.message, message);
        return true;
      },
    );
  });
}

test("refuses what is no YAML", () => {
  assert.throws(() => patchYamlText("a: [1\nb: 2\n", [replace("/a", 1)]), /^OverrideFailure: the field is not YAML: /);
});

test("refuses aliases that are made to fill the memory", () => {
  const bomb = ["a0: &a0 [x, x]", ...Array.from({ length: 30 }, (_, n) => `a${n + 1}: &a${n + 1} [*a${n}, *a${n}]`)];
  assert.throws(() => patchYamlText(bomb.join("\n"), [add("/b", 1)]), /not YAML: Excessive alias count/);
});

test("whatever the document, the result means what the operation asks for", () => {
  const scalar = fc.oneof(
    fc.string(),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.constantFrom("on", "1", "~", "a: b", "#"),
  );
  const key = fc.oneof(fc.stringMatching(/^[a-z]{1,3}$/), fc.constantFrom("1", "a/b", "~", "on", ""));
  const inner = fc.oneof(scalar, fc.array(scalar), fc.dictionary(key, scalar, { noNullPrototype: true }));
  const document = fc.dictionary(key, inner, { minKeys: 1, noNullPrototype: true });
  fc.assert(
    fc.property(
      document,
      fc.constantFrom("add", "remove", "replace" as const),
      fc.nat(),
      scalar,
      (value, operator, pick, fresh) => {
        const names = Object.keys(value);
        const name = names[pick % names.length] ?? "";
        const path = `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
        // A text may take over the type of what it replaces; this is about everything else.
        const operation = { operator: operator, path, value: [fresh] };
        const text = JSON.stringify(value, undefined, 2);
        assert.deepEqual(parse(patchYamlText(text, [operation])), patchValue(value, operation));
      },
    ),
    { numRuns: 200 },
  );
});
