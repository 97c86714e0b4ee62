// From Lua's values back to JSON. What a script did not touch is not copied.
// Upstream: karmada pkg/resourceinterpreter/customized/declarative/luavm/conversion.go, vendored gopher-lua-json.
import type { Machine } from "#machinery/lua/machine.ts";
import { LuaTable } from "#machinery/lua/table.ts";
import { type LuaValue, textOf, typeName } from "#machinery/lua/values.ts";
import { isArray, isRecord } from "#machinery/guards.ts";

/**
 * A value as JSON. Lua has one kind of table where JSON has two, so an empty one says nothing: it becomes what is at
 * its place in one of `references`, `{}` or `[]`, and is left out where they have neither. An empty result is `[]`.
 */
export function toJson(machine: Machine, value: LuaValue, references: readonly unknown[]): unknown {
  if (value === undefined) return undefined;
  return new Encoder(machine).encode(value, references) ?? [];
}

/** What a table costs, in statements. */
const stepsPerTable = 5;

class Encoder {
  readonly #machine: Machine;
  /** The tables around the one being encoded. */
  readonly #around = new Set<LuaTable>();

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  /** Undefined: leave it out. */
  encode(value: LuaValue, references: readonly unknown[]): unknown {
    this.#machine.step();
    switch (typeof value) {
      case "number":
        if (!Number.isFinite(value)) return this.#machine.fail(`cannot encode ${value} to JSON`);
        return value;
      case "string":
        return textOf(value);
      case "object":
        if (value instanceof LuaTable) return this.#table(value, references);
        return this.#machine.fail(`cannot encode ${typeName(value)} to JSON`);
      default:
        return value;
    }
  }

  #table(table: LuaTable, references: readonly unknown[]): unknown {
    if (!table.isTouched && table.source !== undefined) {
      if (references.includes(table.source)) return table.source;
      if (!this.#hasEmpty(table.source)) return table.source;
    }
    if (table.size === 0) return emptyLike(references);
    this.#machine.step(stepsPerTable);
    if (this.#around.has(table)) this.#machine.fail("cannot encode recursively nested tables to JSON");
    this.#around.add(table);
    const encoded = table.length > 0 ? this.#list(table, references) : this.#record(table, references);
    this.#around.delete(table);
    return encoded;
  }

  /** Whether a value within is left out when it is encoded. */
  #hasEmpty(value: unknown): boolean {
    this.#machine.step();
    if (value === null) return true;
    if (typeof value !== "object") return false;
    let count = 0;
    for (const field of Object.values(value)) {
      if (this.#hasEmpty(field)) return true;
      count++;
    }
    return count === 0;
  }

  #list(table: LuaTable, references: readonly unknown[]): unknown {
    if (table.size > table.length) this.#machine.fail("cannot encode mixed or invalid key types");
    const within = references.flatMap((reference) => (isArray(reference) ? reference : []));
    const { source } = table;
    let isSame = !table.isChanged;
    const encoded: unknown[] = [];
    for (const [, value] of table.entries()) {
      const element = this.encode(value, within);
      if (element === undefined) isSame = false;
      else encoded.push(element);
      isSame &&= !(value instanceof LuaTable) || element === value.source;
    }
    return isSame && source !== undefined && lengthOf(source) === encoded.length ? source : encoded;
  }

  #record(table: LuaTable, references: readonly unknown[]): unknown {
    let isSame = !table.isChanged;
    const encoded: [string, unknown][] = [];
    for (const [key, value] of table.entries()) {
      if (typeof key !== "string") {
        return this.#machine.fail(
          `cannot encode ${typeof key === "number" ? "sparse array" : "mixed or invalid key types"}`,
        );
      }
      const name = textOf(key);
      const within = references.flatMap((reference) => {
        return isRecord(reference) && Object.hasOwn(reference, name) ? [reference[name]] : [];
      });
      const field = this.encode(value, within);
      if (field === undefined) isSame = false;
      else encoded.push([name, field]);
      isSame &&= !(value instanceof LuaTable) || field === value.source;
    }
    if (isSame && table.source !== undefined) return table.source;
    this.#machine.allocate(encoded.length);
    return Object.fromEntries(encoded);
  }
}

function lengthOf(source: object): number {
  return isArray(source) ? source.length : -1;
}

function emptyLike(references: readonly unknown[]): unknown {
  if (references.some((reference) => isArray(reference) && reference.length === 0)) return [];
  return references.some((reference) => isRecord(reference) && Object.keys(reference).length === 0) ? {} : undefined;
}
