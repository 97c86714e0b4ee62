import assert from "node:assert/strict";
import { test } from "node:test";
import { builtinResources } from "#api/builtin/index.ts";
import { fieldOf, isArray } from "#machinery/guards.ts";
import { call, testServer, widgets } from "../testing.ts";

const aggregated =
  "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList," +
  "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";

test("aggregated discovery is tagged, kept and found again", async () => {
  const server = await testServer({ resources: builtinResources });
  const first = await call(server, "GET", "/apis", { headers: { accept: aggregated } });
  assert.equal(first.headers["content-type"], "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList");
  assert.match(String(first.headers["etag"]), /^"[0-9A-F]{128}"$/);
  assert.equal(first.headers["cache-control"], "public");
  const known = { accept: aggregated, "if-none-match": String(first.headers["etag"]) };
  const again = await call(server, "GET", "/apis", { headers: known });
  assert.deepEqual({ status: again.status, text: again.text }, { status: 304, text: "" });
  server.registry.set(widgets);
  const changed = await call(server, "GET", "/apis", { headers: known });
  assert.equal(changed.status, 200);
  const items = changed.body["items"];
  assert.ok(isArray(items));
  assert.equal(fieldOf(items.at(-1), "metadata", "name"), "example.com");
  assert.equal(fieldOf(items[0], "metadata", "name"), "apiregistration.k8s.io");
  const apps = items.find((item) => fieldOf(item, "metadata", "name") === "apps");
  const [version] = [fieldOf(apps, "versions")].flat();
  const resources = fieldOf(version, "resources");
  assert.ok(isArray(resources));
  const deployments = resources.find((resource) => fieldOf(resource, "resource") === "deployments");
  assert.deepEqual(deployments, {
    resource: "deployments",
    responseKind: { group: "apps", version: "v1", kind: "Deployment" },
    scope: "Namespaced",
    singularResource: "deployment",
    verbs: ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"],
    shortNames: ["deploy"],
    categories: ["all"],
    subresources: [
      {
        subresource: "scale",
        responseKind: { group: "autoscaling", version: "v1", kind: "Scale" },
        acceptedTypes: [{ group: "autoscaling", version: "v1", kind: "Scale" }],
        verbs: ["get", "patch", "update"],
      },
      {
        subresource: "status",
        responseKind: { group: "apps", version: "v1", kind: "Deployment" },
        verbs: ["get", "patch", "update"],
      },
    ],
  });
  await server.close();
});

test("the core group has no name", async () => {
  const server = await testServer({ resources: builtinResources });
  const { body } = await call(server, "GET", "/api", { headers: { accept: aggregated } });
  const [item] = [body["items"]].flat();
  assert.deepEqual(fieldOf(item, "metadata"), {});
  await server.close();
});

test("the older documents", async () => {
  const server = await testServer({ resources: [...builtinResources, widgets], advertiseAddress: "10.0.0.1:6443" });
  assert.deepEqual((await call(server, "GET", "/api")).body, {
    kind: "APIVersions",
    versions: ["v1"],
    serverAddressByClientCIDRs: [{ clientCIDR: "0.0.0.0/0", serverAddress: "10.0.0.1:6443" }],
  });
  const group = { groupVersion: "example.com/v1", version: "v1" };
  assert.deepEqual((await call(server, "GET", "/apis/example.com")).body, {
    kind: "APIGroup",
    apiVersion: "v1",
    name: "example.com",
    versions: [group],
    preferredVersion: group,
  });
  const autoscaling = await call(server, "GET", "/apis/autoscaling");
  assert.equal(fieldOf(autoscaling.body, "preferredVersion", "version"), "v2");
  const { body } = await call(server, "GET", "/api/v1");
  const resources = body["resources"];
  assert.ok(isArray(resources));
  assert.deepEqual(
    resources.find((resource) => fieldOf(resource, "name") === "pods/eviction"),
    {
      name: "pods/eviction",
      singularName: "",
      namespaced: true,
      group: "policy",
      version: "v1",
      kind: "Eviction",
      verbs: ["create"],
    },
  );
  assert.equal((await call(server, "GET", "/apis/none")).status, 404);
  assert.equal((await call(server, "GET", "/apis/apps/v9")).status, 404);
  await server.close();
});
