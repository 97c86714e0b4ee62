import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { KubeObject } from "#machinery/object.ts";
import { formatTime } from "#std/time.ts";
import { type DeletionOptions, planDeletion } from "./deletion-plan.ts";

const now = Date.UTC(2026, 0, 1);
const noOptions: DeletionOptions = {
  gracePeriodSeconds: undefined,
  propagationPolicy: undefined,
  orphanDependents: undefined,
};

function object(metadata: Partial<KubeObject["metadata"]> = {}): KubeObject {
  return { apiVersion: "v1", kind: "Pod", metadata: { name: "p", ...metadata } };
}

const terminating = { deletionTimestamp: formatTime(now + 20_000), deletionGracePeriodSeconds: 30, generation: 3 };

for (const { name, metadata = {}, options = {}, graceSeconds, held = false, expected } of [
  { name: "nothing holds it: it goes", expected: { kind: "remove" } },
  {
    name: "a finalizer holds it",
    metadata: { finalizers: ["a/b"], generation: 2 },
    expected: {
      kind: "mark",
      deletionTimestamp: formatTime(now),
      deletionGracePeriodSeconds: 0,
      finalizers: ["a/b"],
      generation: 3,
    },
  },
  { name: "something else holds it", held: true, expected: { kind: "mark", finalizers: [], generation: undefined } },
  {
    name: "it has grace",
    graceSeconds: 30,
    expected: { kind: "mark", deletionTimestamp: formatTime(now + 30_000), deletionGracePeriodSeconds: 30 },
  },
  { name: "its grace is negative", graceSeconds: -5, expected: { kind: "mark", deletionGracePeriodSeconds: 1 } },
  { name: "its grace is none", graceSeconds: 0, expected: { kind: "remove" } },
  {
    name: "foreground",
    options: { propagationPolicy: "Foreground" } as const,
    metadata: { finalizers: ["orphan", "a/b"] },
    expected: { kind: "mark", finalizers: ["a/b", "foregroundDeletion"] },
  },
  {
    name: "orphan",
    options: { propagationPolicy: "Orphan" } as const,
    expected: { kind: "mark", finalizers: ["orphan"] },
  },
  {
    name: "background takes the collector's finalizers away",
    options: { propagationPolicy: "Background" } as const,
    metadata: { finalizers: ["foregroundDeletion"] },
    expected: { kind: "remove" },
  },
  {
    name: "what is there decides where nothing is said",
    metadata: { finalizers: ["orphan"] },
    expected: { kind: "mark", finalizers: ["orphan"] },
  },
  { name: "the older word", options: { orphanDependents: true }, expected: { kind: "mark", finalizers: ["orphan"] } },
  { name: "again, with grace left", metadata: terminating, graceSeconds: 30, expected: { kind: "pending" } },
  {
    name: "again, with more grace",
    metadata: terminating,
    options: { gracePeriodSeconds: 60 },
    expected: { kind: "pending" },
  },
  {
    name: "again, with less grace",
    metadata: terminating,
    options: { gracePeriodSeconds: 20 },
    expected: {
      kind: "mark",
      deletionTimestamp: formatTime(now + 10_000),
      deletionGracePeriodSeconds: 20,
      generation: 3,
    },
  },
  {
    name: "again, with so little grace that it would be past",
    metadata: terminating,
    options: { gracePeriodSeconds: 5 },
    expected: { kind: "mark", deletionTimestamp: formatTime(now), deletionGracePeriodSeconds: 5 },
  },
  { name: "again, by force", metadata: terminating, options: { gracePeriodSeconds: 0 }, expected: { kind: "remove" } },
  {
    name: "again, by force, but held",
    metadata: { ...terminating, finalizers: ["a/b"] },
    options: { gracePeriodSeconds: 0 },
    expected: { kind: "mark", deletionGracePeriodSeconds: 0, finalizers: ["a/b"] },
  },
  {
    name: "again, waiting for finalizers",
    metadata: { deletionTimestamp: formatTime(now), deletionGracePeriodSeconds: 0, finalizers: ["a/b"] },
    options: { propagationPolicy: "Orphan" } as const,
    expected: { kind: "pending" },
  },
]) {
  test(`deletion: ${name}`, () => {
    const plan: Readonly<Record<string, unknown>> = {
      ...planDeletion(object(metadata), {
        options: { ...noOptions, ...options },
        graceSeconds,
        heldOtherwise: held,
        now,
      }),
    };
    for (const [field, value] of Object.entries(expected)) assert.deepEqual(plan[field], value, field);
  });
}

test("a repeated deletion is never later and never undoes the first", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100 }), fc.option(fc.integer({ min: -5, max: 200 })), (grace, asked) => {
      const since = now + grace * 1000;
      const metadata = { deletionTimestamp: formatTime(since), deletionGracePeriodSeconds: grace };
      const plan = planDeletion(object(metadata), {
        options: { ...noOptions, gracePeriodSeconds: asked ?? undefined },
        graceSeconds: grace,
        heldOtherwise: false,
        now,
      });
      if (plan.kind === "mark") assert.ok(Date.parse(plan.deletionTimestamp) <= since);
      if (plan.kind === "remove") assert.equal(asked, 0);
    }),
  );
});
