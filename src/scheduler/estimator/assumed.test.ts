import assert from "node:assert/strict";
import { test } from "node:test";
import { bindingWith } from "#api/testing/builders.ts";
import type { Binding } from "#api/work/binding.ts";
import { Assumed, assumedMilliseconds } from "./assumed.ts";

const replicaRequirements = { resourceRequest: { cpu: "1" } };
const before = bindingWith({ spec: { replicas: 5, replicaRequirements, clusters: [{ name: "m1", replicas: 2 }] } });
const targets = [
  { name: "m1", replicas: 4 },
  { name: "m2", replicas: 1 },
];
const after = (health: string, readyReplicas: number): Binding =>
  bindingWith({
    spec: { ...before.spec, clusters: targets },
    status: {
      aggregatedStatus: [
        { clusterName: "m1", health: health === "Healthy" ? "Healthy" : "Unhealthy", status: { readyReplicas } },
      ],
    },
  });
const sent = (): Assumed => {
  const assumed = new Assumed();
  assumed.remember(before, targets, 0);
  return assumed;
};

test("assumed: what a schedule adds to each cluster", () => {
  const assumed = sent();
  const component = (replicas: number) => ({ name: "nginx", replicas, replicaRequirements });
  assert.deepEqual(
    assumed.in("m1", () => after("Unhealthy", 2), 1),
    [{ namespace: "default", components: [component(2)] }],
  );
  assert.deepEqual(
    assumed.in("m2", () => after("Unhealthy", 2), 1),
    [{ namespace: "default", components: [component(1)] }],
  );
  assert.deepEqual(
    assumed.in("m3", () => after("Unhealthy", 2), 1),
    [],
  );
});

for (const { name, binding, now, count } of [
  { name: "healthy with all its replicas", binding: after("Healthy", 4), now: 1, count: 0 },
  { name: "healthy with those of before", binding: after("Healthy", 2), now: 1, count: 1 },
  { name: "not healthy", binding: after("Unhealthy", 4), now: 1, count: 1 },
  { name: "gone", binding: undefined, now: 1, count: 0 },
  { name: "scheduled elsewhere", binding: bindingWith(), now: 1, count: 0 },
  { name: "too long ago", binding: after("Unhealthy", 2), now: assumedMilliseconds, count: 0 },
]) {
  test(`assumed: ${name}`, () => {
    assert.equal(sent().in("m1", () => binding, now).length, count);
  });
}

test("assumed: whole sets of components, once", () => {
  const assumed = new Assumed();
  const components = [{ name: "a", replicas: 2, replicaRequirements }];
  const binding = bindingWith({ spec: { components } });
  assumed.remember(binding, [{ name: "m1" }], 0);
  const there = bindingWith({ spec: { components, clusters: [{ name: "m1" }] } });
  assert.deepEqual(
    assumed.in("m1", () => there, 1),
    [{ namespace: "default", components }],
  );
  const again = new Assumed();
  again.remember(there, [{ name: "m1" }], 0);
  assert.deepEqual(
    again.in("m1", () => there, 1),
    [],
  );
});
