import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { bindingWith } from "#api/testing/builders.ts";
import type { Placement } from "#api/policy/placement.ts";
import type { Candidate } from "../candidate.ts";
import { divideReplicas } from "./decide.ts";

const dynamic = {
  replicaScheduling: {
    replicaSchedulingType: "Divided" as const,
    replicaDivisionPreference: "Weighted" as const,
    weightPreference: { dynamicWeight: "AvailableReplicas" as const },
  },
};
const aggregated = {
  replicaScheduling: { replicaSchedulingType: "Divided" as const, replicaDivisionPreference: "Aggregated" as const },
};
const candidate = (name: string, assigned: number, allocatable: number, tier = 0): Candidate => ({
  name,
  region: "",
  provider: "",
  zones: [],
  labels: {},
  score: 0,
  scores: [],
  bySummary: 0,
  answer: undefined,
  tier,
  assigned,
  allocatable,
});

for (const { name, placement, replicas, chosen, fresh = false, gets } of [
  {
    name: "scaling down shrinks in proportion",
    placement: dynamic,
    replicas: 3,
    chosen: [candidate("a", 4, 0), candidate("b", 2, 0)],
    gets: "a:2 b:1",
  },
  {
    name: "what is right stays, wherever there is room",
    placement: dynamic,
    replicas: 6,
    chosen: [candidate("a", 5, 0), candidate("b", 1, 50)],
    gets: "a:5 b:1",
  },
  {
    name: "asked for anew: by room, what is there counts as room",
    placement: dynamic,
    replicas: 6,
    chosen: [candidate("a", 5, 1), candidate("b", 1, 5)],
    fresh: true,
    gets: "a:3 b:3",
  },
  {
    name: "aggregated: clusters in use first",
    placement: aggregated,
    replicas: 4,
    chosen: [candidate("a", 0, 9), candidate("b", 2, 3)],
    gets: "b:4",
  },
  {
    name: "overflow: what the first tier has no room for",
    placement: dynamic,
    replicas: 7,
    chosen: [candidate("a", 0, 2), candidate("b", 0, 3), candidate("o", 0, 100, 1)],
    gets: "a:2 b:3 o:2",
  },
  {
    name: "overflow: the first tier grows first",
    placement: aggregated,
    replicas: 6,
    chosen: [candidate("a", 3, 2), candidate("o", 2, 100, 1)],
    gets: "a:4 o:2",
  },
  {
    name: "overflow: the last tier shrinks first",
    placement: dynamic,
    replicas: 4,
    chosen: [candidate("a", 3, 0), candidate("o", 2, 9, 1), candidate("p", 2, 9, 2)],
    gets: "a:3 o:1",
  },
]) {
  test(`divide: ${name}`, () => {
    const { spec } = bindingWith({ spec: { replicas } });
    const targets = divideReplicas({ spec, placement, chosen, clusters: new Map(), fresh });
    assert.equal(targets.map((target) => `${target.name}:${target.replicas ?? ""}`).join(" "), gets);
  });
}

test("divide: scaling up never takes from a cluster, and fits into the room there is", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(20), fc.nat(20)), { minLength: 1, maxLength: 6 }),
      fc.nat(20),
      fc.constantFrom(dynamic, aggregated),
      (numbers, more, placement) => {
        const chosen = numbers.map(([assigned, room], index) => candidate(`m${index}`, assigned, room));
        const assigned = chosen.reduce((sum, each) => sum + each.assigned, 0);
        const room = chosen.reduce((sum, each) => sum + each.allocatable, 0);
        const replicas = assigned + Math.min(more, room);
        fc.pre(replicas > 0);
        const { spec } = bindingWith({ spec: { replicas } });
        const targets = divideReplicas({ spec, placement, chosen, clusters: new Map(), fresh: false });
        const got = new Map(targets.map((target) => [target.name, target.replicas ?? 0]));
        assert.equal(
          [...got.values()].reduce((sum, each) => sum + each, 0),
          replicas,
        );
        for (const each of chosen) assert.ok((got.get(each.name) ?? 0) >= each.assigned);
      },
    ),
  );
});

test("divide: too little room in all tiers together", () => {
  const { spec } = bindingWith({ spec: { replicas: 9 } });
  const chosen = [candidate("a", 0, 2), candidate("o", 0, 3, 1)];
  assert.throws(() => divideReplicas({ spec, placement: dynamic, chosen, clusters: new Map(), fresh: false }), {
    message: "failed to assign replicas: failed to scale up: Clusters available replicas are not enough to schedule.",
  });
});

test("divide: a whole set of components is told of by part, where one cluster is wanted", () => {
  const parts = ["leader", "worker"].map((name, index) => ({ name, replicas: index + 1 }));
  const one = { spreadConstraints: [{ spreadByField: "cluster" as const, minGroups: 1, maxGroups: 1 }] };
  const divide = (components: typeof parts, placement: Placement) => {
    const { spec } = bindingWith({ spec: { components } });
    return divideReplicas({ spec, placement, chosen: [candidate("a", 0, 2)], clusters: new Map(), fresh: false });
  };
  assert.deepEqual(divide(parts, one), [{ name: "a", components: parts }]);
  assert.deepEqual(divide(parts, {}), [{ name: "a" }]);
  assert.deepEqual(divide(parts.slice(1), one), [{ name: "a" }]);
});
