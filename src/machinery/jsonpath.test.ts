import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError } from "./api-error.ts";
import { parseJsonPath } from "./jsonpath.ts";

const data = {
  kind: "List",
  items: [
    {
      kind: "None",
      metadata: { name: "a", labels: { "k8s.io/x": "1", "a.b": "2" } },
      n: 1,
      ok: true,
      l: [1, 2, 3],
      z: null,
    },
    { kind: "Pod", metadata: { name: "b", labels: {} }, n: 2, ok: false, l: [] },
    { kind: "Pod", metadata: { name: "c" }, n: 3, s: "x=y (z)" },
  ],
  e: {},
  f: 1.5,
  big: 9007199254740993n,
  s: "<&>",
};

// Every row was compared with kubectl's own implementation.
for (const [template, text] of [
  ["plain", "plain"],
  ["{.kind}", "List"],
  ["{ .kind }", "List"],
  ["{$.kind}{@.kind}", "ListList"],
  ["{['kind']}", "List"],
  ["a{.kind}b", "aListb"],
  ["{.items[*].metadata.name}", "a b c"],
  ["{.items.*.kind}", "None Pod Pod"],
  ["{.items[0].metadata.name}", "a"],
  ["{.items[-1].metadata.name}", "c"],
  ["{.items[-1:].metadata.name}", "c"],
  ["{.items[0:2].metadata.name}", "a b"],
  ["{.items[:1].metadata.name}", "a"],
  ["{.items[::2].metadata.name}", "a c"],
  ["{.items[1:1]}", ""],
  ["{.items[0,2].metadata.name}", "a c"],
  ["{.items[0]['kind', 'n']}", "None 1"],
  ["{..name}", "a b c"],
  ["{.items[?(@.metadata)]..name}", "a b c"],
  ['{.items[?(@.kind=="Pod")].metadata.name}', "b c"],
  ["{.items[?(@.kind!='Pod')].metadata.name}", "a"],
  ["{.items[?(@.n>1)].metadata.name}", "b c"],
  ["{.items[?(@.n<=2)].metadata.name}", "a b"],
  ["{.items[?(@.ok==true)].metadata.name}", "a"],
  ["{.items[?(@.metadata.labels)].metadata.name}", "a b"],
  ['{.items[?(@.s=="x=y (z)")].metadata.name}', "c"],
  ['{range .items[*]}{.metadata.name}{"\\t"}{.kind}{"\\n"}{end}', "a\tNone\nb\tPod\nc\tPod\n"],
  ["{range .items[*]}[{.metadata.name},{range .l[*]}{@};{end}]{end}done", "[a,1;2;3;][b,][c,]done"],
  ["{range .missing[*]}x{end}y", "y"],
  ["{.items[0].metadata.labels.k8s\\.io/x}", "1"],
  ["{.items[0].metadata.labels['a\\.b']}", "2"],
  ["{.missing.x[0]}", ""],
  ["{.items[0].z}", "null"],
  ["{.items[0].l}", "[1,2,3]"],
  ["{.items[1].metadata}", '{"labels":{},"name":"b"}'],
  ["{.e}{.f}{.big}{.s}", "{}1.59007199254740993<&>"],
  ["{\"\\u00e9\"}{'y'}{true}{-1.5}", "éytrue-1.5"],
  ["{.kind.constructor}{.e.toString}", ""],
] as const) {
  test(`JSONPath ${template}`, () => {
    assert.equal(parseJsonPath(template).print(data), text);
  });
}

for (const [template, message] of [
  ["{", "unclosed action"],
  ["{.a", "unclosed action"],
  ["{end}", "not in range, nothing to end"],
  ["{foo}", "unrecognized identifier foo"],
  ["{#}", "unrecognized character in action: U+0023 '#'"],
  ["{.items[a]}", "invalid array index a"],
  ["{.items[", "unterminated array"],
  ["{.items[?(@.a==", "unterminated filter"],
  ['{"x}', "unterminated quoted string"],
  ["{1.2.3}", "cannot parse number 1.2.3"],
  ["{.items[9]}", "array index out of bounds: index 9, length 3"],
  ["{.items[0:9]}", "array index out of bounds: index 8, length 3"],
  ["{.items[2:1]}", "starting index 2 is greater than ending index 1"],
  ["{.items[0:3:0]}", "step must be > 0"],
  ["{.kind[0]}", "string is not array or slice"],
  ["{.kind[?(@.a)]}", "string is not array or slice and cannot be filtered"],
  ["{.items[?(@.kind==1)]}", "incompatible types for comparison"],
  ["{.items[?(@.l[*]==1)]}", "can only compare one element at a time"],
  ["{.items[?(@.kind=!1)]}", "incompatible types for comparison"],
  ["{range .x}".repeat(200), "the template nests too deeply"],
] as const) {
  test(`JSONPath refuses ${template.slice(0, 40)}`, () => {
    assert.throws(
      () => parseJsonPath(template).print(data),
      (error) => error instanceof ApiError && error.reason === "BadRequest" && error.message === message,
    );
  });
}

test("JSONPath finds the results of each action", () => {
  assert.deepEqual(parseJsonPath("{.kind}, {.items[*].n}").find(data), [["List"], [", "], [1, 2, 3]]);
});

test("JSONPath can insist on fields", () => {
  const strict = parseJsonPath("{.items[*].s}", { allowMissingKeys: false });
  assert.equal(strict.print(data), "x=y (z)");
  assert.throws(() => strict.print({ items: [{}] }), /s is not found/);
});

for (const [path, text] of [
  ["metadata.name", "x"],
  [".metadata.name", "x"],
  ["{metadata.name}", "x"],
  ["{.metadata.name}", "x"],
] as const) {
  test(`the relaxed form ${path}`, () => {
    assert.equal(parseJsonPath(path, { relaxed: true }).print({ metadata: { name: "x" } }), text);
  });
}

test("the relaxed form takes one path only", () => {
  assert.throws(() => parseJsonPath("{.a}{.b}", { relaxed: true }), /unexpected path string/);
});
