// Targets, orphans, suspension, conflict resolution, completions and preserved labels of a binding.
import assert from "node:assert/strict";
import { test } from "node:test";
import { bindingWith, conditionWith, deploymentWith, workWith } from "../testing.ts";
import {
  clustersToKeep,
  conflictResolutionOf,
  divideCompletions,
  isDispatchingSuspended,
  isWorkload,
  judgeWorks,
  preservedLabels,
  targetsOf,
} from "./decide.ts";

const task = { fromCluster: "m3", reason: "Test", producer: "Test" };

test("targets are the scheduler's and then those of the bindings that need this one", () => {
  const { spec } = bindingWith({
    clusters: [{ name: "m1", replicas: 2 }],
    requiredBy: [
      {
        name: "a",
        clusters: [
          { name: "m1", replicas: 9 },
          { name: "m2", replicas: 1 },
        ],
      },
      { name: "b", clusters: [{ name: "m2", replicas: 5 }] },
      { name: "c" },
    ],
  });
  assert.deepEqual(targetsOf(spec), [
    { name: "m1", replicas: 2 },
    { name: "m2", replicas: 1 },
  ]);
});

for (const { name, tasks, kept, first } of [
  { name: "a cluster that is being left keeps its Work", tasks: [task], kept: ["m1", "m3"], first: [] },
  { name: "Gracefully too", tasks: [{ ...task, purgeMode: "Gracefully" as const }], kept: ["m1", "m3"], first: [] },
  { name: "Never too", tasks: [{ ...task, purgeMode: "Never" as const }], kept: ["m1", "m3"], first: [] },
  {
    name: "Directly takes it away first",
    tasks: [{ ...task, purgeMode: "Directly" as const }],
    kept: ["m1"],
    first: ["m3"],
  },
  { name: "so does Immediately", tasks: [{ ...task, purgeMode: "Immediately" as const }], kept: ["m1"], first: ["m3"] },
  {
    name: "a purged cluster that is a target again is kept",
    tasks: [{ ...task, fromCluster: "m1", purgeMode: "Directly" as const }],
    kept: ["m1"],
    first: [],
  },
]) {
  test(name, () => {
    const { spec } = bindingWith({ clusters: [{ name: "m1" }], gracefulEvictionTasks: tasks });
    const works = ["m1", "m2", "m3"].map((cluster) => workWith(cluster));
    const { orphans, mustGoFirst } = judgeWorks(spec, works, { isReady: undefined });
    assert.deepEqual([...clustersToKeep(spec)], kept);
    assert.deepEqual(
      works.filter((work) => !orphans.includes(work)).map((work) => work.metadata.namespace),
      kept.map((cluster) => `karmada-es-${cluster}`),
    );
    assert.deepEqual(
      mustGoFirst.map((work) => work.metadata.namespace),
      first.map((cluster) => `karmada-es-${cluster}`),
    );
  });
}

test("a Work outside any execution namespace is an orphan", () => {
  const applied = { conditions: [conditionWith("Applied", "True")] };
  const stray = workWith("m1", {}, applied, { namespace: "elsewhere" });
  const { spec } = bindingWith({ placement: {}, clusters: [{ name: "m1" }] });
  assert.deepEqual(judgeWorks(spec, [stray], { isReady: () => true }).orphans, [stray]);
});

test("replicas, requirements or components make a workload", () => {
  assert.equal(isWorkload(bindingWith().spec), false);
  assert.equal(isWorkload(bindingWith({ replicas: 1 }).spec), true);
  assert.equal(isWorkload(bindingWith({ replicaRequirements: {} }).spec), true);
  assert.equal(isWorkload(bindingWith({ components: [{ name: "a", replicas: 0 }] }).spec), true);
});

test("dispatching is suspended for all clusters or for those listed; scheduling has nothing to do with it", () => {
  const suspended = (suspension: NonNullable<ReturnType<typeof bindingWith>["spec"]["suspension"]>): boolean[] =>
    ["m1", "m2"].map((cluster) => isDispatchingSuspended(bindingWith({ suspension }).spec, cluster));
  assert.deepEqual(suspended({}), [false, false]);
  assert.deepEqual(suspended({ scheduling: true }), [false, false]);
  assert.deepEqual(suspended({ dispatching: true }), [true, true]);
  assert.deepEqual(suspended({ dispatching: false, dispatchingOnClusters: { clusterNames: ["m2"] } }), [false, true]);
});

for (const { own, policy, resolution } of [
  { own: undefined, policy: undefined, resolution: "abort" },
  { own: undefined, policy: "Abort" as const, resolution: "abort" },
  { own: undefined, policy: "Overwrite" as const, resolution: "overwrite" },
  { own: "abort", policy: "Overwrite" as const, resolution: "abort" },
  { own: "overwrite", policy: "Abort" as const, resolution: "overwrite" },
  { own: "Overwrite", policy: "Abort" as const, resolution: "abort" },
]) {
  test(`template ${String(own)}, policy ${String(policy)}: conflicts ${resolution}`, () => {
    const annotations = own === undefined ? {} : { "work.karmada.io/conflict-resolution": own };
    const { spec } = bindingWith(policy === undefined ? {} : { conflictResolution: policy });
    assert.equal(conflictResolutionOf(deploymentWith({ annotations }), spec), resolution);
  });
}

const job = {
  apiVersion: "batch/v1",
  kind: "Job",
  metadata: { name: "pi" },
  spec: { completions: 10, parallelism: 4 },
};
const divided = { placement: { replicaScheduling: { replicaSchedulingType: "Divided" as const } }, replicas: 4 };
const shares = [
  { name: "m1", replicas: 3 },
  { name: "m2", replicas: 1 },
];

test("a divided Job's completions follow its replicas", () => {
  const completions = divideCompletions(job, bindingWith(divided).spec, shares);
  assert.deepEqual(
    [...(completions ?? [])],
    [
      ["m1", 7],
      ["m2", 3],
    ],
  );
});

for (const { name, template, spec, targets } of [
  { name: "another kind's", template: { ...job, kind: "JobSet" }, spec: divided, targets: shares },
  { name: "a work queue's", template: { ...job, spec: { parallelism: 4 } }, spec: divided, targets: shares },
  { name: "a duplicated Job's", template: job, spec: { replicas: 4, placement: {} }, targets: shares },
  { name: "a Job's without replicas", template: job, spec: { ...divided, replicas: 0 }, targets: shares },
  { name: "a Job's whose targets have no replicas", template: job, spec: divided, targets: [{ name: "m1" }] },
]) {
  test(`${name} completions are not divided`, () => {
    assert.equal(divideCompletions(template, bindingWith(spec).spec, targets), undefined);
  });
}

for (const { name, tasks, targets, labels } of [
  { name: "go to the one new cluster", tasks: ["Directly" as const], targets: ["m2"], labels: { job: "7" } },
  { name: "do not go to several clusters", tasks: ["Directly" as const], targets: ["m2", "m4"], labels: {} },
  { name: "do not go back", tasks: ["Directly" as const], targets: ["m1"], labels: {} },
  { name: "do not go along with a graceful eviction", tasks: ["Gracefully" as const], targets: ["m2"], labels: {} },
  {
    name: "are those of the last task",
    tasks: ["Directly" as const, "Gracefully" as const],
    targets: ["m2"],
    labels: {},
  },
  { name: "are not there without a task", tasks: [], targets: ["m2"], labels: {} },
]) {
  test(`preserved labels ${name}`, () => {
    const gracefulEvictionTasks = tasks.map((purgeMode) => ({
      ...task,
      purgeMode,
      clustersBeforeFailover: ["m1"],
      preservedLabelState: { job: "7" },
    }));
    const clusters = targets.map((target) => ({ name: target }));
    assert.deepEqual(preservedLabels(bindingWith({ gracefulEvictionTasks }).spec, clusters, targets[0] ?? ""), labels);
  });
}
