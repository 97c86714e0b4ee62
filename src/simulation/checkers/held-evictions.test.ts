// Which ends of evictions are found to be too early.
import assert from "node:assert/strict";
import { test } from "node:test";
import { bindingWith } from "#api/testing/builders.ts";
import { type BindingSpec, type GracefulEvictionTask, ResourceBinding } from "#api/work/binding.ts";
import { Mirror } from "../mirror.ts";
import { controlPlane } from "../parts.ts";
import { heldEvictions } from "./held-evictions.ts";
import { observedWith, put } from "./testing.ts";

const task: GracefulEvictionTask = { fromCluster: "m1", reason: "TaintUntolerated", producer: "TaintManager" };
const divided = { replicaScheduling: { replicaSchedulingType: "Divided" as const } };
const m2 = (replicas: number) => [{ name: "m2", replicas }];

function ends(task: GracefulEvictionTask, spec: Partial<BindingSpec>): string | undefined {
  const mirror = new Mirror();
  const checker = heldEvictions(observedWith(mirror, ["m1", "m2"]));
  const metadata = { name: "v-deployment", uid: "b" };
  const bindings = [{ ...spec, gracefulEvictionTasks: [task] }, spec].map((each) =>
    bindingWith({ metadata, spec: each }),
  );
  const [, last] = bindings.map((object, index) =>
    checker.committed?.(put(mirror, controlPlane, ResourceBinding, { object, revision: index + 1 })),
  );
  return last;
}

for (const { name, what, spec, early } of [
  { name: "all replicas have a place", what: task, spec: { clusters: m2(3), replicas: 3, placement: divided } },
  { name: "some have none", what: task, spec: { clusters: m2(2), replicas: 3, placement: divided }, early: true },
  { name: "it is nowhere", what: task, spec: {}, early: true },
  { name: "it is called off", what: task, spec: { clusters: [{ name: "m1", replicas: 2 }], replicas: 3 } },
  { name: "it was purged", what: { ...task, purgeMode: "Directly" as const }, spec: {} },
  { name: "the user said so", what: { ...task, suppressDeletion: false }, spec: {} },
]) {
  test(`an eviction ends: ${name}`, () => {
    const found = ends(what, spec);
    if (early === true) assert.match(found ?? "", /eviction from m1 ends, and not all of it has a place elsewhere/);
    else assert.equal(found, undefined);
  });
}
