// Makes expressions into JavaScript functions. Nothing is generated as text: a script can only become calls of what is here.
import { compileCall } from "./compile-call.ts";
import { compileFunction } from "./compile-function.ts";
import type { Evaluate, EvaluateAll, Frame } from "./frame.ts";
import {
  arithmetic,
  bytesPerTable,
  complain,
  compute,
  indexOther,
  isLess,
  lengthOf,
  nameOf,
  setIndex,
  textOrNumber,
} from "./operators.ts";
import type { Binary, Expression } from "./syntax.ts";
import { LuaTable } from "./table.ts";
import { isTruthy, type LuaValue, type LuaValues, toNumber } from "./values.ts";

/** One value. */
export function compileOne(expression: Expression): Evaluate {
  switch (expression.kind) {
    case "constant": {
      const { value } = expression;
      return () => value;
    }
    case "local": {
      const { slot, isCaptured } = expression.local;
      return isCaptured ? ({ cells }) => cells[slot]?.value : ({ slots }) => slots[slot];
    }
    case "upvalue": {
      const { index } = expression;
      return ({ upvalues }) => upvalues[index]?.value;
    }
    case "global": {
      const { name } = expression;
      return ({ globals }) => globals.get(name);
    }
    case "index":
      return compileIndex(expression);
    case "function":
      return compileFunction(expression.tree);
    case "logic":
      return compileLogic(expression);
    case "unary":
      return compileUnary(expression);
    case "binary":
      return compileBinary(expression);
    case "concat":
      return compileConcat(expression);
    case "table":
      return compileTable(expression);
    case "vararg":
      return ({ varargs }) => varargs[0];
    case "one":
      return compileOne(expression.of);
    case "call": {
      const call = compileCall(expression);
      return (frame) => call(frame)[0];
    }
  }
}

/** All values of a list: the last expression may give none or many. */
export function compileAll(expressions: readonly Expression[]): EvaluateAll {
  const last = expressions.at(-1);
  if (last === undefined) return () => none;
  const many = compileMany(last);
  if (many === undefined) {
    const each = expressions.map(compileOne);
    const [first, second] = each;
    if (first !== undefined && each.length === 1) return (frame) => [first(frame)];
    if (first !== undefined && second !== undefined && each.length === 2)
      return (frame) => [first(frame), second(frame)];
    return (frame) => each.map((one) => one(frame));
  }
  const before = expressions.slice(0, -1).map(compileOne);
  if (before.length === 0) return many;
  return (frame) => [...before.map((one) => one(frame)), ...many(frame)];
}

const none: LuaValues = [];

function compileMany(expression: Expression): EvaluateAll | undefined {
  if (expression.kind === "call") return compileCall(expression);
  return expression.kind === "vararg" ? ({ varargs }) => varargs : undefined;
}

function compileIndex({ object, key, line }: Extract<Expression, { kind: "index" }>): Evaluate {
  const of = compileOne(object);
  const name = nameOf(object);
  if (key.kind === "constant") {
    const { value } = key;
    return (frame) => {
      const table = of(frame);
      return table instanceof LuaTable ? table.get(value) : indexOther(frame.machine, line, name, table, value);
    };
  }
  const at = compileOne(key);
  return (frame) => {
    const table = of(frame);
    const value = at(frame);
    return table instanceof LuaTable ? table.get(value) : indexOther(frame.machine, line, name, table, value);
  };
}

function compileLogic({ word, left, right }: Extract<Expression, { kind: "logic" }>): Evaluate {
  const [one, other] = [compileOne(left), compileOne(right)];
  if (word === "and") {
    return (frame) => {
      const value = one(frame);
      return isTruthy(value) ? other(frame) : value;
    };
  }
  return (frame) => {
    const value = one(frame);
    return isTruthy(value) ? value : other(frame);
  };
}

function compileUnary({ sign, of, line }: Extract<Expression, { kind: "unary" }>): Evaluate {
  const operand = compileOne(of);
  const name = nameOf(of);
  switch (sign) {
    case "not":
      return (frame) => !isTruthy(operand(frame));
    case "#":
      return (frame) => lengthOf(frame.machine, line, name, operand(frame));
    case "-":
      return (frame) => {
        const value = operand(frame);
        const number = toNumber(value);
        return number === undefined ? complain(frame.machine, line, "perform arithmetic on", name, value) : -number;
      };
  }
}

function compileBinary({ sign, left, right, line }: Binary): Evaluate {
  const [one, other] = [compileOne(left), compileOne(right)];
  switch (sign) {
    case "==":
      return (frame) => one(frame) === other(frame);
    case "~=":
      return (frame) => one(frame) !== other(frame);
    case "<":
    case "<=":
      return (frame) => isLess(frame.machine, line, one(frame), other(frame), sign === "<=");
    case ">":
    case ">=":
      // In Lua a > b is b < a; the operands are evaluated from left to right all the same.
      return (frame) => {
        const value = one(frame);
        return isLess(frame.machine, line, other(frame), value, sign === ">=");
      };
    case "+":
    case "-":
    case "*":
    case "/":
    case "%":
    case "^": {
      const operands = { line, names: [nameOf(left), nameOf(right)] } as const;
      return (frame) => {
        const [a, b] = [one(frame), other(frame)];
        if (typeof a === "number" && typeof b === "number") return compute(sign, a, b);
        return arithmetic(frame.machine, sign, [a, b], operands);
      };
    }
  }
}

function compileConcat({ parts, line }: Extract<Expression, { kind: "concat" }>): Evaluate {
  const each = parts.map(compileOne);
  /** Of a pair of which neither fits, the left one is complained about. */
  const refuse = ({ machine }: Frame, values: LuaValues, at: number): never => {
    const isLast = at > 0 && at === values.length - 1;
    const wrong = isLast && textOrNumber(values[at - 1]) === undefined ? at - 1 : at;
    const part = parts[wrong];
    return complain(machine, line, "concatenate", part === undefined ? "" : nameOf(part), values[wrong]);
  };
  return (frame) => {
    const values = each.map((part) => part(frame));
    const texts: string[] = [];
    // From the right, as `..` binds.
    for (let at = values.length - 1; at >= 0; at--) {
      const text = textOrNumber(values[at]);
      if (text === undefined) return refuse(frame, values, at);
      texts[at] = text;
    }
    const joined = texts.join("");
    frame.machine.allocate(joined.length);
    return joined;
  };
}

function compileTable({ list, fields, line }: Extract<Expression, { kind: "table" }>): Evaluate {
  const values = list.length === 0 ? undefined : compileAll(list);
  const entries = fields.map(({ key, value, line: at }): [Evaluate, Evaluate, number] => [
    compileOne(key),
    compileOne(value),
    at,
  ]);
  return (frame) => {
    const { machine } = frame;
    machine.step(1, line);
    machine.allocate(bytesPerTable);
    const table = new LuaTable();
    for (const [key, value, at] of entries) {
      const entry: readonly [LuaValue, LuaValue, LuaValue] = [table, key(frame), value(frame)];
      setIndex(machine, { line: at, name: "" }, entry);
    }
    if (values !== undefined) {
      const found = values(frame);
      machine.allocate(found.length * bytesPerListValue);
      table.setList(found);
    }
    return table;
  };
}

const bytesPerListValue = 8;
