// What every answer of a resource has in common, computed once, and how its stored values become served ones.
import type { Resource } from "#api/resource.ts";
import type { MutableObject } from "#machinery/admission.ts";
import { cloneJson, deepEqual, deepFreeze } from "#machinery/equality.ts";
import { FieldSetTexts } from "#machinery/fields/field-set-texts.ts";
import { type MergeType, mergeTypeOf } from "#machinery/fields/merge-type.ts";
import { parseJson } from "#machinery/json.ts";
import { apiVersionOf, type KubeObject } from "#machinery/object.ts";
import { createDecoder, type Decoder } from "#machinery/schema-decode.ts";
import { invariant } from "#std/invariant.ts";
import { RecentCache } from "#std/recent-cache.ts";
import { emptyObject } from "../apply/empty-object.ts";
import { ConvertedValues, convertOne } from "./converted-values.ts";
import type { StoredBytes } from "./parsed-cache.ts";
import { encodeStored, headOf, isMutableObject, type ManagedText, splitManaged } from "./stored-form.ts";

/** Converted values are kept: at least so many bytes, at most twice as many. */
const convertedBytesMax = 4 * 1024 * 1024;

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
  /** Reads a body in place: drops unknown fields, checks types, fills in the schema's defaults. */
  readonly decode: Decoder;
  #mergeType: MergeType | undefined;
  #empty: KubeObject | undefined;
  /** The head of values that are served as they are stored. */
  readonly #storedHead: Buffer;
  /** The sets of managedFields as text. */
  readonly fieldSets: FieldSetTexts;
  readonly #converted = new RecentCache<Uint8Array, Uint8Array>(convertedBytesMax);
  /** Where somebody else converts between versions. */
  readonly #elsewhere: ConvertedValues | undefined;

  constructor(resource: Resource, fieldSets = new FieldSetTexts()) {
    const { kind } = resource;
    this.fieldSets = fieldSets;
    this.resource = resource;
    this.apiVersion = apiVersionOf(kind);
    this.qualifiedResource = kind.group === "" ? kind.plural : `${kind.plural}.${kind.group}`;
    this.keyPrefix = `/registry/${resource.storagePrefix}/`;
    this.head = headOf(this.apiVersion, kind.kind);
    this.itemHead = resource.custom ? this.head : Buffer.from('{"metadata":{');
    this.decode = createDecoder(resource.schema, resource.resolve, { custom: resource.custom });
    const convert = resource.stored?.convert;
    this.#elsewhere = convert === undefined ? undefined : new ConvertedValues(convert, this.apiVersion);
    this.#storedHead = headOf(resource.stored?.apiVersion ?? this.apiVersion, kind.kind);
  }

  /** How objects merge and what of them can be owned. */
  get mergeType(): MergeType {
    const { schema, resolve, custom } = this.resource;
    this.#mergeType ??= mergeTypeOf(schema, resolve, { custom });
    return this.#mergeType;
  }

  /** What a new object is before anything is in it. */
  get empty(): KubeObject {
    this.#empty ??= deepFreeze(emptyObject(this.resource));
    return this.#empty;
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

  /**
   * Entries as they are to be looked at and served by this version: themselves, or their likes with values that had to
   * be converted elsewhere first. Nothing else may see an entry before.
   */
  readable<T extends StoredBytes>(entries: readonly T[]): readonly T[] | Promise<readonly T[]> {
    const elsewhere = this.#elsewhere;
    if (elsewhere === undefined) return entries;
    const others = entries.filter(({ value }) => !elsewhere.has(value) && !beginsWith(value, this.head));
    return others.length === 0 ? entries : this.#convertAmong(entries, others, elsewhere);
  }

  async #convertAmong<T extends StoredBytes>(
    entries: readonly T[],
    others: readonly T[],
    elsewhere: ConvertedValues,
  ): Promise<readonly T[]> {
    const converted = await elsewhere.of(others);
    const byEntry = new Map(others.map((entry, index) => [entry, converted[index]]));
    return entries.map((entry) => byEntry.get(entry) ?? entry);
  }

  /** A stored value in the served version's form. Mostly the value itself. Only the apiVersion in its head may be another. */
  served(stored: StoredBytes): Uint8Array {
    if (this.isVerbatim(stored)) return stored.value;
    const known = this.#converted.get(stored.value, stored.value.length);
    if (known !== undefined) return known;
    const { text, managed } = splitManaged(stored.value);
    const object: unknown = parseJson(text);
    invariant(isMutableObject(object), "a stored object has apiVersion, kind and a name");
    this.resource.stored?.open(object);
    const value = encodeStored(object, managed);
    this.#converted.set(stored.value, value, value.length);
    return value;
  }

  /** Is a value served as it is stored? */
  isVerbatim({ value, modRevision }: StoredBytes): boolean {
    const { stored } = this.resource;
    if (stored === undefined || this.#elsewhere?.has(value) === true) return true;
    if (!stored.verbatim || modRevision < stored.currentSince) return false;
    return beginsWith(value, this.#storedHead);
  }

  /** The bytes to store for an object of the served version, whose own bytes are `served`. */
  toStored(object: MutableObject, served: Buffer, managed: ManagedText): Buffer | Promise<Buffer> {
    const { stored } = this.resource;
    if (stored === undefined || (stored.verbatim && stored.apiVersion === this.apiVersion)) return served;
    const copy = this.edit(object);
    const { convert, apiVersion } = stored;
    if (convert !== undefined && apiVersion !== this.apiVersion) {
      return convertOne(convert, copy, apiVersion).then((converted) => encodeStored(converted, managed));
    }
    stored.close(copy);
    return encodeStored(copy, managed);
  }

  /** Whether storing these bytes would change nothing. Keys may come in another order. */
  isSameStored(stored: StoredBytes, next: Uint8Array): boolean {
    return Buffer.compare(stored.value, next) === 0 || deepEqual(parseJson(stored.value), parseJson(next));
  }

  /** A parsed value under the served version's apiVersion. */
  open(object: KubeObject): KubeObject {
    return object.apiVersion === this.apiVersion ? object : { ...object, apiVersion: this.apiVersion };
  }

  /** A copy of an object, to be changed. */
  edit(object: KubeObject | MutableObject): MutableObject {
    const copy: unknown = cloneJson(object);
    invariant(isMutableObject(copy), "a stored object has apiVersion, kind and a name");
    return copy;
  }
}

function beginsWith(value: Uint8Array, head: Buffer): boolean {
  return Buffer.compare(value.subarray(0, head.length), head) === 0;
}
