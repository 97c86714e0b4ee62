// What an informer holds: the objects of one kind with their indexes, and whoever wants to hear of changes.
// Knows nothing of servers. Upstream: k8s.io/client-go/tools/cache/thread_safe_store.go, shared_informer.go.
import { errorText } from "#machinery/api-error.ts";
import { type KubeObject, type ObjectMeta, type ObjectRef, refKey, refOfKey } from "#machinery/object.ts";
import type { Logger } from "#std/logger.ts";
import { type Cell, isSameObject, objectCell } from "./cell.ts";
import type { InformerEvent } from "./informer.ts";
import { OrderedMap } from "./ordered-map.ts";

type Handler<T> = (event: InformerEvent<T>) => void;

interface Index<T extends KubeObject> {
  readonly values: (subject: Subject<T>) => readonly string[];
  readonly cells: Groups<T>;
  /** The values by object, so that an object that goes need not be read again. Objects of no value are left out. */
  readonly valuesOf: Map<string, readonly string[]>;
}

/** The cells of one value. Many values have one object: then without a map around it. */
type Group<T extends KubeObject> = OrderedMap<Cell<T>> | { readonly key: string; readonly cell: Cell<T> };
type Groups<T extends KubeObject> = Map<string, Group<T>>;

const noValues: readonly string[] = [];

export class ObjectCache<T extends KubeObject> {
  readonly #log: Logger;
  readonly #all = new OrderedMap<Cell<T>>();
  readonly #byNamespace: Groups<T> = new Map();
  readonly #indexes = new Map<string, Index<T>>();
  /** Replaced, never changed, so that a handler added during a delivery is not called for it twice. */
  #handlers: readonly Handler<T>[] = [];

  constructor(log: Logger) {
    this.#log = log;
  }

  get size(): number {
    return this.#all.size;
  }

  get(ref: ObjectRef): T | undefined {
    return this.#all.get(refKey(ref))?.object;
  }

  has(ref: ObjectRef): boolean {
    return this.#all.get(refKey(ref)) !== undefined;
  }

  cell(key: string): Cell<T> | undefined {
    return this.#all.get(key);
  }

  keys(): readonly string[] {
    return this.#all.keys();
  }

  list(namespace?: string): readonly T[] {
    return objectsOf(namespace === undefined ? this.#all : this.#byNamespace.get(namespace));
  }

  addIndex(name: string, values: (object: T) => readonly string[]): void {
    this.#addIndex(name, ({ object }) => values(object));
  }

  addMetadataIndex(name: string, values: (metadata: ObjectMeta) => readonly string[]): void {
    this.#addIndex(name, ({ metadata }) => values(metadata));
  }

  #addIndex(name: string, values: Index<T>["values"]): void {
    if (this.#indexes.has(name)) return;
    const index: Index<T> = { values, cells: new Map(), valuesOf: new Map() };
    for (const key of this.#all.keys()) {
      const cell = this.#all.get(key);
      if (cell !== undefined) replaceIn(index, cell, new Subject(key, cell));
    }
    this.#indexes.set(name, index);
  }

  byIndex(name: string, value: string): readonly T[] {
    const index = this.#indexes.get(name);
    if (index === undefined) throw new Error(`there is no index ${name}`);
    return objectsOf(index.cells.get(value));
  }

  onEvent(handler: Handler<T>): () => void {
    const own: Handler<T> = (event) => {
      handler(event);
    };
    this.#handlers = [...this.#handlers, own];
    for (const key of this.#all.keys()) {
      const cell = this.#all.get(key);
      if (cell !== undefined) this.#tell(own, addedEvent(new Subject(key, cell), true));
    }
    return () => {
      this.#handlers = this.#handlers.filter((other) => other !== own);
    };
  }

  /** Takes in the present state of an object. */
  put(object: T, initial = false): void {
    this.putCell(refKey(object.metadata), objectCell(object), initial);
  }

  /** Takes in the present state of an object. Where it is another than the one of its name, the old one has been deleted. */
  putCell(key: string, cell: Cell<T>, initial = false): void {
    let old = this.#all.get(key);
    if (old !== undefined && !isSameObject(old, cell)) {
      this.delete(key);
      old = undefined;
    }
    this.#all.set(key, cell);
    addTo(this.#byNamespace, namespaceOf(key), key, cell);
    const subject = new Subject(key, cell);
    for (const index of this.#indexes.values()) replaceIn(index, cell, subject);
    this.#emit(old === undefined ? addedEvent(subject, initial) : updatedEvent(subject, new Subject(key, old)));
  }

  /** Drops an object, which was last seen as `last` (if given) or as it is here. */
  delete(key: string, last?: Cell<T>): void {
    const old = this.#all.get(key);
    if (old === undefined) return;
    this.#all.delete(key);
    removeFrom(this.#byNamespace, namespaceOf(key), key);
    for (const index of this.#indexes.values()) dropFrom(index, key);
    this.#emit(deletedEvent(new Subject(key, last ?? old)));
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

// Events and indexes read an object when they ask for it: many need its name alone, or its metadata. All who look at one
// state get the same object.

/** One state of an object, of which as much is read as is asked for, once. */
class Subject<T extends KubeObject> {
  readonly key: string;
  readonly #cell: Cell<T>;
  #object: T | undefined;
  #metadata: ObjectMeta | undefined;

  constructor(key: string, cell: Cell<T>) {
    this.key = key;
    this.#cell = cell;
  }

  get ref(): ObjectRef {
    return refOfKey(this.key);
  }

  get object(): T {
    return (this.#object ??= this.#cell.object);
  }

  get metadata(): ObjectMeta {
    return (this.#metadata ??= this.#object?.metadata ?? this.#cell.metadata);
  }
}

function addedEvent<T extends KubeObject>(subject: Subject<T>, initial: boolean): InformerEvent<T> {
  return {
    type: "added",
    initial,
    ref: subject.ref,
    get metadata() {
      return subject.metadata;
    },
    get object() {
      return subject.object;
    },
  };
}

function updatedEvent<T extends KubeObject>(subject: Subject<T>, old: Subject<T>): InformerEvent<T> {
  return {
    type: "updated",
    ref: subject.ref,
    get metadata() {
      return subject.metadata;
    },
    get object() {
      return subject.object;
    },
    get old() {
      return old.object;
    },
  };
}

function deletedEvent<T extends KubeObject>(subject: Subject<T>): InformerEvent<T> {
  return {
    type: "deleted",
    ref: subject.ref,
    get metadata() {
      return subject.metadata;
    },
    get object() {
      return subject.object;
    },
  };
}

function objectsOf<T extends KubeObject>(group: Group<T> | undefined): readonly T[] {
  if (group === undefined) return [];
  return group instanceof OrderedMap ? group.list().map(({ object }) => object) : [group.cell.object];
}

/** The namespace in what refKey makes. */
function namespaceOf(key: string): string {
  const end = key.indexOf("/");
  return end < 0 ? "" : key.slice(0, end);
}

function replaceIn<T extends KubeObject>(index: Index<T>, cell: Cell<T>, subject: Subject<T>): void {
  const { key } = subject;
  const old = index.valuesOf.get(key) ?? noValues;
  const values = index.values(subject);
  for (const value of old) if (!values.includes(value)) removeFrom(index.cells, value, key);
  for (const value of values) addTo(index.cells, value, key, cell);
  if (values.length > 0) index.valuesOf.set(key, values);
  else index.valuesOf.delete(key);
}

function dropFrom<T extends KubeObject>(index: Index<T>, key: string): void {
  for (const value of index.valuesOf.get(key) ?? noValues) removeFrom(index.cells, value, key);
  index.valuesOf.delete(key);
}

function addTo<T extends KubeObject>(groups: Groups<T>, value: string, key: string, cell: Cell<T>): void {
  const group = groups.get(value);
  if (group instanceof OrderedMap) {
    group.set(key, cell);
  } else if (group === undefined || group.key === key) {
    groups.set(value, { key, cell });
  } else {
    const both = new OrderedMap<Cell<T>>();
    both.set(group.key, group.cell);
    both.set(key, cell);
    groups.set(value, both);
  }
}

function removeFrom<T extends KubeObject>(groups: Groups<T>, value: string, key: string): void {
  const group = groups.get(value);
  if (group instanceof OrderedMap) {
    group.delete(key);
    if (group.size === 0) groups.delete(value);
  } else if (group?.key === key) {
    groups.delete(value);
  }
}
