// What every request goes through: who, whether, how long, and what is said when it goes wrong.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError } from "#machinery/api-error.ts";
import { builtinResources } from "#api/builtin/index.ts";
import { fieldOf } from "#machinery/guards.ts";
import { ManualClock } from "#std/manual-clock.ts";
import { unionAuthenticator } from "../auth/authenticators.ts";
import { call, configMaps, namespaces, testResource, testServer, testVersion } from "../testing.ts";

test("every answer has an audit id and may not be cached", async () => {
  const server = await testServer();
  const { headers } = await call(server, "GET", "/api/v1/configmaps", { headers: { "audit-id": "mine" } });
  assert.equal(headers["audit-id"], "mine");
  assert.equal(headers["cache-control"], "no-cache, private");
  await server.close();
});

test("who may not is told what, whom and where", async () => {
  const server = await testServer({
    authorize: ({ user }) => ({ allowed: user.name === "admin", reason: "" }),
  });
  const user = { name: "bob", groups: [] };
  const { status, body } = await call(server, "GET", "/api/v1/namespaces/default/configmaps/a", { user });
  assert.equal(status, 403);
  assert.equal(
    body["message"],
    'configmaps "a" is forbidden: User "bob" cannot get resource "configmaps" in API group "" in the namespace "default"',
  );
  assert.deepEqual(body["details"], { name: "a", kind: "configmaps" });
  const path = await call(server, "GET", "/metrics", { user });
  assert.equal(path.body["message"], 'forbidden: User "bob" cannot get path "/metrics"');
  await server.close();
});

test("without a user and with a bad token: 401", async () => {
  const server = await testServer({ authenticate: unionAuthenticator([], { anonymous: true }) });
  const signal = new AbortController().signal;
  const request = { method: "GET", path: "/api/v1/configmaps", signal } as const;
  const bad = await server.handle({ ...request, headers: { authorization: "Bearer x" } });
  assert.equal(bad.status, 401);
  assert.equal((await server.handle({ ...request, headers: {} })).status, 200);
  await server.close();
});

test("impersonation is asked for, and the user is the other one", async () => {
  const asked: string[] = [];
  const server = await testServer({
    authorize: ({ user, verb, resource }) => {
      asked.push(`${user.name} ${verb} ${resource}`);
      return { allowed: user.name !== "eve", reason: "" };
    },
  });
  asked.length = 0;
  const { status, body } = await call(server, "GET", "/api/v1/configmaps", { headers: { "impersonate-user": "eve" } });
  assert.equal(status, 403);
  assert.match(String(body["message"]), /User "eve" cannot list/);
  assert.deepEqual(asked, ["admin impersonate users", "eve list configmaps"]);
  await server.close();
});

for (const [method, path, status, message] of [
  ["GET", "/nothing", 404, "404 page not found\n"],
  ["GET", "/api/v2/pods", 404, "404 page not found\n"],
  ["GET", "/apis/none/v1/things", 404, "404 page not found\n"],
  ["GET", "/api/v1/configmaps/a", 404, "404 page not found\n"],
  ["GET", "/api/v1/namespaces/default/namespaces", 404, "404 page not found\n"],
  ["GET", "/api/v1/namespaces/default/configmaps/a/status", 404, "404 page not found\n"],
] as const) {
  test(`${method} ${path}: a plain page`, async () => {
    const server = await testServer();
    const answer = await call(server, method, path);
    assert.deepEqual({ status: answer.status, text: answer.text }, { status, text: message });
    assert.match(String(answer.headers["content-type"]), /^text\/plain/);
    await server.close();
  });
}

for (const [method, path, status, message] of [
  ["GET", "/api/v1/namespaces/default/configmaps/%2e%2e", 400, `Name parameter invalid: "..": ["may not be '..'"]`],
  ["GET", "/api/v1/namespaces/default/configmaps/a%25b", 400, `Name parameter invalid: "a%b": ["may not contain '%'"]`],
  ["POST", "/api/v1/configmaps", 405, 'create is not supported on resources of kind "configmaps"'],
  ["PATCH", "/api/v1/namespaces/default/readonlys/a", 405, 'patch is not supported on resources of kind "readonlys"'],
  ["GET", "/apis/example.com/v1/namespaces/default/widgets/a/scale", 404, 'widgets.example.com "a" not found'],
] as const) {
  test(`${method} ${path}: a Status`, async () => {
    const readonly = testResource({ kind: "Readonly", plural: "readonlys" }, { verbs: ["get", "list"] });
    const { widgets } = await import("../testing.ts");
    const server = await testServer({ resources: [namespaces, configMaps, readonly, widgets] });
    const answer = await call(server, method, path, { body: {} });
    assert.equal(answer.body["message"], message);
    assert.equal(answer.status, status);
    await server.close();
  });
}

test("a request that takes too long is answered, and so is one whose handler fails", async () => {
  const clock = new ManualClock();
  const server = await testServer({
    clock,
    extraHandlers: {
      paths: {
        "/slow": () => new Promise(() => undefined),
        "/broken": () => {
          throw new TypeError("oops");
        },
      },
    },
  });
  const slow = call(server, "GET", "/slow");
  await clock.advance(61_000);
  const answer = await slow;
  assert.equal(answer.status, 504);
  assert.equal(answer.body["message"], "Timeout: request did not complete within the allotted timeout");
  const broken = await call(server, "GET", "/broken");
  assert.equal(broken.status, 500);
  assert.equal(broken.body["message"], "Internal error occurred: oops");
  await server.close();
});

test("malformed bodies are told apart", async () => {
  const server = await testServer({ resources: builtinResources });
  const maps = "/api/v1/namespaces/default/configmaps";
  const text = await call(server, "POST", maps, { body: "nonsense" });
  assert.equal(text.status, 400);
  assert.match(
    String(text.body["message"]),
    /^the object provided is unrecognized \(must be of type ConfigMap\): couldn't get version\/kind; json parse error: /,
  );
  const list = await call(server, "POST", maps, { body: [] });
  assert.equal(list.status, 400);
  const yaml = await call(server, "POST", maps, { body: "a: [", headers: { "content-type": "application/yaml" } });
  assert.equal(yaml.status, 400);
  const html = await call(server, "POST", maps, { body: "<p>", headers: { "content-type": "text/html" } });
  assert.equal(html.status, 415);
  const large = await call(server, "POST", maps, { body: new Uint8Array(3 * 1024 * 1024 + 1) });
  assert.equal(large.status, 413);
  const stored = await call(server, "POST", "/api/v1/namespaces/default/secrets?dryRun=All", {
    body: { metadata: { name: "big", annotations: { a: "x" } }, type: "x".repeat(2 * 1024 * 1024) },
  });
  assert.equal(stored.status, 413);
  assert.match(
    String(stored.body["message"]),
    /^secrets "big" is too large: it has \d+ bytes as JSON, and an object may/,
  );
  const proto = await call(server, "POST", maps, { body: '{"__proto__":{"a":1}}' });
  assert.equal(proto.status, 400);
  await server.close();
});

test("what is answered and not stored goes to its handler", async () => {
  const seen: unknown[] = [];
  const server = await testServer({
    resources: builtinResources,
    extraHandlers: {
      virtual: {
        "authorization.k8s.io/v1/selfsubjectaccessreviews": (request) => {
          seen.push(request.user.name, request.object["spec"]);
          return { ...request.object, status: { allowed: true } };
        },
        "/v1/serviceaccounts/token": (request) => {
          seen.push(request.namespace, request.name, request.object.kind);
          return { ...request.object, status: { token: "t" } };
        },
      },
    },
  });
  const spec = { resourceAttributes: { verb: "get", resource: "pods" } };
  const review = await call(server, "POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", {
    body: { spec },
  });
  assert.equal(review.status, 201);
  assert.deepEqual(review.body["status"], { allowed: true });
  const token = "/api/v1/namespaces/default/serviceaccounts/robot/token";
  assert.equal((await call(server, "POST", token, { body: { spec: { audiences: ["x"] } } })).status, 201);
  assert.deepEqual(seen, ["admin", spec, "default", "robot", "TokenRequest"]);
  const nobody = await call(server, "POST", "/apis/authentication.k8s.io/v1/tokenreviews", { body: {} });
  assert.equal(nobody.status, 405);
  await server.close();
});

test("version, health, metrics and the index", async () => {
  const server = await testServer();
  assert.equal((await call(server, "GET", "/version")).body["gitVersion"], testVersion.gitVersion);
  assert.equal((await call(server, "GET", "/livez")).text, "ok");
  let isReady = false;
  server.addReadyCheck("members", () => {
    if (!isReady) throw new ApiError("ServiceUnavailable", "not yet");
  });
  const notReady = await call(server, "GET", "/readyz");
  assert.equal(notReady.status, 500);
  assert.match(notReady.text, /^\[-\]members failed: reason withheld$/m);
  assert.match(notReady.text, /^readyz check failed$/m);
  assert.equal((await call(server, "GET", "/readyz?exclude=members")).status, 200);
  assert.equal((await call(server, "GET", "/readyz/members")).status, 500);
  isReady = true;
  assert.equal((await call(server, "GET", "/readyz")).text, "ok");
  assert.match((await call(server, "GET", "/readyz?verbose")).text, /^\[\+\]ping ok\n[^]*readyz check passed\n$/);
  const metrics = await call(server, "GET", "/metrics");
  assert.match(metrics.text, /^apiserver_request_total\{code="201",verb="POST",[^}]*resource="namespaces"[^}]*\} 1$/m);
  const { body } = await call(server, "GET", "/");
  const paths = body["paths"];
  assert.ok(
    Array.isArray(paths) && ["/api", "/api/v1", "/apis", "/version", "/readyz"].every((path) => paths.includes(path)),
  );
  await server.close();
  const closing = await call(server, "GET", "/api/v1/configmaps");
  assert.equal(closing.status, 503);
  assert.equal(fieldOf(closing.body, "details", "retryAfterSeconds"), 1);
});
