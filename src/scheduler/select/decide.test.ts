import assert from "node:assert/strict";
import { test } from "node:test";
import type { Candidate } from "../candidate.ts";
import { selectClusters } from "./decide.ts";

const candidate = (name: string, parts: Partial<Candidate> = {}): Candidate => ({
  name,
  region: "",
  score: 0,
  tier: 0,
  assigned: 0,
  allocatable: 0,
  ...parts,
});
const upTo = (maxGroups: number) => ({
  spreadConstraints: [{ spreadByField: "cluster" as const, minGroups: 1, maxGroups }],
});

for (const { name, candidates, placement, needed, chosen } of [
  {
    name: "tier, score, room, name",
    candidates: [
      candidate("e", { tier: 1, score: 100 }),
      candidate("d"),
      candidate("c"),
      candidate("b", { allocatable: 5 }),
      candidate("a", { score: 100 }),
    ],
    placement: {},
    needed: undefined,
    chosen: "a b c d e",
  },
  {
    name: "the best two, whatever their room, when capacity does not count",
    candidates: [candidate("a", { score: 100 }), candidate("b", { score: 50 }), candidate("c", { allocatable: 9 })],
    placement: upTo(2),
    needed: undefined,
    chosen: "a b",
  },
  {
    name: "a roomier one in place of the last when the replicas do not fit",
    candidates: [
      candidate("a", { score: 100, allocatable: 1 }),
      candidate("b", { score: 50 }),
      candidate("c", { allocatable: 9 }),
    ],
    placement: upTo(2),
    needed: 5,
    chosen: "a c",
  },
]) {
  test(`select: ${name}`, () => {
    const result = selectClusters(candidates, placement, needed);
    assert.equal(result.map((each) => each.name).join(" "), chosen);
  });
}

test("select: no choice has room", () => {
  assert.throws(() => selectClusters([candidate("a", { allocatable: 1 })], upTo(1), 5), {
    message: "no enough resource when selecting 1 clusters",
  });
});

test("select: regions by their worth, then the rest up to the cluster maximum", () => {
  const candidates = [
    candidate("a1", { region: "a", score: 100 }),
    candidate("a2", { region: "a" }),
    candidate("b1", { region: "b" }),
    candidate("c1", { region: "c" }),
  ];
  const placement = {
    spreadConstraints: [
      { spreadByField: "region" as const, minGroups: 2, maxGroups: 2 },
      { spreadByField: "cluster" as const, minGroups: 2, maxGroups: 3 },
    ],
  };
  const result = selectClusters(candidates, placement, undefined);
  assert.deepEqual(
    result.map(({ name }) => name),
    ["a1", "b1", "a2"],
  );
});
