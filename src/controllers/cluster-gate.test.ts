// Slots per cluster, and keys that wait for one.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ClusterGate } from "./cluster-gate.ts";

test("a full gate parks keys once and brings them back in order, one per free slot", () => {
  const requeued: string[] = [];
  const gate = new ClusterGate<{ readonly name: string }>(2, ({ name }) => requeued.push(name));
  const leaveA = gate.enter("m1", { name: "a" });
  const leaveB = gate.enter("m1", { name: "b" });
  for (const name of ["c", "d", "c"]) assert.equal(gate.enter("m1", { name }), undefined);
  leaveA?.();
  assert.deepEqual(requeued, ["c"]);
  leaveB?.();
  assert.deepEqual(requeued, ["c", "d"]);
});

test("a full gate of one cluster is not in the way of another", () => {
  const gate = new ClusterGate<{ readonly name: string }>(1, () => undefined);
  assert.notEqual(gate.enter("m1", { name: "a" }), undefined);
  assert.equal(gate.enter("m1", { name: "b" }), undefined);
  assert.notEqual(gate.enter("m2", { name: "b" }), undefined);
});

test("a parked key that gets in by itself is not brought back", () => {
  const requeued: string[] = [];
  const gate = new ClusterGate<{ readonly name: string }>(1, ({ name }) => requeued.push(name));
  const leave = gate.enter("m1", { name: "a" });
  gate.enter("m1", { name: "b" });
  gate.enter("m1", { name: "c" });
  leave?.();
  const leaveC = gate.enter("m1", { name: "c" });
  assert.notEqual(leaveC, undefined);
  leaveC?.();
  assert.deepEqual(requeued, ["b"]);
});
