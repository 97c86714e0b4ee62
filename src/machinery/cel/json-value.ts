// CEL's view of JSON values: converted one step at a time, as far as an expression looks. With a type out of a schema the
// view has that type; without one, numbers are ints where they are whole. Upstream: k8s.io/apiserver/pkg/cel/common/values.go.
import { isArray, isRecord } from "../guards.ts";
import { parseDuration, parseTimestamp } from "./time-text.ts";
import type { CelType } from "./type.ts";
import { dyn } from "./type.ts";
import { ArrayList, CelList, CelMap, type CelValue } from "./value.ts";

/** The view of `json`, which is not changed. Undefined counts as null. */
export function celOf(json: unknown, type: CelType = dyn): CelValue {
  if (json === null || json === undefined) return null;
  switch (typeof json) {
    case "string":
      return textOf(json, type);
    case "number":
      return type.kind === "double" || !Number.isSafeInteger(json) ? json : BigInt(json);
    case "bigint":
      return type.kind === "double" ? Number(json) : json;
    case "boolean":
      return json;
    default:
  }
  if (isArray(json)) return new JsonList(json, type);
  return isRecord(json) ? new JsonMap(json, type) : null;
}

/** Texts whose format gives them a type of their own. One that is not what its format says stays a text. */
function textOf(text: string, type: CelType): CelValue {
  switch (type.kind) {
    case "timestamp":
      return parseTimestamp(text) ?? text;
    case "duration":
      return parseDuration(text) ?? text;
    case "bytes":
      return new Uint8Array(Buffer.from(text, "base64"));
    default:
      return text;
  }
}

class JsonList extends CelList {
  readonly #items: readonly unknown[];
  readonly #type: CelType;
  override readonly listType;
  override readonly listKeys: readonly string[];

  constructor(items: readonly unknown[], type: CelType) {
    super();
    this.#items = items;
    this.#type = type.kind === "list" ? type.element : dyn;
    this.listType = type.kind === "list" ? type.listType : undefined;
    this.listKeys = type.kind === "list" ? (type.listKeys ?? []) : [];
  }

  get size(): number {
    return this.#items.length;
  }

  at(index: number): CelValue {
    return celOf(this.#items[index], this.#type);
  }
}

class JsonMap extends CelMap {
  readonly #record: Readonly<Record<string, unknown>>;
  readonly #type: CelType;

  constructor(record: Readonly<Record<string, unknown>>, type: CelType) {
    super();
    this.#record = record;
    this.#type = type;
  }

  get size(): number {
    return Object.keys(this.#record).length;
  }

  get(key: CelValue): CelValue | undefined {
    if (typeof key !== "string") return undefined;
    return this.#read(key, this.#type.kind === "map" ? this.#type.value : this.#typeOf(key));
  }

  override field(name: string): CelValue | undefined {
    if (this.#type.kind !== "object") return this.get(name);
    const field = this.#type.fields.get(name);
    return field === undefined ? undefined : this.#read(field.name, field.type);
  }

  keys(): readonly CelValue[] {
    return Object.keys(this.#record);
  }

  #read(name: string, type: CelType): CelValue | undefined {
    const json = Object.hasOwn(this.#record, name) ? this.#record[name] : undefined;
    return json === undefined ? undefined : celOf(json, type);
  }

  /** By the name in JSON: for equality, which goes over what is there. */
  #typeOf(name: string): CelType {
    if (this.#type.kind !== "object") return dyn;
    for (const field of this.#type.fields.values()) if (field.name === name) return field.type;
    return dyn;
  }
}

/** A list of texts. */
export function textsOf(texts: readonly string[]): CelList {
  return new ArrayList(texts);
}
