// When a binding may go back to an earlier group of clusters.
import assert from "node:assert/strict";
import { test } from "node:test";
import { bindingWith } from "#api/testing/builders.ts";
import { ResourceBinding } from "#api/work/binding.ts";
import { Mirror } from "../mirror.ts";
import { controlPlane } from "../parts.ts";
import { placementOf } from "../workload/placements.ts";
import { forwardAffinities } from "./forward-affinities.ts";
import { observedWith, put } from "./testing.ts";

const placement = placementOf(["m1", "m2"], false, ["groups"]);

for (const { name, groups, asked = [], isWrong = false } of [
  { name: "it goes on", groups: ["first", "others"] },
  { name: "it goes back", groups: ["first", "others", "first"], isWrong: true },
  { name: "it goes back, asked to", groups: ["others", "first"], asked: [undefined, "2026-01-01T00:00:00Z"] },
  { name: "it had no groups for a while", groups: ["others", undefined, "first"] },
]) {
  test(`affinity groups: ${name}`, () => {
    const mirror = new Mirror();
    const checker = forwardAffinities(observedWith(mirror, []));
    const found = groups.map((group, index) => {
      const time = asked[index];
      const object = bindingWith({
        metadata: { uid: "b" },
        spec: { placement, ...(time === undefined ? {} : { rescheduleTriggeredAt: time }) },
        status: group === undefined ? {} : { schedulerObservingAffinityName: group },
      });
      return checker.committed?.(put(mirror, controlPlane, ResourceBinding, { object, revision: index + 1 }));
    });
    if (isWrong) assert.match(found.at(-1) ?? "", /goes back from the clusters of others to those of first/);
    else assert.deepEqual(new Set(found), new Set([undefined]));
  });
}
