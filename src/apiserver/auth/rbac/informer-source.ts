// The present roles and bindings, from local copies that are kept by list and watch.
import { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from "#api/kinds.ts";
import type { Informer, InformerFactory } from "#client/informer.ts";
import type { VersionedRbacSource } from "./authorizer.ts";

interface Copies {
  readonly clusterRoles: Informer<ClusterRole>;
  readonly roles: Informer<Role>;
  readonly clusterRoleBindings: Informer<ClusterRoleBinding>;
  readonly roleBindings: Informer<RoleBinding>;
}

/** A source that knows nothing until it is started. `start` resolves when all roles and bindings are known. */
export function informerRbacSource(
  informers: InformerFactory,
): VersionedRbacSource & { start(signal: AbortSignal): Promise<void> } {
  let copies: Copies | undefined;
  let version = 0;
  return {
    get version() {
      return version;
    },
    get synced() {
      return copies !== undefined && allOf(copies).every((informer) => informer.synced);
    },
    clusterRole: (name) => copies?.clusterRoles.get({ name }),
    role: (namespace, name) => copies?.roles.get({ namespace, name }),
    clusterRoleBindings: () => copies?.clusterRoleBindings.list() ?? [],
    roleBindings: (namespace) => copies?.roleBindings.list(namespace) ?? [],
    async start(signal) {
      if (copies === undefined) {
        copies = {
          clusterRoles: informers.for(ClusterRole),
          roles: informers.for(Role),
          clusterRoleBindings: informers.for(ClusterRoleBinding),
          roleBindings: informers.for(RoleBinding),
        };
        for (const informer of allOf(copies)) informer.onEvent(() => version++);
      }
      await Promise.all(allOf(copies).map((informer) => informer.waitForSync(signal)));
    },
  };
}

function allOf({ clusterRoles, roles, clusterRoleBindings, roleBindings }: Copies) {
  return [clusterRoles, roles, clusterRoleBindings, roleBindings];
}
