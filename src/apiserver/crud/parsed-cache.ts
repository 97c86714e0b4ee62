// Parsed forms of stored values, so that repeated lists with selectors, every watcher and every update share one parse.
// Bounded by size; what it hands out is deeply frozen, and without managedFields, which only those who track them read.
import { deepFreeze } from "#machinery/equality.ts";
import { isKubeObject, isObjectMeta, isRecord } from "#machinery/guards.ts";
import type { KeptObject } from "#machinery/http.ts";
import { parseJson } from "#machinery/json.ts";
import type { KubeObject, ObjectMeta } from "#machinery/object.ts";
import { invariant } from "#std/invariant.ts";
import { RecentCache } from "#std/recent-cache.ts";
import type { StoredEntry } from "#storage/storage.ts";
import { metadataBytes, splitManaged } from "./stored-form.ts";

/**
 * Objects of at least so many stored bytes are kept, of at most twice as many. Parsed they take three times as much,
 * and each server of a process has a cache of its own; writes and events of an object follow each other in moments.
 */
const parsedBytesMax = 2 * 1024 * 1024;

/** The same of what informers in this process have asked for: what they ask for they mostly ask for again. */
const keptBytesMax = 2 * 1024 * 1024;

/** What is looked at of an entry. Keyed by the bytes themselves: they never change, and go with the entry. */
export type StoredBytes = Pick<StoredEntry, "value" | "modRevision">;

export class ParsedCache {
  readonly #objects = new RecentCache<Uint8Array, KubeObject>(parsedBytesMax);
  /** By the kept objects: the same bytes may have been kept at several revisions. */
  readonly #kept = new RecentCache<KeptObject, KubeObject>(keptBytesMax);

  /** The object of an entry, with its resourceVersion. */
  get({ value, modRevision }: StoredBytes): KubeObject {
    let object = this.#objects.get(value, value.length);
    if (object === undefined) {
      object = parseStored(value, modRevision);
      this.#objects.set(value, object, value.length);
    }
    return object;
  }

  /** The object of what readers in this process hold, with its resourceVersion. They share what was read of late. */
  kept(kept: KeptObject): KubeObject {
    let object = this.#kept.get(kept, kept.value.length);
    if (object === undefined) {
      object = atRevision(this.view(kept), kept.modRevision);
      this.#kept.set(kept, object, kept.value.length);
    }
    return object;
  }

  /** The metadata of what readers in this process hold: of an object read of late, or read alone, without the rest. */
  keptMetadata(kept: KeptObject): ObjectMeta {
    return this.#kept.peek(kept)?.metadata ?? parseMetadata(kept.value, kept.modRevision);
  }

  /** The object of any bytes, not to be cached: for what is no present entry. Its resourceVersion may differ. */
  view({ value, modRevision }: StoredBytes): KubeObject {
    return this.#objects.peek(value) ?? parseStored(value, modRevision);
  }
}

/** Reads a stored value; resourceVersion becomes `revision`. The result is deeply frozen. */
function parseStored(value: Uint8Array, revision: number): KubeObject {
  const object = parseJson(splitManaged(value).text);
  invariant(isRecord(object) && isRecord(object["metadata"]), "a stored value must be an object with metadata");
  const { managedFields: _, ...metadata } = object["metadata"];
  object["metadata"] = { ...metadata, resourceVersion: String(revision) };
  invariant(isKubeObject(object), "a stored value must have apiVersion and kind");
  return deepFreeze(object);
}

/** Reads the metadata of a stored value, as parseStored does. The result is deeply frozen. */
function parseMetadata(value: Uint8Array, revision: number): ObjectMeta {
  const metadata = parseJson(`{${Buffer.from(metadataBytes(value, true)).toString("utf8")}`);
  invariant(isObjectMeta(metadata), "metadata must be an object with a name");
  // Other servers write managedFields elsewhere in the metadata.
  const { managedFields: _, ...rest } = metadata;
  return deepFreeze({ ...rest, resourceVersion: String(revision) });
}

/** `object` at `revision`: itself, or a copy that shares all but its top with it. */
function atRevision(object: KubeObject, revision: number): KubeObject {
  const resourceVersion = String(revision);
  if (object.metadata.resourceVersion === resourceVersion) return object;
  return deepFreeze({ ...object, metadata: { ...object.metadata, resourceVersion } });
}
