// A table of Lua: the values 1 to n in a list, all others by their keys in the order in which they came. One that stands for
// a JSON object or list reads it one level deep when a script first touches it, so that what no script looks at costs nothing.
import { bytesOf, type LuaFunction, type LuaValue } from "./values.ts";

export type LuaKey = boolean | number | string | LuaTable | LuaFunction;

/** A JSON object or list. */
export type JsonSource = Readonly<Record<string, unknown>> | readonly unknown[];

export class LuaTable {
  /** What this table stands for. It is never changed. */
  readonly source: JsonSource | undefined;
  #isLoaded: boolean;
  #isChanged = false;
  #list: LuaValue[] = [];
  #map: Map<LuaKey, LuaValue> | undefined;
  /** Where `next` is: nearly always the key that it gave last comes in again. */
  #walk: { readonly rest: Iterator<readonly [LuaKey, LuaValue]>; key: LuaKey } | undefined;

  constructor(source?: JsonSource) {
    this.source = source;
    this.#isLoaded = source === undefined;
  }

  /** Whether a script has looked inside. */
  get isTouched(): boolean {
    return this.#isLoaded;
  }

  /** Whether a value of this table itself has been set. */
  get isChanged(): boolean {
    return this.#isChanged;
  }

  get(key: LuaValue): LuaValue {
    if (!this.#isLoaded) this.#load();
    if (typeof key === "number" && key >= 1 && key <= this.#list.length) {
      const value = this.#list[key - 1];
      if (value !== undefined) return value;
    }
    return key === undefined ? undefined : this.#map?.get(key);
  }

  /** `key` is neither NaN nor absent. */
  set(key: LuaKey, value: LuaValue): void {
    if (!this.#isLoaded) this.#load();
    this.#isChanged = true;
    const list = this.#list;
    if (typeof key === "number") {
      if (key === list.length + 1) {
        this.#append(value, key);
        return;
      }
      if (key >= 1 && key <= list.length && Number.isInteger(key)) {
        list[key - 1] = value;
        while (list.length > 0 && list.at(-1) === undefined) list.pop();
        return;
      }
    }
    if (value === undefined) this.#map?.delete(key);
    else (this.#map ??= new Map()).set(key, value);
  }

  #append(value: LuaValue, key: number): void {
    if (value === undefined) {
      this.#map?.delete(key);
      return;
    }
    this.#list.push(value);
    const map = this.#map;
    if (map === undefined || map.size === 0) return;
    map.delete(key);
    for (let next = key + 1; map.has(next); next++) {
      this.#list.push(map.get(next));
      map.delete(next);
    }
  }

  /** Values of a constructor, which may have gaps. */
  setList(values: readonly LuaValue[]): void {
    this.#isChanged = true;
    this.#list = [...values];
    while (this.#list.length > 0 && this.#list.at(-1) === undefined) this.#list.pop();
  }

  /** The values 1 to n, to be changed in place by those who keep the last one from being nil. */
  editList(): LuaValue[] {
    if (!this.#isLoaded) this.#load();
    this.#isChanged = true;
    return this.#list;
  }

  /** n. */
  get length(): number {
    if (!this.#isLoaded) this.#load();
    return this.#list.length;
  }

  /** How many keys there are at most, without a walk. */
  get size(): number {
    return this.length + (this.#map?.size ?? 0);
  }

  /** Keys with their values: the list first. Values may be set and removed meanwhile. */
  *entries(): Generator<readonly [LuaKey, LuaValue], undefined> {
    if (!this.#isLoaded) this.#load();
    for (let index = 0; index < this.#list.length; index++) {
      const value = this.#list[index];
      if (value !== undefined) yield [index + 1, value];
    }
    if (this.#map !== undefined) yield* this.#map.entries();
    return undefined;
  }

  /** The entry behind `key`, the first one without a key; undefined at the end, "invalid" when there is no such key. */
  next(key: LuaValue): readonly [LuaKey, LuaValue] | "invalid" | undefined {
    if (key === undefined) return this.#step(this.entries());
    if (this.#walk?.key === key) return this.#step(this.#walk.rest);
    const rest = this.entries();
    for (let found = rest.next(); found.done !== true; found = rest.next()) {
      if (found.value[0] === key) return this.#step(rest);
    }
    return "invalid";
  }

  /** How many entries `next` must pass to find `key`. */
  stepsTo(key: LuaValue): number {
    return key === undefined || this.#walk?.key === key ? 0 : this.size;
  }

  #step(rest: Iterator<readonly [LuaKey, LuaValue]>): readonly [LuaKey, LuaValue] | undefined {
    const found = rest.next();
    this.#walk = found.done === true ? undefined : { rest, key: found.value[0] };
    return found.done === true ? undefined : found.value;
  }

  #load(): void {
    this.#isLoaded = true;
    const source = this.source;
    if (Array.isArray(source)) {
      for (const value of source) if (value !== null && value !== undefined) this.#list.push(luaOf(value));
      return;
    }
    const map = (this.#map = new Map<LuaKey, LuaValue>());
    for (const [name, value] of Object.entries(source ?? {})) {
      if (value !== null && value !== undefined) map.set(bytesOf(name), luaOf(value));
    }
  }
}

/** The value that stands for a JSON value. */
export function luaOf(json: unknown): LuaValue {
  switch (typeof json) {
    case "string":
      return bytesOf(json);
    case "number":
    case "boolean":
      return json;
    case "bigint":
      return Number(json);
    case "object":
      return isSource(json) ? new LuaTable(json) : undefined;
    default:
      return undefined;
  }
}

function isSource(json: object | null): json is JsonSource {
  return json !== null;
}
