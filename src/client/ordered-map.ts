// A map that lists its values by key. Lists are made when asked for and kept until the next change.

export class OrderedMap<V> {
  readonly #values = new Map<string, V>();
  #keys: readonly string[] | undefined = [];
  #list: readonly V[] | undefined = [];

  get size(): number {
    return this.#values.size;
  }

  get(key: string): V | undefined {
    return this.#values.get(key);
  }

  set(key: string, value: V): void {
    if (!this.#values.has(key)) this.#keys = undefined;
    this.#values.set(key, value);
    this.#list = undefined;
  }

  delete(key: string): void {
    if (!this.#values.delete(key)) return;
    this.#keys = undefined;
    this.#list = undefined;
  }

  /** In order of the keys. Frozen in time: a later change makes a new list. */
  list(): readonly V[] {
    this.#list ??= this.keys().flatMap((key) => this.#values.get(key) ?? []);
    return this.#list;
  }

  keys(): readonly string[] {
    // Keys come mostly in order, which the engine's merge sort makes use of.
    this.#keys ??= [...this.#values.keys()].sort(byCodeUnits);
    return this.#keys;
  }
}

/** Object keys are ASCII, so this is the byte order in which API servers list. */
function byCodeUnits(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
