// Sums over nodes and pods.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Node, Pod } from "#api/kinds.ts";
import { summarizeCapacity } from "./capacity.ts";

function node(cpu: string, memory: string): Node {
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name: cpu },
    status: { allocatable: { cpu, memory, pods: "110" } },
  };
}

function pod(nodeName: string | undefined, phase?: string): Pod {
  const spec = { containers: [], ...(nodeName === undefined ? {} : { nodeName }) };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "p" },
    spec,
    ...(phase === undefined ? {} : { status: { phase } }),
  };
}

test("what nodes have, what pods on nodes were given, what the others wait for", () => {
  const pods = [pod("n1", "Running"), pod("n1"), pod("n2", "Succeeded"), pod("n2", "Failed"), pod(undefined)];
  assert.deepEqual(
    summarizeCapacity([node("2", "4Gi"), node("1500m", "4Gi")], pods, () => ({ cpu: "250m", memory: "64Mi" })),
    {
      allocatable: { cpu: "3500m", memory: "8Gi", pods: "220" },
      allocating: { cpu: "250m", memory: "64Mi", pods: "1" },
      allocated: { cpu: "500m", memory: "128Mi", pods: "2" },
    },
  );
});

test("an empty member has nothing", () => {
  assert.deepEqual(
    summarizeCapacity([], [], () => ({})),
    {
      allocatable: {},
      allocating: { pods: "0" },
      allocated: { pods: "0" },
    },
  );
});
