// The table library. Upstream: lua 5.1 ltablib.c.
import type { Machine } from "../machine.ts";
import { isLess, textOrNumber } from "../operators.ts";
import type { LuaTable } from "../table.ts";
import { isTruthy, type LuaFunction, type LuaValue, typeName } from "../values.ts";
import { type Arguments, native } from "./arguments.ts";

const bytesPerValue = 16;

function concatenated(args: Arguments): string {
  const table = args.table(1);
  const separator = args.string(2, "");
  const from = args.integer(3, 1);
  const to = args.integer(4, table.length);
  const texts: string[] = [];
  let bytes = 0;
  for (let index = from; index <= to; index++) {
    args.machine.step();
    const value = table.get(index);
    const text = textOrNumber(value);
    if (text === undefined) {
      return args.machine.fail(`invalid value (${typeName(value)}) at index ${index} in table for 'concat'`);
    }
    bytes += text.length + separator.length;
    args.machine.allocate(text.length + separator.length);
    texts.push(text);
  }
  args.machine.step(bytes >> 6);
  return texts.join(separator);
}

function insert(args: Arguments): void {
  const table = args.table(1);
  const { length } = table;
  args.machine.allocate(bytesPerValue);
  if (args.values.length === 2) {
    table.set(length + 1, args.at(2));
    return;
  }
  if (args.values.length !== 3) args.machine.fail("wrong number of arguments to 'insert'");
  const position = args.integer(2);
  const end = Math.max(length + 1, position);
  args.machine.step((end - position) >> 4);
  if (position >= 1 && position <= length && args.at(3) !== undefined) {
    table.editList().splice(position - 1, 0, args.at(3));
    return;
  }
  moveUp(args.machine, table, position, end);
  table.set(position, args.at(3));
}

function moveUp(machine: Machine, table: LuaTable, from: number, to: number): void {
  for (let index = to; index > from; index--) {
    machine.step();
    table.set(index, table.get(index - 1));
  }
}

function remove(args: Arguments): readonly LuaValue[] {
  const table = args.table(1);
  const { length } = table;
  const position = args.integer(2, length);
  if (!(position >= 1 && position <= length)) return [];
  args.machine.step((length - position) >> 4);
  const list = table.editList();
  const [removed] = list.splice(position - 1, 1);
  while (list.length > 0 && list.at(-1) === undefined) list.pop();
  return [removed];
}

function sort(args: Arguments): void {
  const { machine } = args;
  const list = args.table(1).editList();
  const comes = args.at(2) === undefined ? undefined : args.function(2);
  const { line } = machine;
  const before = (a: LuaValue, b: LuaValue): boolean => {
    machine.step();
    if (comes === undefined) return isLess(machine, line, a, b, false);
    return isTruthy(machine.call(comes, [a, b])[0]);
  };
  machine.allocate(list.length * bytesPerValue);
  // A comparison that contradicts itself gives some order; it cannot make this run on.
  const sorted = [...list].sort((a, b) => (before(a, b) ? -1 : before(b, a) ? 1 : 0));
  sorted.forEach((value, index) => {
    list[index] = value;
  });
}

function each(args: Arguments, entries: Iterable<readonly [LuaValue, LuaValue]>): readonly LuaValue[] {
  const callee = args.function(2);
  for (const entry of entries) {
    args.machine.step();
    const [result] = args.machine.call(callee, entry);
    if (result !== undefined) return [result];
  }
  return [];
}

function largestKey(args: Arguments): number {
  let largest = 0;
  for (const [key] of args.table(1).entries()) {
    args.machine.step();
    if (typeof key === "number" && key > largest) largest = key;
  }
  return largest;
}

export const tableFunctions: readonly LuaFunction[] = [
  native("concat", (args) => [concatenated(args)]),
  native("foreach", (args) => each(args, args.table(1).entries())),
  native("foreachi", (args) => {
    const table = args.table(1);
    return each(
      args,
      Array.from({ length: table.length }, (_, index) => [index + 1, table.get(index + 1)] as const),
    );
  }),
  native("getn", (args) => [args.table(1).length]),
  native("insert", (args) => {
    insert(args);
    return [];
  }),
  native("maxn", (args) => [largestKey(args)]),
  native("remove", remove),
  native("setn", (args) => args.machine.fail("'setn' is obsolete")),
  native("sort", (args) => {
    sort(args);
    return [];
  }),
];
