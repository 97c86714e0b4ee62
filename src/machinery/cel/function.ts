// How a function of CEL is declared: its signatures for the checker, what it does, and what it costs.
import type { CelType } from "./type.ts";
import type { Budget, CelValue } from "./value.ts";

/** One signature. The receiver of a member is the first parameter. */
export interface Overload {
  readonly isMember: boolean;
  readonly params: readonly CelType[];
  readonly result: CelType;
}

/** What a size can be at most: of texts in characters, else in items. Infinity where nothing bounds it. */
export type Sizes = readonly number[];

export interface CelFunction {
  readonly overloads: readonly Overload[];
  /**
   * The value, or undefined where the arguments are not of its types: then the next function of the name is asked.
   * Throws CelError for arguments that it cannot take, and charges for what it goes over.
   */
  readonly run: (args: readonly CelValue[], budget: Budget) => CelValue | undefined;
  /** What it goes over, in units, given how large its arguments can be; beside the one unit of every call. Default: nothing. */
  readonly cost?: (sizes: Sizes) => number;
  /** How large its result can be. Default: as large as the arguments together. */
  readonly resultSize?: (sizes: Sizes) => number;
}

/** Functions of one name, in the order in which they are asked. */
export type FunctionTable = ReadonlyMap<string, readonly CelFunction[]>;

/** Those of a name that a call of this form may mean. */
export function candidates(
  table: FunctionTable,
  name: string,
  isMember: boolean,
  count: number,
): readonly CelFunction[] {
  return (table.get(name) ?? []).filter(({ overloads }) =>
    overloads.some((overload) => overload.isMember === isMember && overload.params.length === count),
  );
}

/** What a list and a map literal cost to make, as upstream has it. */
export const listCost = 10;
export const mapCost = 30;

/** A name and one of its functions. */
export type Definition = readonly [string, CelFunction];

export function member(params: readonly CelType[], result: CelType): Overload {
  return { isMember: true, params, result };
}

export function global(params: readonly CelType[], result: CelType): Overload {
  return { isMember: false, params, result };
}

/** A table of all `definitions`. */
export function functionTable(...definitions: readonly (readonly Definition[])[]): FunctionTable {
  const table = new Map<string, CelFunction[]>();
  for (const [name, declared] of definitions.flat()) {
    const known = table.get(name);
    if (known === undefined) table.set(name, [declared]);
    else known.push(declared);
  }
  return table;
}

/** Going over a text costs a tenth of a unit a character. */
export const traversal = 0.1;

/** The cost of going over the first argument. */
export function traverseFirst([first = 0]: Sizes): number {
  return first * traversal;
}

/** The cost of going over all arguments. */
export function traverseAll(sizes: Sizes): number {
  return sizes.reduce((sum, size) => sum + size, 0) * traversal;
}
