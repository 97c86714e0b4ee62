// The present roles and bindings, from local copies that are kept by list and watch.
import { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from "#api/kinds.ts";
import type { InformerFactory } from "#client/informer.ts";
import type { RbacSource } from "./decide.ts";

/** Starts the four informers. `waitForSync` resolves when all roles and bindings are known. */
export function informerRbacSource(
  informers: InformerFactory,
): RbacSource & { waitForSync(signal: AbortSignal): Promise<void> } {
  const clusterRoles = informers.for(ClusterRole);
  const roles = informers.for(Role);
  const clusterRoleBindings = informers.for(ClusterRoleBinding);
  const roleBindings = informers.for(RoleBinding);
  const all = [clusterRoles, roles, clusterRoleBindings, roleBindings];
  return {
    get synced() {
      return all.every((informer) => informer.synced);
    },
    clusterRole: (name) => clusterRoles.get({ name }),
    role: (namespace, name) => roles.get({ namespace, name }),
    clusterRoleBindings: () => clusterRoleBindings.list(),
    roleBindings: (namespace) => roleBindings.list(namespace),
    async waitForSync(signal) {
      await Promise.all(all.map((informer) => informer.waitForSync(signal)));
    },
  };
}
