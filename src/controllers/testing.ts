// Objects for tests, one line each: whatever a test does not care about is filled in.
import type { Cluster } from "#api/cluster/cluster.ts";
import { executionNamespace, workName } from "#api/karmada-names.ts";
import type { Binding, BindingSpec } from "#api/work/binding.ts";
import type { Work, WorkSpec, WorkStatus } from "#api/work/work.ts";
import type { KubeObject, ObjectMeta } from "#machinery/object.ts";
import { defined } from "#std/defined.ts";
import type { Policy } from "./policy/scope.ts";

type Meta = Partial<ObjectMeta>;

/** The Deployment default/nginx, as the control plane has it. */
export function deploymentWith(metadata: Meta = {}, spec: Readonly<Record<string, unknown>> = {}): KubeObject {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "nginx", namespace: "default", uid: "template-uid", generation: 1, ...metadata },
    spec: { replicas: 2, ...spec },
  };
}

/** The PropagationPolicy default/nginx-pp for Deployments. */
export function policyWith(spec: Partial<Policy["spec"]> = {}, metadata: Meta = {}): Policy {
  return {
    apiVersion: "policy.karmada.io/v1alpha1",
    kind: "PropagationPolicy",
    metadata: {
      name: "nginx-pp",
      namespace: "default",
      labels: { "propagationpolicy.karmada.io/permanent-id": "propagationpolicy-id" },
      ...metadata,
    },
    spec: { resourceSelectors: [{ apiVersion: "apps/v1", kind: "Deployment" }], ...spec },
  };
}

/** The ClusterPropagationPolicy nginx-cpp for Deployments. */
export function clusterPolicyWith(spec: Partial<Policy["spec"]> = {}, metadata: Meta = {}): Policy {
  return {
    apiVersion: "policy.karmada.io/v1alpha1",
    kind: "ClusterPropagationPolicy",
    metadata: {
      name: "nginx-cpp",
      labels: { "clusterpropagationpolicy.karmada.io/permanent-id": "clusterpropagationpolicy-id" },
      ...metadata,
    },
    spec: { resourceSelectors: [{ apiVersion: "apps/v1", kind: "Deployment" }], ...spec },
  };
}

/** The binding of default/nginx. */
export function bindingWith(spec: Partial<BindingSpec> = {}, metadata: Meta = {}): Binding {
  return {
    apiVersion: "work.karmada.io/v1alpha2",
    kind: "ResourceBinding",
    metadata: {
      name: "nginx-deployment",
      namespace: "default",
      labels: { "resourcebinding.karmada.io/permanent-id": "binding-id" },
      ...metadata,
    },
    spec: { resource: { apiVersion: "apps/v1", kind: "Deployment", namespace: "default", name: "nginx" }, ...spec },
  };
}

/** A Work of that binding. */
export function workWith(cluster: string, spec: WorkSpec = {}, status?: WorkStatus, metadata: Meta = {}): Work {
  return {
    apiVersion: "work.karmada.io/v1alpha1",
    kind: "Work",
    metadata: {
      name: workName("Deployment", "nginx", "default"),
      namespace: executionNamespace(cluster),
      labels: { "resourcebinding.karmada.io/permanent-id": "binding-id" },
      ...metadata,
    },
    spec,
    ...defined({ status }),
  };
}

/** A condition as it was set at the epoch. */
export function conditionWith(
  type: string,
  status: "True" | "False" | "Unknown",
  message = "",
): {
  readonly type: string;
  readonly status: "True" | "False" | "Unknown";
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime: string;
} {
  return { type, status, reason: "Test", message, lastTransitionTime: "1970-01-01T00:00:00Z" };
}

/** A member in Push mode. */
export function clusterWith(
  name: string,
  spec: Partial<Cluster["spec"]> = {},
  status?: NonNullable<Cluster["status"]>,
  metadata: Meta = {},
): Cluster {
  return {
    apiVersion: "cluster.karmada.io/v1alpha1",
    kind: "Cluster",
    metadata: { name, ...metadata },
    spec: { syncMode: "Push", ...spec },
    ...defined({ status }),
  };
}
