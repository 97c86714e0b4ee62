import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { celOf } from "./json-value.ts";
import { compileCel } from "./program.ts";
import { type CelType, dyn, int, listOf, mapOf, string } from "./type.ts";
import { Budget, CelBudgetError, CelError, type CelValue } from "./value.ts";

const variables = new Map<string, CelType>([
  ["object", dyn],
  ["texts", listOf(string)],
  ["numbers", mapOf(string, int)],
]);

function evaluate(text: string, object: unknown = {}): CelValue {
  const { program, fault } = compileCel(text, { variables });
  assert.ok(program, fault);
  const values = [celOf(object), celOf(["b", "a"]), celOf({ one: 1, two: 2 })];
  return program.evaluate(values, new Budget(1_000_000));
}

for (const text of [
  "object.spec.replicas == 3 && type(object.spec.replicas) == int",
  "object.spec.ratio == 0.5 && type(object.spec.ratio) == double",
  "has(object.spec.replicas) && !has(object.spec.none)",
  "object.?spec.?none.orValue(7) == 7",
  "object.spec[?'none'].hasValue() == false",
  "object.spec.containers.exists(c, c.name == 'a') && !object.spec.containers.all(c, c.name == 'a')",
  "object.spec.containers.map(c, c.name) == ['a', 'b']",
  "object.spec.containers.filter(c, c.name > 'a').size() == 1",
  "object.metadata.labels['app.kubernetes.io/name'] == 'web'",
  "object.metadata.labels.exists(k, k.startsWith('app'))",
  "object.metadata.labels.all(k, v, v.size() < 64)",
  "numbers.transformMap(k, v, v * 2)['two'] == 4",
  "numbers.transformList(k, v, k + string(v)).isSorted()",
  "cel.bind(n, numbers['two'], n * n) == 4",
  "optional.of(texts).optMap(t, t.size()).value() == 2",
  "[1, 2, 3].sum() == 6 && [3, 1].min() == 1 && ['x'].max() == 'x'",
  "false && object.nothing.at.all == 1 || true",
  "object.nothing == 1 || true",
  "'héllo'.charAt(1) == 'é' && '😀x'.indexOf('x') == 1 && '😀x'.size() == 2",
  "'a1b22'.findAll('[0-9]+') == ['1', '22']",
  "'A-b'.lowerAscii().split('-') == ['a', 'b'] && ['a', 'b'].join('/') == 'a/b'",
  "timestamp('2026-11-24T01:02:03Z') + duration('1h') == timestamp('2026-11-24T02:02:03Z')",
  "quantity('1.5Gi').add(quantity('512Mi')).compareTo(quantity('2Gi')) == 0",
  "ip('::1').isLoopback() && string(ip('2001:db8:0:0::1')) == '2001:db8::1'",
  "cidr('192.168.0.0/16').containsCIDR('192.168.10.0/24') && cidr('10.1.2.3/8').masked() == cidr('10.0.0.0/8')",
  "isURL('https://example.com/a?b=c') && url('https://[::1]:80/').getHostname() == '::1' && !isURL('../x')",
  "format.named('dns1123Label').value().validate('Bad').hasValue()",
  "semver('v1.2', true).minor() == 2 && !isSemver('1.2') && semver('1.0.0-rc.1').isLessThan(semver('1.0.0'))",
  "'%s is %d of %s%%'.format(['a', dyn(1), dyn(numbers['two'])]) == 'a is 1 of 2%'",
  "'%s %s %s'.format([dyn([1, 2]), dyn({'b': 1, 'a': 2}), dyn(null)]) == '[1, 2] {a: 2, b: 1} null'",
  "'%.2f|%f|%e|%.1e'.format([1.5, 2.25, 1234.5, 0.00012]) == '1.50|2.250000|1.234500e+03|1.2e-04'",
  "'%b %x %X %o %x'.format([dyn(5), dyn(255), dyn('hi'), dyn(8u), dyn(b'\\x01')]) == '101 ff 6869 10 01'",
  "'%s %s'.format([dyn(duration('90s')), dyn(timestamp('2026-01-02T03:04:05Z'))]) == '90s 2026-01-02T03:04:05Z'",
  "'%d %s'.format([1.0 / 0.0, -1.0 / 0.0]) == 'Infinity -Infinity' && '%s'.format([dyn(type(1))]) == 'int'",
  "strings.quote('a\"b\\n') == '\"a\\\\\"b\\\\n\"'",
  "sets.equivalent([1, 1], [1]) && sets.intersects(texts, ['a'])",
]) {
  test(`CEL: ${text}`, () => {
    const object = {
      spec: { replicas: 3, ratio: 0.5, containers: [{ name: "a" }, { name: "b" }] },
      metadata: { labels: { "app.kubernetes.io/name": "web" } },
    };
    assert.equal(evaluate(text, object), true);
  });
}

for (const { text, message } of [
  { text: "object.spec.none", message: "no such key: spec" },
  { text: "[1][1]", message: "index out of bounds: 1" },
  { text: "1 / 0", message: "division by zero" },
  { text: "9223372036854775807 + 1", message: "integer overflow" },
  { text: "'a'.matches('(')", message: "error parsing regexp: missing closing ): `(`" },
  { text: "quantity('x')", message: /^quantities must match/ },
  { text: "object + 1", message: "no such overload" },
]) {
  test(`CEL fails: ${text}`, () => {
    assert.throws(() => evaluate(text), { name: "CelError", message });
  });
}

test("names that stand in every JavaScript object are no fields", () => {
  for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
    assert.equal(evaluate(`has(object.${name})`), false);
    assert.equal(evaluate(`'${name}' in numbers`), false);
  }
});

for (const text of [
  "object.all(a, object.all(b, object.all(c, a + b + c >= 0)))",
  "object.map(a, object).map(b, b.map(c, object)).size() > 0",
  "object.exists(a, 'x'.matches('(a+)+b') || object.exists(b, b < 0)) || true",
]) {
  test(`CEL ends when its budget is spent: ${text}`, () => {
    const { program } = compileCel(text, { variables });
    const items = Array.from({ length: 2_000 }, (_, index) => index);
    const budget = new Budget(100_000);
    assert.throws(() => program?.evaluate([celOf(items)], budget), CelBudgetError);
  });
}

test("whatever the text, it is compiled or refused, and evaluates to a value or an error", () => {
  const word = fc.constantFrom(
    ...[
      "object",
      "texts",
      "numbers",
      "1",
      "2.5",
      "'a'",
      "true",
      "null",
      "(",
      ")",
      "[",
      "]",
      "{",
      "}",
      ".",
      ",",
      ":",
      "?",
    ],
    ...[
      "+",
      "-",
      "*",
      "/",
      "%",
      "==",
      "<",
      "in",
      "&&",
      "||",
      "!",
      "all",
      "map",
      "size",
      "x",
      "has",
      ".all(x,",
      "b'\\x00'",
    ],
  );
  const texts = fc.oneof(
    fc.string(),
    fc.array(word, { maxLength: 12 }).map((words) => words.join(" ")),
  );
  fc.assert(
    fc.property(texts, (text) => {
      const { program } = compileCel(text, { variables });
      try {
        program?.evaluate([celOf({ a: [1] }), celOf(["a"]), celOf({ x: 1 })], new Budget(10_000));
      } catch (error) {
        assert.ok(error instanceof CelError || error instanceof CelBudgetError, String(error));
      }
    }),
    { numRuns: 2_000 },
  );
});

for (const text of [
  "(".repeat(5_000),
  "[".repeat(5_000),
  "-".repeat(5_000) + "1",
  "a".repeat(200_000),
  "1" + "+1".repeat(5_000),
  "x.".repeat(5_000) + "x",
]) {
  test(`CEL: too deep or too long is refused: ${text.slice(0, 6)}…`, () => {
    assert.equal(compileCel(text, { variables }).program, undefined);
  });
}

test("what an expression costs is at most what was estimated", () => {
  const type: CelType = { kind: "list", element: { kind: "string", maxSize: 20 }, maxSize: 10 };
  const bodies = [
    "x.size() > 3",
    "x.contains('ab')",
    "x + x == 'a'",
    "x in list",
    "list.exists(y, y == x)",
    "x.matches('^a+$')",
  ];
  const folds = ["all", "exists", "filter", "map"];
  fc.assert(
    fc.property(
      fc.constantFrom(...folds),
      fc.constantFrom(...bodies),
      fc.array(fc.stringMatching(/^[a-c]{0,20}$/), { maxLength: 10 }),
      (fold, body, list) => {
        const { program } = compileCel(`list.${fold}(x, ${body})`, { variables: new Map([["list", type]]) });
        assert.ok(program);
        const budget = new Budget(1_000_000);
        program.evaluate([celOf(list, type)], budget);
        assert.ok(budget.limit - budget.left <= program.cost, `${fold} ${body}: ${String(budget.limit - budget.left)}`);
      },
    ),
  );
});

for (const { text, message } of [
  {
    text: "'%d'.format(['a'])",
    message: "error during formatting: decimal clause can only be used on integers, was given string",
  },
  { text: "'%s %s'.format(['a'])", message: "error during formatting: index 1 out of range" },
  {
    text: "'%z'.format([1])",
    message: 'error during formatting: could not parse formatting clause: unrecognized formatting clause "z"',
  },
  { text: "'100%'.format([1])", message: "error during formatting: unexpected end of string" },
  {
    text: "'%f'.format([1])",
    message: "error during formatting: fixed-point clause can only be used on doubles, was given int",
  },
  {
    text: "'%o'.format([null])",
    message: "error during formatting: octal clause can only be used on integers, was given null_type",
  },
]) {
  test(`CEL format refuses ${text}`, () => {
    assert.throws(() => evaluate(text), { name: "CelError", message });
  });
}
