import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError } from "#machinery/api-error.ts";
import type { ApiRequest } from "#machinery/http.ts";
import { systemClock } from "#std/time.ts";
import type { Client } from "./client.ts";
import { createClient } from "./rest-client.ts";
import { chunksOf, ConfigMapKind, DeploymentKind, fakeTransport, jsonAnswer, NamespaceKind } from "./testing.ts";

const signal = new AbortController().signal;
const web = { namespace: "default", name: "web" };
const draft = { metadata: { name: "web", namespace: "default" }, data: { a: "1" } };

const requests: readonly {
  readonly name: string;
  readonly call: (client: Client) => Promise<unknown>;
  readonly method: ApiRequest["method"];
  readonly path: string;
  readonly contentType?: string;
  readonly body?: unknown;
}[] = [
  {
    name: "get of a namespaced kind in a group",
    call: (client) => client.get(DeploymentKind, web),
    method: "GET",
    path: "/apis/apps/v1/namespaces/default/deployments/web",
  },
  {
    name: "get of a subresource",
    call: (client) => client.get(DeploymentKind, web, { subresource: "scale" }),
    method: "GET",
    path: "/apis/apps/v1/namespaces/default/deployments/web/scale",
  },
  {
    name: "get of a cluster-scoped kind ignores a namespace",
    call: (client) => client.get(NamespaceKind, { name: "default", namespace: "x" }),
    method: "GET",
    path: "/api/v1/namespaces/default",
  },
  {
    name: "names are escaped",
    call: (client) => client.get(NamespaceKind, { name: "a/../b?c" }),
    method: "GET",
    path: "/api/v1/namespaces/a%2F..%2Fb%3Fc",
  },
  {
    name: "colons stay",
    call: (client) => client.get(NamespaceKind, { name: "system:masters" }),
    method: "GET",
    path: "/api/v1/namespaces/system:masters",
  },
  {
    name: "create fills in apiVersion and kind",
    call: (client) =>
      client.create(ConfigMapKind, draft, { fieldManager: "me", dryRun: true, fieldValidation: "Strict" }),
    method: "POST",
    path: "/api/v1/namespaces/default/configmaps?fieldManager=me&fieldValidation=Strict&dryRun=All",
    contentType: "application/json",
    body: { apiVersion: "v1", kind: "ConfigMap", ...draft },
  },
  {
    name: "update of a status",
    call: (client) =>
      client.update(ConfigMapKind, { apiVersion: "v1", kind: "ConfigMap", ...draft }, { subresource: "status" }),
    method: "PUT",
    path: "/api/v1/namespaces/default/configmaps/web/status",
    contentType: "application/json",
    body: { apiVersion: "v1", kind: "ConfigMap", ...draft },
  },
  {
    name: "merge patch",
    call: (client) => client.patch(ConfigMapKind, web, { type: "merge", patch: { data: null } }),
    method: "PATCH",
    path: "/api/v1/namespaces/default/configmaps/web",
    contentType: "application/merge-patch+json",
    body: { data: null },
  },
  {
    name: "strategic merge patch",
    call: (client) => client.patch(DeploymentKind, web, { type: "strategic", patch: {} }),
    method: "PATCH",
    path: "/apis/apps/v1/namespaces/default/deployments/web",
    contentType: "application/strategic-merge-patch+json",
    body: {},
  },
  {
    name: "JSON patch",
    call: (client) => client.patch(DeploymentKind, web, { type: "json", patch: [{ op: "remove", path: "/a" }] }),
    method: "PATCH",
    path: "/apis/apps/v1/namespaces/default/deployments/web",
    contentType: "application/json-patch+json",
    body: [{ op: "remove", path: "/a" }],
  },
  {
    name: "delete without options has no body",
    call: (client) => client.delete(ConfigMapKind, web, { signal }),
    method: "DELETE",
    path: "/api/v1/namespaces/default/configmaps/web",
  },
  {
    name: "delete with options",
    call: (client) =>
      client.delete(ConfigMapKind, web, { propagationPolicy: "Foreground", preconditions: { uid: "u" } }),
    method: "DELETE",
    path: "/api/v1/namespaces/default/configmaps/web",
    contentType: "application/json",
    body: { kind: "DeleteOptions", apiVersion: "v1", propagationPolicy: "Foreground", preconditions: { uid: "u" } },
  },
  {
    name: "list with selectors and paging",
    call: (client) =>
      client.list(ConfigMapKind, { namespace: "a", labelSelector: "x in (1,2)", limit: 5, continue: "t" }),
    method: "GET",
    path: "/api/v1/namespaces/a/configmaps?labelSelector=x%20in%20(1%2C2)&limit=5&continue=t",
  },
  {
    name: "list of all namespaces",
    call: (client) => client.list(ConfigMapKind),
    method: "GET",
    path: "/api/v1/configmaps",
  },
];

for (const { name, call, method, path, contentType, body } of requests) {
  test(`rest client: ${name}`, async () => {
    const transport = fakeTransport(() => jsonAnswer({ metadata: { resourceVersion: "7" }, items: [] }));
    await call(createClient(transport, { userAgent: "unit/1" }));
    const request = transport.requests[0];
    assert.equal(request?.method, method);
    assert.equal(request.path, path);
    assert.equal(request.headers["user-agent"], "unit/1");
    assert.equal(request.headers["content-type"], contentType);
    assert.deepEqual(request.body === undefined ? undefined : JSON.parse(Buffer.from(request.body).toString()), body);
  });
}

test("rest client: a list fills in apiVersion and kind, keeps those of custom resources, and reads metadata", async () => {
  const items = [{ metadata: { name: "a" } }, { apiVersion: "x/v1", kind: "X", metadata: { name: "b" } }];
  const metadata = { resourceVersion: "9", continue: "t", remainingItemCount: 3, selfLink: "" };
  const client = createClient(fakeTransport(() => jsonAnswer({ metadata, items })));
  const list = await client.list(ConfigMapKind);
  assert.deepEqual(list.metadata, { resourceVersion: "9", continue: "t", remainingItemCount: 3 });
  assert.deepEqual(
    list.items.map((item) => [item.apiVersion, item.kind]),
    [
      ["v1", "ConfigMap"],
      ["x/v1", "X"],
    ],
  );
});

test("rest client: a null list is empty", async () => {
  const client = createClient(fakeTransport(() => jsonAnswer({ metadata: {}, items: null })));
  assert.deepEqual(await client.list(ConfigMapKind), { metadata: { resourceVersion: "" }, items: [] });
});

test("rest client: integers beyond 2^53 survive a round trip", async () => {
  const body = Buffer.from(
    `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","namespace":"n"},"big":9007199254740993}`,
  );
  const transport = fakeTransport(() => ({ status: 200, headers: {}, body }));
  const client = createClient(transport);
  await client.update(ConfigMapKind, await client.get(ConfigMapKind, { namespace: "n", name: "a" }));
  assert.match(Buffer.from(transport.requests[1]?.body ?? []).toString(), /"big":9007199254740993/);
});

const failures: readonly {
  readonly name: string;
  readonly status: number;
  readonly body: string;
  readonly reason: string;
  readonly message: string;
}[] = [
  {
    name: "a Status",
    status: 409,
    body: `{"kind":"Status","apiVersion":"v1","status":"Failure","message":"configmaps \\"a\\" already exists","reason":"AlreadyExists","code":409}`,
    reason: "AlreadyExists",
    message: `configmaps "a" already exists`,
  },
  {
    name: "no route",
    status: 404,
    body: "404 page not found\n",
    reason: "NotFound",
    message: "the server could not find the requested resource",
  },
  {
    name: "a proxy's text",
    status: 503,
    body: "service unavailable",
    reason: "ServiceUnavailable",
    message: "service unavailable",
  },
  {
    name: "a redirect",
    status: 302,
    body: "",
    reason: "InternalError",
    message: "the server answered with a redirect, which is never followed",
  },
  {
    name: "garbage with 200",
    status: 200,
    body: "<html>",
    reason: "InternalError",
    message: "the server's answer is not JSON: <html>",
  },
];

for (const { name, status, body, reason, message } of failures) {
  test(`rest client: ${name} becomes an ApiError`, async () => {
    const client = createClient(fakeTransport(() => ({ status, headers: {}, body: Buffer.from(body) })));
    await assert.rejects(client.get(ConfigMapKind, web), (error) => {
      assert.ok(error instanceof ApiError);
      assert.equal(error.reason, reason);
      assert.equal(error.message, message);
      return true;
    });
  });
}

test("rest client: find answers undefined for a missing object, and throws what is not that", async () => {
  const missing = createClient(fakeTransport(() => jsonAnswer({ kind: "Status", reason: "NotFound", code: 404 }, 404)));
  assert.equal(await missing.find(ConfigMapKind, web), undefined);
  const forbidden = createClient(fakeTransport(() => jsonAnswer({ kind: "Status", reason: "Forbidden" }, 403)));
  await assert.rejects(forbidden.find(ConfigMapKind, web), { reason: "Forbidden" });
});

test("rest client: a namespaced object needs its namespace", async () => {
  const client = createClient(fakeTransport(() => jsonAnswer({})));
  await assert.rejects(client.get(ConfigMapKind, { name: "a" }), { reason: "BadRequest" });
  await assert.rejects(client.find(ConfigMapKind, { name: "a" }), { reason: "BadRequest" });
});

test("rest client: Retry-After is waited out with a clock, thrown without", async () => {
  let answers = 0;
  const transport = fakeTransport(() => {
    const busy = jsonAnswer({ kind: "Status", reason: "TooManyRequests", code: 429 }, 429, { "retry-after": "3" });
    return answers++ < 2 ? busy : jsonAnswer({ metadata: { name: "web" } });
  });
  await assert.rejects(createClient(transport).get(ConfigMapKind, web), { reason: "TooManyRequests" });
  const slept: number[] = [];
  const clock = { ...systemClock, sleep: (ms: number) => (slept.push(ms), Promise.resolve()) };
  const object = await createClient(transport, { clock }).get(ConfigMapKind, web);
  assert.equal(object.metadata.name, "web");
  assert.deepEqual(slept, [3000]);
});

test("rest client: raw bytes are the caller's own", async () => {
  const stored = Buffer.from("abc");
  const client = createClient(fakeTransport(() => ({ status: 200, headers: {}, body: stored })));
  const { body } = await client.raw("GET", "/version");
  body[0] = 0;
  assert.equal(stored.toString(), "abc");
});

test("rest client: watch asks for bookmarks, decodes events and stops at the end of the stream", async () => {
  const lines = [
    `{"type":"ADDED","object":{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"ä","resourceVersion":"1"}}}\n`,
    `{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"5"}}}\n`,
    `{"type":"DELETED","object":{"metadata":{"name":"ä"`, // cut by the network: to be had again after resuming
  ];
  const transport = fakeTransport(() => ({ status: 200, headers: {}, body: chunksOf(lines) }));
  const events: string[] = [];
  for await (const event of createClient(transport).watch(ConfigMapKind, {
    resourceVersion: "1",
    timeoutSeconds: 9,
    signal,
  })) {
    events.push(
      event.type === "BOOKMARK" ? `BOOKMARK ${event.resourceVersion}` : `${event.type} ${event.object.metadata.name}`,
    );
  }
  assert.deepEqual(events, ["ADDED ä", "BOOKMARK 5"]);
  assert.equal(
    transport.requests[0]?.path,
    "/api/v1/configmaps?watch=true&allowWatchBookmarks=true&resourceVersion=1&timeoutSeconds=9",
  );
});

test("rest client: an ERROR event is thrown, as is an HTTP error", async () => {
  const expired = `{"type":"ERROR","object":{"kind":"Status","status":"Failure","message":"too old resource version: 5 (100)","reason":"Expired","code":410}}\n`;
  const client = createClient(fakeTransport(() => ({ status: 200, headers: {}, body: chunksOf([expired]) })));
  await assert.rejects(drain(client), { reason: "Expired", code: 410, message: "too old resource version: 5 (100)" });
  const missing = createClient(
    fakeTransport(() => ({ status: 404, headers: {}, body: Buffer.from("404 page not found") })),
  );
  await assert.rejects(drain(missing), { reason: "NotFound" });
});

test("rest client: an aborted watch ends normally", async () => {
  const controller = new AbortController();
  const transport = fakeTransport((request) => {
    request.signal.throwIfAborted();
    return { status: 200, headers: {}, body: endless(request.signal) };
  });
  const seen: string[] = [];
  for await (const event of createClient(transport).watch(ConfigMapKind, { signal: controller.signal })) {
    seen.push(event.type);
    controller.abort(new Error("enough"));
  }
  assert.deepEqual(seen, ["ADDED"]);
});

async function drain(client: Client): Promise<void> {
  for await (const event of client.watch(ConfigMapKind, { signal })) assert.ok(event);
}

async function* endless(until: AbortSignal): AsyncGenerator<Uint8Array> {
  for (;;) {
    await Promise.resolve();
    until.throwIfAborted();
    yield Buffer.from(`{"type":"ADDED","object":{"metadata":{"name":"a"}}}\n`);
  }
}
