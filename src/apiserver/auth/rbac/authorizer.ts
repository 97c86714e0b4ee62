// Authorizes by roles and bindings. Upstream: kubernetes plugin/pkg/auth/authorizer/rbac and
// k8s.io/apiserver/pkg/authorization/authorizerfactory (privileged groups, always-allowed paths).
import { groupMasters } from "../users.ts";
import type { Authorizer, Decision } from "../authorizer.ts";
import { decide, type RbacSource } from "./decide.ts";

/** Health checks are asked by probes that have no identity. */
const alwaysAllowedPaths: ReadonlySet<string> = new Set(["/healthz", "/livez", "/readyz"]);

const allowed: Decision = { allowed: true, reason: "" };
const unsynced: Decision = {
  allowed: false,
  reason: "RBAC: roles and bindings have not been read yet, try again in a moment",
};

/** Members of `system:masters` may do everything, others what roles grant them; before those are read, nothing. */
export function createRbacAuthorizer(source: RbacSource): Authorizer {
  return (attributes) => {
    if (attributes.user.groups.includes(groupMasters)) return allowed;
    if (!attributes.isResource && alwaysAllowedPaths.has(attributes.path)) return allowed;
    return source.synced ? decide(attributes, source) : unsynced;
  };
}
