// How much an expression can cost at most, before it runs: from the sizes that a schema allows its values to have. The same
// units as evaluation charges. Upstream: google/cel-go checker/cost.go.
import type { Expr } from "./expression.ts";
import { candidates, type FunctionTable, listCost, mapCost } from "./function.ts";
import { type CelType, dyn } from "./type.ts";

/** Values whose size nothing bounds can be as large as a request. */
export const requestSizeMax = 3 * 1024 * 1024;

interface Estimate {
  readonly cost: number;
  /** Of the value: characters, bytes, items or entries; 1 for all others. */
  readonly size: number;
}

/** Units; `types`: of every part, as the checker found them. */
export function estimateCost(expr: Expr, types: ReadonlyMap<Expr, CelType>, functions: FunctionTable): number {
  return estimate(expr, types, functions).cost;
}

function sizeOf(type: CelType): number {
  switch (type.kind) {
    case "string":
    case "bytes":
    case "list":
    case "map":
    case "dyn":
      return ("maxSize" in type ? type.maxSize : undefined) ?? requestSizeMax;
    default:
      return 1;
  }
}

function estimate(expr: Expr, types: ReadonlyMap<Expr, CelType>, functions: FunctionTable): Estimate {
  const of = (inner: Expr): Estimate => estimate(inner, types, functions);
  const size = sizeOf(types.get(expr) ?? dyn);
  switch (expr.kind) {
    case "literal": {
      const { literal } = expr;
      const isText = literal.type === "string" || literal.type === "bytes";
      return { cost: 0, size: isText ? literal.value.length : 1 };
    }
    case "ident":
      return { cost: 1, size };
    case "select":
      return { cost: 1 + of(expr.operand).cost, size: expr.isTest ? 1 : size };
    case "list":
      return { cost: listCost + sum(expr.items.map(({ value }) => of(value).cost)), size: expr.items.length };
    case "map": {
      const costs = expr.entries.map(({ key, value }) => of(key).cost + of(value).cost);
      return { cost: mapCost + sum(costs), size: expr.entries.length };
    }
    case "struct":
      return { cost: mapCost + sum(expr.fields.map(({ value }) => of(value).cost)), size: expr.fields.length };
    case "bind": {
      const body = of(expr.body);
      return { cost: 1 + of(expr.value).cost + body.cost, size: body.size };
    }
    case "fold":
      return estimateFold(expr, of);
    case "call":
      return estimateCall(expr, expr.args.map(of), size, functions);
  }
}

function estimateFold(expr: Expr & { kind: "fold" }, of: (inner: Expr) => Estimate): Estimate {
  const range = of(expr.range);
  const parts = [expr.filter, expr.body].flatMap((part) => (part === undefined ? [] : [of(part).cost]));
  const isTruth = expr.fold === "all" || expr.fold === "exists" || expr.fold === "existsOne";
  return { cost: range.cost + range.size * (1.1 + sum(parts)), size: isTruth ? 1 : range.size };
}

function estimateCall(
  expr: Expr & { kind: "call" },
  args: readonly Estimate[],
  size: number,
  functions: FunctionTable,
): Estimate {
  const costs = args.map(({ cost }) => cost);
  if (expr.name === "_?_:_") {
    const [condition = 0, yes = 0, no = 0] = costs;
    return { cost: 1 + condition + Math.max(yes, no), size: Math.max(...args.slice(1).map((arg) => arg.size)) };
  }
  const sizes = args.map((arg) => arg.size);
  const fitting = candidates(functions, expr.name, expr.isMember, args.length);
  const own = Math.max(0, ...fitting.map(({ cost }) => cost?.(sizes) ?? 0));
  const result = Math.max(0, ...fitting.map(({ resultSize }) => resultSize?.(sizes) ?? sum(sizes)));
  // An item or entry is as large as its type says, all else no larger than what it was made of.
  return { cost: 1 + sum(costs) + own, size: expr.name === "_[_]" ? size : Math.min(size, Math.max(1, result)) };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
