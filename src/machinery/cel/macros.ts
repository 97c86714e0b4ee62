// The macros of CEL: calls that are something else than calls. Upstream: google/cel-go parser/macro.go, ext/comprehensions.go,
// cel/library.go (optional types), ext/bindings.go.
import { CelSyntaxError, type Expr, type Fold } from "./expression.ts";

const folds: ReadonlyMap<string, { readonly fold: Fold; readonly sizes: readonly number[] }> = new Map([
  ["all", { fold: "all", sizes: [2, 3] }],
  ["exists", { fold: "exists", sizes: [2, 3] }],
  ["exists_one", { fold: "existsOne", sizes: [2] }],
  ["existsOne", { fold: "existsOne", sizes: [2, 3] }],
  ["filter", { fold: "filter", sizes: [2] }],
  ["map", { fold: "map", sizes: [2, 3] }],
  ["transformList", { fold: "transformList", sizes: [3, 4] }],
  ["transformMap", { fold: "transformMap", sizes: [3, 4] }],
  ["transformMapEntry", { fold: "transformMapEntry", sizes: [3, 4] }],
]);

/** `name(args)`: a macro, or the call that it is. Throws CelSyntaxError. */
export function expandGlobalMacro(at: number, name: string, args: readonly Expr[]): Expr {
  const [first, second, third] = args;
  if (name === "has" && args.length === 1) {
    if (first?.kind !== "select" || first.isOptional || first.isTest) {
      throw new CelSyntaxError(first?.at ?? at, "invalid argument to has() macro");
    }
    return { ...first, isTest: true };
  }
  if (name === "cel.bind" && second !== undefined && third !== undefined) {
    return {
      kind: "bind",
      at,
      name: variableOf(first, "cel.bind() variable name must be a simple identifier"),
      value: second,
      body: third,
      optional: undefined,
    };
  }
  return { kind: "call", at, name, isMember: false, args };
}

/** `target.name(args)`: a macro, or the call that it is. Throws CelSyntaxError. */
export function expandMemberMacro(at: number, target: Expr, name: string, args: readonly Expr[]): Expr {
  const [first, second] = args;
  if ((name === "optMap" || name === "optFlatMap") && second !== undefined && args.length === 2) {
    const variable = variableOf(first, `${name}() variable name must be a simple identifier`);
    return {
      kind: "bind",
      at,
      name: variable,
      value: target,
      body: second,
      optional: name === "optMap" ? "map" : "flatMap",
    };
  }
  const macro = folds.get(name);
  if (macro?.sizes.includes(args.length) !== true) {
    return { kind: "call", at, name, isMember: true, args: [target, ...args] };
  }
  return foldOf(at, target, macro.fold, args);
}

function foldOf(at: number, range: Expr, fold: Fold, args: readonly Expr[]): Expr {
  const isTransform = fold.startsWith("transform");
  const takesTwo = isTransform || (args.length === 3 && fold !== "map");
  const names = args.slice(0, takesTwo ? 2 : 1);
  const variables = names.map((name) => variableOf(name, "argument must be a simple name"));
  if (new Set(variables).size < variables.length) {
    throw new CelSyntaxError(names[1]?.at ?? at, `duplicate variable name: ${variables[1] ?? ""}`);
  }
  const rest = args.slice(variables.length);
  const body = fold === "filter" ? undefined : rest.at(-1);
  const filter = fold === "filter" || rest.length === 2 ? rest[0] : undefined;
  return { kind: "fold", at, fold, range, variables, filter, body };
}

function variableOf(expr: Expr | undefined, message: string): string {
  if (expr?.kind === "ident") return expr.name;
  throw new CelSyntaxError(expr?.at ?? 0, message);
}
