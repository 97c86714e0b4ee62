import assert from "node:assert/strict";
import { test } from "node:test";
import { fieldOf } from "#machinery/guards.ts";
import { call, testServer } from "../testing.ts";

const maps = "/api/v1/namespaces/default/configmaps";

test("an object is created, read, changed and deleted", async () => {
  const server = await testServer();
  const created = await call(server, "POST", maps, { body: { metadata: { name: "a" }, data: { k: "1" } } });
  assert.equal(created.status, 201);
  assert.match(created.text, /^\{"apiVersion":"v1","kind":"ConfigMap","metadata":\{"resourceVersion":"\d+",/);
  assert.match(String(fieldOf(created.body, "metadata", "uid")), /^[0-9a-f-]{36}$/);
  assert.equal(fieldOf(created.body, "metadata", "namespace"), "default");

  const read = await call(server, "GET", `${maps}/a`);
  assert.deepEqual(read.body, created.body);

  const body = { ...read.body, data: { k: "2" } };
  const updated = await call(server, "PUT", `${maps}/a`, { body });
  assert.equal(updated.status, 200);
  assert.notEqual(
    fieldOf(updated.body, "metadata", "resourceVersion"),
    fieldOf(read.body, "metadata", "resourceVersion"),
  );
  const stale = await call(server, "PUT", `${maps}/a`, { body });
  assert.equal(stale.status, 409);
  assert.equal(
    stale.body["message"],
    'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to ' +
      "the latest version and try again",
  );

  const list = await call(server, "GET", "/api/v1/configmaps");
  assert.equal(fieldOf(list.body, "items", "length"), undefined);
  assert.match(list.text, /"items":\[\{"metadata":\{"resourceVersion":"/);

  const deleted = await call(server, "DELETE", `${maps}/a`);
  assert.equal(deleted.body["status"], "Success");
  const gone = await call(server, "GET", `${maps}/a`);
  assert.equal(gone.status, 404);
  assert.equal(gone.body["message"], 'configmaps "a" not found');
  await server.close();
});

test("an update that changes nothing writes nothing", async () => {
  const server = await testServer();
  const { body } = await call(server, "POST", maps, {
    body: { metadata: { name: "a", labels: {} }, data: { k: "1" } },
  });
  const same = await call(server, "PUT", `${maps}/a`, { body: { data: { k: "1" }, metadata: { name: "a" } } });
  assert.deepEqual(same.body, body);
  await server.close();
});
