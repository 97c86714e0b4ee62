import assert from "node:assert/strict";
import { test } from "node:test";
import { bindingWith, clusterWith } from "#api/testing/builders.ts";
import { estimateReplicas } from "./decide.ts";

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
    assert.equal(estimateReplicas(clusterWith("m1", { status }), bindingWith({ spec }).spec), replicas);
  });
}
