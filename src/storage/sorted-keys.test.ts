import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { SortedKeys } from "./sorted-keys.ts";

const byBytes = (left: string, right: string) => Buffer.compare(Buffer.from(left), Buffer.from(right));

function naiveRange(keys: Set<string>, prefix: string, from: string, limit: number) {
  const all = [...keys].filter((key) => key.startsWith(prefix) && byBytes(key, from) >= 0).sort(byBytes);
  return { keys: all.slice(0, limit), count: all.length };
}

test("agrees with a sorted array on any keys", () => {
  const key = fc.oneof(
    fc.string({ unit: fc.constantFrom("a", "b", "/", "\u00e9"), maxLength: 4 }),
    fc.string({ unit: fc.constantFrom("a", "\uffee", "\u{1f600}", "\ue000", "z"), maxLength: 3 }),
  );
  const step = fc.record({ key, remove: fc.boolean() });
  const query = fc.record({ prefix: key, from: key, limit: fc.nat(5) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.array(query, { maxLength: 10 }), (steps, queries) => {
      const sorted = new SortedKeys();
      const naive = new Set<string>();
      for (const { key, remove } of steps) {
        if (remove) sorted.delete(key);
        else if (!naive.has(key)) sorted.add(key);
        naive[remove ? "delete" : "add"](key);
      }
      assert.equal(sorted.size, naive.size);
      for (const { prefix, from, limit } of queries) {
        assert.deepEqual(sorted.range(prefix, from, limit), naiveRange(naive, prefix, from, limit));
      }
    }),
  );
});

test("stays right and quick over many chunks", () => {
  const sorted = new SortedKeys();
  const naive = new Set<string>();
  const name = (index: number) => `/registry/pods/ns-${index % 7}/pod-${(index * 7919) % 20_000}`;
  for (let index = 0; index < 20_000; index++) {
    sorted.add(name(index));
    naive.add(name(index));
  }
  for (let index = 0; index < 20_000; index += 3) {
    sorted.delete(name(index));
    naive.delete(name(index));
  }
  for (const prefix of ["", "/registry/pods/ns-3/", "/registry/pods/ns-6/pod-19", "/registry/q", "/a"]) {
    for (const from of ["", `${prefix}pod-4`, "/registry/pods/ns-4/"]) {
      assert.deepEqual(sorted.range(prefix, from, 500), naiveRange(naive, prefix, from, 500));
    }
  }
  for (const key of naive) sorted.delete(key);
  assert.equal(sorted.size, 0);
  assert.deepEqual(sorted.range("", "", 1), { keys: [], count: 0 });
});
