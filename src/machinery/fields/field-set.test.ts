// The algebra of field sets, against plain sets of paths.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { deepEqual } from "../equality.ts";
import {
  covers,
  difference,
  differenceBelow,
  elementsOf,
  type FieldSet,
  intersection,
  isMember,
  leaf,
  pathTexts,
  readFieldSet,
  setOfPath,
  union,
} from "./field-set.ts";
import { compareElements } from "./path-element.ts";

const element = fc.constantFrom("f:a", "f:b", "f:c", 'k:{"name":"x"}', 'k:{"name":"y"}', "v:1", "v:10", "v:9");
const path = fc.array(element, { minLength: 1, maxLength: 4 });
const set = fc.array(path, { maxLength: 12 }).map((paths) => paths.map(setOfPath).reduce(union, leaf));

function pathsOf(node: FieldSet, prefix = ""): ReadonlySet<string> {
  const paths = new Set<string>();
  for (const each of elementsOf(node)) {
    const below = node[each] ?? leaf;
    const at = `${prefix}/${each}`;
    if (isMember(below)) paths.add(at);
    for (const inner of pathsOf(below, at)) paths.add(inner);
  }
  return paths;
}

/** A set is stored as it is, so it must have one form only. */
function checkForm(node: FieldSet): void {
  assert.deepEqual(elementsOf(node), elementsOf(node).toSorted(compareElements), "children are sorted");
  for (const each of elementsOf(node)) checkForm(node[each] ?? leaf);
}

function checkPaths(result: FieldSet, expected: Iterable<string>): void {
  checkForm(result);
  assert.deepEqual([...pathsOf(result)].sort(), [...expected].sort());
}

test("operations on sets are those on their paths", () => {
  fc.assert(
    fc.property(set, set, (left, right) => {
      const [mine, theirs] = [pathsOf(left), pathsOf(right)];
      checkPaths(union(left, right), mine.union(theirs));
      checkPaths(difference(left, right), mine.difference(theirs));
      checkPaths(intersection(left, right), mine.intersection(theirs));
      const isBelow = (one: string): boolean => [...theirs].some((each) => one === each || one.startsWith(`${each}/`));
      checkPaths(
        differenceBelow(left, right),
        [...mine].filter((each) => !isBelow(each)),
      );
      assert.equal(covers(left, right), theirs.isSubsetOf(mine));
    }),
  );
});

test("what changes nothing gives the very same set", () => {
  fc.assert(
    fc.property(set, set, (left, right) => {
      assert.equal(union(left, intersection(left, right)), left);
      const apart = difference(left, right);
      assert.equal(difference(apart, right), apart);
    }),
  );
});

test("a set is read as it was written, in any order", () => {
  fc.assert(fc.property(set, (one) => deepEqual(readFieldSet(JSON.parse(JSON.stringify(one))), one)));
  const sent = { "f:b": {}, "f:a": { 'k:{"port":80,"name":"x"}': { "f:c": {}, ".": {} }, "q:odd": { "f:d": {} } } };
  assert.equal(
    JSON.stringify(readFieldSet(sent)),
    '{"f:a":{"k:{\\"name\\":\\"x\\",\\"port\\":80}":{".":{},"f:c":{}}},"f:b":{}}',
  );
});

for (const { what, sent } of [
  { what: "a text", sent: { "f:a": "x" } },
  { what: "a list", sent: [] },
  { what: "keys that are no JSON", sent: { "k:{": {} } },
  { what: "a value that is no JSON", sent: { "v:nope": {} } },
]) {
  test(`malformed sets are refused: ${what}`, () => {
    assert.throws(() => readFieldSet(sent));
  });
}

test("conflicts name paths", () => {
  const one = [
    ["f:spec", "f:containers", 'k:{"name":"a","port":80}', "f:image"],
    ["f:finalizers", 'v:"x"'],
  ];
  assert.deepEqual(pathTexts(one.map(setOfPath).reduce(union, leaf)), [
    '.finalizers[="x"]',
    '.spec.containers[name="a",port=80].image',
  ]);
});
