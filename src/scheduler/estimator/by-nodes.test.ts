import assert from "node:assert/strict";
import { test } from "node:test";
import type { Node } from "#api/kinds.ts";
import type { Component } from "#api/work/binding.ts";
import { milli } from "#machinery/milli.ts";
import { assume, replicasOnNodes, setsMax, setsOnNodes } from "./by-nodes.ts";
import type { NodeRoom } from "./node-rooms.ts";

interface NodeParts {
  readonly cpu?: number;
  readonly pods?: number;
  readonly labels?: Record<string, string>;
  readonly spec?: Node["spec"];
}

function room({ cpu = 4, pods = 10, labels = {}, spec = {} }: NodeParts): NodeRoom {
  const node: Node = { apiVersion: "v1", kind: "Node", metadata: { name: "n", labels }, spec };
  return {
    node,
    free: new Map([
      ["cpu", cpu * milli],
      ["pods", pods * milli],
    ]),
  };
}
const asking = (cpu: string) => ({ resourceRequest: { cpu } });

for (const { name, nodes, requirements, replicas } of [
  { name: "no nodes", nodes: [], requirements: asking("1"), replicas: 0 },
  { name: "node by node, not by their sum", nodes: [{ cpu: 3 }, { cpu: 3 }], requirements: asking("2"), replicas: 2 },
  { name: "not more than the pods that a node takes", nodes: [{ pods: 2 }], requirements: asking("1m"), replicas: 2 },
  { name: "without requests by pods", nodes: [{ pods: 7 }], requirements: {}, replicas: 7 },
  { name: "a node in use beyond what it has", nodes: [{ cpu: -1 }, {}], requirements: asking("1"), replicas: 4 },
  { name: "a resource that no node has", nodes: [{}], requirements: { resourceRequest: { gpu: "1" } }, replicas: 0 },
  {
    name: "by label",
    nodes: [{ labels: { disk: "ssd" } }, {}],
    requirements: { ...asking("1"), nodeClaim: { nodeSelector: { disk: "ssd" } } },
    replicas: 4,
  },
  {
    name: "by affinity",
    nodes: [{ labels: { zone: "a" } }, { labels: { zone: "b" } }, {}],
    requirements: {
      ...asking("1"),
      nodeClaim: {
        hardNodeAffinity: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: "zone", operator: "In", values: ["a", "b"] }] }],
        },
      },
    },
    replicas: 8,
  },
  {
    name: "cordoned, tainted, and preferably not",
    nodes: [
      { spec: { unschedulable: true } },
      { spec: { taints: [{ key: "k", effect: "NoExecute" }] } },
      { spec: { taints: [{ key: "k", effect: "PreferNoSchedule" }] } },
    ],
    requirements: asking("1"),
    replicas: 4,
  },
  {
    name: "tolerated",
    nodes: [{ spec: { taints: [{ key: "k", effect: "NoSchedule" }] } }],
    requirements: { ...asking("1"), nodeClaim: { tolerations: [{ key: "k", operator: "Exists" }] } },
    replicas: 4,
  },
]) {
  test(`replicasOnNodes: ${name}`, () => {
    assert.equal(replicasOnNodes(nodes.map(room), requirements), replicas);
  });
}

const component = (replicas: number, cpu: string): Component => ({
  name: cpu,
  replicas,
  replicaRequirements: { resourceRequest: { cpu } },
});

test("setsOnNodes: whole sets, each part where there is room for it", () => {
  assert.equal(setsOnNodes([room({ cpu: 4 }), room({ cpu: 3 })], [component(1, "3"), component(2, "500m")]), 1);
  assert.equal(setsOnNodes([room({ cpu: 4 }), room({ cpu: 4 })], [component(1, "3"), component(2, "500m")]), 2);
  assert.equal(setsOnNodes([room({})], [component(1, "5")]), 0);
  assert.equal(setsOnNodes([room({ cpu: 1e6, pods: 1e6 })], [component(1, "1")]), setsMax);
});

test("assume: what is on its way takes its room first, as far as it finds any", () => {
  const rooms = [room({ cpu: 4 }), room({ cpu: 4 })];
  assume(rooms, [{ namespace: "a", components: [component(3, "2")] }]);
  assert.equal(replicasOnNodes(rooms, asking("2")), 1);
  assume(rooms, [{ namespace: "a", components: [component(9, "2")] }]);
  assert.equal(replicasOnNodes(rooms, asking("2")), 0);
});
