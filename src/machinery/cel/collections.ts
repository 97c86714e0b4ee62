// Optional values, sets, and what Kubernetes adds for lists. Upstream: google/cel-go cel/library.go (optional types) and
// ext/sets.go; k8s.io/apiserver/pkg/cel/library/lists.go.
import { celCompare, celEquals, listHas } from "./equality.ts";
import { type CelFunction, type Definition, global, member, type Sizes } from "./function.ts";
import { checkedDuration, checkedInt, checkedUint } from "./operators.ts";
import {
  bool,
  type CelType,
  double,
  duration,
  int,
  listOf,
  optionalOf,
  param,
  string,
  timestamp,
  uint,
  bytes,
} from "./type.ts";
import { type Budget, CelError, CelList, CelMap, type CelValue, Duration, none, OptionalValue, Uint } from "./value.ts";

const a = param("A");
const optional = optionalOf(a);

function isZero(value: CelValue): boolean {
  if (value === null || value === false || value === 0 || value === 0n || value === "") return true;
  if (value instanceof Uint) return value.value === 0n;
  if (value instanceof Uint8Array) return value.length === 0;
  if (value instanceof CelList || value instanceof CelMap) return value.size === 0;
  if (value instanceof Duration) return value.nanos === 0n;
  return value instanceof OptionalValue && value.value === undefined;
}

const optionals: readonly Definition[] = [
  ["optional.of", { overloads: [global([a], optional)], run: ([value = null]) => new OptionalValue(value) }],
  ["optional.none", { overloads: [global([], optional)], run: () => none }],
  [
    "optional.ofNonZeroValue",
    { overloads: [global([a], optional)], run: ([value = null]) => (isZero(value) ? none : new OptionalValue(value)) },
  ],
  [
    "hasValue",
    {
      overloads: [member([optional], bool)],
      run: ([value]) => (value instanceof OptionalValue ? value.value !== undefined : undefined),
    },
  ],
  [
    "value",
    {
      overloads: [member([optional], a)],
      run: ([value]) => {
        if (!(value instanceof OptionalValue)) return undefined;
        if (value.value === undefined) throw new CelError("optional.none() dereference");
        return value.value;
      },
    },
  ],
  [
    "orValue",
    {
      overloads: [member([optional, a], a)],
      run: ([value, other]) => (value instanceof OptionalValue ? (value.value ?? other) : undefined),
    },
  ],
  [
    "or",
    {
      overloads: [member([optional, optional], optional)],
      run: ([value, other]) => {
        if (!(value instanceof OptionalValue)) return undefined;
        return value.value === undefined ? other : value;
      },
    },
  ],
];

/** Every item of one list is compared with every item of the other. */
function product([left = 0, right = 0]: Sizes): number {
  return left * right;
}

function onLists(run: (left: CelList, right: CelList, budget: Budget) => boolean): CelFunction {
  return {
    overloads: [global([listOf(a), listOf(a)], bool)],
    run: ([left, right], budget) =>
      left instanceof CelList && right instanceof CelList ? run(left, right, budget) : undefined,
    cost: product,
  };
}

/** Whether `whole` has every item of `part`. */
function hasAll(whole: CelList, part: CelList, budget: Budget): boolean {
  for (let index = 0; index < part.size; index++) if (!listHas(whole, part.at(index), budget)) return false;
  return true;
}

function intersects(left: CelList, right: CelList, budget: Budget): boolean {
  for (let index = 0; index < left.size; index++) if (listHas(right, left.at(index), budget)) return true;
  return false;
}

const sets: readonly Definition[] = [
  ["sets.contains", onLists(hasAll)],
  ["sets.equivalent", onLists((left, right, budget) => hasAll(left, right, budget) && hasAll(right, left, budget))],
  ["sets.intersects", onLists(intersects)],
];

const ordered: readonly CelType[] = [int, uint, double, bool, duration, timestamp, string, bytes];
const summed: readonly CelType[] = [int, uint, double, duration];

/** A function of one list, charged an item at a time. */
function onList(overloads: CelFunction["overloads"], run: (list: CelList, budget: Budget) => CelValue): CelFunction {
  return {
    overloads,
    run: ([list], budget) => {
      if (!(list instanceof CelList)) return undefined;
      budget.charge(list.size);
      return run(list, budget);
    },
    cost: ([size = 0]) => size,
    resultSize: ([size = 0]) => size,
  };
}

const isSorted = onList(
  ordered.map((type) => member([listOf(type)], bool)),
  (list, budget) => {
    for (let index = 1; index < list.size; index++) {
      if (celCompare(list.at(index - 1), list.at(index), budget) > 0) return false;
    }
    return true;
  },
);

const sum = onList(
  summed.map((type) => member([listOf(type)], type)),
  (list) => {
    let total: CelValue = 0n;
    for (let index = 0; index < list.size; index++) total = index === 0 ? list.at(0) : plus(total, list.at(index));
    return total;
  },
);

function plus(left: CelValue, right: CelValue): CelValue {
  if (typeof left === "bigint" && typeof right === "bigint") return checkedInt(left + right);
  if (typeof left === "number" && typeof right === "number") return left + right;
  if (left instanceof Uint && right instanceof Uint) return checkedUint(left.value + right.value);
  if (left instanceof Duration && right instanceof Duration) return checkedDuration(left.nanos + right.nanos);
  throw new CelError("no such overload");
}

function extreme(name: string, isBetter: (order: number) => boolean): CelFunction {
  return onList(
    ordered.map((type) => member([listOf(type)], type)),
    (list, budget) => {
      if (list.size === 0) throw new CelError(`${name} called on empty list`);
      let best = list.at(0);
      for (let index = 1; index < list.size; index++) {
        const item = list.at(index);
        if (isBetter(celCompare(item, best, budget))) best = item;
      }
      return best;
    },
  );
}

function search(isLast: boolean): CelFunction {
  return {
    overloads: [member([listOf(a), a], int)],
    run: ([list, value = null], budget) => {
      if (!(list instanceof CelList)) return undefined;
      for (let step = 0; step < list.size; step++) {
        const index = isLast ? list.size - 1 - step : step;
        if (celEquals(list.at(index), value, budget)) return BigInt(index);
      }
      return -1n;
    },
    cost: ([size = 0]) => size,
    resultSize: () => 1,
  };
}

export const collectionFunctions: readonly Definition[] = [
  ...optionals,
  ...sets,
  ["isSorted", isSorted],
  ["sum", sum],
  ["min", extreme("min", (order) => order < 0)],
  ["max", extreme("max", (order) => order > 0)],
  ["indexOf", search(false)],
  ["lastIndexOf", search(true)],
];
