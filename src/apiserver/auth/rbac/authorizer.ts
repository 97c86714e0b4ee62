// Authorizes by roles and bindings. Upstream: kubernetes plugin/pkg/auth/authorizer/rbac and
// k8s.io/apiserver/pkg/authorization/authorizerfactory (privileged groups, always-allowed paths).
import type { UserInfo } from "#machinery/http.ts";
import { RecentCache } from "#std/recent-cache.ts";
import type { Authorizer, Decision } from "../authorizer.ts";
import { groupMasters } from "../users.ts";
import { decideAmong, type Grants, grantsFor, type RbacSource } from "./decide.ts";

/** Health checks are asked by probes that have no identity. */
const alwaysAllowedPaths: ReadonlySet<string> = new Set(["/healthz", "/livez", "/readyz"]);

/** For so many users and namespaces, or twice as many, it is remembered what they may do there. */
const rememberedMax = 512;

/** Roles and bindings, with a number that is another one after each change of them. */
export interface VersionedRbacSource extends RbacSource {
  readonly version: number;
}

const allowed: Decision = { allowed: true, reason: "" };
const unsynced: Decision = {
  allowed: false,
  reason: "RBAC: roles and bindings have not been read yet, try again in a moment",
};

/** Members of `system:masters` may do everything, others what roles grant them; before those are read, nothing. */
export function createRbacAuthorizer(source: VersionedRbacSource): Authorizer {
  let version = source.version;
  let remembered = new RecentCache<string, Grants>(rememberedMax);
  const grantsIn = (user: UserInfo, namespace: string): Grants => {
    if (source.version !== version) {
      version = source.version;
      remembered = new RecentCache(rememberedMax);
    }
    const key = `${user.name}\0${namespace}\0${user.groups.join("\0")}`;
    let grants = remembered.get(key);
    if (grants === undefined) {
      grants = grantsFor(user, namespace, source);
      remembered.set(key, grants);
    }
    return grants;
  };
  return (attributes) => {
    if (attributes.user.groups.includes(groupMasters)) return allowed;
    if (!attributes.isResource && alwaysAllowedPaths.has(attributes.path)) return allowed;
    if (!source.synced) return unsynced;
    return decideAmong(grantsIn(attributes.user, attributes.namespace), attributes);
  };
}
