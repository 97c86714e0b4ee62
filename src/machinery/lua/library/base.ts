// The basic functions of Lua 5.1. Upstream: lua 5.1 lbaselib.c.
import { LuaError } from "../machine.ts";
import type { LuaTable } from "../table.ts";
import {
  formatNumber,
  isTruthy,
  LuaFunction,
  type LuaValue,
  type LuaValues,
  parseNumber,
  typeName,
} from "../values.ts";
import { type Arguments, native } from "./arguments.ts";
import { next } from "./next.ts";

const unpackedMax = 8_000;
/** What an error costs, in statements. */
const stepsPerError = 25;

/** A value as `print` writes it. Tables and functions are numbered in no way: nothing of this process shows. */
function toText(value: LuaValue): string {
  switch (typeof value) {
    case "undefined":
      return "nil";
    case "boolean":
      return String(value);
    case "number":
      return formatNumber(value);
    case "string":
      return value;
    default:
      return `${typeName(value)}: 0x0`;
  }
}

const step = native("ipairs", (args) => {
  const index = args.number(2) + 1;
  const value = args.table(1).get(index);
  return value === undefined ? [undefined] : [index, value];
});

/** Raises what is given; a text gets the place of the function at `level` in front. */
function raise(args: Arguments): never {
  const { machine } = args;
  const value = args.at(1);
  const level = args.integer(2, 1);
  if (typeof value !== "string" || level <= 0) throw new LuaError(value);
  return machine.fail(value, level === 1 ? machine.line : machine.calledAt);
}

/** Calls `run`: what a script raises becomes a result. Limits are not caught. */
function protectedCall(
  { machine }: Arguments,
  run: () => LuaValues,
  handle?: (value: LuaValue) => LuaValues,
): LuaValues {
  const { depth, line, calledAt } = machine;
  try {
    return [true, ...run()];
  } catch (error) {
    const value = raisedValue(error);
    if (value === notRaised) throw error;
    Object.assign(machine, { depth, line, calledAt });
    machine.step(stepsPerError);
    return [false, ...(handle === undefined ? [value.value] : handle(value.value))];
  }
}

const notRaised = { value: undefined };

function raisedValue(error: unknown): { readonly value: LuaValue } {
  if (error instanceof LuaError) return error;
  // The stack of JavaScript ended first.
  return error instanceof RangeError ? { value: "stack overflow" } : notRaised;
}

const functions: readonly LuaFunction[] = [
  next,
  native("assert", (args) => {
    if (isTruthy(args.any(1))) return args.values;
    const message = args.values.length < 2 ? "assertion failed!" : args.at(2);
    if (typeof message !== "string") throw new LuaError(message);
    return args.machine.fail(message);
  }),
  native("error", (args) => raise(args)),
  native("ipairs", (args) => [step, args.table(1), 0]),
  native("pairs", (args) => [next, args.table(1), undefined]),
  native("pcall", (args) => {
    const callee = args.any(1);
    return protectedCall(args, () => callAny(args, callee, args.values.slice(1)));
  }),
  native("xpcall", (args) => {
    const callee = args.any(1);
    const handler = args.at(2);
    return protectedCall(
      args,
      () => callAny(args, callee, []),
      (value) => callAny(args, handler, [value]),
    );
  }),
  native("print", (args) => {
    const line = args.values.map(toText).join("\t");
    args.machine.allocate(line.length);
    args.machine.print(line);
    return [];
  }),
  native("select", (args) => {
    const first = args.at(1);
    if (first === "#") return [args.values.length - 1];
    const index = args.integer(1);
    if (index === 0 || index < -(args.values.length - 1)) args.fail(1, "index out of range");
    return args.values.slice(index);
  }),
  native("tonumber", (args) => [toNumberOf(args)]),
  native("tostring", (args) => [toText(args.any(1))]),
  native("type", (args) => [typeName(args.any(1))]),
  native("unpack", (args) => {
    const table = args.table(1);
    const from = args.integer(2, 1);
    const to = args.integer(3, table.length);
    if (from > to) return [];
    if (to - from >= unpackedMax) args.machine.fail("too many results to unpack");
    args.machine.step((to - from) >> 2);
    return Array.from({ length: to - from + 1 }, (_, index) => table.get(from + index));
  }),
];

function callAny({ machine }: Arguments, callee: LuaValue, args: LuaValues): LuaValues {
  machine.line = 0; // who calls it is no line of the script
  machine.isMethodCall = false;
  if (callee instanceof LuaFunction) return machine.call(callee, args);
  throw new LuaError(`attempt to call a ${typeName(callee)} value`);
}

function toNumberOf(args: Arguments): number | undefined {
  const base = args.integer(2, 10);
  if (base === 10) {
    const value = args.any(1);
    if (typeof value === "number") return value;
    return typeof value === "string" ? parseNumber(value) : undefined;
  }
  if (base < 2 || base > 36) args.fail(2, "base out of range");
  const text = args.string(1).trim().toLowerCase();
  const digits = base === 16 ? text.replace(/^(-?)0x/, "$1") : text;
  const isValid =
    /^-?[0-9a-z]+$/.test(digits) && Array.from(digits.replace("-", "")).every((each) => digitOf(each) < base);
  return isValid ? Number.parseInt(digits, base) : undefined;
}

function digitOf(letter: string): number {
  return Number.parseInt(letter, 36);
}

/** Puts the functions among the globals. */
export function openBase(globals: LuaTable): void {
  for (const each of functions) globals.set(each.name, each);
  globals.set("_G", globals);
  globals.set("_VERSION", "Lua 5.1");
}
