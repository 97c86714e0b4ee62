// What the user has been promised: for each object the stamps that it may carry. More than one after a write whose outcome
// is not known: it may have happened or not.
import { isApiError } from "#machinery/api-error.ts";
import type { Kind, KubeObject, ObjectRef } from "#machinery/object.ts";
import { stampAnnotation } from "./workload/objects.ts";

/** Undefined: there is no such object, or it is being deleted. */
type Stamp = string | undefined;

interface Entry {
  readonly kind: Kind;
  readonly ref: ObjectRef;
  possible: ReadonlySet<Stamp>;
}

/** What was acknowledged, refused and left unanswered. */
export class Ledger {
  readonly #entries = new Map<string, Entry>();

  /** A creation (with its stamp) or a deletion (undefined). */
  write(kind: Kind, ref: ObjectRef, stamp: Stamp, act: () => Promise<unknown>): Promise<unknown> {
    return this.#attempt(kind, ref, stamp, () => new Set([stamp]), act);
  }

  /** A change. One that is being deleted is gone all the same. */
  edit(kind: Kind, ref: ObjectRef, stamp: Stamp, act: () => Promise<unknown>): Promise<unknown> {
    const after = (before: ReadonlySet<Stamp>): ReadonlySet<Stamp> => {
      if (!before.has(undefined)) return new Set([stamp]);
      return before.size === 1 ? before : new Set([stamp, undefined]);
    };
    return this.#attempt(kind, ref, stamp, after, act);
  }

  /** A sentence where an object is not what it can be after all that was acknowledged. */
  contradiction(kind: Kind, ref: ObjectRef, found: KubeObject | undefined): string | undefined {
    const isThere = found !== undefined && found.metadata.deletionTimestamp === undefined;
    const stamp = isThere ? found.metadata.annotations?.[stampAnnotation] : undefined;
    const { possible } = this.#entry(kind, ref);
    if (possible.has(stamp)) return undefined;
    const promised = [...possible].map((each) => each ?? "nothing").join(" or ");
    return `${kind.plural}/${ref.name} is from write ${stamp ?? "nothing"}, acknowledged: ${promised}`;
  }

  /** Everything it knows of. */
  entries(): Iterable<{ readonly kind: Kind; readonly ref: ObjectRef }> {
    return this.#entries.values();
  }

  async #attempt(
    kind: Kind,
    ref: ObjectRef,
    stamp: Stamp,
    after: (before: ReadonlySet<Stamp>) => ReadonlySet<Stamp>,
    act: () => Promise<unknown>,
  ): Promise<unknown> {
    const entry = this.#entry(kind, ref);
    const before = entry.possible;
    entry.possible = new Set([...before, stamp]);
    try {
      const result = await act();
      entry.possible = after(before);
      return result;
    } catch (error) {
      if (isApiError(error, "NotFound", "AlreadyExists", "Conflict", "StorageFull", "Invalid")) entry.possible = before;
      throw error;
    }
  }

  #entry(kind: Kind, ref: ObjectRef): Entry {
    const key = `${kind.plural}/${ref.name}`;
    const entry = this.#entries.get(key) ?? { kind, ref, possible: new Set([undefined]) };
    this.#entries.set(key, entry);
    return entry;
  }
}
