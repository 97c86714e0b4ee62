// ResourceBinding and ClusterResourceBinding are one path: what differs between them is data, here.
import { karmadaAnnotations, karmadaFinalizers, karmadaLabels } from "#api/karmada-constants.ts";
import { bindingName } from "#api/karmada-names.ts";
import { type Binding, ClusterResourceBinding, ResourceBinding } from "#api/work/binding.ts";
import type { InformerFactory } from "#client/informer.ts";
import type { Kind, KubeObject, ObjectMeta, ObjectRef } from "#machinery/object.ts";
import { refKey } from "#machinery/object.ts";
import type { ReconcileKey } from "#runtime/controller.ts";

export interface BindingScope {
  readonly kind: Kind<Binding>;
  readonly namespaced: boolean;
  /** Set by admission on the binding, copied to its Works and manifests: what belongs together is found by it. */
  readonly idLabel: string;
  readonly nameAnnotation: string;
  readonly namespaceAnnotation: string | undefined;
  readonly finalizer: string;
}

export const namespacedBindings: BindingScope = {
  kind: ResourceBinding,
  namespaced: true,
  idLabel: karmadaLabels.resourceBindingId,
  nameAnnotation: karmadaAnnotations.resourceBindingName,
  namespaceAnnotation: karmadaAnnotations.resourceBindingNamespace,
  finalizer: karmadaFinalizers.binding,
};

const clusterBindings: BindingScope = {
  kind: ClusterResourceBinding,
  namespaced: false,
  idLabel: karmadaLabels.clusterResourceBindingId,
  nameAnnotation: karmadaAnnotations.clusterResourceBindingName,
  namespaceAnnotation: undefined,
  finalizer: karmadaFinalizers.clusterBinding,
};

export const bindingScopes: readonly BindingScope[] = [namespacedBindings, clusterBindings];

/** The scope of a binding, or of a template's binding: the namespace decides. */
export function bindingScopeOf(namespace: string | undefined): BindingScope {
  return namespace === undefined || namespace === "" ? clusterBindings : namespacedBindings;
}

/** Where a template's binding is. */
export function bindingRefOf(template: Pick<KubeObject, "kind" | "metadata">): ObjectRef {
  const { name, namespace } = template.metadata;
  return { namespace, name: bindingName(template.kind, name) };
}

/** The keys of all bindings that `isMeant` is true of, as the local copies have them. */
export function bindingsWhere(
  informers: InformerFactory,
  isMeant: (binding: Binding) => boolean,
): readonly ReconcileKey[] {
  return bindingScopes.flatMap(({ kind }) =>
    informers
      .for(kind)
      .list()
      .filter(isMeant)
      .map(({ metadata: { namespace, name } }) => ({ kind, namespace, name })),
  );
}

/** The id that a binding's Works carry; empty until admission has set it. */
export function bindingIdOf(binding: Binding): string {
  return binding.metadata.labels?.[bindingScopeOf(binding.metadata.namespace).idLabel] ?? "";
}

/** `ResourceBinding(default/nginx-deployment)`: how events name it. */
export function bindingText(binding: Binding): string {
  return `${bindingScopeOf(binding.metadata.namespace).kind.kind}(${refKey(binding.metadata)})`;
}

/** The binding that a Work (or a manifest) says it comes from, or undefined: Works of other producers have none. */
export function bindingOfWork({ annotations = {} }: ObjectMeta): (ObjectRef & { scope: BindingScope }) | undefined {
  for (const scope of bindingScopes) {
    const name = annotations[scope.nameAnnotation] ?? "";
    const namespace = scope.namespaceAnnotation === undefined ? undefined : annotations[scope.namespaceAnnotation];
    if (name === "" || (scope.namespaced && (namespace ?? "") === "")) continue;
    return { scope, namespace, name };
  }
  return undefined;
}
