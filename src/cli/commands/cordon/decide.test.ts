import assert from "node:assert/strict";
import { test } from "node:test";
import { cordonTaints } from "./decide.ts";

const cordon = { key: "cluster.karmada.io/unschedulable", effect: "NoSchedule" };
const other = { key: "zone", value: "a", effect: "NoExecute" };

for (const { name, taints, cordoned, expected } of [
  { name: "cordoning adds the taint and keeps the others", taints: [other], cordoned: true, expected: [other, cordon] },
  { name: "cordoning twice changes nothing", taints: [cordon], cordoned: true, expected: undefined },
  { name: "letting go takes only this taint away", taints: [cordon, other], cordoned: false, expected: [other] },
  { name: "letting go what is not cordoned changes nothing", taints: [other], cordoned: false, expected: undefined },
  {
    name: "the same key with another effect is someone else's",
    taints: [{ ...cordon, effect: "NoExecute" }],
    cordoned: false,
    expected: undefined,
  },
]) {
  test(name, () => {
    assert.deepEqual(cordonTaints(taints, cordoned), expected);
  });
}
