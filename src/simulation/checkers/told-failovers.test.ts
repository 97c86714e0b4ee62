// Which histories of failovers are found to be wanting.
import assert from "node:assert/strict";
import { test } from "node:test";
import { bindingWith } from "#api/testing/builders.ts";
import { type FailoverRecord, type GracefulEvictionTask, ResourceBinding } from "#api/work/binding.ts";
import { Mirror } from "../mirror.ts";
import { controlPlane } from "../parts.ts";
import { observedWith, put } from "./testing.ts";
import { toldFailovers } from "./told-failovers.ts";

const task: GracefulEvictionTask = {
  fromCluster: "m1",
  reason: "TaintUntolerated",
  producer: "TaintManager",
  creationTimestamp: "2026-01-01T00:00:00Z",
};
const record: FailoverRecord = {
  fromCluster: "m1",
  reason: "TaintUntolerated",
  startTime: "2026-01-01T00:00:00Z",
  outcome: "InProgress",
};

function binding(tasks: readonly GracefulEvictionTask[], history: readonly FailoverRecord[]): ResourceBinding {
  return bindingWith({
    metadata: { uid: "u" },
    spec: { gracefulEvictionTasks: tasks },
    status: { failoverHistory: history },
  });
}

for (const { name, states, says } of [
  { name: "under way", states: [binding([task], [record])], says: undefined },
  {
    name: "ended",
    states: [binding([task], [record]), binding([], [{ ...record, outcome: "Replaced" }])],
    says: undefined,
  },
  { name: "forgotten", states: [binding([task], []), binding([], [])], says: /2026-01-01T00:00:00Z m1 is not told/ },
  {
    name: "without its state",
    states: [binding([{ ...task, preservedLabelState: { id: "7" } }], [record])],
    says: /m1 with id=7 is not told/,
  },
  {
    name: "its end forgotten",
    states: [binding([task], [record]), binding([], [record])],
    says: /is in progress, and its task has gone/,
  },
  {
    name: "too many",
    states: [
      binding(
        [],
        Array.from({ length: 11 }, () => ({ ...record, outcome: "Ended" as const })),
      ),
    ],
    says: /has 11 records/,
  },
] as const) {
  test(`told failovers: ${name}`, () => {
    const mirror = new Mirror();
    const checker = toldFailovers(observedWith(mirror, []));
    states.forEach((object, index) => {
      const change = put(mirror, controlPlane, ResourceBinding, { object, revision: index + 1 });
      assert.equal(checker.committed?.(change), undefined);
    });
    const found = checker.unsettled?.();
    if (says === undefined) assert.equal(found, undefined);
    else assert.match(found ?? "", says);
  });
}
