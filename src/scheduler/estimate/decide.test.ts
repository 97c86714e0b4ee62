import assert from "node:assert/strict";
import { test } from "node:test";
import { bindingWith, clusterWith } from "#api/testing/builders.ts";
import { estimatorFor } from "./decide.ts";

const allocatable = { cpu: "4", memory: "8Gi", pods: "10" };

for (const { name, summary, spec, replicas } of [
  { name: "nothing known", summary: undefined, spec: { replicas: 1 }, replicas: 0 },
  { name: "no replicas asked for", summary: undefined, spec: { replicas: 0 }, replicas: 2_147_483_647 },
  { name: "pods alone", summary: { allocatable }, spec: { replicas: 1 }, replicas: 10 },
  {
    name: "by cpu, less what is in use and waiting",
    summary: { allocatable, allocated: { cpu: "1", pods: "2" }, allocating: { cpu: "500m" } },
    spec: { replicas: 1, replicaRequirements: { resourceRequest: { cpu: "500m" } } },
    replicas: 5,
  },
  {
    name: "by the scarcest resource",
    summary: { allocatable },
    spec: { replicas: 1, replicaRequirements: { resourceRequest: { cpu: "100m", memory: "3Gi" } } },
    replicas: 2,
  },
  {
    name: "a resource that the cluster does not have",
    summary: { allocatable },
    spec: { replicas: 1, replicaRequirements: { resourceRequest: { "nvidia.com/gpu": "1" } } },
    replicas: 0,
  },
  {
    name: "more in use than there is",
    summary: { allocatable, allocated: { pods: "12" } },
    spec: { replicas: 1 },
    replicas: 0,
  },
]) {
  test(`estimate: ${name}`, () => {
    const status = summary === undefined ? {} : { resourceSummary: summary };
    assert.equal(estimatorFor(bindingWith({ spec }).spec)(clusterWith("m1", { status })), replicas);
  });
}

const range = (name: string, min: string, max: string) => ({ name, min, max });
const resourceModels = [
  { grade: 0, ranges: [range("cpu", "0", "2"), range("memory", "0", "4Gi")] },
  { grade: 1, ranges: [range("cpu", "2", "8"), range("memory", "4Gi", "32Gi")] },
];
const modelled = clusterWith("m1", {
  spec: { resourceModels },
  status: {
    resourceSummary: {
      allocatable: { cpu: "20", memory: "100Gi", pods: "50", "nvidia.com/gpu": "3" },
      allocatableModelings: [
        { grade: 0, count: 4 },
        { grade: 1, count: 2 },
      ],
    },
  },
});
const asking = (resourceRequest: Record<string, string>) => ({ replicas: 1, replicaRequirements: { resourceRequest } });

for (const { name, spec, replicas } of [
  { name: "two nodes with room for two each", spec: asking({ cpu: "1" }), replicas: 4 },
  { name: "no node is large enough, whatever their sum", spec: asking({ cpu: "10" }), replicas: 0 },
  { name: "not more pods than the cluster takes", spec: asking({ memory: "1Mi" }), replicas: 50 },
  { name: "no requests: pods alone", spec: asking({}), replicas: 50 },
  { name: "a resource without a model: by the sum", spec: asking({ "nvidia.com/gpu": "1" }), replicas: 3 },
  {
    name: "whole sets of components",
    spec: {
      components: [
        { name: "leader", replicas: 1, replicaRequirements: { resourceRequest: { cpu: "1" } } },
        { name: "worker", replicas: 2, replicaRequirements: { resourceRequest: { cpu: "500m" } } },
      ],
    },
    replicas: 2,
  },
  {
    name: "a set with a part that no node takes",
    spec: { components: [{ name: "one", replicas: 1, replicaRequirements: { resourceRequest: { cpu: "3" } } }] },
    replicas: 0,
  },
]) {
  test(`estimate by models: ${name}`, () => {
    assert.equal(estimatorFor(bindingWith({ spec }).spec)(modelled), replicas);
  });
}

test("estimate: sets by the sum where there are no models", () => {
  const components = [{ name: "one", replicas: 3, replicaRequirements: { resourceRequest: { cpu: "1" } } }];
  const cluster = clusterWith("m1", { status: { resourceSummary: { allocatable: { cpu: "10", pods: "7" } } } });
  assert.equal(estimatorFor(bindingWith({ spec: { components } }).spec)(cluster), 2);
});

for (const { name, assumed, replicas } of [
  { name: "nothing", assumed: {}, replicas: 4 },
  { name: "cpu, more than the models' rounding hides", assumed: { cpu: 18_500 }, replicas: 1 },
  { name: "pods", assumed: { pods: 48_000 }, replicas: 2 },
  { name: "more than there is", assumed: { cpu: 99_000 }, replicas: 0 },
]) {
  test(`estimate less what is on its way: ${name}`, () => {
    const { spec } = bindingWith({ spec: asking({ cpu: "1" }) });
    assert.equal(estimatorFor(spec, () => new Map(Object.entries(assumed)))(modelled), replicas);
  });
}
