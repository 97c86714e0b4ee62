import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultResourceModels } from "#api/admission/resource-models.ts";
import type { Node, Pod } from "#api/kinds.ts";
import { modelNodes } from "./modeling.ts";

const node = (name: string, cpu: string, memory: string, pods = "110"): Node => ({
  apiVersion: "v1",
  kind: "Node",
  metadata: { name },
  status: { allocatable: { cpu, memory, pods } },
});
const pod = (nodeName: string, phase = "Running"): Pod => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "p" },
  spec: { containers: [], nodeName },
  status: { phase },
});
const counted = (nodes: readonly Node[], pods: readonly Pod[] = []): string[] =>
  (modelNodes(defaultResourceModels(), nodes, pods, () => ({ cpu: "1500m", memory: "1Gi" })) ?? [])
    .filter(({ count }) => count > 0)
    .map(({ grade, count }) => `${grade}:${count}`);

for (const { name, nodes, pods, grades } of [
  {
    name: "a grade of its own",
    nodes: [node("a", "4", "16Gi"), node("b", "500m", "1Gi")],
    pods: [],
    grades: ["0:1", "2:1"],
  },
  { name: "by the scarcest resource", nodes: [node("a", "64", "5Gi")], pods: [], grades: ["1:1"] },
  { name: "less what its pods have", nodes: [node("a", "4", "64Gi")], pods: [pod("a"), pod("b")], grades: ["2:1"] },
  {
    name: "what has ended has nothing",
    nodes: [node("a", "4", "64Gi")],
    pods: [pod("a", "Succeeded")],
    grades: ["3:1"],
  },
  {
    name: "a node that takes no more pods does not count, the next ones do",
    nodes: [node("a", "4", "64Gi", "1"), node("b", "4", "64Gi")],
    pods: [pod("a")],
    grades: ["3:1"],
  },
  { name: "more in use than there is", nodes: [node("a", "1", "64Gi")], pods: [pod("a")], grades: [] },
]) {
  test(`modelNodes: ${name}`, () => {
    assert.deepEqual(counted(nodes, pods), grades);
  });
}

test("modelNodes: every grade is told; none without models", () => {
  assert.equal(modelNodes(defaultResourceModels(), [], [], () => ({}))?.length, 9);
  assert.equal(
    modelNodes([], [node("a", "1", "1Gi")], [], () => ({})),
    undefined,
  );
});
