// Makes closures of an expression, which evaluate it. Variables have numbered places, so nothing is looked up by name.
// Every step is charged to a budget. Upstream: google/cel-go interpreter.
import { invariant } from "#std/invariant.ts";
import { typeNames } from "./conversions.ts";
import { type Expr, type ListItem, type Literal, qualifiedName } from "./expression.ts";
import { compileFold } from "./folds.ts";
import { candidates, type CelFunction, type FunctionTable, listCost, mapCost } from "./function.ts";
import {
  ArrayList,
  type Budget,
  CelError,
  CelMap,
  type CelValue,
  EntryMap,
  none,
  OpaqueValue,
  OptionalValue,
  StructValue,
  Uint,
} from "./value.ts";

/** One evaluation: the values of the variables, and what it may still cost. */
export interface Frame {
  readonly slots: (CelValue | undefined)[];
  readonly budget: Budget;
}

/** Throws CelError, or CelBudgetError when the budget is spent. */
export type Code = (frame: Frame) => CelValue;

/** The places of the variables in reach. */
export class Places {
  readonly #names: ReadonlyMap<string, number>;
  readonly next: number;

  constructor(names: ReadonlyMap<string, number>, next: number) {
    this.#names = names;
    this.next = next;
  }

  static of(variables: readonly string[]): Places {
    return new Places(new Map(variables.map((name, index) => [name, index])), variables.length);
  }

  get(name: string): number | undefined {
    return this.#names.get(name);
  }

  /** With one more variable, whose place is `next` as it was. */
  with(name: string): Places {
    return new Places(new Map([...this.#names, [name, this.next]]), this.next + 1);
  }
}

/** The closure of a checked expression. */
export function compileCode(expr: Expr, places: Places, functions: FunctionTable): Code {
  const compile = (inner: Expr, at: Places = places): Code => compileCode(inner, at, functions);
  switch (expr.kind) {
    case "literal":
      return constant(literalValue(expr.literal));
    case "ident":
      return variable(expr.name, places);
    case "select":
      return selection(expr, compile);
    case "call":
      return callOf(expr, compile, functions);
    case "list": {
      const items = expr.items.map((item) => itemOf(item, compile));
      return (frame) => {
        frame.budget.charge(listCost);
        return new ArrayList(items.flatMap((item) => item(frame)));
      };
    }
    case "map":
      return mapLiteral(expr, compile);
    case "struct":
      return structLiteral(expr, compile);
    case "fold":
      return compileFold(expr, places, compile);
    case "bind":
      return binding(expr, places, compile);
  }
}

function constant(value: CelValue): Code {
  return () => value;
}

function literalValue(literal: Literal): CelValue {
  if (literal.type === "null") return null;
  return literal.type === "uint" ? new Uint(literal.value) : literal.value;
}

function variable(name: string, places: Places): Code {
  const place = places.get(name);
  if (place === undefined) {
    const type = typeNames.get(name);
    invariant(type !== undefined, "the checker has refused unknown names");
    return constant(type);
  }
  return ({ slots, budget }) => {
    budget.charge(1);
    const value = slots[place];
    if (value === undefined) throw new CelError(`no such attribute(s): ${name}`);
    return value;
  };
}

type Compile = (expr: Expr, places?: Places) => Code;

function selection(expr: Expr & { kind: "select" }, compile: Compile): Code {
  const type = typeNames.get(qualifiedName(expr) ?? "");
  if (type !== undefined) return constant(type);
  const operand = compile(expr.operand);
  const { field, isTest, isOptional } = expr;
  return (frame) => {
    frame.budget.charge(1);
    const value = operand(frame);
    const isChained = value instanceof OptionalValue;
    const holder = isChained ? value.value : value;
    if (holder === undefined) return isTest ? false : none;
    if (!(holder instanceof CelMap || holder instanceof OpaqueValue)) throw new CelError("no such overload");
    const found = holder.field(field);
    if (isTest) return found !== undefined;
    if (isChained || isOptional) return found === undefined ? none : asOptional(found);
    if (found === undefined) throw new CelError(`no such key: ${field}`);
    return found;
  };
}

function asOptional(value: CelValue): OptionalValue {
  return value instanceof OptionalValue ? value : new OptionalValue(value);
}

function callOf(expr: Expr & { kind: "call" }, compile: Compile, functions: FunctionTable): Code {
  const args = expr.args.map((arg) => compile(arg));
  const [first = constant(null), second = constant(null), third = constant(null)] = args;
  switch (expr.name) {
    case "_&&_":
      return logical(first, second, false);
    case "_||_":
      return logical(first, second, true);
    case "_?_:_":
      return (frame) => {
        frame.budget.charge(1);
        const condition = first(frame);
        if (typeof condition !== "boolean") throw new CelError("no such overload");
        return condition ? second(frame) : third(frame);
      };
    default:
  }
  const possible = candidates(functions, expr.name, expr.isMember, args.length);
  return (frame) => {
    frame.budget.charge(1);
    return dispatch(
      possible,
      args.map((arg) => arg(frame)),
      frame.budget,
    );
  };
}

function dispatch(possible: readonly CelFunction[], values: readonly CelValue[], budget: Budget): CelValue {
  for (const { run } of possible) {
    const value = run(values, budget);
    if (value !== undefined) return value;
  }
  throw new CelError("no such overload");
}

/** `&&` (decided by false) and `||` (decided by true): an error on one side does not matter if the other side decides. */
function logical(left: Code, right: Code, deciding: boolean): Code {
  return (frame) => {
    frame.budget.charge(1);
    const first = truthOf(left, frame);
    if (first === deciding) return deciding;
    const second = truthOf(right, frame);
    if (second === deciding) return deciding;
    if (first instanceof CelError) throw first;
    if (second instanceof CelError) throw second;
    return !deciding;
  };
}

/** A truth value, or the error that came instead of one. */
export function truthOf(code: Code, frame: Frame): boolean | CelError {
  try {
    const value = code(frame);
    return typeof value === "boolean" ? value : new CelError("no such overload");
  } catch (error) {
    if (error instanceof CelError) return error;
    throw error;
  }
}

/** One item, or none where it is optional and not there. */
function itemOf({ value, isOptional }: ListItem, compile: Compile): (frame: Frame) => readonly CelValue[] {
  const code = compile(value);
  if (!isOptional) return (frame) => [code(frame)];
  return (frame) => {
    const item = code(frame);
    if (!(item instanceof OptionalValue)) throw new CelError("no such overload");
    return item.value === undefined ? [] : [item.value];
  };
}

function mapLiteral(expr: Expr & { kind: "map" }, compile: Compile): Code {
  const entries = expr.entries.map((entry) => ({ key: compile(entry.key), value: itemOf(entry, compile) }));
  return (frame) => {
    frame.budget.charge(mapCost);
    const map = new EntryMap();
    for (const { key, value } of entries) {
      const name = key(frame);
      for (const item of value(frame)) map.add(name, item);
    }
    return map;
  };
}

function structLiteral({ name, fields }: Expr & { kind: "struct" }, compile: Compile): Code {
  const parts = fields.map((field) => ({ name: field.name, value: itemOf(field, compile) }));
  return (frame) => {
    frame.budget.charge(mapCost);
    const value = new StructValue(name);
    for (const part of parts) for (const item of part.value(frame)) value.add(part.name, item);
    return value;
  };
}

function binding(expr: Expr & { kind: "bind" }, places: Places, compile: Compile): Code {
  const value = compile(expr.value);
  const place = places.next;
  const body = compile(expr.body, places.with(expr.name));
  if (expr.optional === undefined) {
    return (frame) => {
      frame.budget.charge(1);
      frame.slots[place] = value(frame);
      return body(frame);
    };
  }
  const wraps = expr.optional === "map";
  return (frame) => {
    frame.budget.charge(1);
    const optional = value(frame);
    if (!(optional instanceof OptionalValue)) throw new CelError("no such overload");
    if (optional.value === undefined) return none;
    frame.slots[place] = optional.value;
    const result = body(frame);
    return wraps ? new OptionalValue(result) : result;
  };
}
