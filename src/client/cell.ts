// One object in a cache. Of objects that a server in this process keeps, the cache has no copy: a cell refers to the bytes of
// the server, and whoever wants the object has it read from them.
import { deepEqual } from "#machinery/equality.ts";
import type { KeptAnswer, KeptObject } from "#machinery/http.ts";
import type { KubeObject, ObjectMeta } from "#machinery/object.ts";

export interface Cell<T extends KubeObject> {
  /** Deeply frozen. Not always the same one: what was not asked for lately is read again. */
  readonly object: T;
  /** The same as the object's, but the object need not be read for it. */
  readonly metadata: ObjectMeta;
  readonly resourceVersion: string;
  /** What it refers to, if it has no object of its own. */
  readonly kept: KeptObject | undefined;
}

/** A cell that holds the object itself. */
export function objectCell<T extends KubeObject>(object: T): Cell<T> {
  const { metadata } = object;
  return { object, metadata, resourceVersion: metadata.resourceVersion ?? "", kept: undefined };
}

/** How what a server keeps is read. */
export interface KeptReading<T extends KubeObject> extends Pick<KeptAnswer, "openMetadata"> {
  readonly open: (kept: KeptObject) => T;
}

/** A cell for what the server keeps. Caches have many thousands of them: a class, so that they share their accessors. */
export class KeptCell<T extends KubeObject> implements Cell<T> {
  readonly kept: KeptObject;
  readonly #reading: KeptReading<T>;

  constructor(kept: KeptObject, reading: KeptReading<T>) {
    this.kept = kept;
    this.#reading = reading;
  }

  get object(): T {
    return this.#reading.open(this.kept);
  }

  get metadata(): ObjectMeta {
    return this.#reading.openMetadata(this.kept);
  }

  get resourceVersion(): string {
    return String(this.kept.modRevision);
  }
}

/** Whether two states are of one object: one that was deleted and made again is another. */
export function isSameObject<T extends KubeObject>(one: Cell<T>, other: Cell<T>): boolean {
  if (one.kept !== undefined && other.kept !== undefined) return one.kept.createRevision === other.kept.createRevision;
  return one.object.metadata.uid === other.object.metadata.uid;
}

/** Whether two cells are of the same state of one object. Revisions alone do not tell: a server may go back to a backup. */
export function isSameState<T extends KubeObject>(one: Cell<T>, other: Cell<T>): boolean {
  if (one.resourceVersion !== other.resourceVersion) return false;
  if (one.kept === undefined || other.kept === undefined) return deepEqual(one.object, other.object);
  return one.kept === other.kept || Buffer.compare(one.kept.value, other.kept.value) === 0;
}
