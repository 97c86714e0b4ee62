// Who controls whom: from an object to the key of its controller, and from an owner to the objects that it controls.
// Upstream: k8s.io/apimachinery/pkg/apis/meta/v1/controller_ref.go.
import type { Informer } from "#client/informer.ts";
import type { Kind, KubeObject, OwnerReference } from "#machinery/object.ts";
import type { ReconcileKey } from "#runtime/index.ts";

/** The index that `indexByController` adds: uid of the controlling owner. */
export const controllerUid = "controller-uid";

/** The reference to the controlling owner, or undefined. */
export function controllerOf({ metadata }: KubeObject): OwnerReference | undefined {
  return metadata.ownerReferences?.find(({ controller }) => controller === true);
}

/** The key of the controlling owner where it is of `kind`. */
export function controllerKey(kind: Kind, object: KubeObject): ReconcileKey[] {
  const owner = controllerOf(object);
  return owner?.kind === kind.kind ? [{ kind, namespace: object.metadata.namespace, name: owner.name }] : [];
}

/** Lets `byIndex(controllerUid, …)` find the objects that an owner controls. */
export function indexByController<T extends KubeObject>(informer: Informer<T>): void {
  informer.addIndex(controllerUid, (object) => {
    const owner = controllerOf(object);
    return owner === undefined ? [] : [owner.uid];
  });
}

/** The objects that `owner` controls. */
export function ownedBy<T extends KubeObject>(informer: Informer<T>, owner: KubeObject): readonly T[] {
  indexByController(informer);
  return informer.byIndex(controllerUid, owner.metadata.uid ?? "");
}
