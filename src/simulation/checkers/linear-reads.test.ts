import assert from "node:assert/strict";
import { test } from "node:test";
import { brokenReads, type ObservedRead, type ObservedWrite } from "./linear-reads.ts";

const write = (value: string | undefined, begunAt: number, endedAt: number): ObservedWrite => ({
  key: "/a",
  value,
  begunAt,
  endedAt,
});
const read = (value: string | undefined, begunAt = 10, endedAt = 11): ObservedRead => ({
  key: "/a",
  value,
  begunAt,
  endedAt,
});

for (const { name, writes, seen, broken } of [
  { name: "nothing where nothing was written", writes: [], seen: read(undefined), broken: undefined },
  {
    name: "the last acknowledged write",
    writes: [write("1", 0, 1), write("2", 2, 3)],
    seen: read("2"),
    broken: undefined,
  },
  {
    name: "either of two writes at the same time",
    writes: [write("1", 0, 3), write("2", 1, 2)],
    seen: read("1"),
    broken: undefined,
  },
  {
    name: "an unanswered write",
    writes: [write("1", 0, Infinity), write("2", 2, 3)],
    seen: read("1"),
    broken: undefined,
  },
  {
    name: "not an unanswered write",
    writes: [write("1", 0, 1), write("2", 2, Infinity)],
    seen: read("1"),
    broken: undefined,
  },
  { name: "a write under way", writes: [write("1", 0, 20)], seen: read("1"), broken: undefined },
  { name: "the state before a write under way", writes: [write("1", 0, 20)], seen: read(undefined), broken: undefined },
  { name: "a removal", writes: [write("1", 0, 1), write(undefined, 2, 3)], seen: read(undefined), broken: undefined },
  { name: "a lost write", writes: [write("1", 0, 1)], seen: read(undefined), broken: /saw nothing, and 1 had been/ },
  {
    name: "an old value",
    writes: [write("1", 0, 1), write("2", 2, 3)],
    seen: read("1"),
    broken: /saw 1, and 2 had been/,
  },
  {
    name: "what was removed",
    writes: [write("1", 0, 1), write(undefined, 2, 3)],
    seen: read("1"),
    broken: /its removal/,
  },
  { name: "what nobody wrote", writes: [write("1", 0, 1)], seen: read("7"), broken: /nobody has written/ },
  { name: "the future", writes: [write("1", 12, 13)], seen: read("1"), broken: /nobody has written/ },
]) {
  void test(`reads: ${broken === undefined ? "may" : "must not"} see ${name}`, () => {
    const found = brokenReads(writes, [seen]);
    if (broken === undefined) assert.deepEqual(found, []);
    else assert.match(found.join("\n"), broken);
  });
}

void test("reads: keys have nothing to do with each other", () => {
  assert.deepEqual(brokenReads([{ ...write("1", 0, 1), key: "/b" }], [read(undefined)]), []);
});
