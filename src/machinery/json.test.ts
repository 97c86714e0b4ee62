import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ApiError } from "./api-error.ts";
import { compareBytes, encodeGoJson, encodeJson, encodeJsonText, parseJson } from "./json.ts";
import { jsonDepthMax } from "./json-reader.ts";

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

for (const { text, value } of [
  { text: "1", value: 1 },
  { text: '{"a":[1,2.5,-0.1e3,true,false,null,"x"]}', value: { a: [1, 2.5, -100, true, false, null, "x"] } },
  { text: "9007199254740991", value: 9007199254740991 },
  { text: "9007199254740993", value: 9007199254740993n },
  { text: "[-9223372036854775808]", value: [-9223372036854775808n] },
  { text: "9223372036854775808", value: 9223372036854775808 },
  { text: "9007199254740993.0", value: 9007199254740992 },
  { text: "1e300", value: 1e300 },
  { text: ' \r\n\t{"a" : 9007199254740993 , "b" : [ ] , "c" : { } } ', value: { a: 9007199254740993n, b: [], c: {} } },
  {
    text: '{"id":9007199254740993,"é\\n\\u00e9":"\\ud83d\\ude00\\"\\\\"}',
    value: { id: 9007199254740993n, "é\né": '😀"\\' },
  },
  { text: '{"a":1,"a":2}', value: { a: 2 } },
  { text: '{"text":"1234567890123456789"}', value: { text: "1234567890123456789" } },
]) {
  test(`parseJson reads ${text}`, () => {
    assert.deepEqual(parseJson(text), value);
    assert.deepEqual(parseJson(Buffer.from(text)), value);
  });
}

for (const [text, message] of [
  ["", "unexpected end of JSON input"],
  ["{", "unexpected end of JSON input"],
  ['"a', "unexpected end of JSON input"],
  ["[1", "unexpected end of JSON input"],
  ["x", "invalid character 'x' looking for beginning of value"],
  ["{x}", "invalid character 'x' looking for beginning of object key string"],
  ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
  ["[1,]", "invalid character ']' looking for beginning of value"],
  ['{"a" 1}', "invalid character '1' after object key"],
  ['{"a":1 "b":2}', "invalid character '\"' after object key:value pair"],
  ["[1 2]", "invalid character '2' after array element"],
  ["{} x", "invalid character 'x' after top-level value"],
  ["01", "invalid character '1' after top-level value"],
  ["trux", "invalid character 'x' in literal true (expecting 'e')"],
  ["-x", "invalid character 'x' in numeric literal"],
  ["1.x", "invalid character 'x' after decimal point in numeric literal"],
  ["1e+x", "invalid character 'x' in exponent of numeric literal"],
  ['"\n"', "invalid character '\\n' in string literal"],
  ['"\\x"', "invalid character 'x' in string escape code"],
  ['"\\u00g0"', "invalid character 'g' in \\u hexadecimal character escape"],
  ["'a'", "invalid character '\\'' looking for beginning of value"],
  ['{"__proto__":{"polluted":1}}', 'the key "__proto__" is not supported'],
  ['{"a":{"\\u005f_proto__":1}}', 'the key "__proto__" is not supported'],
] as const) {
  test(`parseJson refuses ${JSON.stringify(text)}`, () => {
    assert.equal(
      messageOf(() => parseJson(text)),
      message,
    );
  });
}

test("parseJson bounds nesting instead of overflowing the stack", () => {
  for (const [open, close] of [
    ["[", "]"],
    ['{"a":', "}"],
  ] as const) {
    for (const depth of [10_000, 50_000]) {
      const text = `${open.repeat(depth)}1${close.repeat(depth)}`;
      assert.equal(
        messageOf(() => parseJson(text)),
        "exceeded max depth",
      );
      assert.equal(
        messageOf(() => parseJson(text.slice(0, -1))),
        "exceeded max depth",
      );
    }
    assert.doesNotThrow(() => parseJson(`${open.repeat(jsonDepthMax)}1${close.repeat(jsonDepthMax)}`));
  }
});

test("a key __proto__ is dropped where asked, and nothing is polluted", () => {
  const value = parseJson('{"a":{"__proto__":{"polluted":1},"b":1},"c":"__proto__"}', { protoKeys: "drop" });
  assert.deepEqual(value, { a: { b: 1 }, c: "__proto__" });
  assert.equal(Object.hasOwn(Object.prototype, "polluted"), false);
});

test("duplicate keys are reported by Go's field path when asked", () => {
  const paths: string[] = [];
  const text = '{"spec":{"a:b":":","list":[{"x":1,"x":2},{"x":1}],"a":1,"a":{"b":1,"b":1}},"spec":9007199254740993}';
  const value = parseJson(text, { onDuplicate: (path) => paths.push(path) });
  assert.deepEqual(paths, ["spec.list[0].x", "spec.a", "spec.a.b", "spec"]);
  assert.deepEqual(value, { spec: 9007199254740993n });
  parseJson('{"a":"\\":","b":{"c":"::\\\\"}}', { onDuplicate: () => assert.fail("nothing is repeated") });
});

test("encodeJson writes bigint as integers and drops undefined fields", () => {
  assert.equal(
    encodeJsonText({ a: 9007199254740993n, b: undefined, c: [1, "x"] }),
    '{"a":9007199254740993,"c":[1,"x"]}',
  );
  assert.equal(encodeJson({ é: "😀" }).toString(), '{"é":"😀"}');
  assert.throws(() => encodeJsonText(undefined), /no JSON form/);
});

test("property: what is encoded is read back", () => {
  const leaf = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.integer(),
    fc.bigInt({ min: 2n ** 53n, max: 2n ** 63n - 1n }),
    fc.bigInt({ min: -(2n ** 63n), max: -(2n ** 53n) }),
    fc.boolean(),
    fc.constant(null),
  );
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      leaf,
      fc.array(tie("tree")),
      fc.dictionary(fc.string(), tie("tree"), { noNullPrototype: true }),
    ),
  }));
  fc.assert(
    fc.property(tree, (value) => {
      const text = encodeJsonText(value);
      if (text.includes("__proto__")) return;
      assert.deepEqual(parseJson(text, { onDuplicate: () => assert.fail() }), value);
      assert.equal(encodeJsonText(parseJson(encodeJson(value))), text);
    }),
  );
});

test("property: JSON.parse and the exact reader agree", () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      if (text.includes("__proto__")) return;
      // The integer sends the whole text to the exact reader.
      const exact = parseJson(`[9007199254740993,${text}]`);
      const rounded = JSON.stringify(exact, (_key, item: unknown) => (typeof item === "bigint" ? Number(item) : item));
      assert.deepEqual(JSON.parse(rounded), [9007199254740992, JSON.parse(text)]);
    }),
  );
});

test("property: any text is read or refused with BadRequest", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...Array.from("{}[],:\"\\u01-.eE+tfn ax\n'")) }), (text) => {
      let expected: unknown = "refused";
      try {
        expected = JSON.parse(text);
      } catch {
        assert.notEqual(
          messageOf(() => parseJson(text)),
          "no error",
        );
        return;
      }
      assert.deepEqual(parseJson(text), expected);
    }),
    { numRuns: 500 },
  );
});

test("encodeGoJson sorts keys by bytes and escapes as Go does", () => {
  assert.equal(
    encodeGoJson({ "10": 1, "9": 2, b: "<&>\u2028", a: [null, { z: 1, y: undefined }], "\u{1f600}": 1n, "\ue000": 2 }),
    '{"10":1,"9":2,"a":[null,{"z":1}],"b":"\\u003c\\u0026\\u003e\\u2028","\ue000":2,"\u{1f600}":1}',
  );
});

test("property: compareBytes orders as the UTF-8 bytes do", () => {
  const text = fc.string({ unit: "binary" });
  fc.assert(
    fc.property(text, text, (left, right) => {
      assert.equal(Math.sign(compareBytes(left, right)), Buffer.compare(Buffer.from(left), Buffer.from(right)));
    }),
  );
});
