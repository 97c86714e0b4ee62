// The users and groups that mean something to the server itself. Upstream: k8s.io/apiserver/pkg/authentication/user/user.go.
import type { UserInfo } from "#machinery/http.ts";

/** Members may do everything; authorization does not ask further. */
export const groupMasters = "system:masters";
export const groupAuthenticated = "system:authenticated";
export const groupUnauthenticated = "system:unauthenticated";
const groupServiceAccounts = "system:serviceaccounts";
export const userAnonymous = "system:anonymous";

const serviceAccountPrefix = "system:serviceaccount:";

/** Who sends requests without credentials. */
export const anonymousUser: UserInfo = { name: userAnonymous, groups: [groupUnauthenticated] };

/** The user with `system:authenticated` among its groups; anonymous users stay as they are. */
export function withAuthenticatedGroup(user: UserInfo): UserInfo {
  const known = user.groups.includes(groupAuthenticated) || user.groups.includes(groupUnauthenticated);
  if (known || user.name === userAnonymous) return user;
  return { ...user, groups: [...user.groups, groupAuthenticated] };
}

export function serviceAccountUserName(namespace: string, name: string): string {
  return `${serviceAccountPrefix}${namespace}:${name}`;
}

/** The groups of every service account of a namespace. */
export function serviceAccountGroups(namespace: string): readonly string[] {
  return [groupServiceAccounts, `${groupServiceAccounts}:${namespace}`];
}

/** The service account that a user name stands for, or undefined. */
export function parseServiceAccountUserName(
  userName: string,
): { readonly namespace: string; readonly name: string } | undefined {
  if (!userName.startsWith(serviceAccountPrefix)) return undefined;
  const [namespace = "", name = "", ...rest] = userName.slice(serviceAccountPrefix.length).split(":");
  return namespace === "" || name === "" || rest.length > 0 ? undefined : { namespace, name };
}
