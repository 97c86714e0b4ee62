import assert from "node:assert/strict";
import { test } from "node:test";
import { bindingWith } from "#api/testing/builders.ts";
import type { Attempt, Outcome } from "../decide.ts";
import { eventsOf } from "./events.ts";

const attempt = (affinityName: string, message?: string): Attempt => ({
  affinityName,
  rejected: new Map(),
  candidates: [],
  chosen: [],
  passedOver: new Map(),
  ties: "ascending",
  failure: message === undefined ? undefined : { reason: "NoClusterFit", message },
});
const told = (outcome: Outcome, kind = "ResourceBinding"): string[] =>
  eventsOf({ ...bindingWith(), kind }, outcome).map(({ type, message }) => `${type}: ${message}`);

test("each group that cannot take it is told of, then the result", () => {
  const targets = [{ name: "m1", replicas: 2 }];
  const attempts = [attempt("a", "0/2 …"), attempt("b")];
  const outcome: Outcome = { kind: "scheduled", targets, affinityName: "b", attempts };
  assert.deepEqual(told(outcome), [
    "Warning: 0/2 …",
    "Normal: Binding has been scheduled successfully. Result: {m1:2}",
  ]);
  assert.equal(
    told(outcome, "ClusterResourceBinding")[1],
    "Normal: Binding has been scheduled successfully. Result {m1:2}",
  );
});

test("where all fail, each failure once", () => {
  const attempts = [attempt("a", "0/2 …"), attempt("b", "0/2 …"), attempt("c", "no room")];
  const outcome: Outcome = { kind: "failed", reason: "NoClusterFit", message: "0/2 …", attempts };
  assert.deepEqual(told(outcome), ["Warning: 0/2 …", "Warning: no room"]);
});
