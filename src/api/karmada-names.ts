// Names that Karmada derives from other names. They are a promise: other tools compute them too.
// Upstream: karmada pkg/util/names/names.go.
import { type GroupVersionKind, type ObjectRef, refKey } from "#machinery/object.ts";
import { safeHash } from "#machinery/hash.ts";
import { karmadaNamespaces } from "./karmada-constants.ts";

const executionNamespacePrefix = "karmada-es-";

/** The ResourceBinding or ClusterResourceBinding of a template. Not hashed: the kind's group is not part of it. */
export function bindingName(kind: string, name: string): string {
  return `${dotted(name)}-${kind}`.toLowerCase();
}

/** The Work that carries a template; the same in every execution namespace. `namespace` is empty for cluster scope. */
export function workName(kind: string, name: string, namespace: string | undefined): string {
  const base = dotted(name).toLowerCase();
  const scoped = namespace === undefined || namespace === "" ? base : `${namespace}-${base}`;
  return `${base}-${safeHash(`${scoped}-${kind}`.toLowerCase())}`;
}

/** What attached bindings call the binding they depend on. */
export function bindingReferenceKey(binding: ObjectRef): string {
  return safeHash(refKey(binding));
}

/** The policy that `karmadactl promote` and `apply` make for a resource. */
export function policyName(namespace: string, name: string, kind: GroupVersionKind): string {
  const text = `${kind.group}/${kind.version}, Kind=${kind.kind}`;
  return `${dotted(name)}-${safeHash(namespace + text)}`.toLowerCase();
}

/** The namespace in the control plane that holds a member's Works. */
export function executionNamespace(cluster: string): string {
  return executionNamespacePrefix + cluster;
}

/** The member whose execution namespace this is, or undefined for any other namespace. */
export function clusterOfExecutionNamespace(namespace: string): string | undefined {
  return namespace.startsWith(executionNamespacePrefix) && namespace.length > executionNamespacePrefix.length
    ? namespace.slice(executionNamespacePrefix.length)
    : undefined;
}

/** Namespaces that are Karmada's own: nothing in them is ever propagated. */
export function isReservedNamespace(namespace: string): boolean {
  return (
    namespace === karmadaNamespaces.system ||
    namespace === karmadaNamespaces.cluster ||
    namespace.startsWith(executionNamespacePrefix)
  );
}

/** The ServiceAccount that the control plane uses in a member. */
export function memberServiceAccountName(cluster: string): string {
  return `karmada-${cluster}`;
}

/** The role, and its binding, of that ServiceAccount. */
export function memberClusterRoleName(serviceAccount: string): string {
  return `karmada-controller-manager:${serviceAccount}`;
}

/** The Secret with the token that the cluster proxy impersonates with. */
export function impersonatorSecretName(cluster: string): string {
  return `${cluster}-impersonator`;
}

/** Colons are legal in RBAC names only. */
function dotted(name: string): string {
  return name.replaceAll(":", ".");
}
