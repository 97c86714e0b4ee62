// Records: what drivers with a disk keep, one per change, in the order of the changes. The last record of a key is its state.
import { ApiError } from "#machinery/api-error.ts";
import type { MvccEntry, MvccEvent } from "./event-log.ts";

/** An entry as it was written, or the tombstone of one (with the revision of the deletion and no value). */
export interface StoredRecord extends MvccEntry {
  readonly type: "put" | "delete";
}

/** The value of tombstones. */
export const noValue = new Uint8Array(0);

/** How far a restoration has come. */
interface Restored {
  readonly revision: number;
  readonly compactedRevision: number;
  readonly sequence: number;
}

/** The entry that a put left. */
export function entryOf({ key, value, createRevision, modRevision, version, sequence }: StoredRecord): MvccEntry {
  return { key, value, createRevision, modRevision, version, sequence };
}

/** The record that a change leaves. */
export function recordOf({ type, key, revision, entry, sequence }: MvccEvent): StoredRecord {
  if (type === "put") return { type, ...entry };
  const { createRevision } = entry;
  return { type, key, value: noValue, sequence, modRevision: revision, createRevision, version: 0 };
}

/** Fails where records are missing or out of place, before anyone builds on them. `previous`: the key's entry so far. */
export function checkOrder(record: StoredRecord, previous: MvccEntry | undefined, restored: Restored): void {
  const { modRevision: revision, sequence, version } = record;
  const { compactedRevision } = restored;
  if (sequence <= restored.sequence || revision < restored.revision) throw damaged(record, "it is out of order");
  // From the compaction on, each revision has left at least one record.
  if (revision >= compactedRevision && revision > Math.max(restored.revision, compactedRevision - 1) + 1) {
    throw damaged(record, `revision ${revision} follows revision ${restored.revision}`);
  }
  if (record.type === "put" && previous !== undefined && version !== previous.version + 1) {
    throw damaged(record, `version ${version} of its key follows version ${previous.version}`);
  }
}

export function damaged({ sequence, key }: Pick<StoredRecord, "sequence" | "key">, what: string): ApiError {
  return new ApiError("InternalError", `record ${sequence} (key ${JSON.stringify(key)}) is damaged: ${what}`);
}
