import assert from "node:assert/strict";
import { test } from "node:test";
import type { Client } from "#client/client.ts";
import { fakeTransport, jsonAnswer } from "#client/testing.ts";
import { createClient } from "#client/rest-client.ts";
import { ApiError } from "#machinery/api-error.ts";
import { parseJson } from "#machinery/json.ts";
import { silentLogger } from "#std/logger.ts";
import { ManualClock } from "#std/manual-clock.ts";
import type { Random } from "#std/random.ts";
import { createEventRecorder, queuedEventsMax } from "./create-event-recorder.ts";

const noChance: Random = { uint32: () => 7, uuid: () => "" };
const web = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "web", namespace: "shop", uid: "u", resourceVersion: "5" },
};

function setUp() {
  const clock = new ManualClock();
  const life = new AbortController();
  const failures: ApiError[] = [];
  const transport = fakeTransport(({ body }) => {
    const failure = failures.shift();
    if (failure !== undefined) return jsonAnswer(failure.toStatus(), failure.code);
    return jsonAnswer(parseJson(body ?? Buffer.from("{}")));
  });
  const client: Client = createClient(transport);
  const base = { client, clock, random: noChance, component: "unit", log: silentLogger, signal: life.signal };
  const sent = () => transport.requests.map(({ method, path }) => `${method} ${path}`);
  return { clock, life, failures, recorder: createEventRecorder(base), requests: transport.requests, sent };
}

test("event recorder: writes an Event, then counts it up", async () => {
  const { clock, recorder, requests, sent } = setUp();
  recorder.event(web, "Normal", "Synced", "all is well");
  assert.equal(requests.length, 0, "the caller never waits");
  await clock.settle();
  assert.deepEqual(parseJson(requests[0]?.body ?? ""), {
    apiVersion: "v1",
    kind: "Event",
    metadata: { name: "web.18867251edfa0007", namespace: "shop" },
    involvedObject: { apiVersion: "v1", kind: "Pod", name: "web", namespace: "shop", uid: "u", resourceVersion: "5" },
    type: "Normal",
    reason: "Synced",
    message: "all is well",
    count: 1,
    firstTimestamp: "2026-01-01T00:00:00Z",
    lastTimestamp: "2026-01-01T00:00:00Z",
    source: { component: "unit" },
    reportingComponent: "unit",
    reportingInstance: "",
  });
  await clock.advance(2000);
  recorder.event(web, "Normal", "Synced", "all is well");
  recorder.event(web, "Normal", "Synced", "all is well");
  await clock.settle();
  assert.deepEqual(sent(), [
    "POST /api/v1/namespaces/shop/events",
    "PATCH /api/v1/namespaces/shop/events/web.18867251edfa0007",
  ]);
  assert.deepEqual(parseJson(requests[1]?.body ?? ""), {
    count: 3,
    message: "all is well",
    lastTimestamp: "2026-01-01T00:00:02Z",
  });
});

test("event recorder: an Event that has expired is told again; cluster-scoped objects speak in default", async () => {
  const { clock, recorder, failures, sent } = setUp();
  const node = { apiVersion: "v1", kind: "Node", metadata: { name: "n" } };
  recorder.event(node, "Warning", "Bad", "x");
  await clock.settle();
  failures.push(new ApiError("NotFound", "gone"));
  recorder.event(node, "Warning", "Bad", "x");
  await clock.settle();
  assert.deepEqual(
    sent().map((text) => text.replace(/n\..*/, "")),
    [
      "POST /api/v1/namespaces/default/events",
      "PATCH /api/v1/namespaces/default/events/",
      "POST /api/v1/namespaces/default/events",
    ],
  );
});

test("event recorder: a sick server is waited for, a refusal is not, and stopping leaves nothing behind", async () => {
  const { clock, life, recorder, failures, requests } = setUp();
  failures.push(new ApiError("ServiceUnavailable", "down"), new ApiError("ServiceUnavailable", "down"));
  recorder.event(web, "Normal", "A", "a");
  await clock.until(() => requests.length === 3);
  failures.push(new ApiError("Forbidden", "no"));
  recorder.event(web, "Normal", "B", "b");
  await clock.advance(60_000);
  assert.equal(requests.length, 4);
  failures.push(new ApiError("ServiceUnavailable", "down"));
  recorder.event(web, "Normal", "C", "c");
  await clock.settle();
  life.abort(new Error("over"));
  await clock.settle();
  recorder.event(web, "Normal", "D", "d");
  await clock.advance(60_000);
  assert.equal(requests.length, 5);
  assert.equal(clock.pending, 0);
});

test("event recorder: a full queue drops what comes on top", async () => {
  const { clock, recorder, requests } = setUp();
  for (let index = 0; index < queuedEventsMax + 50; index++) {
    recorder.event({ ...web, metadata: { name: `web-${index}` } }, "Normal", "A", "a");
  }
  await clock.until(() => requests.length >= queuedEventsMax).catch(() => undefined);
  for (let turn = 0; turn < 400; turn++) await clock.settle();
  assert.equal(requests.length, queuedEventsMax);
});

test("event recorder: a burst is written at once, what comes on top at a steady rate", async () => {
  const { clock, life, recorder, requests } = setUp();
  for (let index = 0; index < 200; index++) {
    recorder.event({ ...web, metadata: { name: `web-${index}` } }, "Normal", "A", "a");
  }
  for (let turn = 0; turn < 400; turn++) await clock.settle();
  assert.equal(requests.length, 100);
  await clock.advance(1_000);
  assert.equal(requests.length, 125);
  life.abort(new Error("over"));
  await clock.settle();
  assert.equal(clock.pending, 0);
});
