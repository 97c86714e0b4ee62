import assert from "node:assert/strict";
import { test } from "node:test";
import { clusterWith } from "#api/testing/builders.ts";
import { freesRoom } from "./frees-room.ts";

type Summary = NonNullable<NonNullable<ReturnType<typeof clusterWith>["status"]>["resourceSummary"]>;
const having = (resourceSummary: Summary | undefined) =>
  clusterWith("m1", { status: resourceSummary === undefined ? {} : { resourceSummary } });
const allocatable = { cpu: "4", pods: "110" };

for (const { name, before, after, frees } of [
  { name: "nothing changed", before: { allocatable }, after: { allocatable }, frees: false },
  { name: "known at last", before: undefined, after: { allocatable }, frees: true },
  { name: "a pod went", before: { allocatable, allocated: { cpu: "2" } }, after: { allocatable }, frees: true },
  { name: "a pod came", before: { allocatable }, after: { allocatable, allocated: { cpu: "2" } }, frees: false },
  { name: "a node came", before: { allocatable }, after: { allocatable: { cpu: "8", pods: "220" } }, frees: true },
  {
    name: "nodes of another grade",
    before: { allocatable },
    after: { allocatable, allocatableModelings: [{ grade: 1, count: 1 }] },
    frees: true,
  },
]) {
  test(`freesRoom: ${name}`, () => {
    assert.equal(freesRoom(having(after), having(before)), frees);
  });
}
