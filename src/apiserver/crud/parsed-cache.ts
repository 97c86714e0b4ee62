// Parsed forms of stored values, so that repeated lists with selectors, every watcher and every update share one parse.
// Bounded by number; what it hands out is deeply frozen.
import { isKubeObject, isRecord } from "#machinery/guards.ts";
import { parseJson } from "#machinery/json.ts";
import type { KubeObject } from "#machinery/object.ts";
import { invariant } from "#std/invariant.ts";
import type { StoredEntry } from "#storage/storage.ts";
import { deepFreeze } from "#machinery/equality.ts";

/** Objects per generation; at most two generations are kept. An object of 4 KB takes about 6 KB. */
export const parsedGenerationObjectsMax = 4096;

/**
 * Keyed by the stored bytes themselves. Two generations: when the young one is full, it becomes the old one and the old
 * one is forgotten; what is asked for in the old one moves up. So the bound holds without an order to keep.
 */
export class ParsedCache {
  #young = new Map<Uint8Array, KubeObject>();
  #old = new Map<Uint8Array, KubeObject>();

  /** The object of an entry with its resourceVersion, deeply frozen, as it was stored (its apiVersion is the stored one). */
  get(entry: Pick<StoredEntry, "value" | "modRevision">): KubeObject {
    const young = this.#young.get(entry.value);
    if (young !== undefined) return young;
    const object = this.#old.get(entry.value) ?? parseStored(entry.value, entry.modRevision);
    this.#keep(entry.value, object);
    return object;
  }

  /** The object of any bytes, cached or not, without caching it: for what is no present entry. Its resourceVersion may differ. */
  view(value: Uint8Array, revision: number): KubeObject {
    return this.#young.get(value) ?? this.#old.get(value) ?? parseStored(value, revision);
  }

  #keep(value: Uint8Array, object: KubeObject): void {
    if (this.#young.size >= parsedGenerationObjectsMax) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(value, object);
  }
}

/** Reads a stored value; resourceVersion becomes `revision`. The result is deeply frozen. */
export function parseStored(value: Uint8Array, revision: number): KubeObject {
  const object = parseJson(value);
  invariant(isRecord(object) && isRecord(object["metadata"]), "a stored value must be an object with metadata");
  object["metadata"] = { ...object["metadata"], resourceVersion: String(revision) };
  invariant(isKubeObject(object), "a stored value must have apiVersion and kind");
  return deepFreeze(object);
}
