import assert from "node:assert/strict";
import { test } from "node:test";
import type { Attributes } from "../authorizer.ts";
import { forbiddenError } from "../forbidden.ts";
import { createRbacAuthorizer, type VersionedRbacSource } from "./authorizer.ts";

const nothing: VersionedRbacSource = {
  synced: false,
  version: 0,
  clusterRole: () => undefined,
  role: () => undefined,
  clusterRoleBindings: () => [],
  roleBindings: () => [],
};

const listPods: Attributes = {
  user: { name: "u", groups: ["system:authenticated"] },
  verb: "list",
  group: "",
  version: "v1",
  resource: "pods",
  subresource: "",
  namespace: "",
  name: "",
  path: "/api/v1/pods",
  isResource: true,
};
const master = { name: "admin", groups: ["system:masters"] };
const getPath: Attributes = { ...listPods, verb: "get", resource: "", isResource: false };

test("system:masters and health checks pass even before roles are read; nobody else does", async () => {
  const authorize = createRbacAuthorizer(nothing);
  assert.equal((await authorize({ ...listPods, user: master })).allowed, true);
  assert.equal((await authorize({ ...getPath, path: "/readyz" })).allowed, true);
  assert.equal((await authorize({ ...getPath, path: "/readyz/etcd" })).allowed, false);
  const refused = await authorize(listPods);
  assert.equal(refused.allowed, false);
  assert.match(refused.reason, /have not been read yet/);
});

test("after roles are read, what they do not grant is refused without a reason", async () => {
  assert.deepEqual(await createRbacAuthorizer({ ...nothing, synced: true })(listPods), { allowed: false, reason: "" });
});

test("what a user may do is worked out once until roles or bindings change", async () => {
  let [version, asked] = [0, 0];
  const bindings = [
    {
      metadata: { name: "readers" },
      roleRef: { kind: "ClusterRole", name: "reader" },
      subjects: [{ kind: "User", name: "u" }],
    },
  ];
  const authorize = createRbacAuthorizer({
    ...nothing,
    synced: true,
    get version() {
      return version;
    },
    clusterRole: () => ({ rules: [{ verbs: ["list"], apiGroups: [""], resources: ["pods"] }] }),
    clusterRoleBindings: () => {
      asked++;
      return bindings;
    },
  });
  const isAllowed = async (attributes: Attributes): Promise<boolean> => (await authorize(attributes)).allowed;
  assert.equal(await isAllowed(listPods), true);
  assert.equal(await isAllowed({ ...listPods, verb: "get" }), false);
  assert.equal(asked, 1);
  assert.equal(await isAllowed({ ...listPods, user: { name: "v", groups: ["u"] } }), false, "another user");
  bindings.length = 0;
  version++;
  assert.equal(await isAllowed(listPods), false, "the binding has gone");
});

test("texts of refusals", () => {
  for (const { attributes, reason, text } of [
    {
      attributes: listPods,
      reason: "",
      text: 'pods is forbidden: User "u" cannot list resource "pods" in API group "" at the cluster scope',
    },
    {
      attributes: { ...listPods, verb: "get", name: "x", namespace: "ns", subresource: "log", group: "apps" },
      reason: "RBAC: <gone>",
      text: 'pods.apps "x" is forbidden: User "u" cannot get resource "pods/log" in API group "apps" in the namespace "ns": RBAC: <gone>',
    },
    {
      attributes: { ...getPath, path: "/x?<&>" },
      reason: "",
      text: 'forbidden: User "u" cannot get path "/x?&lt;&amp;&gt;"',
    },
  ]) {
    assert.equal(forbiddenError(attributes, reason).message, text);
  }
  assert.deepEqual(forbiddenError({ ...listPods, subresource: "log", name: "x" }, "").details, {
    name: "x",
    kind: "pods",
  });
});
