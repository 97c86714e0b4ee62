import assert from "node:assert/strict";
import { test } from "node:test";
import { builtinResources } from "#api/builtin/index.ts";
import { ClusterRole, ClusterRoleBinding, ConfigMap, EndpointSlice, Namespace, Service } from "#api/kinds.ts";
import { inProcessTransport } from "#client/in-process-transport.ts";
import { createClient } from "#client/rest-client.ts";
import { testAdmin, testServer } from "../testing.ts";
import { decide, rulesOf } from "../auth/rbac/decide.ts";
import { bootstrapClusterRoleBindings, bootstrapClusterRoles } from "./bootstrap-roles.ts";
import { ensureStartupObjects } from "./startup-objects.ts";

test("a fresh server gets what every cluster has, a restarted one keeps it and is brought up to date", async () => {
  const server = await testServer({ resources: builtinResources });
  const client = createClient(inProcessTransport(server.handle, testAdmin));
  const signal = new AbortController().signal;
  const ensure = (port: number) =>
    ensureStartupObjects({ client, address: { host: "10.0.0.1", port }, clientAuthority: "PEM", signal });
  await ensure(1000);

  const { items } = await client.list(Namespace);
  assert.deepEqual(
    items.map(({ metadata }) => metadata.name),
    ["default", "kube-node-lease", "kube-public", "kube-system"],
  );
  const service = await client.get(Service, { namespace: "default", name: "kubernetes" });
  assert.equal(service.spec.clusterIP, "10.96.0.1");
  const config = { namespace: "kube-system", name: "extension-apiserver-authentication" };
  assert.deepEqual((await client.get(ConfigMap, config)).data, { "client-ca-file": "PEM" });

  const before = await client.list(ClusterRole);
  assert.equal(before.items.length, bootstrapClusterRoles().length);
  assert.equal((await client.list(ClusterRoleBinding)).items.length, bootstrapClusterRoleBindings().length);
  await ensure(1000);
  const unchanged = await client.list(ClusterRole);
  assert.equal(unchanged.metadata.resourceVersion, before.metadata.resourceVersion, "nothing is written again");

  const basic = await client.get(ClusterRole, { name: "system:basic-user" });
  await client.update(ClusterRole, { ...basic, rules: [{ verbs: ["x"], nonResourceURLs: ["/own"] }] });
  await ensure(2000);
  const slice = await client.get(EndpointSlice, { namespace: "default", name: "kubernetes" });
  assert.equal(slice.ports?.[0]?.port, 2000);
  const mended = await client.get(ClusterRole, { name: "system:basic-user" });
  assert.deepEqual(
    mended.rules?.map((rule) => rule.verbs),
    [["x"], ["create"], ["create"]],
  );
});

test("the bootstrap roles let an authenticated user look around and no more", () => {
  const roles = new Map(bootstrapClusterRoles().map((role) => [role.metadata.name, role]));
  const source = {
    synced: true,
    clusterRole: (name: string) => roles.get(name),
    role: () => undefined,
    clusterRoleBindings: bootstrapClusterRoleBindings,
    roleBindings: () => [],
  };
  const base = { group: "", version: "", resource: "", subresource: "", namespace: "", name: "", path: "" };
  const amy = { name: "amy", groups: ["system:authenticated"] };
  const visitor = { name: "system:anonymous", groups: ["system:unauthenticated"] };
  for (const { user, verb, path, allowed } of [
    { user: amy, verb: "get", path: "/apis/apps/v1", allowed: true },
    { user: amy, verb: "get", path: "/openapi/v3", allowed: true },
    { user: amy, verb: "get", path: "/metrics", allowed: false },
    { user: visitor, verb: "get", path: "/version", allowed: true },
    { user: visitor, verb: "get", path: "/apis", allowed: false },
  ]) {
    assert.equal(decide({ ...base, user, verb, path, isResource: false }, source).allowed, allowed, path);
  }
  const review = { ...base, user: amy, verb: "create", group: "authorization.k8s.io", isResource: true };
  assert.equal(decide({ ...review, resource: "selfsubjectaccessreviews" }, source).allowed, true);
  assert.equal(decide({ ...review, resource: "subjectaccessreviews" }, source).allowed, false);
  assert.equal(rulesOf({ name: "root", groups: ["system:masters"] }, "", source).length, 2);
});
