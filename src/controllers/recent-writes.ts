// Bridges the moment between a write and the informer's hearing of it: who writes an object twice in that moment would
// else start from what it was before. Nothing here is needed for correctness; it saves conflicts and needless writes.
import { isOlderVersion } from "#client/resource-version.ts";
import type { KubeObject } from "#machinery/object.ts";
import type { Clock } from "#std/time.ts";

/** Informers are this far behind at most, or what was written is forgotten. */
export const recentWriteMilliseconds = 10_000;

interface Entry<T> {
  readonly object: T;
  readonly forgetAt: number;
}

/** What was written of late, by key. */
export class RecentWrites<T extends KubeObject> {
  readonly #clock: Clock;
  /** In order of writing. */
  readonly #entries = new Map<string, Entry<T>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Remembers what the server answered to a write. */
  remember(key: string, object: T): void {
    const now = this.#clock.monotonic();
    this.#entries.delete(key);
    this.#entries.set(key, { object, forgetAt: now + recentWriteMilliseconds });
    for (const [oldest, { forgetAt }] of this.#entries) {
      if (forgetAt > now) break;
      this.#entries.delete(oldest);
    }
  }

  /** The newer of the informer's object and the one written. A written one that the informer has never seen counts. */
  newest(key: string, cached: T | undefined): T | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return cached;
    const isNewer =
      cached === undefined ||
      isOlderVersion(cached.metadata.resourceVersion ?? "", entry.object.metadata.resourceVersion ?? "");
    if (isNewer && entry.forgetAt > this.#clock.monotonic()) return entry.object;
    this.#entries.delete(key);
    return cached;
  }

  /** The object has been deleted (or must be read anew). */
  forget(key: string): void {
    this.#entries.delete(key);
  }
}
