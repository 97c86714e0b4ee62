// When CEL values are equal, and which comes first. Upstream: google/cel-go common/types (Equal, Compare).
import {
  type Budget,
  CelError,
  CelList,
  CelMap,
  type CelValue,
  Duration,
  OpaqueValue,
  OptionalValue,
  Timestamp,
  TypeValue,
  Uint,
} from "./value.ts";

/** Numbers are equal by value whatever their type; values of unlike types are not equal. Charges by size. */
export function celEquals(left: CelValue, right: CelValue, budget: Budget): boolean {
  budget.charge(1);
  if (left === right) return true;
  const numbers = compareNumbers(left, right);
  if (numbers !== undefined) return numbers === 0;
  if (typeof left === "string" && typeof right === "string") {
    budget.charge(Math.min(left.length, right.length) / 10);
    return false;
  }
  if (left instanceof Uint8Array) {
    if (!(right instanceof Uint8Array)) return false;
    budget.charge(Math.min(left.length, right.length) / 10);
    return Buffer.compare(left, right) === 0;
  }
  if (left instanceof CelList) return right instanceof CelList && listsEqual(left, right, budget);
  if (left instanceof CelMap) return right instanceof CelMap && mapsEqual(left, right, budget);
  if (left instanceof Timestamp) return right instanceof Timestamp && left.nanos === right.nanos;
  if (left instanceof Duration) return right instanceof Duration && left.nanos === right.nanos;
  if (left instanceof TypeValue) return right instanceof TypeValue && left.name === right.name;
  if (left instanceof OpaqueValue) return right instanceof OpaqueValue && left.equals(right);
  if (!(left instanceof OptionalValue) || !(right instanceof OptionalValue)) return false;
  if (left.value === undefined || right.value === undefined) return left.value === right.value;
  return celEquals(left.value, right.value, budget);
}

/** Lists of type set are equal whatever their order. */
function listsEqual(left: CelList, right: CelList, budget: Budget): boolean {
  if (left.size !== right.size) return false;
  if (left.listType === "set" || left.listType === "map") {
    for (let index = 0; index < left.size; index++) {
      if (!listHas(right, left.at(index), budget)) return false;
    }
    return true;
  }
  for (let index = 0; index < left.size; index++) {
    if (!celEquals(left.at(index), right.at(index), budget)) return false;
  }
  return true;
}

/** Whether `list` has an item equal to `value`. */
export function listHas(list: CelList, value: CelValue, budget: Budget): boolean {
  for (let index = 0; index < list.size; index++) {
    if (celEquals(list.at(index), value, budget)) return true;
  }
  return false;
}

function mapsEqual(left: CelMap, right: CelMap, budget: Budget): boolean {
  if (left.size !== right.size) return false;
  return left.keys().every((key) => {
    const [mine, other] = [left.get(key), right.get(key)];
    return mine !== undefined && other !== undefined && celEquals(mine, other, budget);
  });
}

/** -1, 0, 1, or undefined where one is no number. NaN compares with nothing (NaN). */
function compareNumbers(left: CelValue, right: CelValue): number | undefined {
  const a = left instanceof Uint ? left.value : left;
  const b = right instanceof Uint ? right.value : right;
  if (typeof a !== "bigint" && typeof a !== "number") return undefined;
  if (typeof b !== "bigint" && typeof b !== "number") return undefined;
  // An int beside a double counts as the double nearest to it.
  if (typeof a === typeof b) return orderOf(a, b);
  return orderOf(Number(a), Number(b));
}

/** -1, 0 or 1 (NaN: neither is less). Throws CelError for values that have no order. */
export function celCompare(left: CelValue, right: CelValue, budget: Budget): number {
  const numbers = compareNumbers(left, right);
  if (numbers !== undefined) return numbers;
  if (typeof left === "string" && typeof right === "string") {
    budget.charge(Math.min(left.length, right.length) / 10);
    return left === right ? 0 : Math.sign(Buffer.compare(Buffer.from(left), Buffer.from(right)));
  }
  if (typeof left === "boolean" && typeof right === "boolean") return Number(left) - Number(right);
  if (left instanceof Uint8Array && right instanceof Uint8Array) return Buffer.compare(left, right);
  if (left instanceof Timestamp && right instanceof Timestamp) return orderOf(left.nanos, right.nanos);
  if (left instanceof Duration && right instanceof Duration) return orderOf(left.nanos, right.nanos);
  throw new CelError("no such overload");
}

function orderOf<T extends bigint | number>(left: T, right: T): number {
  if (left < right) return -1;
  return left > right ? 1 : left === right ? 0 : NaN;
}
