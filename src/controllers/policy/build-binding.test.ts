// The binding of a policy to the letter, and what an update leaves alone. Claims are tested along with it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { clusterPolicyWith, bindingWith, deploymentWith, policyWith } from "../testing.ts";
import { type BindingInput, buildBinding, isOwnedByAnother } from "./build-binding.ts";
import { claimOf, isClaimedBy, withClaim, withoutClaim } from "./claim.ts";
import { clusterPolicies, namespacedPolicies } from "./scope.ts";

const template = deploymentWith({ resourceVersion: "7" });
const policy = policyWith({ schedulerName: "default-scheduler", conflictResolution: "Abort" });

function inputWith(input: Partial<BindingInput> = {}): BindingInput {
  return {
    template,
    policy,
    demand: { kind: "replicas", replicas: 2, requirements: undefined },
    schedulePriority: undefined,
    workloadAffinity: false,
    ...input,
  };
}

test("a new ResourceBinding", () => {
  assert.deepEqual(buildBinding(inputWith(), undefined), {
    apiVersion: "work.karmada.io/v1alpha2",
    kind: "ResourceBinding",
    metadata: {
      name: "nginx-deployment",
      namespace: "default",
      ownerReferences: [
        {
          apiVersion: "apps/v1",
          kind: "Deployment",
          name: "nginx",
          uid: "template-uid",
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
      finalizers: ["karmada.io/binding-controller"],
      labels: { "propagationpolicy.karmada.io/permanent-id": "propagationpolicy-id" },
      annotations: {
        "propagationpolicy.karmada.io/namespace": "default",
        "propagationpolicy.karmada.io/name": "nginx-pp",
      },
    },
    spec: {
      resource: {
        apiVersion: "apps/v1",
        kind: "Deployment",
        namespace: "default",
        name: "nginx",
        uid: "template-uid",
        resourceVersion: "7",
      },
      schedulerName: "default-scheduler",
      placement: {},
      conflictResolution: "Abort",
      replicas: 2,
    },
  });
});

test("a new ClusterResourceBinding", () => {
  const role = {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRole",
    metadata: { name: "system:Foo", uid: "u" },
  };
  const input = inputWith({
    template: role,
    policy: clusterPolicyWith(),
    demand: { kind: "none" },
  });
  const { kind, metadata, spec } = buildBinding({ ...input, schedulePriority: 3, workloadAffinity: true }, undefined);
  assert.equal(kind, "ClusterResourceBinding");
  assert.equal(metadata.name, "system.foo-clusterrole");
  assert.equal(metadata.namespace, undefined);
  assert.deepEqual(metadata.finalizers, ["karmada.io/cluster-resource-binding-controller"]);
  assert.deepEqual(metadata.annotations, { "clusterpropagationpolicy.karmada.io/name": "nginx-cpp" });
  assert.deepEqual(Object.keys(spec).sort(), ["placement", "resource"]);
  assert.equal(spec.resource.namespace, undefined);
});

test("an update lays template and policy over it and leaves the rest alone", () => {
  const existing = bindingWith(
    {
      clusters: [{ name: "m1", replicas: 2 }],
      replicas: 1,
      failover: {},
      gracefulEvictionTasks: [],
      rescheduleTriggeredAt: "2024-01-01T00:00:00Z",
      suspension: { scheduling: true, dispatching: true },
      components: [{ name: "a", replicas: 1 }],
    },
    {
      resourceVersion: "9",
      finalizers: ["other/finalizer"],
      labels: { mine: "1", "clusterpropagationpolicy.karmada.io/permanent-id": "c" },
      annotations: { "policy.karmada.io/applied-placement": "{}", "clusterpropagationpolicy.karmada.io/name": "c" },
    },
  );
  const updated = buildBinding(inputWith(), existing);
  assert.deepEqual(updated.spec, {
    ...buildBinding(inputWith(), undefined).spec,
    clusters: [{ name: "m1", replicas: 2 }],
    gracefulEvictionTasks: [],
    rescheduleTriggeredAt: "2024-01-01T00:00:00Z",
    suspension: { scheduling: true },
  });
  assert.equal(updated.metadata.resourceVersion, "9");
  assert.deepEqual(updated.metadata.finalizers, ["other/finalizer", "karmada.io/binding-controller"]);
  assert.deepEqual(updated.metadata.labels, {
    mine: "1",
    "propagationpolicy.karmada.io/permanent-id": "propagationpolicy-id",
  });
  assert.equal(updated.metadata.annotations?.["policy.karmada.io/applied-placement"], "{}");
  assert.deepEqual(buildBinding(inputWith(), updated), updated);
});

for (const { name, existing, wanted, result } of [
  { name: "comes", existing: undefined, wanted: { dispatching: true }, result: { dispatching: true } },
  { name: "goes", existing: { dispatching: true }, wanted: undefined, result: undefined },
  {
    name: "changes beside that of scheduling",
    existing: { scheduling: false, dispatching: true },
    wanted: { dispatchingOnClusters: { clusterNames: ["m1"] } },
    result: { scheduling: false, dispatchingOnClusters: { clusterNames: ["m1"] } },
  },
]) {
  test(`the policy's suspension ${name}`, () => {
    const input = inputWith({ policy: policyWith(wanted === undefined ? {} : { suspension: wanted }) });
    const binding = bindingWith(existing === undefined ? {} : { suspension: existing });
    assert.deepEqual(buildBinding(input, binding).spec.suspension, result);
  });
}

test("zero replicas are absent; requirements, components, priority and groups are carried", () => {
  const requirements = { resourceRequest: { cpu: "1" } };
  const zero = buildBinding(inputWith({ demand: { kind: "replicas", replicas: 0, requirements } }), undefined).spec;
  assert.equal(Object.hasOwn(zero, "replicas"), false);
  assert.deepEqual(zero.replicaRequirements, requirements);
  const components = [{ name: "jobmanager", replicas: 1 }];
  const several = buildBinding(inputWith({ demand: { kind: "components", components } }), undefined).spec;
  assert.deepEqual(several.components, components);
  const workloadAffinity = { affinity: { groupByLabelKey: "app" }, antiAffinity: { groupByLabelKey: "none" } };
  const grouped = buildBinding(
    inputWith({
      template: deploymentWith({ labels: { app: "nginx" } }),
      policy: policyWith({ placement: { workloadAffinity } }),
      schedulePriority: 5,
      workloadAffinity: true,
    }),
    undefined,
  ).spec;
  assert.deepEqual(grouped.workloadAffinityGroups, { affinityGroup: "app=nginx" });
  assert.deepEqual(grouped.schedulePriority, { priority: 5 });
});

test("a binding belongs to the template whose uid its controller reference has", () => {
  const ownerReferences = (uid: string) => [
    { apiVersion: "apps/v1", kind: "Deployment", name: "nginx", uid, controller: true },
  ];
  assert.equal(isOwnedByAnother(bindingWith(), template), false);
  assert.equal(
    isOwnedByAnother(bindingWith({}, { ownerReferences: ownerReferences("template-uid") }), template),
    false,
  );
  assert.equal(isOwnedByAnother(bindingWith({}, { ownerReferences: ownerReferences("old") }), template), true);
});

test("claims are found, written and taken away", () => {
  const clusterPolicy = clusterPolicyWith();
  const byCluster = withClaim(template, clusterPolicy);
  assert.equal(claimOf(template), undefined);
  assert.deepEqual(claimOf(byCluster), {
    scope: clusterPolicies,
    namespace: undefined,
    name: "nginx-cpp",
    id: "clusterpropagationpolicy-id",
  });
  assert.equal(isClaimedBy(byCluster, clusterPolicy), true);
  const byBoth = withClaim(withClaim(template, policy), clusterPolicy);
  assert.equal(claimOf(byBoth)?.scope, namespacedPolicies);
  assert.equal(isClaimedBy(byBoth, policy), false, "the cluster-wide claim is still to go");
  const byPolicy = withClaim(byCluster, policy);
  assert.equal(isClaimedBy(byPolicy, policy), true);
  assert.deepEqual(withoutClaim(byPolicy, namespacedPolicies).metadata.labels, {});
  const nameOnly = deploymentWith({ annotations: { "propagationpolicy.karmada.io/name": "p" } });
  assert.equal(claimOf(nameOnly), undefined, "an incomplete claim is none");
});
