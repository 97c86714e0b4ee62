// Comparing, copying and freezing JSON values. Called for every event: no allocation beyond the result.
// Upstream: k8s.io/apimachinery/pkg/api/equality and third_party/forked/golang/reflect/deep_equal.go.
import { isArray, isRecord } from "./guards.ts";
import { getOwn, setOwn } from "./own-property.ts";

/** Whether two JSON values are the same. Key order does not matter; an undefined field counts as absent. */
export function deepEqual(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (isArray(left)) return isArray(right) && equalArrays(left, right, deepEqual);
  if (isRecord(left)) return isRecord(right) && equalRecords(left, right);
  return sameScalar(left, right);
}

/** Like deepEqual, but null, an empty list, an empty map and an absent field are all the same. */
export function semanticEqual(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (isEmpty(left)) return isEmpty(right);
  if (isArray(left)) return isArray(right) && equalArrays(left, right, semanticEqual);
  if (isRecord(left)) return isRecord(right) && semanticEqualRecords(left, right);
  return sameScalar(left, right);
}

/** A copy that shares nothing with `value`. Undefined fields are dropped. */
export function cloneJson<T>(value: T): T;
export function cloneJson(value: unknown): unknown {
  if (isArray(value)) {
    const copy = new Array<unknown>(value.length);
    for (let index = 0; index < value.length; index++) copy[index] = cloneJson(value[index]);
    return copy;
  }
  if (!isRecord(value)) return value;
  const copy: Record<string, unknown> = {};
  for (const key in value) {
    const item = value[key];
    if (item !== undefined) setOwn(copy, key, typeof item === "object" ? cloneJson(item) : item);
  }
  return copy;
}

/** Freezes `value` and all in it; gives it back. What is frozen already is taken as frozen all the way down. */
export function deepFreeze<T>(value: T): T {
  freeze(value);
  return value;
}

function freeze(value: unknown): void {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  if (isArray(value)) {
    for (const item of value) freeze(item);
  } else if (isRecord(value)) {
    for (const key in value) freeze(value[key]); // JSON values inherit nothing that it would list
  }
}

type Equal = (left: unknown, right: unknown) => boolean;

function equalArrays(left: readonly unknown[], right: readonly unknown[], equal: Equal): boolean {
  if (left.length !== right.length) return false;
  for (let index = 0; index < left.length; index++) {
    if (!equal(left[index], right[index])) return false;
  }
  return true;
}

// `for…in` is several times faster here than Object.keys, and JSON values inherit nothing that it would list. Reading an
// inherited member by a user's key (`toString`) gives a function, which equals no JSON value; only `__proto__` needs care.
function equalRecords(left: Readonly<Record<string, unknown>>, right: Readonly<Record<string, unknown>>): boolean {
  let surplus = 0;
  for (const key in left) {
    const value = left[key];
    if (value === undefined) continue;
    const other = key === "__proto__" ? getOwn(right, key) : right[key];
    if (value !== other && !deepEqual(value, other)) return false;
    surplus++;
  }
  for (const key in right) if (right[key] !== undefined) surplus--;
  return surplus === 0;
}

function semanticEqualRecords(
  left: Readonly<Record<string, unknown>>,
  right: Readonly<Record<string, unknown>>,
): boolean {
  for (const key in left) if (!semanticEqual(left[key], getOwn(right, key))) return false;
  for (const key in right) if (!isEmpty(right[key]) && !Object.hasOwn(left, key)) return false;
  return true;
}

/** Numbers and bigints of the same value are the same JSON. */
function sameScalar(left: unknown, right: unknown): boolean {
  if (typeof left === "bigint" && typeof right === "number") return Number.isInteger(right) && BigInt(right) === left;
  if (typeof left === "number" && typeof right === "bigint") return sameScalar(right, left);
  return Number.isNaN(left) && Number.isNaN(right);
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (isArray(value)) return value.length === 0;
  if (!isRecord(value)) return false;
  for (const key in value) if (!isEmpty(value[key])) return false;
  return true;
}
