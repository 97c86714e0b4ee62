// What operators do with values that are not simply two numbers, and how they complain. Upstream: lua 5.1 ldebug.c, lvm.c.
import type { Machine } from "./machine.ts";
import type { BinarySign, Expression } from "./syntax.ts";
import { LuaTable } from "./table.ts";
import { formatNumber, type LuaValue, toNumber, typeName } from "./values.ts";

/** How messages name what an expression read: `field 'x'`. Empty when it has no name. */
export function nameOf(expression: Expression): string {
  switch (expression.kind) {
    case "local":
      return `local '${expression.local.name}' `;
    case "upvalue":
      return `upvalue '${expression.name}' `;
    case "global":
      return `global '${expression.name}' `;
    case "index":
      return `field '${keyName(expression.key)}' `;
    case "one":
      return nameOf(expression.of);
    default:
      return "";
  }
}

function keyName(key: Expression): string {
  return key.kind === "constant" && typeof key.value === "string" ? key.value : "?";
}

/** `attempt to index field 'x' (a nil value)`, or `attempt to index a nil value`. */
export function complain(machine: Machine, line: number, verb: string, name: string, value: LuaValue): never {
  const type = typeName(value);
  return machine.fail(
    name === "" ? `attempt to ${verb} a ${type} value` : `attempt to ${verb} ${name}(a ${type} value)`,
    line,
  );
}

/** A field of what is no table: strings have the functions of their library. */
export function indexOther(machine: Machine, line: number, name: string, value: LuaValue, key: LuaValue): LuaValue {
  return typeof value === "string" ? machine.strings.get(key) : complain(machine, line, "index", name, value);
}

export function setIndex(
  machine: Machine,
  { line, name }: { readonly line: number; readonly name: string },
  [object, key, value]: readonly [object: LuaValue, key: LuaValue, value: LuaValue],
): void {
  if (!(object instanceof LuaTable)) complain(machine, line, "index", name, object);
  if (key === undefined) machine.fail("table index is nil", line);
  if (typeof key === "number" && Number.isNaN(key)) machine.fail("table index is NaN", line);
  machine.allocate(bytesPerEntry);
  object.set(key, value);
}

const bytesPerEntry = 32;
export const bytesPerTable = 96;

type ArithmeticSign = Exclude<BinarySign, "==" | "~=" | "<" | "<=" | ">" | ">=">;

export function compute(sign: ArithmeticSign, left: number, right: number): number {
  switch (sign) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "/":
      return left / right;
    case "%":
      return modulo(left, right);
    case "^":
      return left ** right;
  }
}

/** The result has the sign of the divisor, and of an infinite one it is what Lua 5.1 computes. */
export function modulo(left: number, right: number): number {
  return left - Math.floor(left / right) * right;
}

interface Operands {
  readonly line: number;
  /** How messages name them. */
  readonly names: readonly [left: string, right: string];
}

/** Operands that are not both numbers: strings may spell some. */
export function arithmetic(
  machine: Machine,
  sign: ArithmeticSign,
  [left, right]: readonly [LuaValue, LuaValue],
  { line, names }: Operands,
): number {
  const [a, b] = [toNumber(left), toNumber(right)];
  if (a === undefined) return complain(machine, line, "perform arithmetic on", names[0], left);
  if (b === undefined) return complain(machine, line, "perform arithmetic on", names[1], right);
  return compute(sign, a, b);
}

/** `<` and `<=`. */
export function isLess(machine: Machine, line: number, left: LuaValue, right: LuaValue, orEqual: boolean): boolean {
  if (typeof left === "number" && typeof right === "number") return orEqual ? left <= right : left < right;
  if (typeof left === "string" && typeof right === "string") {
    machine.step(Math.min(left.length, right.length) >> 8);
    return orEqual ? left <= right : left < right;
  }
  const [one, other] = [typeName(left), typeName(right)];
  return machine.fail(
    one === other ? `attempt to compare two ${one} values` : `attempt to compare ${one} with ${other}`,
    line,
  );
}

/** The text of a string or a number. */
export function textOrNumber(value: LuaValue): string | undefined {
  if (typeof value === "string") return value;
  return typeof value === "number" ? formatNumber(value) : undefined;
}

export function lengthOf(machine: Machine, line: number, name: string, value: LuaValue): number {
  if (typeof value === "string") return value.length;
  return value instanceof LuaTable ? value.length : complain(machine, line, "get length of", name, value);
}
