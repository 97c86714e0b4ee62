// Items per Work, in order, and when all counts as applied.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Work } from "#api/work/work.ts";
import { bindingWith, conditionWith, workWith } from "../testing.ts";
import { aggregateWorks, itemsForTemplate } from "./decide.ts";

const identifier = {
  ordinal: 0,
  group: "apps",
  version: "v1",
  kind: "Deployment",
  resource: "",
  namespace: "default",
  name: "nginx",
};

function applied(cluster: string, replicas?: number): Work {
  const manifestStatuses =
    replicas === undefined ? [] : [{ identifier, status: { replicas }, health: "Healthy" as const }];
  return workWith(cluster, {}, { conditions: [conditionWith("Applied", "True")], manifestStatuses });
}

const both = bindingWith({ clusters: [{ name: "m1" }, { name: "m2" }] }).spec;

test("one item per Work, by cluster, with status and health", () => {
  const { items, fullyApplied } = aggregateWorks(both, [applied("m2", 1), applied("m1", 2)]);
  assert.deepEqual(items, [
    { clusterName: "m1", applied: true, status: { replicas: 2 }, health: "Healthy" },
    { clusterName: "m2", applied: true, status: { replicas: 1 }, health: "Healthy" },
  ]);
  assert.equal(fullyApplied, true);
});

test("nothing is known of the health until the member has reported", () => {
  const { items, fullyApplied } = aggregateWorks(both, [applied("m1"), applied("m2")]);
  assert.deepEqual(items[0], { clusterName: "m1", applied: true, health: "Unknown" });
  assert.equal(fullyApplied, true);
});

test("a Work that is not applied says why and nothing else", () => {
  const failed = workWith(
    "m1",
    {},
    {
      conditions: [conditionWith("Applied", "False", "no room")],
      manifestStatuses: [{ identifier, status: { replicas: 2 }, health: "Healthy" }],
    },
  );
  const { items, fullyApplied } = aggregateWorks(both, [failed, workWith("m2")]);
  assert.deepEqual(items, [
    { clusterName: "m1", appliedMessage: "no room", health: "Unknown" },
    { clusterName: "m2", health: "Unknown" },
  ]);
  assert.equal(fullyApplied, false);
});

for (const { name, spec, works, fullyApplied } of [
  { name: "nothing scheduled", spec: bindingWith().spec, works: [], fullyApplied: false },
  { name: "a Work missing", spec: both, works: [applied("m1")], fullyApplied: false },
  { name: "a Work too many", spec: both, works: [applied("m1"), applied("m2"), applied("m3")], fullyApplied: false },
  { name: "a Work elsewhere", spec: both, works: [applied("m1"), applied("m3")], fullyApplied: false },
  {
    name: "a cluster that is being left counts",
    spec: { ...both, gracefulEvictionTasks: [{ fromCluster: "m3", reason: "Test", producer: "Test" }] },
    works: [applied("m1"), applied("m2"), applied("m3")],
    fullyApplied: true,
  },
  {
    name: "a Work on its way out does not count",
    spec: both,
    works: [
      applied("m1"),
      { ...applied("m2"), metadata: { ...applied("m2").metadata, deletionTimestamp: "2024-01-01T00:00:00Z" } },
    ],
    fullyApplied: false,
  },
]) {
  test(`fully applied: ${name}`, () => {
    assert.equal(aggregateWorks(spec, works).fullyApplied, fullyApplied);
  });
}

test("a template's status counts the targets that have no Work yet as members that have said nothing", () => {
  const { items } = aggregateWorks(both, [applied("m2", 1)]);
  assert.deepEqual(itemsForTemplate(both, items), [{ clusterName: "m1", health: "Unknown" }, ...items]);
  const attached = bindingWith({ requiredBy: [{ name: "r", clusters: [{ name: "m3" }] }] }).spec;
  assert.deepEqual(itemsForTemplate(attached, []), [{ clusterName: "m3", health: "Unknown" }]);
  assert.equal(itemsForTemplate(bindingWith().spec, []), undefined, "nowhere at all");
});

test("where it stays because of what refers to it, it counts as it does elsewhere", () => {
  const one = bindingWith({ clusters: [{ name: "m1" }] }).spec;
  const works = [applied("m1"), applied("m2")];
  assert.equal(aggregateWorks(one, works).fullyApplied, false);
  assert.equal(aggregateWorks(one, works, new Set(["m2", "m3"])).fullyApplied, true);
});

test("what the interpreter could not say in members is told of each of them", () => {
  const failing = (cluster: string) =>
    workWith(
      cluster,
      {},
      {
        conditions: [
          conditionWith("StatusInterpreted", "True"),
          conditionWith("HealthInterpreted", "False", `line ${cluster.slice(1)}`),
        ],
      },
    );
  const { interpreted } = aggregateWorks(both, [failing("m2"), applied("m3"), failing("m1")]);
  const told = interpreted.map(({ words, failures }) => [words.type, failures.map(({ message }) => message)]);
  assert.deepEqual(told, [
    ["StatusInterpreted", []],
    ["HealthInterpreted", ["cluster m2: line 2", "cluster m1: line 1"]],
  ]);
});
