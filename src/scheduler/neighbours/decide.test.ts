import assert from "node:assert/strict";
import { test } from "node:test";
import { bindingWith } from "#api/testing/builders.ts";
import { groupKeysOf, neighboursOf, noNeighbours } from "./decide.ts";

const member = (name: string, groups: object, clusters: readonly string[] = []) =>
  bindingWith({
    metadata: { name },
    spec: { workloadAffinityGroups: groups, clusters: clusters.map((each) => ({ name: each })) },
  });
const together = { affinityGroup: "app=a" };
const apart = { antiAffinityGroup: "app=a" };

test("neighbours: the scheduled ones of the same group, without the binding itself", () => {
  const all = [
    member("self", { ...together, ...apart }, ["m9"]),
    member("b", together, ["m1", "m2"]),
    member("c", together),
    member("d", apart, ["m3"]),
    member("e", apart, ["m4"]),
  ];
  const [self = member("self", {})] = all;
  const found = neighboursOf(
    self,
    (key) => all.filter((each) => groupKeysOf(each).includes(key)),
    ({ spec }) => (spec.clusters ?? []).map(({ name }) => name),
  );
  assert.deepEqual(found, { together: [new Set(["m1", "m2"])], apart: new Set(["m3", "m4"]) });
});

test("neighbours: none without groups; nobody is asked", () => {
  const refuse = (): never => assert.fail("asked");
  assert.equal(neighboursOf(bindingWith(), refuse, refuse), noNeighbours);
});
