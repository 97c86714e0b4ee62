// Records as bytes, many in one buffer, to cross between the main thread and the database's without structured clones.
// Per record: sequence, revision, createRevision (float64), version, key length, value length (uint32), key (UTF-8), value.
import { noValue, type StoredRecord } from "../record.ts";

const headerBytes = 36;
/** The value length of a tombstone. */
const tombstoneLength = 0xffff_ffff;

/** All records in one buffer of their own, ready to be transferred. */
export function encodeRecords(records: readonly StoredRecord[]): ArrayBuffer {
  const buffer = new ArrayBuffer(records.reduce((sum, record) => sum + recordBytes(record), 0));
  const bytes = Buffer.from(buffer);
  const view = new DataView(buffer);
  let at = 0;
  for (const { type, key, value, sequence, modRevision, createRevision, version } of records) {
    const valueAt = at + headerBytes + bytes.write(key, at + headerBytes);
    view.setFloat64(at, sequence, true);
    view.setFloat64(at + 8, modRevision, true);
    view.setFloat64(at + 16, createRevision, true);
    view.setUint32(at + 24, version, true);
    view.setUint32(at + 28, valueAt - at - headerBytes, true);
    view.setUint32(at + 32, type === "put" ? value.byteLength : tombstoneLength, true);
    bytes.set(value, valueAt);
    at = valueAt + value.byteLength;
  }
  return buffer;
}

/**
 * All records of a buffer. `values`: views of the buffer for as long as it is used, or copies to keep, so that one value
 * that stays does not keep all the others in memory.
 */
export function decodeRecords(buffer: ArrayBuffer, values: "views" | "copies"): StoredRecord[] {
  const bytes = Buffer.from(buffer);
  const view = new DataView(buffer);
  const records: StoredRecord[] = [];
  for (let at = 0; at < bytes.length;) {
    const valueAt = at + headerBytes + view.getUint32(at + 28, true);
    const valueLength = view.getUint32(at + 32, true);
    const isPut = valueLength !== tombstoneLength;
    const end = isPut ? valueAt + valueLength : valueAt;
    const value = isPut ? bytes.subarray(valueAt, end) : noValue;
    records.push({
      type: isPut ? "put" : "delete",
      key: bytes.toString("utf8", at + headerBytes, valueAt),
      value: values === "copies" ? new Uint8Array(value) : value,
      sequence: view.getFloat64(at, true),
      modRevision: view.getFloat64(at + 8, true),
      createRevision: view.getFloat64(at + 16, true),
      version: view.getUint32(at + 24, true),
    });
    at = end;
  }
  return records;
}

/**
 * Gives the memory of a buffer back at once: a start, or many writes, would fill more and more of it before the garbage
 * collector, which sees only how little its own heap has grown, came by.
 */
export function letGo(buffer: ArrayBuffer): void {
  buffer.transfer(0);
}

/** What a record takes in a buffer. */
export function recordBytes({ key, value }: Pick<StoredRecord, "key" | "value">): number {
  return headerBytes + Buffer.byteLength(key) + value.byteLength;
}
