import assert from "node:assert/strict";
import { test } from "node:test";
import { isConditionTrue } from "#machinery/conditions.ts";
import { localClusterDefaults } from "../settings.ts";
import { testNow } from "../testing.ts";
import { newNode, nodeNames, nodeStatus } from "./decide.ts";

const settings = { ...localClusterDefaults, nodePrefix: "member1", nodes: 2 };
const input = { name: "member1-node-1", settings, now: testNow };

test("nodes are counted from one", () => {
  assert.deepEqual(nodeNames(settings), ["member1-node-1", "member1-node-2"]);
});

test("a node is ready, has its capacity, and says that it is simulated", () => {
  const { metadata, status } = newNode(input);
  assert.equal(metadata.labels?.["node.kubernetes.io/instance-type"], "simulated");
  assert.equal(metadata.labels["kubernetes.io/hostname"], "member1-node-1");
  assert.equal(isConditionTrue(status?.conditions, "Ready"), true);
  assert.deepEqual(status?.allocatable, settings.nodeCapacity);
  assert.equal(status.nodeInfo?.osImage, "Simulated (no machine)");
});

test("a status that is right is left alone, also when somebody has marked the node as not ready", () => {
  const { status } = newNode(input);
  assert.equal(nodeStatus({ ...input, now: testNow + 60_000 }, status), status);
  const conditions = [{ type: "Ready", status: "False" }];
  const rehearsed = { ...status, conditions };
  assert.equal(nodeStatus(input, rehearsed), rehearsed);
});

test("a new capacity is told", () => {
  const { status } = newNode(input);
  const nodeCapacity = { cpu: "1", memory: "1Gi", pods: "1" };
  assert.equal(nodeStatus({ ...input, settings: { ...settings, nodeCapacity } }, status).capacity, nodeCapacity);
});
