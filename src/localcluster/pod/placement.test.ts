import assert from "node:assert/strict";
import { test } from "node:test";
import type { PodSpec, Taint } from "#api/generated/types.ts";
import type { Node } from "#api/kinds.ts";
import { testPod } from "../testing.ts";
import { NodeLoads } from "./node-loads.ts";
import { placePod } from "./placement.ts";

function nodeWith(name: string, parts: { readonly taints?: readonly Taint[]; readonly cordoned?: boolean } = {}): Node {
  const { taints = [], cordoned = false } = parts;
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name, labels: { zone: name } },
    spec: { taints, ...(cordoned ? { unschedulable: true } : {}) },
    status: { allocatable: { cpu: "2", memory: "1Gi", pods: "3" } },
  };
}

function asking(cpu: string): Partial<PodSpec> {
  return { containers: [{ name: "main", image: "nginx", resources: { requests: { cpu } } }] };
}

function onNode(operator: string, key: string, values: readonly string[], fields = false): Partial<PodSpec> {
  const term = { [fields ? "matchFields" : "matchExpressions"]: [{ key, operator, values }] };
  const requiredDuringSchedulingIgnoredDuringExecution = { nodeSelectorTerms: [term] };
  return { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution } } };
}

const [a, b] = [nodeWith("a"), nodeWith("b")];
const taint = { key: "k", value: "v", effect: "NoSchedule" };

for (const { name, spec = {}, nodes = [a, b], used = [], want } of [
  { name: "the emptier node", used: [testPod({ name: "x", node: "a" })], want: "b" },
  { name: "the node of the selector", spec: { nodeSelector: { zone: "b" } }, want: "b" },
  { name: "the node of the affinity", spec: onNode("In", "zone", ["b"]), want: "b" },
  { name: "the node that the affinity leaves", spec: onNode("NotIn", "zone", ["a"]), want: "b" },
  { name: "the node by name", spec: onNode("In", "metadata.name", ["b"], true), want: "b" },
  { name: "no cordoned node", nodes: [nodeWith("a", { cordoned: true }), b], want: "b" },
  {
    name: "a tolerated taint",
    nodes: [nodeWith("a", { taints: [taint] })],
    spec: { tolerations: [{ key: "k", operator: "Exists" }] },
    want: "a",
  },
  {
    name: "no tainted node",
    nodes: [nodeWith("a", { taints: [taint] })],
    want: "0/1 nodes are available: 1 node(s) had untolerated taint {k: v}.",
  },
  { name: "no node", nodes: [], want: "0/0 nodes are available: no nodes." },
  {
    name: "no full node",
    spec: asking("1500m"),
    nodes: [a, nodeWith("b", { cordoned: true })],
    used: [testPod({ name: "x", node: "a", spec: asking("1") })],
    want: "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) were unschedulable.",
  },
]) {
  test(`placement: ${name}`, () => {
    const loads = new NodeLoads();
    for (const pod of used) loads.take(pod, pod.spec.nodeName ?? "");
    const placement = placePod(testPod({ name: "new", spec }), nodes, loads.all);
    assert.equal(placement.kind === "bind" ? placement.node : placement.message, want);
  });
}

test("loads count each pod once, and forget it", () => {
  const loads = new NodeLoads();
  const pod = testPod({ node: "a", spec: asking("1") });
  loads.take(pod, "a");
  loads.take(pod, "a");
  assert.deepEqual(loads.all.get("a"), { pods: 1, cpuMilli: 1000, memoryMilli: 0 });
  assert.equal(loads.release(pod.metadata.uid ?? ""), true);
  assert.equal(loads.release(pod.metadata.uid ?? ""), false);
  assert.equal(loads.all.size, 0);
});
