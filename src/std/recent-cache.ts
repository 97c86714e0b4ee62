// A bounded cache of what was used lately. Two generations: when the young one is full it becomes the old one, and the old
// one is forgotten; what is asked for in the old one moves up. So the bound holds without an order to keep.

/** Holds at most twice `weightMax`. Keys compare by identity, as in a Map. */
export class RecentCache<K, V> {
  readonly #weightMax: number;
  #young = new Map<K, V>();
  #old = new Map<K, V>();
  #weight = 0;

  constructor(weightMax: number) {
    this.#weightMax = weightMax;
  }

  /** The value of `key`, which counts as used; `weight` as it was set. */
  get(key: K, weight = 1): V | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old, weight);
    return old;
  }

  /** The value of `key`, which does not count as used. */
  peek(key: K): V | undefined {
    return this.#young.get(key) ?? this.#old.get(key);
  }

  set(key: K, value: V, weight = 1): void {
    if (this.#weight >= this.#weightMax) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#weight = 0;
    }
    this.#young.set(key, value);
    this.#weight += weight;
  }
}
