// What an informer holds: the objects of one kind with their indexes, and whoever wants to hear of changes.
// Knows nothing of servers. Upstream: k8s.io/client-go/tools/cache/thread_safe_store.go, shared_informer.go.
import { errorText } from "#machinery/api-error.ts";
import { type KubeObject, type ObjectRef, refKey } from "#machinery/object.ts";
import type { Logger } from "#std/logger.ts";
import type { InformerEvent } from "./informer.ts";
import { OrderedMap } from "./ordered-map.ts";

type Handler<T> = (event: InformerEvent<T>) => void;

interface Index<T> {
  readonly values: (object: T) => readonly string[];
  readonly objects: Map<string, OrderedMap<T>>;
}

/** A name that no caller picks. */
const byNamespace = "";

export class ObjectCache<T extends KubeObject> {
  readonly #log: Logger;
  readonly #all = new OrderedMap<T>();
  readonly #indexes = new Map<string, Index<T>>([[byNamespace, namespaceIndex<T>()]]);
  /** Replaced, never changed, so that a handler added during a delivery is not called for it twice. */
  #handlers: readonly Handler<T>[] = [];

  constructor(log: Logger) {
    this.#log = log;
  }

  get size(): number {
    return this.#all.size;
  }

  get(ref: ObjectRef): T | undefined {
    return this.#all.get(refKey(ref));
  }

  keys(): readonly string[] {
    return this.#all.keys();
  }

  list(namespace?: string): readonly T[] {
    return namespace === undefined ? this.#all.list() : this.byIndex(byNamespace, namespace);
  }

  addIndex(name: string, values: (object: T) => readonly string[]): void {
    if (this.#indexes.has(name)) return;
    const index: Index<T> = { values, objects: new Map() };
    for (const object of this.#all.list()) addTo(index, refKey(object.metadata), object);
    this.#indexes.set(name, index);
  }

  byIndex(name: string, value: string): readonly T[] {
    const index = this.#indexes.get(name);
    if (index === undefined) throw new Error(`there is no index ${name}`);
    return index.objects.get(value)?.list() ?? [];
  }

  onEvent(handler: Handler<T>): () => void {
    const own: Handler<T> = (event) => {
      handler(event);
    };
    this.#handlers = [...this.#handlers, own];
    for (const object of this.#all.list()) this.#tell(own, { type: "added", object, initial: true });
    return () => {
      this.#handlers = this.#handlers.filter((other) => other !== own);
    };
  }

  /** Takes in the present state of an object. One with another uid is another object: the old one has been deleted. */
  put(object: T, initial = false): void {
    const key = refKey(object.metadata);
    let old = this.#all.get(key);
    if (old !== undefined && old.metadata.uid !== object.metadata.uid) {
      this.delete(key);
      old = undefined;
    }
    this.#all.set(key, object);
    for (const index of this.#indexes.values()) replaceIn(index, key, old, object);
    this.#emit(old === undefined ? { type: "added", object, initial } : { type: "updated", object, old });
  }

  /** Drops an object, which was last seen as `last` (if given) or as it is here. */
  delete(key: string, last?: T): void {
    const old = this.#all.get(key);
    if (old === undefined) return;
    this.#all.delete(key);
    for (const index of this.#indexes.values()) removeFrom(index, key, old);
    this.#emit({ type: "deleted", object: last ?? old });
  }

  #emit(event: InformerEvent<T>): void {
    for (const handler of this.#handlers) this.#tell(handler, event);
  }

  /** A handler that fails must not keep the others, nor the cache, from going on. */
  #tell(handler: Handler<T>, event: InformerEvent<T>): void {
    try {
      handler(event);
    } catch (error) {
      this.#log.error("an informer's event handler failed", { error: errorText(error), event: event.type });
    }
  }
}

function namespaceIndex<T extends KubeObject>(): Index<T> {
  return { values: (object) => [object.metadata.namespace ?? ""], objects: new Map() };
}

function replaceIn<T>(index: Index<T>, key: string, old: T | undefined, object: T): void {
  if (old !== undefined) {
    const kept = index.values(object);
    for (const value of index.values(old)) if (!kept.includes(value)) removeValue(index, value, key);
  }
  addTo(index, key, object);
}

function addTo<T>(index: Index<T>, key: string, object: T): void {
  for (const value of index.values(object)) {
    let objects = index.objects.get(value);
    if (objects === undefined) index.objects.set(value, (objects = new OrderedMap()));
    objects.set(key, object);
  }
}

function removeFrom<T>(index: Index<T>, key: string, old: T): void {
  for (const value of index.values(old)) removeValue(index, value, key);
}

function removeValue<T>(index: Index<T>, value: string, key: string): void {
  const objects = index.objects.get(value);
  objects?.delete(key);
  if (objects?.size === 0) index.objects.delete(value);
}
