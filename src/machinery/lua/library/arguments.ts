// Reading the arguments of library functions, with Lua's own complaints. Upstream: lua 5.1 lauxlib.c.
import type { Machine } from "../machine.ts";
import { LuaTable } from "../table.ts";
import { formatNumber, LuaFunction, type LuaValue, type LuaValues, toNumber, typeName } from "../values.ts";

/** The arguments of one call. Positions count from 1. */
export class Arguments {
  readonly machine: Machine;
  readonly values: LuaValues;
  readonly #name: string;

  constructor(machine: Machine, name: string, values: LuaValues) {
    this.machine = machine;
    this.values = values;
    this.#name = name;
  }

  at(position: number): LuaValue {
    return this.values[position - 1];
  }

  /** There must be one, nil or not. */
  any(position: number): LuaValue {
    if (this.values.length < position) this.fail(position, "value expected");
    return this.at(position);
  }

  string(position: number, otherwise?: string): string {
    const value = this.at(position);
    if (typeof value === "string") return value;
    if (typeof value === "number") return formatNumber(value);
    return value === undefined && otherwise !== undefined ? otherwise : this.#mistyped(position, "string");
  }

  number(position: number, otherwise?: number): number {
    const value = this.at(position);
    if (value === undefined && otherwise !== undefined) return otherwise;
    return toNumber(value) ?? this.#mistyped(position, "number");
  }

  integer(position: number, otherwise?: number): number {
    return Math.trunc(this.number(position, otherwise));
  }

  table(position: number): LuaTable {
    const value = this.at(position);
    return value instanceof LuaTable ? value : this.#mistyped(position, "table");
  }

  function(position: number): LuaFunction {
    const value = this.at(position);
    return value instanceof LuaFunction ? value : this.#mistyped(position, "function");
  }

  fail(position: number, text: string): never {
    if (this.machine.isMethodCall) {
      if (position === 1) return this.machine.fail(`calling '${this.#name}' on bad self (${text})`);
      return this.machine.fail(`bad argument #${position - 1} to '${this.#name}' (${text})`);
    }
    return this.machine.fail(`bad argument #${position} to '${this.#name}' (${text})`);
  }

  #mistyped(position: number, expected: string): never {
    const got = this.values.length < position ? "no value" : typeName(this.at(position));
    return this.fail(position, `${expected} expected, got ${got}`);
  }
}

/** A library function. */
export function native(name: string, run: (args: Arguments) => LuaValues): LuaFunction {
  return new LuaFunction(name, (machine, values) => run(new Arguments(machine, name, values)));
}

/** A library: a new table each time, since scripts may change it. */
export function libraryTable(
  functions: readonly LuaFunction[],
  constants: Readonly<Record<string, LuaValue>> = {},
): LuaTable {
  const table = new LuaTable();
  for (const each of functions) table.set(each.name, each);
  for (const [name, value] of Object.entries(constants)) table.set(name, value);
  return table;
}
