// The informer port: a local, eventually current copy of one kind, kept by list and watch. Objects in it are deeply frozen
// and, unless a factory is told otherwise, without metadata.managedFields.
import type { Kind, KubeObject, ObjectMeta, ObjectRef } from "#machinery/object.ts";

/** Of many objects, reading each is most of the work: who can do with its name or its metadata asks for no more. */
interface EventSubject<T> {
  readonly ref: ObjectRef;
  readonly metadata: ObjectMeta;
  readonly object: T;
}

export type InformerEvent<T> =
  | (EventSubject<T> & { readonly type: "added"; readonly initial: boolean })
  | (EventSubject<T> & { readonly type: "updated"; readonly old: T })
  | (EventSubject<T> & { readonly type: "deleted" });

export interface Informer<T extends KubeObject = KubeObject> {
  readonly kind: Kind<T>;
  /** Whether the first list has been delivered. */
  readonly synced: boolean;
  /** Resolves when synced; rejects with the signal's reason. */
  waitForSync(signal: AbortSignal): Promise<void>;
  get(ref: ObjectRef): T | undefined;
  /** All, or of one namespace. Order is by key. Do not hold the list across an await. */
  list(namespace?: string): readonly T[];
  /** Whether it is there, and what all are called, in the order of `list`: without reading any. */
  has(ref: ObjectRef): boolean;
  refs(): readonly ObjectRef[];
  /** Adds an index before or after start; `values` are computed per object. One of that name stays as it is. */
  addIndex(name: string, values: (object: T) => readonly string[]): void;
  /** The same of what metadata alone tells: the objects are not read for it. */
  addMetadataIndex(name: string, values: (metadata: ObjectMeta) => readonly string[]): void;
  /** Objects whose index `name` has `value`. */
  byIndex(name: string, value: string): readonly T[];
  /** Calls `handler` for each change from now on, and first `added` (initial) for what is there. Returns the removal. */
  onEvent(handler: (event: InformerEvent<T>) => void): () => void;
}

/** One informer per kind (and label selector), shared by whoever asks, started on first use, all ended by the factory's signal. */
export interface InformerFactory {
  for<T extends KubeObject>(kind: Kind<T>): Informer<T>;
  /** Stops and forgets the informer of a kind (its CRD has gone). */
  stop(kind: Kind): void;
}
