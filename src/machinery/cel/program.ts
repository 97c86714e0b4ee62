// A CEL expression from its text to its value: parse, check, estimate, evaluate.
import { checkCel, type StructTypes } from "./checker.ts";
import { estimateCost } from "./estimate.ts";
import { compileCode, Places } from "./evaluate.ts";
import { type CelIssue, CelSyntaxError, type Expr } from "./expression.ts";
import type { FunctionTable } from "./function.ts";
import { celLibrary } from "./library.ts";
import { parseCel } from "./parser.ts";
import type { CelType } from "./type.ts";
import type { Budget, CelValue } from "./value.ts";

/** An expression that can run. */
export interface CelProgram {
  readonly type: CelType;
  /** The variables it names. */
  readonly references: ReadonlySet<string>;
  /** What it can cost at most, in units of a budget; beyond 2^53 where nothing bounds its loops. */
  readonly cost: number;
  /**
   * `values`: one for each declared variable, in order of declaration; undefined for one that is not there. Throws CelError
   * where evaluation fails, CelBudgetError where the budget does not last.
   */
  readonly evaluate: (values: readonly (CelValue | undefined)[], budget: Budget) => CelValue;
}

export interface CompileOptions {
  readonly variables: ReadonlyMap<string, CelType>;
  /** Further functions; default: those that Kubernetes has. */
  readonly functions?: FunctionTable;
  /** Types of which values can be written. */
  readonly structs?: StructTypes | undefined;
}

export type Compiled =
  | { readonly program: CelProgram; readonly fault?: undefined }
  /** `fault`: what is wrong, with the place, as upstream writes it. */
  | { readonly program?: undefined; readonly fault: string };

/** Compiles a text. Never throws for what stands in it. */
export function compileCel(text: string, { variables, functions = celLibrary, structs }: CompileOptions): Compiled {
  let expr: Expr;
  try {
    expr = parseCel(text);
  } catch (error) {
    if (!(error instanceof CelSyntaxError)) throw error;
    return { fault: faultText(text, [{ at: error.at, message: error.message }]) };
  }
  const { type, types, issues, references } = checkCel(expr, { variables, functions, structs });
  if (issues.length > 0) return { fault: faultText(text, issues) };
  const code = compileCode(expr, Places.of([...variables.keys()]), functions);
  const cost = estimateCost(expr, types, functions);
  return {
    program: {
      type,
      references,
      cost,
      evaluate: (values, budget) => code({ slots: [...values], budget }),
    },
  };
}

/** More are not told: the first ones are the cause. */
const issuesMax = 10;

function faultText(text: string, issues: readonly CelIssue[]): string {
  const lines = text.split("\n");
  return [...issues]
    .sort((a, b) => a.at - b.at)
    .slice(0, issuesMax)
    .map(({ at, message }) => {
      const before = text.slice(0, at).split("\n");
      const column = before.at(-1)?.length ?? 0;
      const place = `${String(before.length)}:${String(column + 1)}`;
      const line = (lines[before.length - 1] ?? "").replaceAll("\t", " ");
      return `ERROR: <input>:${place}: ${message}\n | ${line}\n | ${".".repeat(column)}^`;
    })
    .join("\n");
}
