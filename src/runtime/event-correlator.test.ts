import assert from "node:assert/strict";
import { test } from "node:test";
import { EventCorrelator, similarIntervalMilliseconds, spamBurst, spamRefillMilliseconds } from "./event-correlator.ts";

const occurrence = (message: string, name = "web", reason = "Synced") => ({
  target: { apiVersion: "v1", kind: "Pod", metadata: { name, namespace: "default", uid: name } },
  type: "Normal" as const,
  reason,
  message,
});

test("event correlator: the same event counts up", () => {
  const correlator = new EventCorrelator();
  const first = correlator.correlate(occurrence("a"), 1000);
  const second = correlator.correlate(occurrence("a"), 5000);
  assert.equal(first, second);
  const { count, firstAt, lastAt } = second!;
  assert.deepEqual({ count, firstAt, lastAt }, { count: 2, firstAt: 1000, lastAt: 5000 });
  assert.notEqual(correlator.correlate(occurrence("b"), 5000), first);
  assert.notEqual(correlator.correlate(occurrence("a", "other"), 5000), first);
});

test("event correlator: remembers who it is about, not the object", () => {
  const { target, ...said } = occurrence("a");
  const { apiVersion, kind, metadata } = target;
  const object = { apiVersion, kind, metadata: { ...metadata, labels: { app: "web" } }, spec: { replicas: 1 } };
  const record = new EventCorrelator().correlate({ ...said, target: object }, 1000);
  assert.deepEqual(record?.target, { apiVersion, kind, metadata });
});

test("event correlator: from ten different messages of one reason on they are combined, for a while", () => {
  const correlator = new EventCorrelator();
  const messages = Array.from(
    { length: 12 },
    (_, index) => correlator.correlate(occurrence(`m${index}`), index)?.message,
  );
  assert.deepEqual(messages.slice(8), [
    "m8",
    "(combined from similar events): m9",
    "(combined from similar events): m10",
    "(combined from similar events): m11",
  ]);
  assert.equal(correlator.correlate(occurrence("m12"), 20)?.count, 4);
  assert.equal(correlator.correlate(occurrence("m13", "web", "Other"), 20)?.message, "m13");
  assert.equal(correlator.correlate(occurrence("m14"), 30 + similarIntervalMilliseconds)?.message, "m14");
});

test("event correlator: an object that says too much is dropped, others are not", () => {
  const correlator = new EventCorrelator();
  for (let index = 0; index < spamBurst; index++) assert.ok(correlator.correlate(occurrence("a"), 0));
  assert.equal(correlator.correlate(occurrence("a"), 0), undefined);
  assert.ok(correlator.correlate(occurrence("a", "other"), 0));
  assert.ok(correlator.correlate(occurrence("a"), spamRefillMilliseconds));
  assert.equal(correlator.correlate(occurrence("a"), spamRefillMilliseconds), undefined);
});
