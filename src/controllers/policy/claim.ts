// Claims: the labels and annotations by which a template and its binding belong to a policy.
// Upstream: karmada pkg/detector/claim.go.
import type { KubeObject, ObjectMeta } from "#machinery/object.ts";
import {
  clusterPolicies,
  namespacedPolicies,
  type Policy,
  policyIdOf,
  type PolicyScope,
  policyScopeOf,
  policyScopes,
} from "./scope.ts";

/** Who has claimed an object: the policy is found by name, the claim is told apart by the policy's id. */
export interface Claim {
  readonly scope: PolicyScope;
  readonly namespace: string | undefined;
  readonly name: string;
  readonly id: string;
}

/** The claim on an object. A namespaced policy's goes first; an incomplete one counts as none. */
export function claimOf({ metadata }: Pick<KubeObject, "metadata">): Claim | undefined {
  return claimOfScope(metadata, namespacedPolicies) ?? claimOfScope(metadata, clusterPolicies);
}

function claimOfScope({ labels = {}, annotations = {} }: ObjectMeta, scope: PolicyScope): Claim | undefined {
  const id = labels[scope.idLabel] ?? "";
  const name = annotations[scope.nameAnnotation] ?? "";
  const namespace =
    scope.namespaceAnnotation === undefined ? undefined : (annotations[scope.namespaceAnnotation] ?? "");
  return id === "" || name === "" || namespace === "" ? undefined : { scope, namespace, name, id };
}

/** The ids of the policies that have claimed an object: as labels say, complete or not. */
export function claimIdsOf({ metadata }: Pick<KubeObject, "metadata">): readonly string[] {
  return policyScopes.map(({ idLabel }) => metadata.labels?.[idLabel] ?? "").filter((id) => id !== "");
}

/** Whether the object already carries the policy's claim. Names are not compared: the id is what counts. */
export function isClaimedBy({ metadata }: Pick<KubeObject, "metadata">, policy: Policy): boolean {
  const scope = policyScopeOf(policy);
  const labels = metadata.labels ?? {};
  if (labels[scope.idLabel] !== policyIdOf(policy)) return false;
  return !scope.namespaced || !Object.hasOwn(labels, clusterPolicies.idLabel);
}

/** The labels and annotations of a policy's claim. */
function claimMetadata(policy: Policy): {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
} {
  const scope = policyScopeOf(policy);
  const { namespace, name } = policy.metadata;
  return {
    labels: { [scope.idLabel]: policyIdOf(policy) },
    annotations: {
      ...(scope.namespaceAnnotation === undefined ? {} : { [scope.namespaceAnnotation]: namespace ?? "" }),
      [scope.nameAnnotation]: name,
    },
  };
}

/** The object claimed by the policy. A namespaced policy drives a cluster-wide claim out; never the other way. */
export function withClaim<T extends KubeObject>(object: T, policy: Policy): T {
  const freed = policyScopeOf(policy).namespaced ? withoutClaim(object, clusterPolicies) : object;
  const { labels, annotations } = claimMetadata(policy);
  return {
    ...freed,
    metadata: {
      ...freed.metadata,
      labels: { ...freed.metadata.labels, ...labels },
      annotations: { ...freed.metadata.annotations, ...annotations },
    },
  };
}

/** The object without any claim of policies of this scope. */
export function withoutClaim<T extends KubeObject>(object: T, scope: PolicyScope): T {
  const { labels, annotations, ...rest } = object.metadata;
  const dropped = new Set([scope.idLabel, scope.nameAnnotation, scope.namespaceAnnotation]);
  const keep = (map: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
    Object.fromEntries(Object.entries(map).filter(([key]) => !dropped.has(key)));
  return {
    ...object,
    metadata: {
      ...rest,
      ...(labels === undefined ? {} : { labels: keep(labels) }),
      ...(annotations === undefined ? {} : { annotations: keep(annotations) }),
    },
  };
}
