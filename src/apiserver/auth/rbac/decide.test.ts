import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Attributes } from "../authorizer.ts";
import { type BindingObject, decide, type PolicyRule, type RbacSource, ruleAllows, rulesOf } from "./decide.ts";

const alice = { name: "alice", groups: ["devs"] };

function attributes(wanted: Partial<Attributes>): Attributes {
  return {
    user: alice,
    verb: "get",
    group: "",
    version: "v1",
    resource: "pods",
    subresource: "",
    namespace: "",
    name: "",
    path: "",
    isResource: true,
    ...wanted,
  };
}

function path(verb: string, url: string): Attributes {
  return attributes({ verb, resource: "", path: url, isResource: false });
}

const everything: PolicyRule = { verbs: ["*"], apiGroups: ["*"], resources: ["*"] };
const readPods: PolicyRule = { verbs: ["get", "list"], apiGroups: [""], resources: ["pods"] };
const named: PolicyRule = { ...readPods, verbs: ["*"], resourceNames: ["a", "b"] };

describe("ruleAllows", () => {
  for (const { name, rule, asked, allowed } of [
    { name: "a listed verb", rule: readPods, asked: attributes({}), allowed: true },
    { name: "an unlisted verb", rule: readPods, asked: attributes({ verb: "delete" }), allowed: false },
    { name: "another group", rule: readPods, asked: attributes({ group: "apps" }), allowed: false },
    { name: "another resource", rule: readPods, asked: attributes({ resource: "secrets" }), allowed: false },
    {
      name: "a resource does not cover its subresource",
      rule: readPods,
      asked: attributes({ subresource: "log" }),
      allowed: false,
    },
    {
      name: "a subresource",
      rule: { ...readPods, resources: ["pods/log"] },
      asked: attributes({ subresource: "log" }),
      allowed: true,
    },
    {
      name: "a subresource does not cover its resource",
      rule: { ...readPods, resources: ["pods/log"] },
      asked: attributes({}),
      allowed: false,
    },
    {
      name: "one subresource of all",
      rule: { ...readPods, resources: ["*/scale"] },
      asked: attributes({ subresource: "scale" }),
      allowed: true,
    },
    {
      name: "another subresource of all",
      rule: { ...readPods, resources: ["*/scale"] },
      asked: attributes({ subresource: "status" }),
      allowed: false,
    },
    {
      name: "*/ without a subresource",
      rule: { ...readPods, resources: ["*/"] },
      asked: attributes({}),
      allowed: false,
    },
    {
      name: "everything",
      rule: everything,
      asked: attributes({ subresource: "log", group: "x", verb: "patch" }),
      allowed: true,
    },
    { name: "resources do not cover paths", rule: everything, asked: path("get", "/version"), allowed: false },
    { name: "a named object", rule: named, asked: attributes({ name: "b" }), allowed: true },
    { name: "another object", rule: named, asked: attributes({ name: "c" }), allowed: false },
    { name: "names never cover create", rule: named, asked: attributes({ verb: "create" }), allowed: false },
    { name: "names never cover a whole list", rule: named, asked: attributes({ verb: "list" }), allowed: false },
    {
      name: "names cover a list of one by name",
      rule: named,
      asked: attributes({ verb: "list", name: "a" }),
      allowed: true,
    },
    {
      name: "an exact path",
      rule: { verbs: ["get"], nonResourceURLs: ["/version"] },
      asked: path("get", "/version"),
      allowed: true,
    },
    {
      name: "a path below",
      rule: { verbs: ["get"], nonResourceURLs: ["/version"] },
      asked: path("get", "/version/x"),
      allowed: false,
    },
    {
      name: "a path by its beginning",
      rule: { verbs: ["get"], nonResourceURLs: ["/apis/*"] },
      asked: path("get", "/apis/apps"),
      allowed: true,
    },
    {
      name: "a beginning without its slash",
      rule: { verbs: ["get"], nonResourceURLs: ["/apis/*"] },
      asked: path("get", "/apis"),
      allowed: false,
    },
    { name: "every path", rule: { verbs: ["*"], nonResourceURLs: ["*"] }, asked: path("post", "/x"), allowed: true },
    {
      name: "a star in the middle is none",
      rule: { verbs: ["get"], nonResourceURLs: ["/a/*/b"] },
      asked: path("get", "/a/x/b"),
      allowed: false,
    },
    {
      name: "paths do not cover resources",
      rule: { verbs: ["*"], nonResourceURLs: ["*"] },
      asked: attributes({}),
      allowed: false,
    },
    { name: "a rule of nothing", rule: { verbs: ["*"] }, asked: attributes({}), allowed: false },
  ]) {
    test(name, () => {
      assert.equal(ruleAllows(rule, asked), allowed);
    });
  }
});

function binding(
  wanted: Partial<BindingObject> & { readonly name: string; readonly namespace?: string; readonly role?: string },
): BindingObject {
  return {
    metadata: { name: wanted.name, ...(wanted.namespace === undefined ? {} : { namespace: wanted.namespace }) },
    subjects: wanted.subjects ?? [{ kind: "Group", name: "devs" }],
    roleRef: wanted.roleRef ?? { kind: "ClusterRole", name: wanted.role ?? "reader" },
  };
}

function source(clusterWide: readonly BindingObject[], namespaced: readonly BindingObject[] = []): RbacSource {
  return {
    synced: true,
    clusterRole: (name) => (name === "reader" ? { rules: [readPods] } : undefined),
    role: (namespace, name) => (namespace === "prod" && name === "dev" ? { rules: [everything] } : undefined),
    clusterRoleBindings: () => clusterWide,
    roleBindings: (namespace) => namespaced.filter((one) => one.metadata.namespace === namespace),
  };
}

const robot = { name: "system:serviceaccount:prod:robot", groups: [] };

describe("decide", () => {
  for (const { name, asked, from, reason, allowed } of [
    {
      name: "through a group",
      asked: attributes({}),
      from: source([binding({ name: "b" })]),
      allowed: true,
      reason: 'RBAC: allowed by ClusterRoleBinding "b" of ClusterRole "reader" to Group "devs"',
    },
    {
      name: "through a user, in a namespace, by a role",
      asked: attributes({ namespace: "prod", verb: "delete" }),
      from: source(
        [],
        [
          binding({
            name: "b",
            namespace: "prod",
            subjects: [
              { kind: "User", name: "bob" },
              { kind: "User", name: "alice" },
            ],
            roleRef: { kind: "Role", name: "dev" },
          }),
        ],
      ),
      allowed: true,
      reason: 'RBAC: allowed by RoleBinding "b/prod" of Role "dev" to User "alice"',
    },
    {
      name: "a cluster role bound in one namespace",
      asked: attributes({ namespace: "test" }),
      from: source([], [binding({ name: "b", namespace: "prod" })]),
      allowed: false,
      reason: "",
    },
    {
      name: "a cluster role bound in one namespace does not allow cluster-wide lists",
      asked: attributes({ verb: "list" }),
      from: source([], [binding({ name: "b", namespace: "prod" })]),
      allowed: false,
      reason: "",
    },
    {
      name: "a service account of the binding's own namespace",
      asked: attributes({ namespace: "prod", user: robot }),
      from: source(
        [],
        [binding({ name: "b", namespace: "prod", subjects: [{ kind: "ServiceAccount", name: "robot" }] })],
      ),
      allowed: true,
      reason: 'RBAC: allowed by RoleBinding "b/prod" of ClusterRole "reader" to ServiceAccount "robot/prod"',
    },
    {
      name: "a service account without a namespace in a cluster-wide binding",
      asked: attributes({ user: robot }),
      from: source([binding({ name: "b", subjects: [{ kind: "ServiceAccount", name: "robot" }] })]),
      allowed: false,
      reason: "",
    },
    {
      name: "a role that is not there",
      asked: attributes({}),
      from: source([binding({ name: "b", role: "gone" }), binding({ name: "c", role: "gone" })]),
      allowed: false,
      reason: 'RBAC: clusterrole.rbac.authorization.k8s.io "gone" not found',
    },
    {
      name: "two roles that are not there",
      asked: attributes({}),
      from: source([binding({ name: "b", role: "gone" }), binding({ name: "c", role: "away" })]),
      allowed: false,
      reason:
        'RBAC: [clusterrole.rbac.authorization.k8s.io "gone" not found, clusterrole.rbac.authorization.k8s.io "away" not found]',
    },
    {
      name: "a missing role is no error for others",
      asked: attributes({}),
      from: source([binding({ name: "b", role: "gone" }), binding({ name: "c" })]),
      allowed: true,
      reason: 'RBAC: allowed by ClusterRoleBinding "c" of ClusterRole "reader" to Group "devs"',
    },
    {
      name: "a cluster-wide binding cannot name a role",
      asked: attributes({ namespace: "prod" }),
      from: source([binding({ name: "b", roleRef: { kind: "Role", name: "dev" } })]),
      allowed: false,
      reason: 'RBAC: role.rbac.authorization.k8s.io "dev" not found',
    },
    {
      name: "subjects of an unknown kind are nobody",
      asked: attributes({}),
      from: source([binding({ name: "b", subjects: [{ kind: "Robot", name: "alice" }] })]),
      allowed: false,
      reason: "",
    },
  ]) {
    test(name, () => {
      assert.deepEqual(decide(asked, from), { allowed, reason });
    });
  }
});

test("rulesOf lists cluster-wide rules first, unmerged", () => {
  const from = source(
    [binding({ name: "a" }), binding({ name: "b" })],
    [binding({ name: "c", namespace: "prod", roleRef: { kind: "Role", name: "dev" } })],
  );
  assert.deepEqual(rulesOf(alice, "prod", from), [readPods, readPods, everything]);
  assert.deepEqual(rulesOf(alice, "", from), [readPods, readPods]);
});
