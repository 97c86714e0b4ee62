// Whether roles and bindings allow what a request wants to do. Pure: the objects come from a source that answers at once.
// Upstream: kubernetes plugin/pkg/auth/authorizer/rbac/rbac.go, pkg/registry/rbac/validation/rule.go,
// pkg/apis/rbac/v1/evaluation_helpers.go.
import type { UserInfo } from "#machinery/http.ts";
import { serviceAccountUserName } from "../users.ts";
import type { Attributes, Decision } from "../authorizer.ts";

export interface PolicyRule {
  readonly verbs: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
}

/** A Role or a ClusterRole, as far as deciding needs it. */
export interface RoleObject {
  readonly rules?: readonly PolicyRule[] | null;
}

export interface Subject {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

/** A RoleBinding or a ClusterRoleBinding. */
export interface BindingObject {
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly subjects?: readonly Subject[] | null;
  readonly roleRef: { readonly kind: string; readonly name: string };
}

/** The present roles and bindings. */
export interface RbacSource {
  /** Whether everything has been read once; until then nothing but `system:masters` is allowed. */
  readonly synced: boolean;
  clusterRole(name: string): RoleObject | undefined;
  role(namespace: string, name: string): RoleObject | undefined;
  clusterRoleBindings(): readonly BindingObject[];
  roleBindings(namespace: string): readonly BindingObject[];
}

/** A rule that a user has, and through what. */
interface Grant {
  readonly rule: PolicyRule;
  readonly binding: BindingObject;
  readonly subject: Subject;
}

/** What a user has in one namespace; worked out once for many requests. */
export interface Grants {
  readonly grants: readonly Grant[];
  /** Roles that bindings name and that are not there. */
  readonly missing: readonly string[];
}

/** Looks for a rule that allows it. */
export function decide(attributes: Attributes, source: RbacSource): Decision {
  return decideAmong(grantsFor(attributes.user, attributes.namespace, source), attributes);
}

/** The same, among the grants of the request's user in its namespace. */
export function decideAmong({ grants, missing }: Grants, attributes: Attributes): Decision {
  for (const { rule, binding, subject } of grants) {
    if (ruleAllows(rule, attributes)) return { allowed: true, reason: allowedReason(binding, subject) };
  }
  return { allowed: false, reason: missingReason(missing) };
}

/** Cluster-wide bindings first, then those of the namespace (empty: none). */
export function grantsFor(user: UserInfo, namespace: string, source: RbacSource): Grants {
  const groups = new Set(user.groups);
  const grants: Grant[] = [];
  const missing: string[] = [];
  const inNamespace = namespace === "" ? [] : source.roleBindings(namespace);
  for (const binding of [...source.clusterRoleBindings(), ...inNamespace]) {
    const { metadata, roleRef } = binding;
    const subject = binding.subjects?.find((one) => isSubject(one, user.name, groups, metadata.namespace));
    if (subject === undefined) continue;
    const role = referencedRole(binding, source);
    for (const rule of role?.rules ?? []) grants.push({ rule, binding, subject });
    if (role !== undefined) continue;
    missing.push(`${roleRef.kind.toLowerCase()}.rbac.authorization.k8s.io "${roleRef.name}" not found`);
  }
  return { grants, missing };
}

/** All rules a user has in a namespace (empty: cluster-wide only), unmerged, in the order in which they are asked. */
export function rulesOf(user: UserInfo, namespace: string, source: RbacSource): readonly PolicyRule[] {
  return grantsFor(user, namespace, source).grants.map((grant) => grant.rule);
}

/** Whether one rule covers the request. */
export function ruleAllows(rule: PolicyRule, attributes: Attributes): boolean {
  if (!listed(rule.verbs, attributes.verb)) return false;
  if (!attributes.isResource) return (rule.nonResourceURLs ?? []).some((url) => urlMatches(url, attributes.path));
  return (
    listed(rule.apiGroups, attributes.group) &&
    resourceMatches(rule.resources ?? [], attributes) &&
    nameMatches(rule.resourceNames ?? [], attributes.name)
  );
}

/** A ClusterRoleBinding can only name cluster roles; a RoleBinding names either kind. */
function referencedRole(binding: BindingObject, source: RbacSource): RoleObject | undefined {
  const { kind, name } = binding.roleRef;
  if (kind === "ClusterRole") return source.clusterRole(name);
  const { namespace } = binding.metadata;
  return kind === "Role" && namespace !== undefined ? source.role(namespace, name) : undefined;
}

function isSubject(
  subject: Subject,
  userName: string,
  groups: ReadonlySet<string>,
  bindingNamespace: string | undefined,
): boolean {
  switch (subject.kind) {
    case "User":
      return subject.name === userName;
    case "Group":
      return groups.has(subject.name);
    case "ServiceAccount": {
      const namespace = nonEmpty(subject.namespace) ?? bindingNamespace;
      return namespace !== undefined && serviceAccountUserName(namespace, subject.name) === userName;
    }
    default:
      return false;
  }
}

function listed(list: readonly string[] | undefined, wanted: string): boolean {
  return list !== undefined && (list.includes("*") || list.includes(wanted));
}

/** `pods`, `pods/log`, `*` (everything) or, for one subresource of every kind, the form with a star before the slash. */
function resourceMatches(resources: readonly string[], { resource, subresource }: Attributes): boolean {
  const wanted = subresource === "" ? resource : `${resource}/${subresource}`;
  if (listed(resources, wanted)) return true;
  return subresource !== "" && resources.includes(`*/${subresource}`);
}

/** A rule with names never covers requests without one: create, deletecollection, most lists. */
function nameMatches(names: readonly string[], wanted: string): boolean {
  return names.length === 0 || (wanted !== "" && names.includes(wanted));
}

/** The path itself, `*`, or a beginning followed by `*`. */
function urlMatches(pattern: string, path: string): boolean {
  if (pattern === path) return true;
  return pattern.endsWith("*") && path.startsWith(pattern.slice(0, -1));
}

function allowedReason(binding: BindingObject, subject: Subject): string {
  const { name, namespace } = binding.metadata;
  const where = namespace === undefined ? `ClusterRoleBinding "${name}"` : `RoleBinding "${name}/${namespace}"`;
  const owner = nonEmpty(subject.namespace) ?? namespace ?? "";
  const who = subject.kind === "ServiceAccount" ? `${subject.name}/${owner}` : subject.name;
  return `RBAC: allowed by ${where} of ${binding.roleRef.kind} "${binding.roleRef.name}" to ${subject.kind} "${who}"`;
}

function missingReason(missing: readonly string[]): string {
  const texts = [...new Set(missing)];
  if (texts.length === 0) return "";
  return texts.length === 1 ? `RBAC: ${texts[0] ?? ""}` : `RBAC: [${texts.join(", ")}]`;
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === "" ? undefined : text;
}
