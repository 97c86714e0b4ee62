// Stored values of other versions as those of a served one, where somebody else has to be asked. Each value is converted once
// for all who read it at about the same time, and is remembered for a while.
import type { ConvertObjects } from "#api/resource.ts";
import type { MutableObject } from "#machinery/admission.ts";
import { parseJson } from "#machinery/json.ts";
import { invariant } from "#std/invariant.ts";
import { RecentCache } from "#std/recent-cache.ts";
import type { StoredBytes } from "./parsed-cache.ts";
import { encodeStored, isMutableObject } from "./stored-form.ts";

/** At least so many bytes are remembered, at most twice as many. */
const convertedBytesMax = 4 * 1024 * 1024;
/** Read and sent before others get a turn. */
const entriesAtOnce = 400;

export class ConvertedValues {
  readonly #convert: ConvertObjects;
  readonly #apiVersion: string;
  readonly #known = new RecentCache<Uint8Array, Uint8Array>(convertedBytesMax);
  /** By stored value: what is being converted. */
  readonly #pending = new Map<Uint8Array, Promise<Uint8Array>>();
  /** What has been made here: it is of the served version. */
  readonly #made = new WeakSet<Uint8Array>();

  constructor(convert: ConvertObjects, apiVersion: string) {
    this.#convert = convert;
    this.#apiVersion = apiVersion;
  }

  /** Is this the value of a converted entry? */
  has(value: Uint8Array): boolean {
    return this.#made.has(value);
  }

  /** The entries with values of the served version, in order. */
  async of<T extends StoredBytes>(entries: readonly T[]): Promise<readonly T[]> {
    const converted: T[] = [];
    for (let from = 0; from < entries.length; from += entriesAtOnce) {
      converted.push(...(await this.#some(entries.slice(from, from + entriesAtOnce))));
    }
    return converted;
  }

  #some<T extends StoredBytes>(entries: readonly T[]): Promise<readonly T[]> {
    const known = entries.map(({ value }) => this.#known.get(value, value.length) ?? this.#pending.get(value));
    const missing = entries.filter((_, index) => known[index] === undefined);
    if (missing.length > 0) this.#start([...new Map(missing.map((entry) => [entry.value, entry])).values()]);
    const started = entries.map(({ value }) => this.#pending.get(value));
    return Promise.all(
      entries.map(async (entry, index) => {
        const value = await (known[index] ?? started[index]);
        invariant(value, "a value was to be converted");
        return { ...entry, value };
      }),
    );
  }

  #start(entries: readonly StoredBytes[]): void {
    const objects = entries.map(parseWhole);
    const all = this.#convert(objects, this.#apiVersion);
    for (const [index, { value }] of entries.entries()) {
      const one = all.then((converted) => {
        const object = converted[index];
        invariant(object, "one object is converted for each");
        const made = encodeStored(object);
        this.#made.add(made);
        this.#known.set(value, made, value.length);
        return made;
      });
      this.#pending.set(value, one);
      const forget = (): void => {
        this.#pending.delete(value);
      };
      one.then(forget, forget);
    }
  }
}

/** One object alone. */
export async function convertOne(
  convert: ConvertObjects,
  object: MutableObject,
  apiVersion: string,
): Promise<MutableObject> {
  const [converted] = await convert([object], apiVersion);
  invariant(converted, "one object is converted for one");
  return converted;
}

/** With managedFields and resourceVersion, as clients see it. */
function parseWhole({ value, modRevision }: StoredBytes): MutableObject {
  const object = parseJson(value);
  invariant(isMutableObject(object), "a stored object has apiVersion, kind and a name");
  object.metadata["resourceVersion"] = String(modRevision);
  return object;
}
