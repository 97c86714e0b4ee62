// The operators of CEL but for `&&`, `||` and `?:`, which do not evaluate all that they are given.
// Upstream: google/cel-go common/stdlib/standard.go, common/types.
import { celCompare, celEquals, listHas } from "./equality.ts";
import { type CelFunction, type Definition, global, type Overload, traversal, traverseAll } from "./function.ts";
import { isTimestamp } from "./time-text.ts";
import {
  bool,
  bytes,
  type CelType,
  double,
  duration,
  dyn,
  int,
  listOf,
  mapOf,
  optionalOf,
  param,
  string,
  timestamp,
  uint,
} from "./type.ts";
import {
  ArrayList,
  type Budget,
  CelError,
  CelList,
  CelMap,
  type CelValue,
  displayText,
  Duration,
  none,
  OptionalValue,
  Timestamp,
  typeNameOf,
  Uint,
} from "./value.ts";

const a = param("A");
const b = param("B");
const intMin = -(2n ** 63n);
const intMax = 2n ** 63n - 1n;
const uintMax = 2n ** 64n - 1n;

/** An int in range. Throws CelError. */
export function checkedInt(value: bigint): bigint {
  if (value < intMin || value > intMax) throw new CelError("integer overflow");
  return value;
}

/** An uint in range. Throws CelError. */
export function checkedUint(value: bigint): Uint {
  if (value < 0n || value > uintMax) throw new CelError("unsigned integer overflow");
  return new Uint(value);
}

export function checkedDuration(nanos: bigint): Duration {
  return new Duration(checkedInt(nanos));
}

export function checkedTimestamp(nanos: bigint): Timestamp {
  if (!isTimestamp(nanos)) throw new CelError("timestamp overflow");
  return new Timestamp(nanos);
}

interface Arithmetic {
  readonly ints: (left: bigint, right: bigint) => bigint;
  readonly doubles?: (left: number, right: number) => number;
}

/** Numbers of one type; undefined for anything else. */
function calculate({ ints, doubles }: Arithmetic, left: CelValue, right: CelValue): CelValue | undefined {
  if (typeof left === "bigint" && typeof right === "bigint") return checkedInt(ints(left, right));
  if (typeof left === "number" && typeof right === "number") return doubles?.(left, right);
  if (left instanceof Uint && right instanceof Uint) return checkedUint(ints(left.value, right.value));
  return undefined;
}

function binary(...types: readonly CelType[]): readonly Overload[] {
  return types.map((type) => global([type, type], type));
}

const orders: readonly CelType[] = [bool, int, uint, double, string, bytes, timestamp, duration];
const numbers: readonly CelType[] = [int, uint, double];

function ordering(holds: (order: number) => boolean): CelFunction {
  return {
    overloads: [
      ...orders.map((type) => global([type, type], bool)),
      ...numbers.flatMap((left) =>
        numbers.filter((right) => right !== left).map((right) => global([left, right], bool)),
      ),
    ],
    run: ([left = null, right = null], budget) => holds(celCompare(left, right, budget)),
    cost: smaller,
  };
}

/** Comparing goes no further than the smaller one. */
function smaller(sizes: readonly number[]): number {
  return Math.min(...sizes) * traversal;
}

function equality(wanted: boolean): CelFunction {
  return {
    overloads: [global([a, a], bool)],
    run: ([left = null, right = null], budget) => celEquals(left, right, budget) === wanted,
    cost: smaller,
  };
}

const addition: CelFunction = {
  overloads: [
    ...binary(int, uint, double, string, bytes, duration, listOf(a)),
    global([timestamp, duration], timestamp),
    global([duration, timestamp], timestamp),
  ],
  run: ([left = null, right = null], budget) => add(left, right, budget),
  cost: traverseAll,
};

function add(left: CelValue, right: CelValue, budget: Budget): CelValue | undefined {
  if (typeof left === "string" && typeof right === "string") {
    budget.charge((left.length + right.length) * traversal);
    return left + right;
  }
  if (left instanceof CelList && right instanceof CelList) return concatenate(left, right, budget);
  if (left instanceof Duration && right instanceof Duration) return checkedDuration(left.nanos + right.nanos);
  if (left instanceof Timestamp && right instanceof Duration) return checkedTimestamp(left.nanos + right.nanos);
  if (left instanceof Duration && right instanceof Timestamp) return checkedTimestamp(left.nanos + right.nanos);
  if (left instanceof Uint8Array && right instanceof Uint8Array) {
    budget.charge((left.length + right.length) * traversal);
    return new Uint8Array(Buffer.concat([left, right]));
  }
  return calculate({ ints: (x, y) => x + y, doubles: (x, y) => x + y }, left, right);
}

/** A set takes what it does not have; a map list takes the place of items with the same keys. */
function concatenate(left: CelList, right: CelList, budget: Budget): CelList {
  budget.charge((left.size + right.size) * traversal);
  const items = Array.from({ length: left.size }, (_, index) => left.at(index));
  for (let index = 0; index < right.size; index++) {
    const item = right.at(index);
    if (left.listType === "set" && listHas(left, item, budget)) continue;
    const place = left.listType === "map" ? items.findIndex((other) => sameKeys(left, other, item, budget)) : -1;
    if (place >= 0) items[place] = item;
    else items.push(item);
  }
  return new ArrayList(items);
}

function sameKeys({ listKeys }: CelList, left: CelValue, right: CelValue, budget: Budget): boolean {
  if (!(left instanceof CelMap) || !(right instanceof CelMap)) return false;
  return listKeys.every((key) => celEquals(left.get(key) ?? null, right.get(key) ?? null, budget));
}

const subtraction: CelFunction = {
  overloads: [
    ...binary(int, uint, double, duration),
    global([timestamp, duration], timestamp),
    global([timestamp, timestamp], duration),
  ],
  run: ([left = null, right = null]) => {
    if (left instanceof Duration && right instanceof Duration) return checkedDuration(left.nanos - right.nanos);
    if (left instanceof Timestamp && right instanceof Duration) return checkedTimestamp(left.nanos - right.nanos);
    if (left instanceof Timestamp && right instanceof Timestamp) return checkedDuration(left.nanos - right.nanos);
    return calculate({ ints: (x, y) => x - y, doubles: (x, y) => x - y }, left, right);
  },
};

function numeric(arithmetic: Arithmetic): CelFunction {
  return {
    overloads: arithmetic.doubles === undefined ? binary(int, uint) : binary(int, uint, double),
    run: ([left = null, right = null]) => calculate(arithmetic, left, right),
  };
}

function divisor(value: bigint, what: string): bigint {
  if (value === 0n) throw new CelError(`${what} by zero`);
  return value;
}

const negation: CelFunction = {
  overloads: [global([int], int), global([double], double), global([duration], duration)],
  run: ([value = null]) => {
    if (typeof value === "bigint") return checkedInt(-value);
    if (value instanceof Duration) return checkedDuration(-value.nanos);
    return typeof value === "number" ? -value : undefined;
  },
};

const membership: CelFunction = {
  overloads: [global([a, listOf(a)], bool), global([a, mapOf(a, b)], bool)],
  run: ([value = null, holder = null], budget) => {
    if (holder instanceof CelList) return listHas(holder, value, budget);
    return holder instanceof CelMap ? holder.get(value) !== undefined : undefined;
  },
  cost: ([, size = 0]) => size,
};

/** The item or entry, or undefined. Throws CelError where the index is no index. */
function itemAt(holder: CelValue, key: CelValue): CelValue | undefined {
  if (holder instanceof CelMap) return holder.get(key);
  if (!(holder instanceof CelList)) throw new CelError("no such overload");
  const index =
    key instanceof Uint ? Number(key.value) : typeof key === "bigint" || typeof key === "number" ? Number(key) : NaN;
  if (!Number.isInteger(index)) throw new CelError(`unsupported index type '${typeNameOf(key)}' in list`);
  return index >= 0 && index < holder.size ? holder.at(index) : undefined;
}

const indexing: CelFunction = {
  overloads: [
    global([listOf(a), int], a),
    global([mapOf(a, b), a], b),
    global([optionalOf(listOf(a)), int], optionalOf(a)),
    global([optionalOf(mapOf(a, b)), a], optionalOf(b)),
  ],
  run: ([holder = null, key = null]) => {
    if (holder instanceof OptionalValue) return optionalAt(holder, key);
    const item = itemAt(holder, key);
    if (item !== undefined) return item;
    const isList = holder instanceof CelList;
    throw new CelError(isList ? `index out of bounds: ${displayText(key)}` : `no such key: ${displayText(key)}`);
  },
};

const optionalIndexing: CelFunction = {
  overloads: [
    global([listOf(a), int], optionalOf(a)),
    global([mapOf(a, b), a], optionalOf(b)),
    global([optionalOf(listOf(a)), int], optionalOf(a)),
    global([optionalOf(mapOf(a, b)), a], optionalOf(b)),
  ],
  run: ([holder = null, key = null]) => optionalAt(holder, key),
};

function optionalAt(holder: CelValue, key: CelValue): OptionalValue {
  const inner = holder instanceof OptionalValue ? holder.value : holder;
  const item = inner === undefined ? undefined : itemAt(inner, key);
  return item === undefined ? none : new OptionalValue(item);
}

export const operators: readonly Definition[] = [
  ["_==_", equality(true)],
  ["_!=_", equality(false)],
  ["_<_", ordering((order) => order < 0)],
  ["_<=_", ordering((order) => order <= 0)],
  ["_>_", ordering((order) => order > 0)],
  ["_>=_", ordering((order) => order >= 0)],
  ["_+_", addition],
  ["_-_", subtraction],
  ["_*_", numeric({ ints: (x, y) => x * y, doubles: (x, y) => x * y })],
  ["_/_", numeric({ ints: (x, y) => x / divisor(y, "division"), doubles: (x, y) => x / y })],
  ["_%_", numeric({ ints: (x, y) => x % divisor(y, "modulus") })],
  ["-_", negation],
  [
    "!_",
    { overloads: [global([bool], bool)], run: ([value = null]) => (typeof value === "boolean" ? !value : undefined) },
  ],
  ["@in", membership],
  ["_[_]", indexing],
  ["_[?_]", optionalIndexing],
  ["dyn", { overloads: [global([a], dyn)], run: ([value = null]) => value }],
];
