import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ApiError } from "./api-error.ts";
import { type DuplicateKey, duplicateKeysText, parseYaml, parseYamlDocuments, stringifyYaml } from "./yaml.ts";

// What kubectl's Go library reads; every row was compared with it.
const scalars: readonly (readonly [text: string, value: unknown])[] = [
  ["yes", true],
  ["On", true],
  ["n", false],
  ["OFF", false],
  ["~", null],
  ["", null],
  ["Null", null],
  ["nULL", "nULL"],
  ["0777", 511],
  ["0o17", 15],
  ["0x1F", 31],
  ["0b101", 5],
  ["-0b11", -3],
  ["08", 8],
  ["1_000", 1000],
  ["+12", 12],
  ["1e3", 1000],
  [".5", 0.5],
  ["1.", 1],
  ["-.5e-1", -0.05],
  ["1e400", "1e400"],
  ["9007199254740993", 9007199254740993n],
  ["9223372036854775808", 9223372036854775808],
  ["2001-01-01", "2001-01-01"],
  ["2001-12-14t21:59:43.10-05:00", "2001-12-14t21:59:43.10-05:00"],
  ["12:30", "12:30"],
  ["1.2.3", "1.2.3"],
  ["100Mi", "100Mi"],
  ["'yes'", "yes"],
  ['"1"', "1"],
  ["!!str 1", "1"],
  ['!!int "5"', 5],
  ["!!binary aGk=", "hi"],
  ["!custom x", "x"],
  ["|\n  a\n  b", "a\nb\n"],
  [">-\n  a\n  b", "a b"],
];
for (const [text, value] of scalars) {
  test(`parseYaml reads ${JSON.stringify(text)}`, () => {
    assert.deepEqual(parseYaml(`key: ${text}\n`), { key: value });
  });
}

for (const { text, value } of [
  { text: "a: &x {b: 1}\nc:\n  <<: *x\n  b: 2\n", value: { a: { b: 1 }, c: { b: 2 } } },
  { text: "a: &x {b: 1}\nc:\n  b: 2\n  <<: *x\n", value: { a: { b: 1 }, c: { b: 1 } } },
  { text: "- &x {b: 1}\n- <<: [*x, {b: 2, c: 3}]\n", value: [{ b: 1 }, { b: 1, c: 3 }] },
  { text: "{1: a, 1.5: b, yes: c, 0x10: d}", value: { "1": "a", "1.5": "b", true: "c", "16": "d" } },
  { text: '{"a":9007199254740993,"b":[1]}', value: { a: 9007199254740993n, b: [1] } },
  { text: "{a: 1}", value: { a: 1 } },
  { text: "# nothing\n", value: null },
  { text: "%YAML 1.2\n---\na: yes\n", value: { a: true } },
]) {
  test(`parseYaml reads ${JSON.stringify(text)}`, () => {
    assert.deepEqual(parseYaml(text), value);
    assert.deepEqual(parseYaml(Buffer.from(text)), value);
  });
}

function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof ApiError, String(error));
    assert.equal(error.reason, "BadRequest");
    return error.message;
  }
  return "no error";
}

for (const [text, message] of [
  ["a: 1\nb: c: d\n", "yaml: line 2: nested mappings are not allowed in compact mappings"],
  ["a:\n\t- b\n", "yaml: line 2: tabs are not allowed as indentation"],
  ["a: *x\n", "yaml: line 1: unknown anchor 'x' referenced"],
  ["a: &x\n  b: *x\n", "yaml: line 2: anchor 'x' value contains itself"],
  ["a: &x\n  <<: *x\n", "yaml: line 2: anchor 'x' value contains itself"],
  ["a: !!int abc\n", "yaml: line 1: cannot decode `abc` as a !!int"],
  ["a: .nan\n", "yaml: line 1: .nan has no JSON form"],
  ["[a]: b\n", "yaml: line 1: a map key must be a string, a number or a boolean"],
  ["a:\n  <<: 1\n", "yaml: line 2: map merge requires map or sequence of maps as the value"],
  ["a: \u0007\n", "yaml: control characters are not allowed"],
  ["a:\n  __proto__:\n    polluted: 1\n", 'yaml: line 2: the key "__proto__" is not supported'],
  ["a: 1\n---\nb: 1\n", "yaml: line 3: expected a single document in the stream, but found another document"],
] as const) {
  test(`parseYaml refuses ${JSON.stringify(text)}`, () => {
    assert.equal(
      messageOf(() => parseYaml(text)),
      message,
    );
    assert.equal(Object.hasOwn(Object.prototype, "polluted"), false);
  });
}

test("a text cannot make the parser run out of stack or memory", () => {
  const levels = Array.from({ length: 9 }, (_, level) => {
    const item = level === 0 ? "lol" : `*a${level - 1}`;
    return `a${level}: &a${level} [${Array.from({ length: 10 }, () => item).join(", ")}]`;
  });
  assert.match(
    messageOf(() => parseYaml(levels.join("\n"))),
    /excessive aliasing/,
  );
  for (const open of ["[", "{a: ", "- ", "? "]) {
    assert.match(
      messageOf(() => parseYaml(open.repeat(10_000))),
      /^yaml: /,
    );
  }
  assert.match(
    messageOf(() => parseYaml(`${"[".repeat(10_000)}${"]".repeat(10_000)}`)),
    /exceeded max depth/,
  );
});

test("parseYamlDocuments gives each document with its line and skips empty ones", () => {
  const text = "# head\n---\na: 1\n---\n---\n# only a comment\n---\nb: 1\n...\n---\nnull\n";
  assert.deepEqual(parseYamlDocuments(text), [
    { value: { a: 1 }, line: 3 },
    { value: { b: 1 }, line: 8 },
  ]);
  assert.equal(
    messageOf(() => parseYamlDocuments("a: 1\n---\nb: [\n")),
    "yaml: line 4: flow sequence in block collection must be sufficiently indented and end with a ]",
  );
});

test("repeated keys are reported with their lines when asked; the last one wins", () => {
  const duplicates: DuplicateKey[] = [];
  const text = "a: 1\nb:\n  c: 1\n  c: 2\na: 3\n";
  assert.deepEqual(parseYaml(text, { onDuplicate: (duplicate) => duplicates.push(duplicate) }), { a: 3, b: { c: 2 } });
  assert.equal(
    duplicateKeysText(duplicates),
    'yaml: unmarshal errors:\n  line 4: key "c" already set in map\n  line 5: key "a" already set in map',
  );
  assert.deepEqual(parseYaml('{"a": 1,\n"a": 2}', { onDuplicate: (duplicate) => duplicates.push(duplicate) }), {
    a: 2,
  });
  assert.deepEqual(duplicates.at(-1), { key: "a", line: 2 });
});

test("stringifyYaml prints as kubectl does", () => {
  const value = {
    spec: {
      containers: [{ name: "app", image: "nginx:1.19", args: ["-x", "--y=1"], env: [] }, [["a"], {}]],
      a10: null,
      a9: true,
      on: "on",
      note: "two\nlines\n",
      open: "no end",
      gone: undefined,
    },
    strings: ["", "yes", "1", "1.5", "2001-01-01", "12:30", "a: b", "a #b", "- a", "#a", " a", "a ", "it's", "it's: x"],
    more: [
      "tab\t",
      "é",
      "😀",
      "~",
      "a\n\nb",
      "x\n\n",
      " \nx",
      "x \ny",
      "*a",
      "@a",
      "%a",
      "a,b",
      "[a",
      "100Mi",
      "=",
      "<<",
    ],
    numbers: [1, -1.5, 0.1, 1e21, 1e-7, 1234567.5, 9007199254740993n],
    long: `${"word ".repeat(20)}end`,
    quoted: `key: ${"word ".repeat(20)}end`,
  };
  const expected = [
    `long: ${"word ".repeat(14)}word word\n  word word word word end`,
    `more:\n- "tab\\t"\n- é\n- "\\U0001F600"\n- "~"\n- |-\n  a\n\n  b\n- |+\n  x\n\n- " \\nx"\n- "x \\ny"\n- '*a'\n- '@a'\n- '%a'`,
    `- a,b\n- '[a'\n- 100Mi\n- =\n- "<<"`,
    `numbers:\n- 1\n- -1.5\n- 0.1\n- 1e+21\n- 1e-07\n- 1.2345675e+06\n- 9007199254740993`,
    `quoted: 'key: ${"word ".repeat(13)}word\n  word word word word word word end'`,
    `spec:\n  a9: true\n  a10: null\n  containers:\n  - args:\n    - -x\n    - --y=1\n    env: []\n    image: nginx:1.19\n    name: app`,
    `  - - - a\n    - {}\n  note: |\n    two\n    lines\n  "on": "on"\n  open: no end`,
    `strings:\n- ""\n- "yes"\n- "1"\n- "1.5"\n- "2001-01-01"\n- "12:30"\n- 'a: b'\n- 'a #b'\n- '- a'\n- '#a'\n- ' a'`,
    `- 'a '\n- it's\n- 'it''s: x'\n`,
  ].join("\n");
  assert.equal(stringifyYaml(value), expected);
});

for (const [value, text] of [
  [null, "null\n"],
  ["x", "x\n"],
  ["a\nb", "|-\n  a\n  b\n"],
  ["x\n\n", "|+\n  x\n\n"],
  [{}, "{}\n"],
  [[], "[]\n"],
  [{ a: { b: undefined } }, "a: {}\n"],
  [{ ["k".repeat(129)]: [1, { a: 1 }] }, `? ${"k".repeat(129)}\n: - 1\n  - a: 1\n`],
] as const) {
  test(`stringifyYaml prints ${JSON.stringify(value)}`, () => {
    assert.equal(stringifyYaml(value), text);
  });
}

test("property: what is printed is read back", () => {
  const odd = fc.constantFrom(
    ..."yes|1|0777|~||a: b|a #b|- x| lead|trail |tab\t|a\nb|a\nb\n|\n|'|\"|\\|---|<<|2001-01-01".split("|"),
  );
  const text = fc.oneof(odd, fc.string({ unit: "grapheme" }), fc.lorem({ maxCount: 30 }));
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      text,
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie("tree"), { maxLength: 4 }),
      fc.dictionary(text, tie("tree"), { maxKeys: 4, noNullPrototype: true }),
    ),
  }));
  fc.assert(
    fc.property(tree, (value) => {
      const printed = stringifyYaml(value);
      if (printed.includes("__proto__")) return;
      const read = parseYaml(printed);
      const rounded = JSON.stringify(read, (_key, item: unknown) => (typeof item === "bigint" ? Number(item) : item));
      assert.deepEqual(JSON.parse(rounded), JSON.parse(JSON.stringify(value)));
    }),
    { numRuns: 300 },
  );
});
