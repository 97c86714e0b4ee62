// The stored form of an object and how it is served: JSON bytes that begin `{"apiVersion":"…","kind":"…","metadata":{` and
// hold no resourceVersion. The revision is the storage's; it is spliced in behind `"metadata":{` when bytes leave, so that
// neither GET nor LIST nor a watch ever encodes an object again. Pure.
import type { Resource } from "#api/resource.ts";
import type { MutableObject } from "#machinery/admission.ts";
import { cloneJson } from "#machinery/equality.ts";
import { isRecord } from "#machinery/guards.ts";
import { encodeJson } from "#machinery/json.ts";
import { apiVersionOf, type KubeObject } from "#machinery/object.ts";
import { createDecoder, type Decoder } from "#machinery/schema-decode.ts";
import { invariant } from "#std/invariant.ts";

const metadataMark = Buffer.from('"metadata":{');

/** What every answer of a resource has in common, computed once. */
export class ResourceForm {
  readonly resource: Resource;
  readonly apiVersion: string;
  /** `deployments.apps`, `pods`: the name in error messages. */
  readonly qualifiedResource: string;
  /** `/registry/<storagePrefix>/`. */
  readonly keyPrefix: string;
  /** `{"apiVersion":"…","kind":"…","metadata":{` as this version serves it. */
  readonly head: Buffer;
  /** How an item of a list begins: built-in kinds leave out apiVersion and kind. */
  readonly itemHead: Buffer;
  /** The same for PartialObjectMetadata. */
  readonly partialHead: Buffer;
  /** Reads a body in place: drops unknown fields, checks types, fills in the schema's defaults. */
  readonly decode: Decoder;

  constructor(resource: Resource) {
    const { kind } = resource;
    this.resource = resource;
    this.apiVersion = apiVersionOf(kind);
    this.qualifiedResource = kind.group === "" ? kind.plural : `${kind.plural}.${kind.group}`;
    this.keyPrefix = `/registry/${resource.storagePrefix}/`;
    this.head = headOf(this.apiVersion, kind.kind);
    this.itemHead = resource.custom ? this.head : Buffer.from('{"metadata":{');
    this.partialHead = headOf("meta.k8s.io/v1", "PartialObjectMetadata");
    this.decode = createDecoder(resource.schema, resource.resolve, { custom: resource.custom });
  }

  /** A stored object as this version serves it: None conversion gives it another apiVersion. */
  open(object: KubeObject): KubeObject {
    return object.apiVersion === this.apiVersion ? object : { ...object, apiVersion: this.apiVersion };
  }

  /** A copy of an opened object, to be changed. */
  edit(object: KubeObject): MutableObject {
    const copy: unknown = cloneJson(object);
    invariant(isMutableObject(copy), "a stored object has apiVersion, kind and a name");
    return copy;
  }

  /** The storage key of an object. */
  key(namespace: string | undefined, name: string): string {
    return `${this.collectionPrefix(namespace)}${name}`;
  }

  /** What the keys of a namespace's objects (or, without one, of all objects) begin with. */
  collectionPrefix(namespace: string | undefined): string {
    const isScoped = this.resource.kind.namespaced && namespace !== undefined && namespace !== "";
    return isScoped ? `${this.keyPrefix}${namespace}/` : this.keyPrefix;
  }
}

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
export function writeSpliced(out: Buffer, at: number, head: Buffer, value: Uint8Array, revision: number): number {
  let offset = at + head.copy(out, at);
  offset += out.write(revisionField(revision), offset, "latin1");
  const from = metadataStart(value);
  out.set(from === 0 ? value : value.subarray(from), offset);
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

function headOf(apiVersion: string, kind: string): Buffer {
  return Buffer.from(`{"apiVersion":${JSON.stringify(apiVersion)},"kind":${JSON.stringify(kind)},"metadata":{`);
}
