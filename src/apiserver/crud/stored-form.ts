// The stored form of an object and how it is served: JSON bytes that begin `{"apiVersion":"…","kind":"…","metadata":{` and
// hold no resourceVersion. The revision is the storage's; it is spliced in behind `"metadata":{` when bytes leave, so that
// neither GET nor LIST nor a watch ever encodes an object again. managedFields, where there are any, come first in the
// metadata, and the name behind them: they are most of many an object, and few read them, so they are found and left out
// fast. Pure.
import type { MutableObject } from "#machinery/admission.ts";
import { fieldOf, isArray, isRecord } from "#machinery/guards.ts";
import { encodeJsonText, parseJson } from "#machinery/json.ts";
import { invariant } from "#std/invariant.ts";

const metadataMarkText = '"metadata":{';
const metadataMark = Buffer.from(metadataMarkText);
const managedMarkText = '"managedFields":';
const managedMark = Buffer.from(managedMarkText);
/** They end where the name begins. */
const managedEndMark = Buffer.from('}],"name":"');
const managedEndLength = "}],".length;

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

/** The JSON text of an object's managedFields; undefined: it has none. */
export type ManagedText = string | undefined;

/**
 * Bytes to store. `metadata` must not be empty; resourceVersion and selfLink are left out. managedFields are `managed`, or
 * what the object itself has.
 */
export function encodeStored(object: MutableObject, managed: ManagedText = ownManaged(object)): Buffer {
  const { apiVersion, kind, metadata } = object;
  const stored = { apiVersion, kind, metadata: {} };
  const { name, ...others } = metadata;
  const bare = { name, ...others, managedFields: undefined, resourceVersion: undefined, selfLink: undefined };
  const text = encodeJsonText(Object.assign(stored, object, { metadata: bare }));
  if (managed === undefined) return Buffer.from(text);
  const at = text.indexOf(metadataMarkText) + metadataMarkText.length;
  return Buffer.from(`${text.slice(0, at)}${managedMarkText}${managed},${text.slice(at)}`);
}

function ownManaged({ metadata }: MutableObject): ManagedText {
  const own = metadata["managedFields"];
  return isArray(own) && own.length > 0 ? encodeJsonText(own) : undefined;
}

/** The managedFields of a stored value as text, and the value's text without them. */
export function splitManaged(value: Uint8Array): { readonly text: string; readonly managed: ManagedText } {
  const bytes = bufferOf(value);
  const start = metadataStart(value);
  const end = managedEnd(value, start);
  if (end === start) return { text: bytes.toString("utf8"), managed: undefined };
  return {
    text: bytes.toString("utf8", 0, start) + bytes.toString("utf8", end),
    managed: bytes.toString("utf8", start + managedMark.length, end - 1),
  };
}

/** The managedFields of a stored value, wherever they stand: other servers write them elsewhere. */
export function managedTextOf(value: Uint8Array): ManagedText {
  const bytes = bufferOf(value);
  const start = metadataStart(value);
  const end = managedEnd(value, start);
  if (end !== start) return bytes.toString("utf8", start + managedMark.length, end - 1);
  if (!bytes.includes(managedMark)) return undefined;
  const own = fieldOf(parseJson(value), "metadata", "managedFields");
  return isArray(own) && own.length > 0 ? encodeJsonText(own) : undefined;
}

/** How a stored value is served: another head, and the revision (0: none) put in. */
export interface Splice {
  readonly head: Buffer;
  readonly value: Uint8Array;
  readonly revision: number;
  /** Leave out managedFields. */
  readonly bare: boolean;
}

/** The bytes served for a stored value. */
export function spliceRevision({ head, value, revision, bare }: Splice): Buffer {
  const revisionText = revisionField(revision);
  const from = metadataFrom(value, bare);
  const out = Buffer.allocUnsafe(head.length + revisionText.length + value.length - from);
  let at = head.copy(out, 0);
  at += out.write(revisionText, at, "latin1");
  out.set(value.subarray(from), at);
  return out;
}

/** How many bytes spliceRevision would give. */
export function splicedLength({ head, value, revision, bare }: Splice): number {
  return head.length + revisionField(revision).length + value.length - metadataFrom(value, bare);
}

/** Writes what spliceRevision would give into `out` at `at`; answers with the offset behind it. */
export function writeSpliced(out: Buffer, at: number, { head, value, revision, bare }: Splice): number {
  let offset = at + head.copy(out, at);
  offset += out.write(revisionField(revision), offset, "latin1");
  const from = metadataFrom(value, bare);
  out.set(value.subarray(from), offset);
  return offset + value.length - from;
}

/** The metadata of a stored value as bytes, from behind its `{` to its `}` and that included; `bare`: no managedFields. */
export function metadataBytes(value: Uint8Array, bare: boolean): Uint8Array {
  const from = metadataFrom(value, bare);
  return value.subarray(from, objectEnd(value, from));
}

/** Where the metadata's first field begins that is served. */
function metadataFrom(value: Uint8Array, bare: boolean): number {
  const start = metadataStart(value);
  return bare ? managedEnd(value, start) : start;
}

/** The offset behind managedFields and their comma, where they stand at `start`; else `start`. */
function managedEnd(value: Uint8Array, start: number): number {
  for (let index = 0; index < managedMark.length; index++) {
    if (value[start + index] !== managedMark[index]) return start;
  }
  // In a text its quotes would be escaped, and there is no other list in managedFields.
  const at = bufferOf(value).indexOf(managedEndMark, start);
  return at < 0 ? start : at + managedEndLength;
}

/** Where, behind `"metadata":{`, the metadata's first field begins. */
function metadataStart(value: Uint8Array): number {
  const at = bufferOf(value).indexOf(metadataMark);
  invariant(at > 0, "a stored object must begin with apiVersion, kind and metadata");
  return at + metadataMark.length;
}

function bufferOf(value: Uint8Array): Buffer {
  return Buffer.isBuffer(value) ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
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
