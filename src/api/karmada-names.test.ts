import assert from "node:assert/strict";
import test from "node:test";
import {
  bindingName,
  bindingReferenceKey,
  clusterOfExecutionNamespace,
  executionNamespace,
  impersonatorSecretName,
  isReservedNamespace,
  memberClusterRoleName,
  memberServiceAccountName,
  policyName,
  workName,
} from "./karmada-names.ts";

test("a binding is named after its template and kind", () => {
  assert.equal(bindingName("Deployment", "nginx"), "nginx-deployment");
  assert.equal(bindingName("ClusterRole", "system:foo"), "system.foo-clusterrole");
  assert.equal(bindingName("ConfigMap", "kube-root-ca.crt"), "kube-root-ca.crt-configmap");
});

const longName = "x".repeat(253);

for (const [kind, name, namespace, expected] of [
  ["Deployment", "nginx", "default", "nginx-687f7fb96f"],
  ["Namespace", "test", "", "test-69fd499b4c"],
  ["ClusterRole", "system:public-info-viewer", "", "system.public-info-viewer-5974478664"],
  ["ClusterRole", "karmada-impersonator", "", "karmada-impersonator-7cbb6bd5c9"],
  ["ConfigMap", "Foo", "bar", "foo-59ffffcf94"],
  ["Service", "web", "prod", "web-bc7d89c89"],
  ["Pod", "pod", "default", "pod-6f9995dd4b"],
  ["ClusterRole", "System:Foo:Bar", "", "system.foo.bar-5964d7bd5d"],
  ["RoleBinding", "team:ops@example.com", "default", "team.ops@example.com-795945dc79"],
  ["Role", "a&b$c", "kube-public", "a&b$c-7c7988658d"],
  ["CronFederatedHPA", "MyApp.v1", "ns-1", "myapp.v1-79c99db98f"],
  ["ConfigMap", longName, "default", `${longName}-5f775ccdb`],
  ["ConfigMap", "kube-root-ca.crt", "default", "kube-root-ca.crt-cdf669694"],
  ["Secret", "a", "b-c", "a-6b86978698"],
  ["Secret", "c-a", "b", "c-a-6b86978698"],
  ["ClusterRole", "żółw", "", "żółw-67d585bc45"],
] as const) {
  test(`the Work of ${kind} ${namespace}/${name.slice(0, 30)} has upstream's name`, () => {
    assert.equal(workName(kind, name, namespace), expected);
  });
}

test("no namespace and an empty one are the same", () => {
  assert.equal(workName("Namespace", "test", undefined), workName("Namespace", "test", ""));
});

test("a binding's reference key hashes its namespace and name", () => {
  assert.equal(bindingReferenceKey({ namespace: "default", name: "nginx-deployment" }), "5bdc5c4dcf");
  assert.equal(bindingReferenceKey({ name: "system.foo-clusterrole" }), "5f7d88f69");
});

test("a made policy is named after its resource", () => {
  const apps = { group: "apps", version: "v1", kind: "Deployment" };
  const rbac = { group: "rbac.authorization.k8s.io", version: "v1", kind: "ClusterRole" };
  const core = { group: "", version: "v1", kind: "ConfigMap" };
  assert.equal(policyName("default", "nginx", apps), "nginx-6d7f8d5f5b");
  assert.equal(policyName("", "system:Foo", rbac), "system.foo-54499c54c");
  assert.equal(policyName("default", "x", core), "x-75f5f4f477");
});

test("execution namespaces name their cluster", () => {
  assert.equal(executionNamespace("member1"), "karmada-es-member1");
  assert.equal(clusterOfExecutionNamespace("karmada-es-member1"), "member1");
  assert.equal(clusterOfExecutionNamespace("karmada-es-"), undefined);
  assert.equal(clusterOfExecutionNamespace("default"), undefined);
});

test("Karmada's own namespaces are reserved", () => {
  for (const name of ["karmada-system", "karmada-cluster", "karmada-es-member1"]) assert.ok(isReservedNamespace(name));
  for (const name of ["default", "kube-system", "karmada", "karmada-systems"]) assert.ok(!isReservedNamespace(name));
});

test("credentials of a member have upstream's names", () => {
  assert.equal(memberServiceAccountName("member1"), "karmada-member1");
  assert.equal(memberClusterRoleName("karmada-member1"), "karmada-controller-manager:karmada-member1");
  assert.equal(impersonatorSecretName("member1"), "member1-impersonator");
});
