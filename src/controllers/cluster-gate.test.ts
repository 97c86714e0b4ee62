// Slots per cluster, and keys that wait for one.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ClusterGate } from "./cluster-gate.ts";

test("a full gate parks keys once and brings them back in order, one per free slot", () => {
  const requeued: string[] = [];
  const gate = new ClusterGate<{ readonly name: string }>(({ name }) => requeued.push(name));
  const leaveA = gate.enter("m1", { name: "a" }, 2);
  const leaveB = gate.enter("m1", { name: "b" }, 2);
  for (const name of ["c", "d", "c"]) assert.equal(gate.enter("m1", { name }, 2), undefined);
  leaveA?.();
  assert.deepEqual(requeued, ["c"]);
  leaveB?.();
  assert.deepEqual(requeued, ["c", "d"]);
});

test("a full gate of one cluster is not in the way of another", () => {
  const gate = new ClusterGate<{ readonly name: string }>(() => undefined);
  assert.notEqual(gate.enter("m1", { name: "a" }, 1), undefined);
  assert.equal(gate.enter("m1", { name: "b" }, 1), undefined);
  assert.notEqual(gate.enter("m2", { name: "b" }, 1), undefined);
});

test("a parked key that gets in by itself is not brought back", () => {
  const requeued: string[] = [];
  const gate = new ClusterGate<{ readonly name: string }>(({ name }) => requeued.push(name));
  const leave = gate.enter("m1", { name: "a" }, 1);
  gate.enter("m1", { name: "b" }, 1);
  gate.enter("m1", { name: "c" }, 1);
  leave?.();
  const leaveC = gate.enter("m1", { name: "c" }, 1);
  assert.notEqual(leaveC, undefined);
  leaveC?.();
  assert.deepEqual(requeued, ["b"]);
});

test("a key that was called and does not want in any more makes room for the next", () => {
  const requeued: string[] = [];
  const gate = new ClusterGate<{ readonly name: string }>(({ name }) => requeued.push(name));
  const leave = gate.enter("m1", { name: "a" }, 1);
  for (const name of ["b", "c", "d"]) gate.enter("m1", { name }, 1);
  leave?.();
  gate.passed("m1", { name: "x" });
  assert.deepEqual(requeued, ["b"]);
  gate.passed("m1", { name: "b" });
  gate.passed("m1", { name: "b" });
  assert.deepEqual(requeued, ["b", "c"]);
  const leaveC = gate.enter("m1", { name: "c" }, 1);
  gate.passed("m1", { name: "c" });
  assert.deepEqual(requeued, ["b", "c"]);
  leaveC?.();
  assert.deepEqual(requeued, ["b", "c", "d"]);
});
