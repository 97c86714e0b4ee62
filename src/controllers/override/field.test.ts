// fieldOverrider as users write it: a policy, a ConfigMap with a file in it, and the file afterwards. The example of the
// v1.12 announcement and its twin in JSON come first; then what a file, or a change of it, can be like.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import test from "node:test";
import { parse } from "yaml";
import type { Cluster } from "#api/cluster/cluster.ts";
import type { FieldOverrider, FieldPatch, OverridePolicy } from "#api/policy/override-policy.ts";
import { fieldOf } from "#machinery/guards.ts";
import type { KubeObject } from "#machinery/object.ts";
import { clusterWith } from "../testing.ts";
import { explainOverrides, type OverrideExplanation } from "./explain-overrides.ts";

const member1 = clusterWith("member1");

function configMap(file: unknown): KubeObject {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "c", namespace: "default" }, data: { file } };
}

function explain(file: unknown, overriders: readonly FieldOverrider[]): OverrideExplanation {
  const policy: OverridePolicy = {
    apiVersion: "policy.karmada.io/v1alpha1",
    kind: "OverridePolicy",
    metadata: { name: "p", namespace: "default" },
    spec: { overrideRules: [{ overriders: { fieldOverrider: overriders } }] },
  };
  return explainOverrides(configMap(file), [policy], member1);
}

const add = (subPath: string, value: unknown): FieldPatch => ({ operator: "add", subPath, value });
const remove = (subPath: string): FieldPatch => ({ operator: "remove", subPath });
const replace = (subPath: string, value: unknown): FieldPatch => ({ operator: "replace", subPath, value });

async function example(name: string): Promise<unknown> {
  return parse(await readFile(new URL(`../../../examples/configmap-override/${name}.yaml`, import.meta.url), "utf8"));
}

test("the example of the v1.12 announcement, word for word, and its twin in JSON", async () => {
  const template = (await example("configmap")) as KubeObject;
  const policy = (await example("overridepolicy")) as OverridePolicy;
  const fileIn = (object: KubeObject, cluster: Cluster, own = policy): unknown =>
    fieldOf(explainOverrides(object, [own], cluster).manifest["data"], "config.yaml");
  const before = fieldOf(template["data"], "config.yaml");
  assert.ok(typeof before === "string");
  assert.equal(fileIn(template, member1), before.replace("port: 5432", "port: 3306"));
  assert.equal(fileIn(template, clusterWith("member2")), before);
  const json = JSON.stringify(parse(before), undefined, 4);
  const twin = { ...template, data: { "config.yaml": json } };
  const [rule] = policy.spec.overrideRules ?? [];
  const [field] = rule?.overriders.fieldOverrider ?? [];
  assert.ok(rule !== undefined && field?.yaml !== undefined);
  const { yaml, fieldPath } = field;
  const twinRule = { ...rule, overriders: { fieldOverrider: [{ fieldPath, json: yaml }] } };
  const twinPolicy: OverridePolicy = { ...policy, spec: { ...policy.spec, overrideRules: [twinRule] } };
  assert.equal(fileIn(twin, member1, twinPolicy), json.replace("5432", '"3306"'), "JSON has no plain texts");
  assert.equal(fileIn(twin, clusterWith("member2"), twinPolicy), json);
});

interface Case {
  readonly name: string;
  readonly file: string;
  readonly patches: readonly FieldPatch[];
  readonly expected: string;
}

const yamlCases: readonly Case[] = [
  { name: "replace a number by a number", file: "a: 1\nb: 2\n", patches: [replace("/a", 5)], expected: "a: 5\nb: 2\n" },
  { name: "a text over a number that reads as one", file: "a: 1\n", patches: [replace("/a", "5")], expected: "a: 5\n" },
  {
    name: "a text over a quoted text keeps the quotes",
    file: "a: \"1\"\nb: '1'\n",
    patches: [replace("/a", "5"), replace("/b", "6")],
    expected: "a: \"5\"\nb: '6'\n",
  },
  { name: "a text over a number, reading as none", file: "a: 1\n", patches: [replace("/a", "x")], expected: "a: x\n" },
  { name: "a number over a text", file: "a: x\n", patches: [replace("/a", 1.5)], expected: "a: 1.5\n" },
  { name: "a truth value", file: "a: false\n", patches: [replace("/a", true)], expected: "a: true\n" },
  { name: "a text that reads as a truth value", file: "a: x\n", patches: [replace("/a", "on")], expected: 'a: "on"\n' },
  { name: "a map over a scalar", file: "a: 1\n", patches: [replace("/a", { b: 1 })], expected: "a:\n  b: 1\n" },
  {
    name: "add a key",
    file: "a:\n  b: 1\nc: 2\n",
    patches: [add("/a/d", "x")],
    expected: "a:\n  b: 1\n  d: x\nc: 2\n",
  },
  { name: "add over a key", file: "a: 1\n", patches: [add("/a", 2)], expected: "a: 2\n" },
  { name: "add at an index", file: "- a\n- b\n", patches: [add("/1", "x")], expected: "- a\n- x\n- b\n" },
  { name: "add at the first index", file: "- a\n- b\n", patches: [add("/0", "x")], expected: "- x\n- a\n- b\n" },
  { name: "add at the end by -", file: "l:\n  - a\n", patches: [add("/l/-", "x")], expected: "l:\n  - a\n  - x\n" },
  { name: "add at the end by number", file: "l: [a]\n", patches: [add("/l/1", "x")], expected: "l: [a, x]\n" },
  { name: "add at the end by -1", file: "l: [a]\n", patches: [add("/l/-1", "x")], expected: "l: [a, x]\n" },
  { name: "add before the last", file: "l: [a, b]\n", patches: [add("/l/-2", "x")], expected: "l: [a, x, b]\n" },
  {
    name: "replace the last",
    file: "l: # two\n  - a\n  - b\n",
    patches: [replace("/l/-1", "x")],
    expected: "l: # two\n  - a\n  - x\n",
  },
  { name: "remove the last but one", file: "l: [a, b]\n", patches: [remove("/l/-2")], expected: "l: [b]\n" },
  {
    name: "below the last",
    file: "l:\n  - n: 1\n  - n: 2\n",
    patches: [replace("/l/-1/n", 3)],
    expected: "l:\n  - n: 1\n  - n: 3\n",
  },
  { name: "add to an empty list", file: "l: []\n", patches: [add("/l/-", "x")], expected: "l: [x]\n" },
  {
    name: "add a map to a list of maps",
    file: "l:\n- name: a # first\n",
    patches: [add("/l/-", { name: "b" })],
    expected: "l:\n- name: a # first\n- name: b\n",
  },
  { name: "remove a key", file: "a: 1\nb: 2 # two\nc: 3\n", patches: [remove("/b")], expected: "a: 1\nc: 3\n" },
  { name: "remove an item", file: "l:\n  - a\n  - b\n", patches: [remove("/l/0")], expected: "l:\n  - b\n" },
  { name: "remove the last key", file: "a:\n  b: 1\n", patches: [remove("/a/b")], expected: "a: {}\n" },
  {
    name: "several, each on what the one before has made",
    file: "a: 1\nl: [x]\n",
    patches: [add("/b", {}), add("/b/c", "y z"), remove("/l/0"), replace("/a", 2)],
    expected: "a: 2\nl: []\nb:\n  c: y z\n",
  },
  {
    name: "comments stay, before, behind and between",
    file: "# head\na: 1 # one\n\n# about b\nb: 2\n# foot\n",
    patches: [replace("/b", 3)],
    expected: "# head\na: 1 # one\n\n# about b\nb: 3\n# foot\n",
  },
  {
    name: "the order of keys, digits and quotes stay",
    file: "z: 1.10\na: 0x1F\nm: 'q'\nb: 12345678901234567890\n",
    patches: [add("/k", 1)],
    expected: "z: 1.10\na: 0x1F\nm: 'q'\nb: 12345678901234567890\nk: 1\n",
  },
  {
    name: "a block of text stays a block",
    file: "script: |\n  one\n  two\nport: 1\n",
    patches: [replace("/script", "three\nfour\n")],
    expected: "script: |\n  three\n  four\nport: 1\n",
  },
  {
    name: "an anchor stays when something else is changed",
    file: "base: &base {p: 1}\nuse: *base\nport: 1\n",
    patches: [replace("/port", 2)],
    expected: "base: &base {p: 1}\nuse: *base\nport: 2\n",
  },
  {
    name: "the first of several documents",
    file: "a: 1\n---\na: 2 # second\n---\na: 3\n",
    patches: [replace("/a", 9)],
    expected: "a: 9\n---\na: 2 # second\n---\na: 3\n",
  },
  { name: "a document behind a marker", file: "---\na: 1\n", patches: [replace("/a", 2)], expected: "---\na: 2\n" },
  { name: "an empty file", file: "", patches: [add("/a", 1)], expected: "a: 1\n" },
  { name: "nothing but a comment", file: "# later\n", patches: [add("/a", 1)], expected: "# later\n\na: 1\n" },
  {
    name: "keys with slashes and tildes",
    file: "a/b~c: 1\n",
    patches: [replace("/a~1b~0c", 2)],
    expected: "a/b~c: 2\n",
  },
  { name: "the whole document", file: "a: 1\n", patches: [replace("", { b: [1] })], expected: "b:\n  - 1\n" },
  { name: "Windows' line breaks", file: "a: 1\r\nb: 2\r\n", patches: [replace("/a", 5)], expected: "a: 5\r\nb: 2\r\n" },
];

const jsonCases: readonly Case[] = [
  { name: "replace", file: '{"a":1,"b":2}', patches: [replace("/a", "x")], expected: '{"a":"x","b":2}' },
  { name: "add at an index", file: '{"l":[1,3]}', patches: [add("/l/1", 2)], expected: '{"l":[1,2,3]}' },
  { name: "add at the end by -", file: '{"l":[1]}', patches: [add("/l/-", 2)], expected: '{"l":[1,2]}' },
  { name: "add at the end by -1", file: '{"l":[1]}', patches: [add("/l/-1", 2)], expected: '{"l":[1,2]}' },
  { name: "replace the last", file: '{"l":[1,2]}', patches: [replace("/l/-1", 3)], expected: '{"l":[1,3]}' },
  { name: "remove", file: '{"a":{"b":1,"c":2}}', patches: [remove("/a/b")], expected: '{"a":{"c":2}}' },
  {
    name: "the layout stays",
    file: '{\n\t"a": 1\n}\n',
    patches: [add("/b", [true, null])],
    expected: '{\n\t"a": 1,\n\t"b": [\n\t\ttrue,\n\t\tnull\n\t]\n}\n',
  },
  {
    name: "numbers beyond a double",
    file: '{"a":9007199254740993}',
    patches: [add("/b", 1)],
    expected: '{"a":9007199254740993,"b":1}',
  },
];

for (const [how, cases] of [
  ["yaml", yamlCases],
  ["json", jsonCases],
] as const) {
  for (const { name, file, patches, expected } of cases) {
    test(`fieldOverrider, ${how}: ${name}`, () => {
      const { manifest, changes, failure } = explain(file, [{ fieldPath: "/data/file", [how]: patches }]);
      assert.equal(failure, undefined);
      assert.equal(fieldOf(manifest["data"], "file"), expected);
      assert.deepEqual(
        changes.map(({ path, subPaths }) => [path, subPaths]),
        [["/data/file", patches.map(({ subPath }) => subPath)]],
      );
    });
  }
}

test("several overriders of one field, YAML inside an annotation, and a change that changes nothing", () => {
  const fieldPath = "/data/file";
  const twice = explain("a: 1\nb: 1\n", [
    { fieldPath, yaml: [replace("/a", 2)] },
    { fieldPath, yaml: [replace("/b", 3)] },
  ]);
  assert.equal(fieldOf(twice.manifest["data"], "file"), "a: 2\nb: 3\n");
  const same = explain("a:   1 # kept\n", [{ fieldPath, yaml: [replace("/a", 1)] }]);
  assert.equal(fieldOf(same.manifest["data"], "file"), "a:   1 # kept\n");
  assert.deepEqual(same.changes, []);
});

interface FailingCase {
  readonly name: string;
  readonly file: unknown;
  readonly how: "json" | "yaml";
  readonly patches: readonly FieldPatch[];
  readonly fieldPath?: string;
  /** Behind `spec.overrideRules[0].overriders.fieldOverrider[0]`. */
  readonly place?: string;
  readonly problem: RegExp;
}

const failingCases: readonly FailingCase[] = [
  {
    name: "a field that is not there",
    file: "a: 1",
    how: "yaml",
    fieldPath: "/data/none",
    patches: [add("/a", 1)],
    problem: /^path \/data\/none does not exist$/,
  },
  { name: "a field that is no text", file: 5, how: "yaml", patches: [add("/a", 1)], problem: /is not a string$/ },
  {
    name: "a field that is no JSON",
    file: "a: 1",
    how: "json",
    patches: [add("/a", 1)],
    problem: /^the field is not JSON: /,
  },
  {
    name: "an empty field as JSON",
    file: "",
    how: "json",
    patches: [add("/a", 1)],
    problem: /^the field is not JSON: /,
  },
  {
    name: "a field that is no YAML",
    file: "a: [",
    how: "yaml",
    patches: [add("/a", 1)],
    place: ".yaml[0]",
    problem: /^the field is not YAML: /,
  },
  {
    name: "replace nothing",
    file: "a: 1",
    how: "yaml",
    patches: [add("/b", 1), replace("/c", 1)],
    place: ".yaml[1]",
    problem: /^path \/c does not exist$/,
  },
  {
    name: "remove nothing",
    file: '{"a":1}',
    how: "json",
    patches: [remove("/b")],
    place: ".json[0]",
    problem: /^path \/b does not exist$/,
  },
  {
    name: "add below nothing",
    file: "a: 1",
    how: "yaml",
    patches: [add("/b/c", 1)],
    place: ".yaml[0]",
    problem: /^path \/b does not exist$/,
  },
  {
    name: "add below a scalar",
    file: '{"a":1}',
    how: "json",
    patches: [add("/a/b", 1)],
    place: ".json[0]",
    problem: /^path \/a\/b does not exist$/,
  },
  {
    name: "an index behind the end",
    file: "[1]",
    how: "yaml",
    patches: [add("/2", 1)],
    place: ".yaml[0]",
    problem: /^path \/2 does not exist$/,
  },
  {
    name: "an index before the first",
    file: "l: [1]",
    how: "yaml",
    patches: [replace("/l/-2", 1)],
    place: ".yaml[0]",
    problem: /^path \/l\/-2 does not exist$/,
  },
  {
    name: "add before the first",
    file: "[1]",
    how: "json",
    patches: [add("/-3", 1)],
    place: ".json[0]",
    problem: /^path \/-3 does not exist$/,
  },
  {
    name: "remove by -",
    file: "[1]",
    how: "json",
    patches: [remove("/-")],
    place: ".json[0]",
    problem: /^path \/- does not exist$/,
  },
  {
    name: "a path that is no pointer",
    file: "a: 1",
    how: "yaml",
    patches: [replace("a", 1)],
    place: ".yaml[0]",
    problem: /is not a JSON pointer$/,
  },
];

for (const { name, file, how, patches, fieldPath = "/data/file", place = "", problem } of failingCases) {
  test(`fieldOverrider, ${how}, cannot be applied: ${name}`, () => {
    const { manifest, failure, changes } = explain(file, [{ fieldPath, [how]: patches }]);
    assert.ok(failure !== undefined);
    const rule = `spec.overrideRules[0].overriders.fieldOverrider[0]${place}`;
    assert.deepEqual([failure.rule, failure.path, failure.cluster], [rule, fieldPath, "member1"]);
    const head = `OverridePolicy default/p: ${rule} at ${fieldPath} for cluster member1: `;
    assert.ok(failure.message.startsWith(head), failure.message);
    assert.match(failure.message.slice(head.length), problem);
    assert.deepEqual([manifest, changes], [configMap(file), []], "nothing is half applied");
  });
}
