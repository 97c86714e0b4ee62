import assert from "node:assert/strict";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { fieldOf, isArray, isRecord } from "#machinery/guards.ts";
import { ManualClock } from "#std/manual-clock.ts";
import { memoryStorage } from "#storage/memory/memory-storage.ts";
import type { ApiServer } from "../options.ts";
import { call, testAdmin, type TestAnswer, testServer } from "../testing.ts";
import { decodeContinue, encodeContinue } from "./continue-token.ts";

const maps = "/api/v1/namespaces/default/configmaps";

async function withMaps(server: ApiServer, count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    const name = `m-${String(index).padStart(3, "0")}`;
    await call(server, "POST", maps, { body: { metadata: { name, labels: { even: String(index % 2 === 0) } } } });
  }
}

function names({ body }: TestAnswer): unknown[] {
  const items = body["items"];
  assert.ok(isArray(items));
  return items.map((item) => fieldOf(item, "metadata", "name"));
}

function keysOf(value: unknown): string[] {
  assert.ok(isRecord(value));
  return Object.keys(value);
}

function continueOf(answer: TestAnswer): string {
  return encodeURIComponent(String(fieldOf(answer.body, "metadata", "continue")));
}

test("an empty list is a list", async () => {
  const server = await testServer();
  const { text } = await call(server, "GET", maps);
  assert.match(
    text,
    /^\{"kind":"ConfigMapList","apiVersion":"v1","metadata":\{"resourceVersion":"\d+"\},"items":\[\]\}$/,
  );
  await server.close();
});

test("items of built-in kinds leave out apiVersion and kind, custom ones do not", async () => {
  const server = await testServer();
  await withMaps(server, 1);
  const widget = { apiVersion: "example.com/v1", kind: "Widget", metadata: { name: "w" } };
  await call(server, "POST", "/apis/example.com/v1/namespaces/default/widgets", { body: widget });
  const [map] = [(await call(server, "GET", maps)).body["items"]].flat();
  assert.equal(fieldOf(map, "kind"), undefined);
  const [made] = [(await call(server, "GET", "/apis/example.com/v1/widgets")).body["items"]].flat();
  assert.equal(fieldOf(made, "kind"), "Widget");
  assert.equal(fieldOf(made, "apiVersion"), "example.com/v1");
  await server.close();
});

test("pages share one revision and say how much is left", async () => {
  const server = await testServer();
  await withMaps(server, 5);
  const first = await call(server, "GET", `${maps}?limit=2`);
  assert.deepEqual(names(first), ["m-000", "m-001"]);
  assert.equal(fieldOf(first.body, "metadata", "remainingItemCount"), 3);
  await call(server, "DELETE", `${maps}/m-002`);
  await call(server, "POST", maps, { body: { metadata: { name: "m-001a" } } });
  const second = await call(server, "GET", `${maps}?limit=2&continue=${continueOf(first)}`);
  assert.deepEqual(names(second), ["m-002", "m-003"]);
  assert.equal(fieldOf(second.body, "metadata", "resourceVersion"), fieldOf(first.body, "metadata", "resourceVersion"));
  const third = await call(server, "GET", `${maps}?limit=2&continue=${continueOf(second)}`);
  assert.deepEqual(names(third), ["m-004"]);
  assert.deepEqual(keysOf(third.body["metadata"]), ["resourceVersion"]);
  await server.close();
});

test("with a selector, pages are filled and nothing is said of what is left", async () => {
  const server = await testServer();
  await withMaps(server, 7);
  const first = await call(server, "GET", `${maps}?limit=2&labelSelector=even%3Dtrue`);
  assert.deepEqual(names(first), ["m-000", "m-002"]);
  assert.equal(fieldOf(first.body, "metadata", "remainingItemCount"), undefined);
  const second = await call(server, "GET", `${maps}?limit=9&labelSelector=even%3Dtrue&continue=${continueOf(first)}`);
  assert.deepEqual(names(second), ["m-004", "m-006"]);
  const byName = await call(server, "GET", `/api/v1/configmaps?fieldSelector=metadata.name%3Dm-003`);
  assert.deepEqual(names(byName), ["m-003"]);
  const inNone = await call(server, "GET", `/api/v1/configmaps?fieldSelector=metadata.namespace!%3Ddefault`);
  assert.deepEqual(names(inNone), []);
  await server.close();
});

test("a page that has been compacted away offers to go on without consistency", async () => {
  const storage = memoryStorage();
  const server = await testServer({ storage });
  await withMaps(server, 4);
  const first = await call(server, "GET", `${maps}?limit=2`);
  await withMaps(server, 6);
  await storage.compact(storage.revision);
  const expired = await call(server, "GET", `${maps}?limit=2&continue=${continueOf(first)}`);
  assert.equal(expired.status, 410);
  assert.equal(expired.body["reason"], "Expired");
  const rest = await call(server, "GET", `${maps}?continue=${continueOf(expired)}`);
  assert.deepEqual(names(rest), ["m-002", "m-003", "m-004", "m-005"]);
  await server.close();
});

for (const { query, status, message } of [
  {
    query: "resourceVersion=x",
    status: 400,
    message: /^invalid resource version: resourceVersion: Invalid value: "x": strconv/,
  },
  {
    query: "resourceVersionMatch=Exact",
    status: 422,
    message:
      'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless ' +
      "resourceVersion is provided",
  },
  {
    query: "resourceVersion=0&resourceVersionMatch=Exact",
    status: 422,
    message: /resourceVersionMatch "exact" is forbidden for resourceVersion "0"$/,
  },
  {
    query: "resourceVersion=5&resourceVersionMatch=Foo",
    status: 422,
    message: /resourceVersionMatch: Unsupported value: "Foo": supported values: "Exact", "NotOlderThan", ""$/,
  },
  { query: "sendInitialEvents=true", status: 422, message: /sendInitialEvents is forbidden for list$/ },
  {
    query: "continue=%2A%2A",
    status: 400,
    message: /^invalid continue token: continue key is not valid: illegal base64/,
  },
  {
    query: `continue=${encodeContinue({ revision: 0, start: "a" })}`,
    status: 400,
    message: /incorrect encoded start resourceVersion \(version meta\.k8s\.io\/v1\)$/,
  },
  {
    query: `continue=${encodeContinue({ revision: 5, start: "a" })}&resourceVersion=5`,
    status: 400,
    message: "specifying resource version is not allowed when using continue",
  },
  { query: "labelSelector=a%20b", status: 400, message: /unable to parse requirement/ },
  {
    query: "fieldSelector=spec.foo%3D1",
    status: 400,
    message: '"spec.foo" is not a known field selector: only "metadata.name", "metadata.namespace"',
  },
]) {
  test(`a list with ${query} is refused`, async () => {
    const server = await testServer();
    const answer = await call(server, "GET", `${maps}?${query}`);
    assert.equal(answer.status, status);
    if (message instanceof RegExp) assert.match(String(answer.body["message"]), message);
    else assert.equal(answer.body["message"], message);
    await server.close();
  });
}

test("a revision that is yet to come times out with the cause that clients know", async () => {
  const clock = new ManualClock();
  const server = await testServer({ clock });
  const asked = call(server, "GET", `${maps}?resourceVersion=999999`);
  await clock.advance(3_100);
  const answer = await asked;
  assert.equal(answer.status, 504);
  assert.equal(answer.headers["retry-after"], "1");
  const [cause] = [fieldOf(answer.body, "details", "causes")].flat();
  assert.deepEqual(cause, { reason: "ResourceVersionTooLarge", message: "Too large resource version" });
  await server.close();
});

test("a long list leaves in pieces, and compressed for those who can read that", async () => {
  const server = await testServer();
  for (let index = 0; index < 40; index++) {
    const body = { metadata: { name: `big-${String(index)}` }, data: { k: "x".repeat(20_000) } };
    await call(server, "POST", maps, { body });
  }
  const signal = new AbortController().signal;
  const plain = await server.handle({ method: "GET", path: maps, headers: {}, user: testAdmin, signal });
  assert.ok(!(plain.body instanceof Uint8Array));
  const pieces: Uint8Array[] = [];
  for await (const piece of plain.body) pieces.push(piece);
  assert.ok(pieces.length > 2);
  const headers = { "accept-encoding": "gzip" };
  const zipped = await server.handle({ method: "GET", path: maps, headers, user: testAdmin, signal });
  assert.equal(zipped.headers["content-encoding"], "gzip");
  assert.ok(!(zipped.body instanceof Uint8Array));
  const packed: Uint8Array[] = [];
  for await (const piece of zipped.body) packed.push(piece);
  assert.deepEqual(gunzipSync(Buffer.concat(packed)), Buffer.concat(pieces));
  await server.close();
});

test("tables and metadata of a list", async () => {
  const server = await testServer();
  await withMaps(server, 2);
  const table = await call(server, "GET", maps, {
    headers: { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" },
  });
  assert.equal(table.body["kind"], "Table");
  const [row] = [table.body["rows"]].flat();
  assert.equal(fieldOf(row, "object", "kind"), "PartialObjectMetadata");
  assert.equal([fieldOf(row, "cells")].flat()[0], "m-000");
  const partial = await call(server, "GET", maps, {
    headers: { accept: "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io" },
  });
  assert.equal(partial.body["kind"], "PartialObjectMetadataList");
  const [item] = [partial.body["items"]].flat();
  assert.deepEqual(keysOf(item), ["kind", "apiVersion", "metadata"]);
  const wrong = await call(server, "GET", `${maps}?includeObject=All`, {
    headers: { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" },
  });
  assert.equal(wrong.status, 400);
  await server.close();
});

test("continue tokens are upstream's", () => {
  const token = Buffer.from('{"v":"meta.k8s.io/v1","rv":412,"start":"default/web-3\\u0000"}').toString("base64url");
  assert.deepEqual(decodeContinue(token), { revision: 412, start: "default/web-3\0" });
  assert.equal(encodeContinue({ revision: 412, start: "default/web-3\0" }), token);
});
