// Who is to be looked at again when an object changes: the bindings whose templates refer to it, by name or by label.
// Dependencies are of any kind, also of such that are not propagated by themselves, so their informers are followed here.
import { ResourceBinding } from "#api/work/binding.ts";
import type { Informer, InformerEvent, InformerFactory } from "#client/informer.ts";
import type { DependentObject } from "#interpreter/interpretation.ts";
import { apiVersionOf, type Kind, type KubeObject, type ObjectRef, refKey } from "#machinery/object.ts";
import type { ReconcileKey } from "#runtime/controller.ts";
import { specificationChanged } from "../policy/template-changes.ts";
import { dependencyKeys, means, objectKeys } from "./record.ts";

interface Entry {
  readonly referrer: ObjectRef;
  readonly dependencies: readonly DependentObject[];
}

/** Nothing here outlives the process: when it starts, every binding is looked at and noted anew. */
export class Dependents {
  readonly #byReferrer = new Map<string, Entry>();
  /** By dependency key, the referrers' keys. */
  readonly #byDependency = new Map<string, Set<string>>();
  readonly #followed = new Map<string, { readonly informer: Informer; readonly unsubscribe: () => void }>();
  #enqueue: (key: ReconcileKey) => void = () => undefined;

  /** Keys go to `enqueue` until the returned function is called. */
  feed(enqueue: (key: ReconcileKey) => void): () => void {
    this.#enqueue = enqueue;
    return () => {
      for (const { unsubscribe } of this.#followed.values()) unsubscribe();
      this.#followed.clear();
      this.#enqueue = () => undefined;
    };
  }

  /** Notes what the binding's template refers to. From now on no change of it is missed. */
  note(referrer: ObjectRef, dependencies: readonly DependentObject[]): void {
    this.forget(referrer);
    const id = refKey(referrer);
    this.#byReferrer.set(id, { referrer, dependencies });
    for (const key of dependencyKeys(dependencies)) {
      const referrers = this.#byDependency.get(key);
      if (referrers === undefined) this.#byDependency.set(key, new Set([id]));
      else referrers.add(id);
    }
  }

  forget(referrer: ObjectRef): void {
    const id = refKey(referrer);
    const entry = this.#byReferrer.get(id);
    if (entry === undefined) return;
    this.#byReferrer.delete(id);
    for (const key of dependencyKeys(entry.dependencies)) {
      const referrers = this.#byDependency.get(key);
      referrers?.delete(id);
      if (referrers?.size === 0) this.#byDependency.delete(key);
    }
  }

  /** Listens to the changes of a kind, if that is not done yet. Its informer is another one after its CRD has come anew. */
  follow(kind: Kind, informers: InformerFactory): void {
    const key = `${apiVersionOf(kind)}/${kind.kind}`;
    const informer: Informer = informers.for(kind);
    const known = this.#followed.get(key);
    if (known?.informer === informer) return;
    known?.unsubscribe();
    const unsubscribe = informer.onEvent((event) => {
      this.#hear(event);
    });
    this.#followed.set(key, { informer, unsubscribe });
  }

  #hear(event: InformerEvent<KubeObject>): void {
    // Who follows a kind looks at what is there by itself.
    if (event.type === "added" && event.initial) return;
    if (event.type === "updated" && !specificationChanged(event.object, event.old)) return;
    const states = event.type === "updated" ? [event.object, event.old] : [event.object];
    const concerned = new Set(objectKeys(event.object).flatMap((key) => [...(this.#byDependency.get(key) ?? [])]));
    for (const id of concerned) {
      const entry = this.#byReferrer.get(id);
      if (entry?.dependencies.some((dependency) => states.some((state) => means(dependency, state))) !== true) continue;
      this.#enqueue({ kind: ResourceBinding, ...entry.referrer });
    }
  }
}
