import assert from "node:assert/strict";
import { test } from "node:test";
import { bindingWith, clusterWith } from "#api/testing/builders.ts";
import type { Outcome } from "../decide.ts";
import { isFresh } from "../trigger/decide.ts";
import {
  isNews,
  ofThisLife,
  generationDecided,
  placementText,
  resultPatch,
  resultText,
  statusAfter,
  statusPatch,
  untoldOutcome,
} from "./decide.ts";

const scheduled: Outcome = {
  kind: "scheduled",
  targets: [{ name: "m1", replicas: 2 }],
  affinityName: "",
  attempts: [],
};
const noFit: Outcome = { kind: "failed", reason: "NoClusterFit", message: "0/1 …", attempts: [] };
const noRoom: Outcome = { kind: "failed", reason: "Unschedulable", message: "no room", attempts: [] };
const annotations = { "policy.karmada.io/applied-placement": "{}" };
const settled = bindingWith({
  metadata: { annotations },
  spec: { placement: {}, clusters: [{ name: "m1", replicas: 2 }] },
});

for (const { name, binding, outcome, patch } of [
  {
    name: "first result",
    binding: bindingWith({ spec: { placement: {} } }),
    outcome: scheduled,
    patch: { metadata: { annotations }, spec: { clusters: [{ name: "m1", replicas: 2 }] } },
  },
  { name: "nothing new", binding: settled, outcome: scheduled, patch: undefined },
  { name: "no cluster fits: cleared", binding: settled, outcome: noFit, patch: { spec: { clusters: null } } },
  { name: "no room: the last good result stays", binding: settled, outcome: noRoom, patch: undefined },
]) {
  test(`resultPatch: ${name}`, () => {
    assert.deepEqual(resultPatch(binding, outcome), patch);
  });
}

test("the status says it once: an equal pass changes nothing", () => {
  const first = statusAfter(settled, scheduled, { generation: 2, now: 1000, changed: true });
  assert.equal(first.lastScheduledTime, "1970-01-01T00:00:01Z");
  assert.equal(first.schedulerObservedGeneration, 2);
  const again = statusAfter({ ...settled, status: first }, scheduled, { generation: 2, now: 9000, changed: false });
  assert.deepEqual(again, first);
});

test("who asks for a new schedule is heard once, in the very second of the last one too", () => {
  const asked = { rescheduleTriggeredAt: "1970-01-01T00:00:01Z" };
  const spec = { ...settled.spec, ...asked };
  const before = statusAfter(settled, scheduled, { generation: 2, now: 1_000, changed: true });
  const asking = { ...settled, spec, status: before };
  assert.ok(isFresh(asking));
  const after = statusAfter(asking, scheduled, { generation: 3, now: 1_400, changed: false });
  assert.equal(after.lastScheduledTime, "1970-01-01T00:00:02Z");
  assert.ok(!isFresh({ ...asking, status: after }));
});

test("a failure keeps the observed generation and moves the transition time only when the status flips", () => {
  const first = statusAfter(settled, noRoom, { generation: 2, now: 1000, changed: false });
  assert.equal(first.schedulerObservedGeneration, undefined);
  const later = statusAfter({ ...settled, status: first }, noFit, { generation: 3, now: 9000, changed: true });
  assert.equal(later.conditions?.[0]?.reason, "NoClusterFit");
  assert.equal(later.conditions[0].lastTransitionTime, "1970-01-01T00:00:01Z");
});

test("the annotation is written as Go writes it", () => {
  const text = placementText({
    replicaScheduling: { replicaSchedulingType: "Divided" },
    clusterAffinity: { labelSelector: { matchLabels: { a: "<&>" } } },
  });
  assert.equal(
    text,
    '{"clusterAffinity":{"labelSelector":{"matchLabels":{"a":"\\u003c\\u0026\\u003e"}}},"replicaScheduling":{"replicaSchedulingType":"Divided"}}',
  );
});

test("resultText", () => {
  assert.equal(resultText([{ name: "m1", replicas: 2 }, { name: "m2" }]), "{m1:2, m2:0}");
});

test("the status patch says only what differs, and guards conditions with the version they were read from", () => {
  const status = { schedulerObservedGeneration: 1, aggregatedStatus: [{ clusterName: "m1" }] };
  const binding = bindingWith({ metadata: { resourceVersion: "7" }, status });
  assert.equal(statusPatch(binding, status), undefined);
  assert.deepEqual(statusPatch(binding, { ...status, schedulerObservedGeneration: 2 }), {
    status: { schedulerObservedGeneration: 2 },
  });
  assert.deepEqual(statusPatch(binding, { ...status, conditions: [] }), {
    metadata: { resourceVersion: "7" },
    status: { conditions: [] },
  });
});

test("what another has changed while targets were written has not been scheduled yet", () => {
  const decidedOn = bindingWith({ metadata: { generation: 3 }, spec: { placement: {}, replicas: 2 } });
  const own = { generation: 4 };
  const clusters = [{ name: "m1", replicas: 2 }];
  const written = bindingWith({ metadata: own, spec: { placement: {}, replicas: 2, clusters } });
  const overtaken = bindingWith({ metadata: own, spec: { placement: {}, replicas: 3, clusters } });
  assert.equal(generationDecided(decidedOn, written), 4);
  assert.equal(generationDecided(decidedOn, overtaken), 3);
  assert.equal(generationDecided(decidedOn, decidedOn), 3);
});

test("a generation that has been looked at is no news", () => {
  assert.ok(!isNews({ status: { schedulerObservedGeneration: 2 } }));
  assert.ok(isNews({ status: { schedulerObservedGeneration: 2, lastScheduledTime: "2026-01-01T00:00:00Z" } }));
  assert.ok(isNews({ metadata: { resourceVersion: "7" }, status: { conditions: [] } }));
});

test("a patch is for the binding that was looked at, not for the next of its name", () => {
  const binding = bindingWith({ metadata: { uid: "one" } });
  const spec = { clusters: null };
  assert.deepEqual(ofThisLife(binding, { spec }), { spec, metadata: { uid: "one" } });
  assert.deepEqual(ofThisLife(binding, { metadata: { annotations: { a: "b" } }, spec }), {
    metadata: { annotations: { a: "b" }, uid: "one" },
    spec,
  });
});

const regional = bindingWith({
  metadata: { annotations, generation: 4 },
  spec: {
    placement: {
      clusterAffinities: [
        { affinityName: "first", clusterNames: ["m1"] },
        {
          affinityName: "second",
          clusterNames: ["m2"],
          overflowAffinities: [{ affinityName: "more", clusterNames: ["m3"] }],
        },
        { affinityName: "third", clusterNames: ["m2", "m3", "m4"] },
      ],
    },
  },
});
const knownClusters = new Map(["m1", "m2", "m3"].map((name) => [name, clusterWith(name)]));
const isScheduled = [
  { type: "Scheduled", status: "True" as const, reason: "Success", message: "", lastTransitionTime: "" },
];
for (const { name, targets, observed, seen, conditions = isScheduled, untold } of [
  { name: "all told", targets: ["m1"], observed: "first", seen: 4, untold: undefined },
  { name: "the success is not told", targets: ["m1"], observed: "first", seen: 4, conditions: [], untold: "first" },
  { name: "nor the term", targets: ["m2"], observed: undefined, seen: 3, conditions: [], untold: "second" },
  { name: "the term is not told", targets: ["m2"], observed: "first", seen: 3, untold: "second" },
  { name: "its overflow belongs to it", targets: ["m2", "m3"], observed: "first", seen: 3, untold: "second" },
  { name: "terms are not tried backwards", targets: ["m2"], observed: "third", seen: 3, untold: undefined },
  { name: "targets that are in no term", targets: ["m1"], observed: "second", seen: 3, untold: undefined },
  { name: "a cluster that has left", targets: ["m4"], observed: "first", seen: 3, untold: undefined },
  { name: "seen already: a cluster was relabelled", targets: ["m2"], observed: "first", seen: 4, untold: undefined },
  { name: "nothing is bound", targets: [], observed: "first", seen: 3, conditions: [], untold: undefined },
]) {
  test(`what a lost status leaves untold: ${name}`, () => {
    const status = {
      conditions,
      schedulerObservedGeneration: seen,
      ...(observed === undefined ? {} : { schedulerObservingAffinityName: observed }),
    };
    const clusters = targets.map((name) => ({ name, replicas: 1 }));
    const outcome = untoldOutcome({ ...regional, spec: { ...regional.spec, clusters }, status }, knownClusters);
    assert.equal(outcome?.kind === "scheduled" ? outcome.affinityName : undefined, untold);
  });
}
