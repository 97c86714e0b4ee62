// When taints drive a workload out.
import assert from "node:assert/strict";
import { test } from "node:test";
import { evictionTime } from "./decide.ts";

const now = 1_000_000;
const added = "1970-01-01T00:00:10Z";
const taint = { key: "down", effect: "NoExecute", timeAdded: added };
const other = { key: "slow", effect: "NoExecute", timeAdded: "1970-01-01T00:00:05Z" };
const toleration = { key: "down", operator: "Exists", effect: "NoExecute" };

for (const { name, taints, tolerations, at } of [
  { name: "no taint", taints: [], tolerations: [], at: undefined },
  {
    name: "a taint that only keeps new ones away",
    taints: [{ ...taint, effect: "NoSchedule" }],
    tolerations: [],
    at: undefined,
  },
  { name: "not tolerated", taints: [taint], tolerations: [{ ...toleration, key: "else" }], at: now },
  { name: "tolerated for ever", taints: [taint], tolerations: [toleration], at: undefined },
  {
    name: "tolerated for a while",
    taints: [taint],
    tolerations: [{ ...toleration, tolerationSeconds: 30 }],
    at: 40_000,
  },
  {
    name: "0 seconds or less: at once",
    taints: [taint],
    tolerations: [{ ...toleration, tolerationSeconds: -5 }],
    at: 10_000,
  },
  {
    name: "the first toleration counts",
    taints: [taint],
    tolerations: [toleration, { ...toleration, tolerationSeconds: 1 }],
    at: undefined,
  },
  {
    name: "the earliest of several taints counts",
    taints: [taint, other],
    tolerations: [{ operator: "Exists", tolerationSeconds: 60 }],
    at: 65_000,
  },
  { name: "one that is not tolerated is enough", taints: [taint, other], tolerations: [toleration], at: now },
]) {
  test(`leaves: ${name}`, () => {
    assert.equal(evictionTime(taints, tolerations, now), at);
  });
}
