import assert from "node:assert/strict";
import { test } from "node:test";
import type { Candidate } from "../candidate.ts";
import { selectClusters } from "./decide.ts";

const candidate = (name: string, parts: Partial<Candidate> = {}): Candidate => ({
  name,
  region: "",
  provider: "",
  zones: [],
  labels: {},
  score: 0,
  scores: [],
  bySummary: 0,
  answer: undefined,
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

type Constraint = NonNullable<Parameters<typeof selectClusters>[1]["spreadConstraints"]>[number];
const by = (field: NonNullable<Constraint["spreadByField"]>, minGroups: number, maxGroups: number): Constraint => ({
  spreadByField: field,
  minGroups,
  maxGroups,
});

for (const { name, candidates, constraints, needed, chosen } of [
  {
    name: "zones; a cluster in a zone too many is left out",
    candidates: [
      candidate("a", { zones: ["z1", "z2", "z3"], score: 100 }),
      candidate("b", { zones: ["z1"] }),
      candidate("c", { zones: ["z2"] }),
    ],
    constraints: [by("zone", 2, 2), by("cluster", 1, 2)],
    chosen: "b c",
  },
  {
    name: "providers",
    candidates: [
      candidate("a", { provider: "p" }),
      candidate("b", { provider: "p" }),
      candidate("c", { provider: "q" }),
    ],
    constraints: [by("provider", 2, 2), by("cluster", 2, 2)],
    chosen: "a c",
  },
  {
    name: "a label's values",
    candidates: ["x", "x", "y", "z"].map((tier, index) => candidate(`m${index}`, { labels: { tier } })),
    constraints: [{ spreadByLabel: "tier", minGroups: 3, maxGroups: 3 }],
    chosen: "m0 m2 m3",
  },
  {
    name: "regions and zones at once, one cluster standing for both",
    candidates: [
      candidate("a1", { region: "a", zones: ["z1"] }),
      candidate("a2", { region: "a", zones: ["z2"] }),
      candidate("b1", { region: "b", zones: ["z1"] }),
      candidate("b3", { region: "b", zones: ["z3"] }),
    ],
    constraints: [by("region", 2, 2), by("zone", 2, 2), by("cluster", 2, 2)],
    chosen: "a2 b1",
  },
  {
    name: "the roomier cluster of a region when the preferred ones have no room",
    candidates: [
      candidate("a1", { region: "a", score: 100, allocatable: 1 }),
      candidate("a2", { region: "a", allocatable: 9 }),
      candidate("b1", { region: "b", allocatable: 1 }),
    ],
    constraints: [by("region", 2, 2), by("cluster", 2, 2)],
    needed: 10,
    chosen: "a2 b1",
  },
]) {
  test(`select by group: ${name}`, () => {
    const result = selectClusters(candidates, { spreadConstraints: constraints }, needed);
    assert.deepEqual(result.map((each) => each.name).sort(), chosen.split(" "));
  });
}

test("select by group: more regions than clusters may be chosen", () => {
  const candidates = ["a", "b", "c"].map((region) => candidate(region, { region }));
  const spreadConstraints = [by("region", 3, 3), by("cluster", 1, 2)];
  assert.throws(() => selectClusters(candidates, { spreadConstraints }, undefined), {
    message: "no choice of clusters meets all spread constraints at once",
  });
});
