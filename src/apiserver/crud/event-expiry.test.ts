import assert from "node:assert/strict";
import { test } from "node:test";
import { builtinResources } from "#api/builtin/index.ts";
import { ManualClock } from "#std/manual-clock.ts";
import { formatTime } from "#std/time.ts";
import { call, testServer } from "../testing.ts";

test("events go an hour after they were last written", async () => {
  const clock = new ManualClock();
  const server = await testServer({ clock, resources: builtinResources });
  const events = "/api/v1/namespaces/default/events";
  const event = (name: string, lastTimestamp: number) => ({
    metadata: { name, namespace: "default" },
    involvedObject: { kind: "Pod", namespace: "default", name: "p" },
    lastTimestamp: formatTime(lastTimestamp),
  });
  const halfHour = 30 * 60 * 1000;
  await call(server, "POST", events, { body: event("once", clock.now()) });
  await call(server, "POST", events, { body: event("again", clock.now()) });
  await clock.advance(halfHour);
  await call(server, "PUT", `${events}/again`, { body: event("again", clock.now()) });
  await clock.advance(halfHour + 6 * 60 * 1000);
  assert.equal((await call(server, "GET", `${events}/once`)).status, 404);
  assert.equal((await call(server, "GET", `${events}/again`)).status, 200);
  await server.close();
});
