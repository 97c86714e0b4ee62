// What a controller has written and its informer has not shown yet. Until it has, counting from the informer would create
// or delete twice. Upstream: kubernetes pkg/controller/controller_utils.go (ControllerExpectations).
import { type KubeObject, type ObjectRef, refKey } from "#machinery/object.ts";

/** After so long something was missed (a pod created and gone between two looks): count anew. */
const expectationMilliseconds = 5_000;

interface Pending {
  readonly created: Map<string, number>;
  readonly deleted: Map<string, number>;
}

/** Expectations by key of the owner. Bounded by what its owners have under way; `forget` drops an owner. */
export class Expectations {
  readonly #pending = new Map<string, Pending>();

  /** `monotonicNow` in milliseconds. */
  created(owner: ObjectRef, uid: string, monotonicNow: number): void {
    this.#of(owner).created.set(uid, monotonicNow);
  }

  deleted(owner: ObjectRef, uid: string, monotonicNow: number): void {
    this.#of(owner).deleted.set(uid, monotonicNow);
  }

  forget(owner: ObjectRef): void {
    this.#pending.delete(refKey(owner));
  }

  /** Do `objects`, all that the owner controls, show what was written? */
  areMet(owner: ObjectRef, objects: readonly KubeObject[], monotonicNow: number): boolean {
    const pending = this.#pending.get(refKey(owner));
    if (pending === undefined) return true;
    const live = new Map(objects.map(({ metadata }) => [metadata.uid ?? "", metadata]));
    for (const [uid, since] of pending.created) {
      if (live.has(uid) || monotonicNow - since > expectationMilliseconds) pending.created.delete(uid);
    }
    for (const [uid, since] of pending.deleted) {
      const seen = live.get(uid);
      const gone = seen === undefined || seen.deletionTimestamp !== undefined;
      if (gone || monotonicNow - since > expectationMilliseconds) pending.deleted.delete(uid);
    }
    const met = pending.created.size === 0 && pending.deleted.size === 0;
    if (met) this.#pending.delete(refKey(owner));
    return met;
  }

  #of(owner: ObjectRef): Pending {
    const key = refKey(owner);
    const known = this.#pending.get(key) ?? { created: new Map<string, number>(), deleted: new Map<string, number>() };
    this.#pending.set(key, known);
    return known;
  }
}
