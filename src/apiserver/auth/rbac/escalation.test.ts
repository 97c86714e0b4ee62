import assert from "node:assert/strict";
import { test } from "node:test";
import { ClusterRole, ClusterRoleBinding, Pod, Role, RoleBinding } from "#api/kinds.ts";
import type { AdmissionRequest } from "#machinery/admission.ts";
import { isApiError } from "#machinery/api-error.ts";
import type { Kind, KubeObject } from "#machinery/object.ts";
import { createRbacAuthorizer } from "./authorizer.ts";
import { missingRules, ruleTexts } from "./covers.ts";
import type { PolicyRule, RbacSource } from "./decide.ts";
import { escalationCheck } from "./escalation.ts";

const pods: PolicyRule = { verbs: ["get", "list"], apiGroups: [""], resources: ["pods"] };

for (const { name, held, wanted, missing } of [
  { name: "the same", held: [pods], wanted: [pods], missing: [] },
  { name: "a part", held: [pods], wanted: [{ ...pods, verbs: ["get"] }], missing: [] },
  {
    name: "another verb",
    held: [pods],
    wanted: [{ ...pods, verbs: ["get", "delete", "watch"] }],
    missing: ['{APIGroups:[""], Resources:["pods"], Verbs:["delete" "watch"]}'],
  },
  { name: "everything", held: [{ verbs: ["*"], apiGroups: ["*"], resources: ["*"] }], wanted: [pods], missing: [] },
  {
    name: "all verbs are more than some",
    held: [pods],
    wanted: [{ ...pods, verbs: ["*"] }],
    missing: ['{APIGroups:[""], Resources:["pods"], Verbs:["*"]}'],
  },
  {
    name: "all names are more than one",
    held: [{ ...pods, resourceNames: ["a"] }],
    wanted: [{ ...pods, verbs: ["get"] }],
    missing: ['{APIGroups:[""], Resources:["pods"], Verbs:["get"]}'],
  },
  {
    name: "one name of two",
    held: [{ ...pods, resourceNames: ["a"] }],
    wanted: [{ ...pods, verbs: ["get"], resourceNames: ["a", "b"] }],
    missing: ['{APIGroups:[""], Resources:["pods"], ResourceNames:["b"], Verbs:["get"]}'],
  },
  {
    name: "a subresource is no part of its resource",
    held: [pods],
    wanted: [{ ...pods, verbs: ["get"], resources: ["pods/log"] }],
    missing: ['{APIGroups:[""], Resources:["pods/log"], Verbs:["get"]}'],
  },
  {
    name: "one subresource of every kind",
    held: [{ verbs: ["get"], apiGroups: ["*"], resources: ["*/scale"] }],
    wanted: [{ verbs: ["get"], apiGroups: ["apps"], resources: ["deployments/scale"] }],
    missing: [],
  },
  {
    name: "paths",
    held: [{ verbs: ["get"], nonResourceURLs: ["/apis/*"] }],
    wanted: [{ verbs: ["get"], nonResourceURLs: ["/apis/apps", "/metrics"] }],
    missing: ['{NonResourceURLs:["/metrics"], Verbs:["get"]}'],
  },
  {
    name: "what two rules give together",
    held: [pods, { ...pods, verbs: ["delete"] }],
    wanted: [{ ...pods, verbs: ["get", "delete"] }],
    missing: [],
  },
] satisfies readonly { name: string; held: PolicyRule[]; wanted: PolicyRule[]; missing: string[] }[]) {
  test(`rules cover others: ${name}`, () => {
    assert.deepEqual(ruleTexts(missingRules(held, wanted)), missing);
  });
}

/** alice: admin of namespace `a` (pods, roles, bindings there), and may bind ClusterRole `bindable` and escalate `open`. */
const source: RbacSource = {
  synced: true,
  clusterRole: (name) =>
    name === "bindable" || name === "all"
      ? { rules: [{ verbs: ["*"], apiGroups: ["*"], resources: ["*"] }] }
      : undefined,
  role: (_namespace, name) =>
    name === "pods" ? { rules: [pods] } : name === "alice" ? { rules: aliceRules } : undefined,
  clusterRoleBindings: () => [],
  roleBindings: (namespace) =>
    namespace === "a"
      ? [
          {
            metadata: { name: "b", namespace },
            subjects: [{ kind: "User", name: "alice" }],
            roleRef: { kind: "Role", name: "alice" },
          },
        ]
      : [],
};
const rbac = "rbac.authorization.k8s.io";
const aliceRules: readonly PolicyRule[] = [
  pods,
  { verbs: ["create", "update"], apiGroups: [rbac], resources: ["roles", "rolebindings"] },
  { verbs: ["bind"], apiGroups: [rbac], resources: ["clusterroles"], resourceNames: ["bindable"] },
  { verbs: ["escalate"], apiGroups: [rbac], resources: ["roles"], resourceNames: ["open"] },
];

async function refusal(
  kind: Kind,
  name: string,
  fields: object,
  more: Partial<AdmissionRequest> = {},
): Promise<string> {
  const plugin = escalationCheck({ source, authorize: createRbacAuthorizer({ ...source, version: 0 }) });
  const request: AdmissionRequest = {
    ...{ operation: "CREATE", kind, name, subresource: undefined, old: undefined, dryRun: false },
    namespace: kind.namespaced ? "a" : undefined,
    object: { apiVersion: `${rbac}/v1`, kind: kind.kind, metadata: { name }, ...fields },
    user: { name: "alice", groups: ["devs", "system:authenticated"] },
    warn: () => undefined,
    ...more,
  };
  try {
    await plugin.validate?.(request);
    return "";
  } catch (error) {
    assert.ok(isApiError(error));
    return `${String(error.code)} ${error.message}`;
  }
}

const who =
  'user "alice" (groups=["devs" "system:authenticated"]) is attempting to grant RBAC permissions not currently held:';
const secrets: PolicyRule = { verbs: ["get"], apiGroups: [""], resources: ["secrets"] };
const roleRef = (kind: string, name: string) => ({ apiGroup: rbac, kind, name });

test("a role may hold what its author holds, and no more", async () => {
  assert.equal(await refusal(Role, "r", { rules: [pods] }), "");
  assert.equal(
    await refusal(Role, "r", { rules: [pods, secrets] }),
    `403 roles.${rbac} "r" is forbidden: ${who}\n{APIGroups:[""], Resources:["secrets"], Verbs:["get"]}`,
  );
  assert.match(await refusal(ClusterRole, "r", { rules: [pods] }), /^403 clusterroles/);
});

test("who may escalate may, and so may system:masters", async () => {
  assert.equal(await refusal(Role, "open", { rules: [secrets] }), "");
  const user = { name: "root", groups: ["system:masters"] };
  assert.equal(await refusal(ClusterRole, "r", { rules: [secrets] }, { user }), "");
});

test("what was granted before may stay", async () => {
  const old: KubeObject = { apiVersion: `${rbac}/v1`, kind: "Role", metadata: { name: "r" }, rules: [secrets] };
  assert.equal(await refusal(Role, "r", { rules: [secrets] }, { operation: "UPDATE", old }), "");
  assert.match(await refusal(Role, "r", { rules: [secrets, pods] }, { operation: "UPDATE", old }), /^403/);
});

test("only cluster administrators make roles out of others", async () => {
  const text = await refusal(ClusterRole, "r", { aggregationRule: { clusterRoleSelectors: [] } });
  assert.equal(
    text,
    `403 clusterroles.${rbac} "r" is forbidden: must have cluster-admin privileges to use the aggregationRule`,
  );
});

test("a role is bound by who holds its rules or may bind it", async () => {
  assert.equal(await refusal(RoleBinding, "b", { roleRef: roleRef("Role", "pods") }), "");
  assert.equal(await refusal(RoleBinding, "b", { roleRef: roleRef("ClusterRole", "bindable") }), "");
  assert.match(await refusal(RoleBinding, "b", { roleRef: roleRef("ClusterRole", "all") }), /^403 rolebindings/);
  assert.match(await refusal(ClusterRoleBinding, "b", { roleRef: roleRef("ClusterRole", "bindable") }), /^403/);
  assert.equal(
    await refusal(RoleBinding, "b", { roleRef: roleRef("ClusterRole", "none") }),
    `404 clusterroles.${rbac} "none" not found`,
  );
});

test("other kinds are not looked at", async () => {
  assert.equal(await refusal(Pod, "p", {}), "");
});
