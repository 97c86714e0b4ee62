// CEL values at run time. An int is a bigint, a double a number; strings, bools, null and bytes are themselves. Objects out
// of JSON stay as they are and are read through a view: only what an expression touches is ever converted.
// Upstream: google/cel-go common/types.

export type CelValue =
  | null
  | boolean
  | bigint
  | number
  | string
  | Uint8Array
  | Uint
  | Timestamp
  | Duration
  | CelList
  | CelMap
  | OptionalValue
  | TypeValue
  | OpaqueValue;

/** An evaluation that failed; the message is what users read. */
export class CelError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "CelError";
  }
}

/** What an evaluation may still cost. Running out ends it, whatever operators stand around. */
export class Budget {
  #left: number;
  readonly limit: number;

  constructor(limit: number) {
    this.limit = limit;
    this.#left = limit;
  }

  /** Throws CelBudgetError when the units do not last. */
  charge(units: number): void {
    this.#left -= units;
    if (this.#left < 0) throw new CelBudgetError();
  }

  get left(): number {
    return this.#left;
  }
}

/** Not a CelError: `||` and `&&` do not swallow it. */
export class CelBudgetError extends Error {
  constructor() {
    super("operation cancelled: actual cost limit exceeded");
    this.name = "CelBudgetError";
  }
}

export class Uint {
  readonly value: bigint;

  constructor(value: bigint) {
    this.value = value;
  }
}

/** Nanoseconds since 1970, between the years 1 and 9999. */
export class Timestamp {
  readonly nanos: bigint;

  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

export class Duration {
  readonly nanos: bigint;

  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

export class OptionalValue {
  readonly value: CelValue | undefined;

  constructor(value: CelValue | undefined) {
    this.value = value;
  }
}

export const none = new OptionalValue(undefined);

/** What `type(x)` gives and `int`, `string`, … name. */
export class TypeValue {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** A value of a library: its type's name, and how it compares. */
export abstract class OpaqueValue {
  abstract readonly typeName: string;
  abstract equals(other: OpaqueValue): boolean;
  /** The field `name`, for the few types that have some. */
  field(_name: string): CelValue | undefined {
    return undefined;
  }
}

export abstract class CelList {
  abstract readonly size: number;
  /** The item there; `index` is within bounds. */
  abstract at(index: number): CelValue;
  readonly listType: "set" | "map" | undefined = undefined;
  readonly listKeys: readonly string[] = [];
}

export abstract class CelMap {
  abstract readonly size: number;
  abstract get(key: CelValue): CelValue | undefined;
  abstract keys(): readonly CelValue[];
  /** The field of an object, or the entry of a map whose keys are strings. */
  field(name: string): CelValue | undefined {
    return this.get(name);
  }
}

export class ArrayList extends CelList {
  readonly items: readonly CelValue[];

  constructor(items: readonly CelValue[]) {
    super();
    this.items = items;
  }

  get size(): number {
    return this.items.length;
  }

  at(index: number): CelValue {
    return this.items[index] ?? null;
  }
}

export class EntryMap extends CelMap {
  readonly #entries = new Map<string, readonly [CelValue, CelValue]>();

  get size(): number {
    return this.#entries.size;
  }

  get(key: CelValue): CelValue | undefined {
    return this.#entries.get(keyText(key))?.[1];
  }

  keys(): readonly CelValue[] {
    return [...this.#entries.values()].map(([key]) => key);
  }

  /** Throws CelError for a key that is there already, or that cannot be one. */
  add(key: CelValue, value: CelValue): void {
    const text = keyText(key);
    if (text === "") throw new CelError(`unsupported key type: ${typeNameOf(key)}`);
    if (this.#entries.has(text)) throw new CelError(`insert failed: key ${displayText(key)} already exists`);
    this.#entries.set(text, [key, value]);
  }
}

/** A value of a named type: its fields by name. */
export class StructValue extends EntryMap {
  readonly typeName: string;

  constructor(typeName: string) {
    super();
    this.typeName = typeName;
  }
}

/** Equal keys have equal texts; what cannot be a key has none. */
function keyText(key: CelValue): string {
  if (typeof key === "string") return `s${key}`;
  if (typeof key === "bigint") return `n${key}`;
  if (typeof key === "boolean") return `b${String(key)}`;
  if (key instanceof Uint) return `n${key.value}`;
  return typeof key === "number" && Number.isInteger(key) ? `n${BigInt(key)}` : "";
}

/** The name of a value's type in messages and in `type(x)`. */
export function typeNameOf(value: CelValue): string {
  if (value === null) return "null_type";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "bigint") return "int";
  if (typeof value === "number") return "double";
  if (typeof value === "string") return "string";
  if (value instanceof Uint8Array) return "bytes";
  if (value instanceof Uint) return "uint";
  if (value instanceof Timestamp) return "google.protobuf.Timestamp";
  if (value instanceof Duration) return "google.protobuf.Duration";
  if (value instanceof CelList) return "list";
  if (value instanceof StructValue) return value.typeName;
  if (value instanceof CelMap) return "map";
  if (value instanceof OptionalValue) return "optional_type";
  return value instanceof TypeValue ? "type" : value.typeName;
}

/** A scalar as messages show it. */
export function displayText(value: CelValue): string {
  if (value === null) return "null";
  if (value instanceof Uint) return String(value.value);
  return typeof value === "object" ? typeNameOf(value) : String(value);
}
