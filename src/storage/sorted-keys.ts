// The keys of a store in byte order: sorted arrays of bounded length, found by binary search. Adding or removing one key
// moves at most one such array, and counting a range adds up lengths instead of walking it.

const chunkKeysMax = 512;
/** Two neighbours that fit in this together become one. */
const mergeKeysMax = 128;

interface Position {
  readonly chunk: number;
  readonly offset: number;
}

export interface KeyRange {
  /** The first keys of the range, as many as were asked for. */
  readonly keys: string[];
  /** How many keys the whole range has. */
  readonly count: number;
}

/** A sorted set of strings. */
export class SortedKeys {
  #chunks: string[][] = [];
  #size = 0;
  /**
   * JavaScript compares UTF-16 units, stores compare UTF-8 bytes. The two orders differ only among strings with units
   * from U+D800 on, so the fast comparison serves until the first such key has come.
   */
  #isBefore: (left: string, right: string) => boolean = isBeforeByUnits;

  get size(): number {
    return this.#size;
  }

  /** Adds a key that is not there yet. */
  add(key: string): void {
    if (this.#isBefore === isBeforeByUnits && /[\ud800-\uffff]/.test(key)) this.#isBefore = isBeforeByBytes;
    this.#size++;
    const { chunk, offset } = this.#firstNotBefore(key);
    // At the end of a chunk rather than in front of the next one, so that ascending keys fill chunks up.
    const index = offset === 0 && chunk > 0 ? chunk - 1 : chunk;
    const keys = this.#chunks[index];
    if (keys === undefined) {
      this.#chunks.push([key]);
      return;
    }
    if (index === chunk) keys.splice(offset, 0, key);
    else keys.push(key);
    if (keys.length > chunkKeysMax) this.#split(index, keys);
  }

  /** Removes a key that is there. */
  delete(key: string): void {
    const { chunk, offset } = this.#firstNotBefore(key);
    const keys = this.#chunks[chunk];
    if (keys?.[offset] !== key) return;
    this.#size--;
    keys.splice(offset, 1);
    if (keys.length === 0) {
      this.#chunks.splice(chunk, 1);
      return;
    }
    const next = this.#chunks[chunk + 1];
    if (next !== undefined && keys.length + next.length <= mergeKeysMax) {
      keys.push(...next);
      this.#chunks.splice(chunk + 1, 1);
    }
  }

  /** The keys that begin with `prefix`, from `from` on: at most `limit` of them, and their full number. */
  range(prefix: string, from: string, limit: number): KeyRange {
    const start = this.#firstNotBefore(this.isBefore(from, prefix) ? prefix : from);
    const end = this.#search((key) => key.startsWith(prefix) || this.#isBefore(key, prefix));
    const count = Math.max(0, this.#distance(start, end));
    return { keys: this.#collect(start, Math.min(limit, count)), count };
  }

  /** Whether `left` comes before `right` in byte order. */
  isBefore(left: string, right: string): boolean {
    return this.#isBefore(left, right);
  }

  #firstNotBefore(key: string): Position {
    return this.#search((candidate) => this.#isBefore(candidate, key));
  }

  /** The first position whose key is not `before`, which holds for all keys up to some point and for none after it. */
  #search(before: (key: string) => boolean): Position {
    const chunk = partition(this.#chunks, (keys) => before(keys.at(-1) ?? ""));
    const keys = this.#chunks[chunk];
    return { chunk, offset: keys === undefined ? 0 : partition(keys, before) };
  }

  #distance(start: Position, end: Position): number {
    let distance = end.offset - start.offset;
    for (let chunk = start.chunk; chunk < end.chunk; chunk++) distance += this.#chunks[chunk]?.length ?? 0;
    return end.chunk < start.chunk ? 0 : distance;
  }

  #collect(start: Position, length: number): string[] {
    const keys: string[] = [];
    let { chunk, offset } = start;
    while (keys.length < length) {
      const source = this.#chunks[chunk];
      if (source === undefined) break;
      const end = Math.min(source.length, offset + length - keys.length);
      for (let index = offset; index < end; index++) keys.push(source[index] ?? "");
      chunk++;
      offset = 0;
    }
    return keys;
  }

  #split(index: number, keys: string[]): void {
    // Keys often come in order: then the left half stays almost full.
    const isLast = index === this.#chunks.length - 1;
    const at = isLast ? Math.floor(chunkKeysMax * 0.9) : Math.floor(keys.length / 2);
    this.#chunks.splice(index + 1, 0, keys.splice(at));
  }
}

/** The number of leading items for which `holds`, given that it holds for a leading part and no other item. */
function partition<T>(items: readonly T[], holds: (item: T) => boolean): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const item = items[middle];
    if (item !== undefined && holds(item)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function isBeforeByUnits(left: string, right: string): boolean {
  return left < right;
}

/** UTF-8 keeps the order of code points: surrogates (U+10000 and up) come after U+E000 to U+FFFF. */
function isBeforeByBytes(left: string, right: string): boolean {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    const one = left.charCodeAt(index);
    const other = right.charCodeAt(index);
    if (one !== other) return byteRank(one) < byteRank(other);
  }
  return left.length < right.length;
}

function byteRank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
