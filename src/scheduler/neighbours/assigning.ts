// What was decided for bindings with workload groups and is not yet in the informer: two workloads that want to be apart
// are decided one after the other, however fast. Upstream: karmada pkg/scheduler/cache (AssigningResourceBindings).
import { isOlderVersion } from "#client/resource-version.ts";
import { type ObjectRef, refKey } from "#machinery/object.ts";
import type { Binding } from "#api/work/binding.ts";

interface Entry {
  readonly clusters: readonly string[];
  /** As the server answered; undefined while the write is under way. */
  readonly resourceVersion: string | undefined;
}

export class Assigning {
  readonly #entries = new Map<string, Entry>();

  /** Before the write, so that the next decision knows of it; and with the server's answer. */
  remember({ metadata }: Binding, clusters: readonly string[], resourceVersion?: string): void {
    this.#entries.set(refKey(metadata), { clusters, resourceVersion });
  }

  /** The write failed, or the binding has gone. */
  forget(ref: ObjectRef): void {
    this.#entries.delete(refKey(ref));
  }

  /** The clusters as last decided. */
  clustersOf({ metadata, spec }: Binding): readonly string[] {
    const entry = this.#entries.get(refKey(metadata));
    const known = (spec.clusters ?? []).map(({ name }) => name);
    if (entry === undefined) return known;
    const { resourceVersion } = entry;
    if (resourceVersion === undefined || isOlderVersion(metadata.resourceVersion ?? "", resourceVersion)) {
      return entry.clusters;
    }
    this.#entries.delete(refKey(metadata));
    return known;
  }
}
