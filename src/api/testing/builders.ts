// Test objects in one line: the smallest valid object of a kind, with what the test is about.
import type { Cluster } from "../cluster/cluster.ts";
import { karmadaLabels } from "../karmada-constants.ts";
import type { Binding } from "../work/binding.ts";

interface ClusterParts {
  readonly labels?: Readonly<Record<string, string>>;
  readonly spec?: Partial<Cluster["spec"]>;
  readonly status?: Cluster["status"];
  readonly deleting?: boolean;
}

/** A ready Push cluster that serves Deployments. */
export function clusterWith(name: string, { labels, spec, status, deleting }: ClusterParts = {}): Cluster {
  return {
    apiVersion: "cluster.karmada.io/v1alpha1",
    kind: "Cluster",
    metadata: {
      name,
      generation: 1,
      ...(labels === undefined ? {} : { labels }),
      ...(deleting === true ? { deletionTimestamp: "2026-01-01T00:00:00Z" } : {}),
    },
    spec: { syncMode: "Push", ...spec },
    status: {
      apiEnablements: [{ groupVersion: "apps/v1", resources: [{ kind: "Deployment", name: "deployments" }] }],
      ...status,
    },
  };
}

interface BindingParts {
  readonly metadata?: Partial<Binding["metadata"]>;
  readonly spec?: Partial<Binding["spec"]>;
  readonly status?: Binding["status"];
}

/** The claimed binding of a Deployment `default/nginx`. */
export function bindingWith({ metadata, spec, status }: BindingParts = {}): Binding {
  return {
    apiVersion: "work.karmada.io/v1alpha2",
    kind: "ResourceBinding",
    metadata: {
      name: "nginx-deployment",
      namespace: "default",
      generation: 1,
      labels: { [karmadaLabels.propagationPolicyId]: "policy-1" },
      ...metadata,
    },
    spec: {
      resource: { apiVersion: "apps/v1", kind: "Deployment", namespace: "default", name: "nginx", uid: "uid-2" },
      ...spec,
    },
    ...(status === undefined ? {} : { status }),
  };
}
