import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { patchJsonText } from "./json-text.ts";

for (const { name, text, operations, expected } of [
  {
    name: "compact stays compact",
    text: '{"a":1,"b":[1]}',
    operations: [{ operator: "replace", path: "/a", value: "x" }],
    expected: '{"a":"x","b":[1]}',
  },
  {
    name: "indentation is kept",
    text: '{\n    "a": 1,\n    "b": []\n}\n',
    operations: [{ operator: "add", path: "/b/-", value: { c: 1 } }],
    expected: '{\n    "a": 1,\n    "b": [\n        {\n            "c": 1\n        }\n    ]\n}\n',
  },
  {
    name: "the type given is kept",
    text: '{"port":5432}',
    operations: [{ operator: "replace", path: "/port", value: "3306" }],
    expected: '{"port":"3306"}',
  },
  {
    name: "big numbers come through",
    text: '{"a": 9007199254740993, "b": 1}',
    operations: [{ operator: "remove", path: "/b" }],
    expected: '{"a":9007199254740993}',
  },
  {
    name: "several operations",
    text: "[1,2,3]",
    operations: [
      { operator: "remove", path: "/0" },
      { operator: "add", path: "/0", value: 0 },
    ],
    expected: "[0,2,3]",
  },
  {
    name: "braces inside texts",
    text: '{\n  "a": "{[,:]}"\n}',
    operations: [{ operator: "add", path: "/b", value: '"' }],
    expected: '{\n  "a": "{[,:]}",\n  "b": "\\""\n}',
  },
] as const) {
  test(`patchJsonText: ${name}`, () => {
    assert.equal(patchJsonText(text, operations), expected);
  });
}

test("patchJsonText: what is no JSON is refused", () => {
  assert.throws(() => patchJsonText("a: 1", []), /^OverrideFailure: the field is not JSON: /);
  assert.throws(() => patchJsonText("", []), /^OverrideFailure: the field is not JSON: /);
  assert.throws(() => patchJsonText("{}", [{ operator: "remove", path: "/a" }]), /path \/a does not exist/);
});

test("patchJsonText: laid out text reads as it did", () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue(), { minLength: 1 }), (value) => {
      fc.pre(!JSON.stringify(value).includes("__proto__"));
      const text = JSON.stringify(value, undefined, 2);
      assert.equal(patchJsonText(text, []), JSON.stringify(JSON.parse(text), undefined, 2));
    }),
  );
});
