// OpenAPI as kubectl reads it: what apply, explain, --validate and --dry-run look for, and how documents are served.
import assert from "node:assert/strict";
import { test } from "node:test";
import { builtinResources } from "#api/builtin/index.ts";
import type { Resource } from "#api/resource.ts";
import { fieldOf, isArray, isRecord, isString } from "#machinery/guards.ts";
import type { Schema } from "#machinery/schema.ts";
import { systemClock } from "#std/time.ts";
import { ResourceRegistry } from "../registry.ts";
import { call, testResource, testServer } from "../testing.ts";
import { OpenApiDocuments } from "./documents.ts";
import { openapiV2Document } from "./v2.ts";
import { openapiV3Document } from "./v3.ts";

const apps = builtinResources.filter(({ kind }) => kind.group === "apps");
const deploymentKind = { group: "apps", version: "v1", kind: "Deployment" };
const itemPath = "/apis/apps/v1/namespaces/{namespace}/deployments/{name}";

const widgetSchema: Schema = {
  type: "object",
  properties: {
    spec: {
      type: "object",
      properties: {
        size: { type: "integer", default: 1, minimum: 1 },
        mode: { type: "string", nullable: true },
        port: { anyOf: [{ type: "integer" }, { type: "string" }], "x-kubernetes-int-or-string": true },
        free: { type: "object", "x-kubernetes-preserve-unknown-fields": true, properties: { a: { type: "string" } } },
      },
    },
  },
};

const widget: Resource = testResource(
  { group: "example.com", kind: "Widget", plural: "widgets" },
  { custom: true, schema: widgetSchema, definitionName: "com.example.v1.Widget" },
);

test("a PATCH says which kind it changes, how, and that it validates and tries", () => {
  const document = openapiV3Document(apps, "v1.36.0");
  const patch = fieldOf(document, "paths", itemPath, "patch");
  assert.deepEqual(fieldOf(patch, "x-kubernetes-group-version-kind"), deploymentKind);
  assert.equal(fieldOf(patch, "operationId"), "patchAppsV1NamespacedDeployment");
  assert.deepEqual(Object.keys(fieldOf(patch, "requestBody", "content") as object), [
    "application/apply-patch+yaml",
    "application/json-patch+json",
    "application/merge-patch+json",
    "application/strategic-merge-patch+json",
  ]);
  const parameters = fieldOf(patch, "parameters");
  assert.ok(isArray(parameters));
  assert.deepEqual(
    parameters.map((parameter) => fieldOf(parameter, "name")),
    ["dryRun", "fieldManager", "fieldValidation", "force"],
  );
});

test("schemas carry kinds, merge keys, defaults and references", () => {
  const schemas = fieldOf(openapiV3Document(apps, "v1.36.0"), "components", "schemas");
  assert.deepEqual(fieldOf(schemas, "io.k8s.api.apps.v1.Deployment", "x-kubernetes-group-version-kind"), [
    deploymentKind,
  ]);
  const containers = fieldOf(schemas, "io.k8s.api.core.v1.PodSpec", "properties", "containers");
  assert.deepEqual(containers, {
    description: "The containers of the pod, at least one.",
    type: "array",
    items: { default: {}, allOf: [{ $ref: "#/components/schemas/io.k8s.api.core.v1.Container" }] },
    "x-kubernetes-list-type": "map",
    "x-kubernetes-list-map-keys": ["name"],
    "x-kubernetes-patch-strategy": "merge",
    "x-kubernetes-patch-merge-key": "name",
  });
  assert.deepEqual(fieldOf(schemas, "io.k8s.api.apps.v1.Deployment", "properties", "spec"), {
    description: "What is wanted.",
    default: {},
    allOf: [{ $ref: "#/components/schemas/io.k8s.api.apps.v1.DeploymentSpec" }],
  });
  assert.equal(JSON.stringify(schemas).includes("x-go-"), false);
});

test("every reference of every document has its definition", () => {
  const groups = new Map<string, Resource[]>();
  for (const resource of [...builtinResources, widget]) {
    const key = `${resource.kind.group}/${resource.kind.version}`;
    groups.set(key, [...(groups.get(key) ?? []), resource]);
  }
  for (const [group, resources] of groups) {
    const document = openapiV3Document(resources, "v1");
    const schemas = fieldOf(document, "components", "schemas");
    for (const name of references(document)) {
      assert.ok(
        isRecord(schemas) && Object.hasOwn(schemas, name.replace("#/components/schemas/", "")),
        `${group}: ${name}`,
      );
    }
  }
  const v2 = openapiV2Document([...builtinResources, widget], "v1");
  const definitions = v2["definitions"];
  for (const name of references(v2)) {
    assert.ok(isRecord(definitions) && Object.hasOwn(definitions, name.replace("#/definitions/", "")), name);
  }
});

function references(value: unknown): readonly string[] {
  if (isArray(value)) return value.flatMap(references);
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === "$ref" && isString(inner) ? [inner] : references(inner),
  );
}

test("operation ids are unique in a document", () => {
  const ids = JSON.stringify(openapiV2Document(builtinResources, "v1")).match(/"operationId":"[^"]+"/g) ?? [];
  assert.equal(new Set(ids).size, ids.length);
});

test("custom resources: no strategic merge, structure kept in version 3, simplified in version 2", () => {
  const document = openapiV3Document([widget], "v1");
  const item = "/apis/example.com/v1/namespaces/{namespace}/widgets/{name}";
  const content = fieldOf(document, "paths", item, "patch", "requestBody", "content");
  assert.equal(Object.keys(content as object).includes("application/strategic-merge-patch+json"), false);
  const spec = fieldOf(document, "components", "schemas", "com.example.v1.Widget", "properties", "spec", "properties");
  assert.deepEqual(spec, widgetSchema.properties?.["spec"]?.properties);
  assert.deepEqual(
    Object.keys(fieldOf(document, "components", "schemas", "com.example.v1.Widget", "properties") as object),
    ["spec", "apiVersion", "kind", "metadata"],
  );
  const v2 = fieldOf(openapiV2Document([widget], "v1"), "definitions", "com.example.v1.Widget", "properties", "spec");
  assert.deepEqual(fieldOf(v2, "properties"), {
    size: { type: "integer", minimum: 1 },
    mode: {},
    port: { "x-kubernetes-int-or-string": true },
    free: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
  });
});

test("documents are kept until a resource of theirs changes", async () => {
  const registry = new ResourceRegistry([...apps, widget]);
  const documents = new OpenApiDocuments(registry, "v1", systemClock);
  const before = await documents.index();
  assert.equal(documents.v3("apis/apps/v1"), documents.v3("apis/apps/v1"));
  const appsDocument = documents.v3("apis/apps/v1");
  registry.set({ ...widget, schema: { type: "object" } });
  const after = await documents.index();
  assert.notEqual(after.hash, before.hash);
  assert.equal(documents.v3("apis/apps/v1"), appsDocument);
  registry.remove("example.com", "v1", "widgets");
  assert.equal(documents.v3("apis/example.com/v1"), undefined);
  assert.ok(!(await documents.index()).bytes.toString().includes("example.com"));
});

test("served with hash, etag and redirect; version 2 in protobuf too", async () => {
  const server = await testServer({
    resources: [...builtinResources.filter(({ kind }) => kind.group === ""), ...apps],
  });
  const index = await call(server, "GET", "/openapi/v3");
  assert.equal(index.status, 200);
  const url = fieldOf(index.body, "paths", "apis/apps/v1", "serverRelativeURL");
  assert.ok(isString(url) && /^\/openapi\/v3\/apis\/apps\/v1\?hash=[0-9A-F]{128}$/.test(url));
  const document = await call(server, "GET", url);
  assert.equal(document.status, 200);
  assert.equal(document.headers["cache-control"], "public, immutable");
  const etag = String(document.headers["etag"]);
  const again = await call(server, "GET", url, { headers: { "if-none-match": etag } });
  assert.equal(again.status, 304);
  const moved = await call(server, "GET", "/openapi/v3/apis/apps/v1?hash=OLD");
  assert.equal(moved.status, 301);
  assert.equal(moved.headers["location"], url);
  assert.equal((await call(server, "GET", "/openapi/v3/apis/nothing/v1")).status, 404);
  const accept = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";
  const protobuf = await call(server, "GET", "/openapi/v2", { headers: { accept } });
  assert.equal(protobuf.status, 200);
  assert.equal(protobuf.headers["content-type"], accept.replace("@", "."));
  const refused = await call(server, "GET", "/openapi/v2", { headers: { accept: "text/html" } });
  assert.equal(refused.status, 406);
  assert.equal((await call(server, "GET", "/openapi/v2")).body["swagger"], "2.0");
  await server.close();
});
