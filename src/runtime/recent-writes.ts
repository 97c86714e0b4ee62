// Bridges the moment between a write and the informer's hearing of it: who writes an object twice in that moment would
// else start from what it was before. Nothing here is needed for correctness; it saves conflicts and needless writes.
import type { Informer } from "#client/informer.ts";
import { isOlderVersion } from "#client/resource-version.ts";
import { isObjectOf } from "#machinery/guards.ts";
import { type KubeObject, type ObjectMeta, type ObjectRef, refKey } from "#machinery/object.ts";
import type { Clock } from "#std/time.ts";

/** Informers are this far behind at most, or what was written is forgotten. */
export const recentWriteMilliseconds = 10_000;

interface Entry {
  readonly object: KubeObject;
  readonly forgetAt: number;
}

/** In order of writing. */
type Entries = Map<string, Entry>;

/** What was written of late and not yet heard of, by informer. Shared by controllers that write the same objects. */
export class RecentWrites {
  readonly #clock: Clock;
  readonly #byInformer = new WeakMap<object, Entries>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The newer of the informer's object and the one written. Undefined where the one has gone and the other is not. */
  latest<T extends KubeObject>(informer: Informer<T>, ref: ObjectRef): T | undefined {
    const cached = informer.get(ref);
    const entry = this.#byInformer.get(informer)?.get(refKey(ref));
    if (entry === undefined || !isObjectOf(informer.kind, entry.object)) return cached;
    if (entry.forgetAt <= this.#clock.monotonic()) return cached;
    return cached === undefined || isOlder(cached.metadata, entry.object.metadata) ? entry.object : cached;
  }

  /** Remembers what the server answered to a write. */
  remember<T extends KubeObject>(informer: Informer<T>, object: T): void {
    const entries = this.#entriesOf(informer);
    const key = refKey(object.metadata);
    const known = [informer.get(object.metadata), entries.get(key)?.object];
    if (known.some((other) => other !== undefined && !isOlder(other.metadata, object.metadata))) return;
    const now = this.#clock.monotonic();
    entries.delete(key);
    entries.set(key, { object, forgetAt: now + recentWriteMilliseconds });
    for (const [oldest, { forgetAt }] of entries) {
      if (forgetAt > now) break;
      entries.delete(oldest);
    }
  }

  /** The server said otherwise. */
  forget(informer: Informer, ref: ObjectRef): void {
    this.#byInformer.get(informer)?.delete(refKey(ref));
  }

  #entriesOf<T extends KubeObject>(informer: Informer<T>): Entries {
    const known = this.#byInformer.get(informer);
    if (known !== undefined) return known;
    const entries: Entries = new Map();
    this.#byInformer.set(informer, entries);
    informer.onEvent((event) => {
      if (entries.size === 0) return;
      const key = refKey(event.ref);
      const written = entries.get(key)?.object.metadata;
      if (written === undefined) return;
      const { metadata } = event;
      // An object of an earlier life may still be on its way out when the next one has been written.
      const isCaughtUp = event.type === "deleted" ? metadata.uid === written.uid : !isOlder(metadata, written);
      if (isCaughtUp) entries.delete(key);
    });
    return entries;
  }
}

function isOlder(left: ObjectMeta, right: ObjectMeta): boolean {
  return isOlderVersion(left.resourceVersion ?? "", right.resourceVersion ?? "");
}
