import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ApiError } from "#machinery/api-error.ts";
import type { ApiRequest } from "#machinery/http.ts";
import { parseGoDuration } from "./query.ts";
import { parseRequestInfo } from "./request-info.ts";

for (const [method, path, expected] of [
  ["GET", "/api/v1/pods", { verb: "list", version: "v1", resource: "pods" }],
  ["GET", "/api/v1/pods?watch=true", { verb: "watch", resource: "pods" }],
  ["GET", "/api/v1/pods?watch=0", { verb: "list", resource: "pods" }],
  ["GET", "/api/v1/pods?watch", { verb: "watch", resource: "pods" }],
  ["GET", "/api/v1/pods?fieldSelector=metadata.name%3Dx", { verb: "list", name: "x", named: false }],
  ["GET", "/api/v1/namespaces", { verb: "list", resource: "namespaces", namespace: "" }],
  ["GET", "/api/v1/namespaces/a", { verb: "get", resource: "namespaces", namespace: "a", name: "a" }],
  ["PUT", "/api/v1/namespaces/a/finalize", { verb: "update", resource: "namespaces", subresource: "finalize" }],
  ["GET", "/api/v1/namespaces/a/status", { verb: "get", resource: "namespaces", subresource: "status", name: "a" }],
  ["GET", "/api/v1/namespaces/a/pods", { verb: "list", resource: "pods", namespace: "a" }],
  ["POST", "/apis/apps/v1/namespaces/a/deployments", { verb: "create", group: "apps", resource: "deployments" }],
  ["PATCH", "/apis/apps/v1/namespaces/a/deployments/d/scale", { verb: "patch", name: "d", subresource: "scale" }],
  ["DELETE", "/apis/apps/v1/namespaces/a/deployments", { verb: "deletecollection", named: false }],
  ["DELETE", "/apis/apps/v1/namespaces/a/deployments/d", { verb: "delete", named: true }],
  ["GET", "/api/v1/watch/namespaces/a/pods", { verb: "watch", resource: "pods", namespace: "a" }],
  ["GET", "/api/v1/nodes/n/proxy/a/b", { verb: "get", resource: "nodes", subresource: "proxy", rest: ["a", "b"] }],
  ["GET", "/api/v1", { isResource: false, verb: "get" }],
  ["GET", "/apis/apps/v1", { isResource: false }],
  ["POST", "/version", { isResource: false, verb: "post", path: "/version" }],
  ["GET", "/api/v1/namespaces/a/configmaps/x%3Ay", { name: "x:y" }],
] as const) {
  test(`${method} ${path}`, () => {
    const info: Readonly<Record<string, unknown>> = { ...parseRequestInfo(method, path) };
    for (const [field, value] of Object.entries(expected)) assert.deepEqual(info[field], value, field);
  });
}

test("any path is read or refused, never anything else", () => {
  const methods: ApiRequest["method"][] = ["GET", "POST", "PUT", "PATCH", "DELETE"];
  const segment = fc.oneof(
    fc.constantFrom("api", "apis", "v1", "namespaces", "watch", "..", ".", "%", "%2f", "%zz", "__proto__", ""),
    fc.string(),
  );
  fc.assert(
    fc.property(
      fc.constantFrom(...methods),
      fc.array(segment, { maxLength: 8 }),
      fc.string(),
      (method, parts, query) => {
        try {
          const info = parseRequestInfo(method, `/${parts.join("/")}?${query}`);
          info.query.get("labelSelector");
          assert.equal(typeof info.resource, "string");
        } catch (error) {
          assert.ok(error instanceof ApiError && error.reason === "BadRequest");
        }
      },
    ),
  );
});

for (const [text, milliseconds] of [
  ["60s", 60_000],
  ["1m30s", 90_000],
  ["1.5h", 5_400_000],
  ["250ms", 250],
  ["0", 0],
  ["", undefined],
  ["5", undefined],
  ["s", undefined],
  ["5s!", undefined],
] as const) {
  test(`the duration ${JSON.stringify(text)}`, () => {
    assert.equal(parseGoDuration(text), milliseconds);
  });
}
