// The last good copy stays although nothing asks for it any more, until another one is seen to be healthy.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Work } from "#api/work/work.ts";
import { bindingWith, conditionWith, workWith } from "../testing.ts";
import { judgeWorks } from "./decide.ts";

type Health = "Healthy" | "Unhealthy" | "Unknown" | "unreported" | "notApplied" | "unheard" | "heldBack";
const identifier = { ordinal: 0, group: "apps", version: "v1", kind: "Deployment", resource: "", name: "nginx" };

function copy(cluster: string, health: Health): Work {
  if (health === "unheard") return workWith(cluster, {}, {});
  if (health === "heldBack") {
    return workWith(cluster, { suspendDispatching: true }, { conditions: [conditionWith("Dispatching", "False")] });
  }
  const applied = conditionWith("Applied", health === "notApplied" ? "False" : "True");
  if (health === "unreported" || health === "notApplied") return workWith(cluster, {}, { conditions: [applied] });
  return workWith(cluster, {}, { conditions: [applied], manifestStatuses: [{ identifier, health }] });
}

const purged = { fromCluster: "m1", reason: "Test", producer: "Test", purgeMode: "Directly" as const };
const released = { fromCluster: "m1", reason: "Test", producer: "Test", suppressDeletion: false };
const all = () => true;

for (const { name, old, next, isReady = all, tasks = [], kept } of [
  { name: "the schedule is empty", old: "Healthy", next: undefined, kept: true },
  { name: "the schedule is empty, and its health is unknown", old: "Unknown", next: undefined, kept: true },
  { name: "the schedule is empty, and nothing was reported yet", old: "unreported", next: undefined, kept: true },
  { name: "nobody has heard of it yet, and it may be there", old: "unheard", next: undefined, kept: true },
  { name: "nobody has heard of it, and the new copy is healthy", old: "unheard", next: "Healthy", kept: false },
  { name: "it was held back and never went out", old: "heldBack", next: undefined, kept: false },
  { name: "it was never applied", old: "notApplied", next: undefined, kept: false },
  { name: "it is unhealthy, and may yet serve", old: "Unhealthy", next: undefined, kept: true },
  { name: "the new copy is healthy", old: "Healthy", next: "Healthy", kept: false },
  { name: "the new copy is not known", old: "Healthy", next: "unreported", kept: true },
  { name: "the new copy is broken", old: "Healthy", next: "Unhealthy", kept: true },
  {
    name: "the new copy was healthy in a member that is away",
    old: "Healthy",
    next: "Healthy",
    isReady: () => false,
    kept: true,
  },
  { name: "the user says of the task that it may go", old: "Healthy", next: undefined, tasks: [released], kept: false },
  { name: "the user wants it purged", old: "Healthy", next: undefined, tasks: [purged], kept: false },
] as const) {
  test(`${kept ? "kept" : "not kept"}: ${name}`, () => {
    const clusters = next === undefined ? [] : [{ name: "m2" }];
    const { spec } = bindingWith({ placement: {}, clusters, gracefulEvictionTasks: [...tasks] });
    const works = [copy("m1", old), ...(next === undefined ? [] : [copy("m2", next)])];
    const { orphans, lastCopies } = judgeWorks(spec, works, { isReady });
    assert.deepEqual(lastCopies, kept ? [works[0]] : []);
    assert.deepEqual(orphans, kept ? [] : [works[0]]);
    assert.deepEqual(judgeWorks(spec, works, { isReady: undefined }).orphans, [works[0]]);
  });
}

test("property: whatever is scheduled, removing orphans leaves a good copy where there was one", () => {
  const health = fc.constantFrom<Health>("Healthy", "Unhealthy", "Unknown", "unreported", "notApplied", "unheard");
  const healths = fc.record({ m1: health, m2: health, m3: health });
  fc.assert(
    fc.property(healths, fc.subarray(["m1", "m2", "m3"]), fc.subarray(["m1", "m2", "m3"]), (each, targets, ready) => {
      const { spec } = bindingWith({ placement: {}, clusters: targets.map((name) => ({ name })) });
      const works = [copy("m1", each.m1), copy("m2", each.m2), copy("m3", each.m3)];
      const { orphans } = judgeWorks(spec, works, { isReady: (name) => ready.includes(name) });
      const isHealthy = (work: Work): boolean => work.status?.manifestStatuses?.[0]?.health === "Healthy";
      const left = works.filter((work) => !orphans.includes(work));
      assert.equal(left.some(isHealthy), works.some(isHealthy));
    }),
  );
});

test("what is only attached is no last copy, and stays where what refers to it still is", () => {
  const { spec } = bindingWith({ requiredBy: [{ name: "web-deployment", namespace: "default", clusters: [] }] });
  const works = [copy("m1", "Healthy"), copy("m2", "Healthy")];
  const { orphans, lastCopies } = judgeWorks(spec, works, { isReady: all, alsoKept: new Set(["m2", "m3"]) });
  assert.deepEqual([orphans, lastCopies], [[works[0]], []]);
});

for (const { inM3, orphans } of [
  { inM3: "Healthy", orphans: 1 },
  { inM3: "Unhealthy", orphans: 0 },
] as const) {
  test(`replicas that are shared are replaced when all who share them are healthy: one is ${inM3}`, () => {
    const placement = { replicaScheduling: { replicaSchedulingType: "Divided" as const } };
    const clusters = [
      { name: "m2", replicas: 1 },
      { name: "m3", replicas: 4 },
    ];
    const { spec } = bindingWith({ placement, replicas: 5, clusters });
    const works = [copy("m1", "Healthy"), copy("m2", "Healthy"), copy("m3", inM3)];
    assert.equal(judgeWorks(spec, works, { isReady: all }).orphans.length, orphans);
  });
}
