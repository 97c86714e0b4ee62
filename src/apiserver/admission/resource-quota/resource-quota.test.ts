// ResourceQuotas through the server: what they refuse and what they say is used. Their status is set by hand here, as the
// quota controller does it.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { builtinResources } from "#api/builtin/index.ts";
import { fieldOf } from "#machinery/guards.ts";
import type { ApiServer } from "../../options.ts";
import { call, testServer } from "../../testing.ts";

const core = "/api/v1/namespaces/default";

async function serverWith(t: TestContext, hard: Readonly<Record<string, string>>): Promise<ApiServer> {
  const server = await testServer({ resources: builtinResources });
  t.after(() => server.close());
  const body = { metadata: { name: "q" }, spec: { hard } };
  assert.equal((await call(server, "POST", `${core}/resourcequotas`, { body })).status, 201);
  const used = Object.fromEntries(Object.keys(hard).map((name) => [name, "0"]));
  const patch = { status: { hard, used } };
  const headers = { "content-type": "application/merge-patch+json" };
  const answer = await call(server, "PATCH", `${core}/resourcequotas/q/status`, { body: patch, headers });
  assert.equal(answer.status, 200, answer.text);
  return server;
}

async function usedIn(server: ApiServer): Promise<unknown> {
  return fieldOf((await call(server, "GET", `${core}/resourcequotas/q`)).body, "status", "used");
}

const create = (server: ApiServer, name: string, query = "") =>
  call(server, "POST", `${core}/configmaps${query}`, { body: { metadata: { name } } });

test("of many writes at once as many pass as there is room for, and what is used is known at once", async (t) => {
  const server = await serverWith(t, { configmaps: "5", "count/configmaps": "7" });
  const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => create(server, `c${String(index)}`)));
  assert.equal(answers.filter(({ status }) => status === 201).length, 5);
  const refused = answers.find(({ status }) => status !== 201);
  assert.equal(refused?.status, 403);
  assert.match(
    String(refused.body["message"]),
    /^configmaps "c\d+" is forbidden: exceeded quota: q, requested: configmaps=1, used: configmaps=5, limited: configmaps=5$/,
  );
  assert.deepEqual(await usedIn(server), { configmaps: "5", "count/configmaps": "5" });
});

test("a dry run is refused as the write would be, and uses nothing", async (t) => {
  const server = await serverWith(t, { configmaps: "1" });
  assert.equal((await create(server, "a", "?dryRun=All")).status, 201);
  assert.deepEqual(await usedIn(server), { configmaps: "0" });
  assert.equal((await create(server, "a")).status, 201);
  assert.equal((await create(server, "b", "?dryRun=All")).status, 403);
});

test("a write that fails uses nothing", async (t) => {
  const server = await serverWith(t, { configmaps: "9" });
  assert.equal((await create(server, "a")).status, 201);
  assert.equal((await create(server, "a")).status, 409);
  assert.deepEqual(await usedIn(server), { configmaps: "1" });
});

test("generated names, creation by apply and other namespaces", async (t) => {
  const server = await serverWith(t, { configmaps: "2" });
  const generated = await call(server, "POST", `${core}/configmaps`, { body: { metadata: { generateName: "g-" } } });
  assert.equal(generated.status, 201);
  const body = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "applied" } };
  const headers = { "content-type": "application/apply-patch+yaml" };
  const applied = await call(server, "PATCH", `${core}/configmaps/applied?fieldManager=me`, { body, headers });
  assert.equal(applied.status, 201, applied.text);
  assert.equal((await create(server, "third")).status, 403);
  await call(server, "POST", "/api/v1/namespaces", { body: { metadata: { name: "free" } } });
  const elsewhere = await call(server, "POST", "/api/v1/namespaces/free/configmaps", {
    body: { metadata: { name: "third" } },
  });
  assert.equal(elsewhere.status, 201);
});

test("a service that becomes a load balancer is charged when it does", async (t) => {
  const server = await serverWith(t, { services: "2", "services.loadbalancers": "0", "services.nodeports": "1" });
  const body = { metadata: { name: "s" }, spec: { ports: [{ port: 80 }] } };
  assert.equal((await call(server, "POST", `${core}/services`, { body })).status, 201);
  const turn = (type: string) =>
    call(server, "PATCH", `${core}/services/s`, {
      body: { spec: { type } },
      headers: { "content-type": "application/merge-patch+json" },
    });
  const refused = await turn("LoadBalancer");
  assert.equal(
    refused.body["message"],
    'services "s" is forbidden: exceeded quota: q, requested: services.loadbalancers=1, ' +
      "used: services.loadbalancers=0, limited: services.loadbalancers=0",
  );
  assert.equal((await turn("NodePort")).status, 200);
  assert.deepEqual(await usedIn(server), {
    services: "1",
    "services.loadbalancers": "0",
    "services.nodeports": "1",
  });
});
