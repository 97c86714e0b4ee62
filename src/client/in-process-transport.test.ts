import assert from "node:assert/strict";
import { test } from "node:test";
import type { ApiRequest } from "#machinery/http.ts";
import { inProcessTransport } from "./in-process-transport.ts";
import { createClient } from "./rest-client.ts";
import { ConfigMapKind, jsonAnswer } from "./testing.ts";

const user = { name: "alice", groups: ["system:authenticated"] };
const web = { namespace: "default", name: "web" };

test("in-process transport: every request comes from its user", async () => {
  const seen: ApiRequest[] = [];
  const transport = inProcessTransport((request) => {
    seen.push(request);
    return Promise.resolve(jsonAnswer({ metadata: { name: "web" } }));
  }, user);
  await createClient(transport).get(ConfigMapKind, web);
  assert.deepEqual(seen[0]?.user, user);
});

test("in-process transport: a caller who aborts is not kept waiting by a handler that hangs", async () => {
  const controller = new AbortController();
  const client = createClient(inProcessTransport(() => new Promise(() => undefined), user));
  const answer = client.get(ConfigMapKind, web, { signal: controller.signal });
  controller.abort(new Error("enough"));
  await assert.rejects(answer, { message: "enough" });
  await assert.rejects(client.get(ConfigMapKind, web, { signal: controller.signal }), { message: "enough" });
});

test("in-process transport: leaving a watch tells the server; closing ends the others", async () => {
  const signals: AbortSignal[] = [];
  const transport = inProcessTransport((request) => {
    signals.push(request.signal);
    return Promise.resolve({ status: 200, headers: {}, body: adding(request.signal) });
  }, user);
  const client = createClient(transport);
  const { signal } = new AbortController();
  for await (const event of client.watch(ConfigMapKind, { signal })) {
    assert.equal(event.type, "ADDED");
    break;
  }
  assert.equal(signals[0]?.aborted, true);
  const events = client.watch(ConfigMapKind, { signal })[Symbol.asyncIterator]();
  await events.next();
  assert.equal(signals[1]?.aborted, false);
  await client.close();
  assert.equal(signals[1].aborted, true);
  await assert.rejects(client.get(ConfigMapKind, web), { message: "the client is closed" });
  await events.return?.();
});

async function* adding(until: AbortSignal): AsyncGenerator<Uint8Array> {
  while (!until.aborted) {
    await Promise.resolve();
    yield Buffer.from(`{"type":"ADDED","object":{"metadata":{"name":"a"}}}\n`);
  }
}
