// The stored form of an object and how it is served: JSON bytes that begin `{"apiVersion":"…","kind":"…","metadata":{` and
// hold no resourceVersion. The revision is the storage's; it is spliced in behind `"metadata":{` when bytes leave, so that
// neither GET nor LIST nor a watch ever encodes an object again. Pure.
import type { MutableObject } from "#machinery/admission.ts";
import { isRecord } from "#machinery/guards.ts";
import { encodeJson } from "#machinery/json.ts";
import { invariant } from "#std/invariant.ts";

const metadataMark = Buffer.from('"metadata":{');

/** Whether a value has what every object of a request has after decoding. */
export function isMutableObject(value: unknown): value is MutableObject {
  return (
    isRecord(value) &&
    typeof value["apiVersion"] === "string" &&
    typeof value["kind"] === "string" &&
    isRecord(value["metadata"]) &&
    typeof value["metadata"]["name"] === "string"
  );
}

/** Bytes to store. `metadata` must not be empty; resourceVersion and selfLink are left out. */
export function encodeStored(object: MutableObject): Buffer {
  const { apiVersion, kind, metadata } = object;
  const stored = { apiVersion, kind, metadata: {} };
  return encodeJson(
    Object.assign(stored, object, { metadata: { ...metadata, resourceVersion: undefined, selfLink: undefined } }),
  );
}

/** The bytes served for a stored value: another head, and the revision (0: none) put in. */
export function spliceRevision(head: Buffer, value: Uint8Array, revision: number): Buffer {
  const revisionText = revisionField(revision);
  const from = metadataStart(value);
  const out = Buffer.allocUnsafe(head.length + revisionText.length + value.length - from);
  let at = head.copy(out, 0);
  at += out.write(revisionText, at, "latin1");
  out.set(value.subarray(from), at);
  return out;
}

/** How many bytes spliceRevision would give. */
export function splicedLength(head: Buffer, value: Uint8Array, revision: number): number {
  return head.length + revisionField(revision).length + value.length - metadataStart(value);
}

/** Writes what spliceRevision would give into `out` at `at`; answers with the offset behind it. */
export function writeSpliced(
  out: Buffer,
  at: number,
  head: Buffer,
  { value, revision }: { readonly value: Uint8Array; readonly revision: number },
): number {
  let offset = at + head.copy(out, at);
  offset += out.write(revisionField(revision), offset, "latin1");
  const from = metadataStart(value);
  out.set(value.subarray(from), offset);
  return offset + value.length - from;
}

/** The metadata of a stored value as bytes, from behind its `{` to its `}` and that included. */
export function metadataBytes(value: Uint8Array): Uint8Array {
  const from = metadataStart(value);
  return value.subarray(from, objectEnd(value, from));
}

/** Where, behind `"metadata":{`, the metadata's first field begins. */
function metadataStart(value: Uint8Array): number {
  const buffer = Buffer.isBuffer(value) ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  const at = buffer.indexOf(metadataMark);
  invariant(at > 0, "a stored object must begin with apiVersion, kind and metadata");
  return at + metadataMark.length;
}

/** The offset behind the `}` that closes the object whose fields begin at `from`. */
function objectEnd(value: Uint8Array, from: number): number {
  let depth = 1;
  for (let index = from; index < value.length; index++) {
    switch (value[index]) {
      case 0x22: // A string: on to its closing quote.
        for (index++; index < value.length && value[index] !== 0x22; index++) if (value[index] === 0x5c) index++;
        break;
      case 0x7b:
        depth++;
        break;
      case 0x7d:
        if (--depth === 0) return index + 1;
        break;
      default:
    }
  }
  return value.length;
}

function revisionField(revision: number): string {
  return revision === 0 ? "" : `"resourceVersion":"${String(revision)}",`;
}

/** What a stored value of this apiVersion and kind begins with. */
export function headOf(apiVersion: string, kind: string): Buffer {
  return Buffer.from(`{"apiVersion":${JSON.stringify(apiVersion)},"kind":${JSON.stringify(kind)},"metadata":{`);
}
