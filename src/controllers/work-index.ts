// Finds Works by the binding they come from, in the local copy.
import type { Binding } from "#api/work/binding.ts";
import { Work } from "#api/work/work.ts";
import type { Informer, InformerFactory } from "#client/informer.ts";
import { type ObjectRef, refKey } from "#machinery/object.ts";
import { bindingIdOf, bindingOfWork, type BindingScope, bindingScopeOf, bindingScopes } from "./binding-scope.ts";

const idIndex = "binding-id";
const refIndex = "binding-ref";

/** All Works of a binding: those that carry its id, and those of an earlier incarnation that name it. */
export function worksOfBinding(binding: Binding, informers: InformerFactory): readonly Work[] {
  const id = bindingIdOf(binding);
  const carrying = id === "" ? [] : indexedWorks(informers).byIndex(idIndex, id);
  const naming = worksNaming(bindingScopeOf(binding.metadata.namespace), binding.metadata, informers);
  return [...new Set([...carrying, ...naming])];
}

/** Works that name a binding, whether there is such a binding or not. */
export function worksNaming(scope: BindingScope, ref: ObjectRef, informers: InformerFactory): readonly Work[] {
  return indexedWorks(informers).byIndex(refIndex, refValue(scope, ref));
}

function indexedWorks(informers: InformerFactory): Informer<Work> {
  const informer = informers.for(Work);
  informer.addIndex(idIndex, ({ metadata }) =>
    bindingScopes.flatMap(({ idLabel }) => metadata.labels?.[idLabel] ?? []),
  );
  informer.addIndex(refIndex, ({ metadata }) => {
    const binding = bindingOfWork(metadata);
    return binding === undefined ? [] : [refValue(binding.scope, binding)];
  });
  return informer;
}

function refValue({ kind }: BindingScope, ref: ObjectRef): string {
  return `${kind.kind}/${refKey(ref)}`;
}
