import assert from "node:assert/strict";
import test from "node:test";
import { fieldErrorText } from "#machinery/field-error.ts";
import type { Schema } from "#machinery/schema.ts";
import { ruleCheck } from "./rule-check.ts";
import { ruleErrors } from "./rules.ts";

function schemaWith(spec: Schema, root: Schema = {}): Schema {
  return { type: "object", properties: { spec }, ...root };
}

function rules(...texts: readonly (string | Readonly<Record<string, unknown>>)[]): Schema {
  const all = texts.map((each) => (typeof each === "string" ? { rule: each } : each));
  return { "x-kubernetes-validations": all };
}

function texts(schema: Schema, value: unknown, old?: unknown): readonly string[] {
  assert.deepEqual(ruleErrors(schema, "schema").map(fieldErrorText), []);
  const findings = ruleCheck(schema)?.(value, old) ?? [];
  return findings.map((each) => `${each.tolerated === true ? "tolerated: " : ""}${fieldErrorText(each)}`);
}

const integer: Schema = { type: "integer" };
const text: Schema = { type: "string" };
const range: Schema = {
  type: "object",
  properties: { min: integer, max: integer, name: text, "a-b": text, tags: { type: "array", items: text } },
};

for (const { name, schema, value, old, expected } of [
  {
    name: "a rule that holds",
    schema: schemaWith({ ...range, ...rules("self.min <= self.max") }),
    value: { spec: { min: 1, max: 2 } },
    expected: [],
  },
  {
    name: "a rule that does not hold says itself",
    schema: schemaWith({ ...range, ...rules("self.min <= self.max") }),
    value: { spec: { min: 3, max: 2 } },
    expected: ["spec: Invalid value: failed rule: self.min <= self.max"],
  },
  {
    name: "a scalar is shown",
    schema: schemaWith({
      type: "object",
      properties: { size: { ...integer, ...rules({ rule: "self % 2 == 0", message: "must be even" }) } },
    }),
    value: { spec: { size: 3 } },
    expected: ["spec.size: Invalid value: 3: must be even"],
  },
  {
    name: "a message of the rule's own making",
    schema: schemaWith({
      ...range,
      ...rules({ rule: "self.max < 5", messageExpression: "'at most 5, not ' + string(self.max)" }),
    }),
    value: { spec: { max: 9 } },
    expected: ["spec: Invalid value: at most 5, not 9"],
  },
  {
    name: "a message expression that fails gives way to the message",
    schema: schemaWith({
      ...range,
      ...rules({ rule: "has(self.max)", message: "max is needed", messageExpression: "'x' + string(self.max)" }),
    }),
    value: { spec: {} },
    expected: ["spec: Invalid value: max is needed"],
  },
  {
    name: "reason and field path",
    schema: schemaWith({
      ...range,
      ...rules({ rule: "has(self.name)", message: "give it", reason: "FieldValueRequired", fieldPath: ".name" }),
    }),
    value: { spec: {} },
    expected: ["spec.name: Required value: give it"],
  },
  {
    name: "a field that is not there",
    schema: schemaWith({ ...range, ...rules("self.max > 1") }),
    value: { spec: {} },
    expected: ["spec: Invalid value: no such key: max evaluating rule: self.max > 1"],
  },
  {
    name: "a transition rule waits for an old value",
    schema: schemaWith({ ...range, ...rules("self.min >= oldSelf.min") }),
    value: { spec: { min: 1 } },
    expected: [],
  },
  {
    name: "a transition that is not allowed",
    schema: schemaWith({ ...range, ...rules("self.min >= oldSelf.min") }),
    value: { spec: { min: 1 } },
    old: { spec: { min: 2 } },
    expected: ["spec: Invalid value: failed rule: self.min >= oldSelf.min"],
  },
  {
    name: "an optional old value",
    schema: schemaWith({
      ...range,
      ...rules({
        rule: "!oldSelf.hasValue() || self.min == oldSelf.value().min",
        message: "min stays",
        optionalOldSelf: true,
      }),
    }),
    value: { spec: { min: 1 } },
    expected: [],
  },
  {
    name: "what was wrong before may stay",
    schema: schemaWith({ ...range, ...rules("self.min <= self.max") }),
    value: { spec: { min: 3, max: 2 } },
    old: { spec: { min: 3, max: 2 } },
    expected: ["tolerated: spec: Invalid value: failed rule: self.min <= self.max"],
  },
  {
    name: "names that CEL cannot write",
    schema: schemaWith({ ...range, ...rules("self.a__dash__b == 'x'") }),
    value: { spec: { "a-b": "x" } },
    expected: [],
  },
  {
    name: "the root knows its name",
    schema: schemaWith(range, rules("self.metadata.name.startsWith('a') && self.kind == 'Widget'")),
    value: { kind: "Widget", metadata: { name: "b" }, spec: {} },
    expected: ["Invalid value: failed rule: self.metadata.name.startsWith('a') && self.kind == 'Widget'"],
  },
  {
    name: "items of a list, and of a map",
    schema: schemaWith({
      type: "object",
      properties: {
        list: { type: "array", items: { ...integer, ...rules("self > 0") } },
        map: { type: "object", additionalProperties: { ...text, ...rules("self != ''") } },
      },
    }),
    value: { spec: { list: [1, 0], map: { a: "", b: "x" } } },
    expected: [
      "spec.list[1]: Invalid value: 0: failed rule: self > 0",
      "spec.map[a]: Invalid value: \"\": failed rule: self != ''",
    ],
  },
  {
    name: "a set is equal whatever its order",
    schema: schemaWith({
      type: "object",
      properties: {
        tags: { type: "array", items: text, "x-kubernetes-list-type": "set", ...rules("self == oldSelf") },
      },
    }),
    value: { spec: { tags: ["a", "b"] } },
    old: { spec: { tags: ["b", "a"] } },
    expected: [],
  },
  {
    name: "items of a map list are compared by their keys",
    schema: schemaWith({
      type: "object",
      properties: {
        ports: {
          type: "array",
          "x-kubernetes-list-type": "map",
          "x-kubernetes-list-map-keys": ["name"],
          items: {
            type: "object",
            required: ["name"],
            properties: { name: text, port: { ...integer, ...rules("self == oldSelf") } },
          },
        },
      },
    }),
    value: {
      spec: {
        ports: [
          { name: "b", port: 2 },
          { name: "a", port: 9 },
        ],
      },
    },
    old: {
      spec: {
        ports: [
          { name: "a", port: 1 },
          { name: "b", port: 2 },
        ],
      },
    },
    expected: ["spec.ports[1].port: Invalid value: 9: failed rule: self == oldSelf"],
  },
  {
    name: "int or string",
    schema: schemaWith({
      type: "object",
      properties: { port: { "x-kubernetes-int-or-string": true, ...rules("type(self) == string || self < 10") } },
    }),
    value: { spec: { port: 11 } },
    expected: ["spec.port: Invalid value: 11: failed rule: type(self) == string || self < 10"],
  },
  {
    name: "the libraries of Kubernetes",
    schema: schemaWith({
      ...range,
      ...rules(
        "quantity(self.name).isLessThan(quantity('2Gi'))",
        "!format.dns1123Label().validate(self.name).hasValue()",
        "self.tags.isSorted() && sets.contains(self.tags, ['a'])",
        "self.name.find('[0-9]+') == '1'",
        "ip('10.0.0.1').family() == 4 && cidr('10.0.0.0/8').containsIP('10.1.2.3')",
        "url('https://a.b:80/c?d=e').getHostname() == 'a.b'",
        "semver('1.2.3').isLessThan(semver('1.10.0'))",
        "self.?missing.orValue('') == ''".replace("missing", "name") + " || true",
      ),
    }),
    value: { spec: { name: "1Gi", tags: ["a", "b"] } },
    expected: ["spec: Invalid value: failed rule: !format.dns1123Label().validate(self.name).hasValue()"],
  },
]) {
  test(`rules: ${name}`, () => {
    assert.deepEqual(texts(schema, value, old), expected);
  });
}

const list = (items: Schema, more: Schema = {}): Schema => ({ type: "array", items, ...more });

for (const { name, spec, expected } of [
  {
    name: "a field that the schema does not have",
    spec: { ...range, ...rules("self.foo == 1") },
    expected:
      'schema.properties[spec].x-kubernetes-validations[0].rule: Invalid value: "self.foo == 1": compilation failed: ' +
      "ERROR: <input>:1:5: undefined field 'foo'\n | self.foo == 1\n | ....^",
  },
  {
    name: "types that do not fit",
    spec: { ...range, ...rules("self.min == self.name") },
    expected:
      'schema.properties[spec].x-kubernetes-validations[0].rule: Invalid value: "self.min == self.name": compilation failed: ' +
      "ERROR: <input>:1:10: found no matching overload for '_==_' applied to '(int, string)'\n | self.min == self.name\n | .........^",
  },
  {
    name: "no truth value",
    spec: { ...range, ...rules("self.min") },
    expected:
      'schema.properties[spec].x-kubernetes-validations[0].rule: Invalid value: "self.min": cel expression must evaluate to a bool',
  },
  {
    name: "no expression",
    spec: { ...range, ...rules("self.min ==") },
    expected:
      'schema.properties[spec].x-kubernetes-validations[0].rule: Invalid value: "self.min ==": compilation failed: ' +
      "ERROR: <input>:1:12: Syntax error: mismatched input '<EOF>'\n | self.min ==\n | ...........^",
  },
  {
    name: "a message that is no text",
    spec: { ...range, ...rules({ rule: "true", messageExpression: "1" }) },
    expected:
      'schema.properties[spec].x-kubernetes-validations[0].messageExpression: Invalid value: "1": messageExpression must evaluate to a string',
  },
  {
    name: "a path that leads nowhere",
    spec: { ...range, ...rules({ rule: "true", fieldPath: ".foo" }) },
    expected:
      'schema.properties[spec].x-kubernetes-validations[0].fieldPath: Invalid value: ".foo": fieldPath must be a valid path to a field of the schema',
  },
  {
    name: "an old value that cannot be found",
    spec: list({ ...integer, ...rules("self == oldSelf") }),
    expected:
      'schema.properties[spec].items.x-kubernetes-validations[0].rule: Invalid value: "self == oldSelf": oldSelf cannot be used on the ' +
      "uncorrelatable portion of the schema within an array whose items have no keys",
  },
  {
    name: "loops in loops over lists that nothing bounds",
    spec: { ...list(text), ...rules("self.all(x, self.all(y, x != y))") },
    expected:
      "schema.properties[spec].x-kubernetes-validations[0].rule: Forbidden: estimated rule cost exceeds budget by more than 100x (try " +
      "simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)",
  },
]) {
  test(`a definition is refused: ${name}`, () => {
    assert.equal(ruleErrors(schemaWith(spec), "schema").map(fieldErrorText)[0], expected);
  });
}

test("the same loops over bounded lists are fine", () => {
  const bounded = {
    ...list({ type: "string", maxLength: 64 }, { maxItems: 50 }),
    ...rules("self.all(x, self.all(y, x != y || true))"),
  };
  assert.deepEqual(ruleErrors(schemaWith(bounded), "schema"), []);
});

test("a rule that costs more than it may ends the check", () => {
  const schema = schemaWith({ ...list(integer), ...rules("self.all(x, self.all(y, x + y >= 0))", "false") });
  const value = { spec: Array.from({ length: 3_000 }, (_, index) => index) };
  const errors = (ruleCheck(schema)?.(value) ?? []).map(fieldErrorText);
  assert.deepEqual(errors, [
    "spec: Invalid value: no further validation rules will be run due to call cost exceeds limit for rule: " +
      "self.all(x, self.all(y, x + y >= 0))",
  ]);
});
