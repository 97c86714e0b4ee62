// Strategic merge patch: like a merge patch, but lists that the schema says merge are merged by key, and directives in the
// patch delete, replace and order. Upstream: k8s.io/apimachinery/pkg/util/strategicpatch/patch.go.
import { ApiError } from "../api-error.ts";
import { isArray, isRecord } from "../guards.ts";
import { getOwn, setOwn } from "../own-property.ts";
import type { Schema, SchemaResolver } from "../schema.ts";
import { withoutNullFields } from "./merge-patch.ts";
import { badPatch, badType, goText, typeName, unclassified } from "./strategic-errors.ts";
import {
  deletePrefix,
  type FieldRules,
  orderPrefix,
  patchDirective,
  retainKeysDirective,
  rulesOfField,
  rulesOfItems,
  type TypeRules,
} from "./strategic-rules.ts";

type JsonRecord = Record<string, unknown>;
type ReadonlyRecord = Readonly<JsonRecord>;

/**
 * `current` with `patch` merged in, as the schema says. Shares unchanged parts with both and edits neither.
 * Throws ApiError with upstream's texts and codes: 400 for malformed directives, 422 for lists of lists, else 500.
 */
export function applyStrategicMergePatch(
  current: ReadonlyRecord,
  patch: ReadonlyRecord,
  schema: Schema,
  resolve: SchemaResolver,
): JsonRecord {
  return mergeMap(current, patch, { schema, resolve });
}

function mergeMap(original: ReadonlyRecord, patch: ReadonlyRecord, rules: TypeRules): JsonRecord {
  if (Object.hasOwn(patch, patchDirective)) return directed(patch);
  const result: JsonRecord = { ...original };
  const rest = new Map(Object.entries(patch));
  retainKeys(result, rest);
  for (const [key, order] of rest) {
    if (!key.startsWith(orderPrefix)) continue;
    rest.delete(key);
    setElementOrder(result, rest, nameAfter(key, orderPrefix), order, rules);
  }
  for (const [key, change] of rest) {
    if (!key.startsWith(deletePrefix)) mergeField(result, key, change, rules);
  }
  for (const [key, change] of rest) {
    if (key.startsWith(deletePrefix)) deleteFromList(result, nameAfter(key, deletePrefix), change, rules);
  }
  return result;
}

/** A map with `$patch`: `replace` takes the rest as it is, `delete` leaves an empty map. */
function directed(patch: ReadonlyRecord): JsonRecord {
  const { [patchDirective]: directive, ...rest } = patch;
  if (directive === "replace") return rest;
  if (directive === "delete") return {};
  throw unclassified(`unknown patch type: ${goText(directive)} in map: ${goText(patch)}`);
}

/** `$retainKeys` names all keys that stay; what the patch sets must be among them. */
function retainKeys(result: JsonRecord, rest: Map<string, unknown>): void {
  const list = rest.get(retainKeysDirective);
  if (!rest.delete(retainKeysDirective)) return;
  if (!isArray(list)) throw badPatch("invalid patch format of retainKeys");
  const retained = new Set(list);
  for (const [key, change] of rest) {
    if (change === null || key.startsWith(deletePrefix) || key.startsWith(orderPrefix)) continue;
    if (!retained.has(key)) throw badPatch("invalid patch format of retainKeys");
  }
  for (const key of Object.keys(result)) if (!retained.has(key)) delete result[key];
}

function nameAfter(key: string, prefix: string): string {
  if (key.startsWith(`${prefix}/`)) return key.slice(prefix.length + 1);
  throw badPatch(
    prefix === deletePrefix ? "invalid patch format of primitive list" : "invalid patch format of setElementOrder list",
  );
}

function mergeField(result: JsonRecord, key: string, change: unknown, rules: TypeRules): void {
  if (change === null || change === undefined) {
    delete result[key];
    return;
  }
  const old = getOwn(result, key);
  if (isRecord(old) && isRecord(change)) {
    const field = rulesOfField(rules, key);
    setOwn(result, key, field.strategy === "replace" ? change : mergeMap(old, change, field.type));
  } else if (isArray(old) && isArray(change)) {
    setOwn(result, key, mergeList(old, change, rulesOfField(rules, key)));
  } else {
    const value = withoutDirectives(withoutNullFields(change));
    if (value === undefined) delete result[key];
    else setOwn(result, key, value);
  }
}

/** `$deleteFromPrimitiveList/x`: works on any list of scalars. */
function deleteFromList(result: JsonRecord, key: string, doomed: unknown, rules: TypeRules): void {
  if (doomed === null) {
    delete result[key];
    return;
  }
  const old = getOwn(result, key);
  if (!isArray(old) || !isArray(doomed) || (old.length === 0 && doomed.length === 0)) return;
  if (elementType(old, doomed) === "map") {
    setOwn(result, key, mergeMapLists(old, doomed, rulesOfField(rules, key)));
    return;
  }
  const gone = new Set(doomed);
  setOwn(
    result,
    key,
    old.filter((item) => !gone.has(item)),
  );
}

/** `$setElementOrder/x`: merges the list first, if the patch has it, then puts it into the given order. */
function setElementOrder(
  result: JsonRecord,
  rest: Map<string, unknown>,
  key: string,
  order: unknown,
  rules: TypeRules,
): void {
  if (!isArray(order)) throw badType("list", order);
  const old = listAt(Object.hasOwn(result, key), getOwn(result, key));
  const change = listAt(rest.has(key), rest.get(key));
  rest.delete(key);
  const field = rulesOfField(rules, key);
  checkOrder(change ?? [], order, field.mergeKey);
  if (old === undefined && change === undefined) return;
  const merged = mergedForOrder(old, change, field);
  elementType(old ?? [], change ?? []);
  setOwn(result, key, arrange(merged, order, old ?? [], field.mergeKey));
}

function listAt(isPresent: boolean, value: unknown): readonly unknown[] | undefined {
  if (!isPresent) return undefined;
  if (!isArray(value)) throw badType("list", value);
  return value;
}

function mergedForOrder(
  old: readonly unknown[] | undefined,
  change: readonly unknown[] | undefined,
  field: FieldRules,
): readonly unknown[] {
  if (change === undefined) return old ?? [];
  if (old !== undefined) return mergeList(old, change, field);
  const added = withoutDirectives(change);
  return isArray(added) ? added : [];
}

/** The patch's list must be a sub-sequence of its order; what it deletes does not count. */
function checkOrder(change: readonly unknown[], order: readonly unknown[], mergeKey: string | undefined): void {
  if (change.length === 0 || order.length === 0) return;
  let at = 0;
  for (const item of change) {
    if (isRecord(item) && Object.hasOwn(item, patchDirective)) continue;
    const id = identityOf(item, mergeKey);
    while (at < order.length && identityOf(order[at], mergeKey) !== id) at++;
    if (at === order.length) {
      const lists = `${goText(change)}\n doesn't match ${orderPrefix} list:\n${goText(order)}`;
      throw unclassified(`The order in patch list:\n${lists}\n`);
    }
    at++;
  }
}

function mergeList(old: readonly unknown[], change: readonly unknown[], field: FieldRules): readonly unknown[] {
  if (field.strategy !== "merge") return change;
  if (old.length === 0 && change.length === 0) return old;
  if (elementType(old, change) === "map") return mergeMapLists(old, change, field);
  const merged = [...new Set([...old, ...change])];
  return arrange(merged, change, old, undefined);
}

function mergeMapLists(old: readonly unknown[], change: readonly unknown[], field: FieldRules): readonly unknown[] {
  const { mergeKey } = field;
  if (mergeKey === undefined) throw unclassified(`cannot merge lists without merge key for ${field.name}`);
  const { kept, changes } = applyItemDirectives(old, change, mergeKey);
  const merged = [...kept];
  const firstIndex = new Map<unknown, number>();
  for (const [index, item] of merged.entries()) {
    const id = isRecord(item) ? item[mergeKey] : undefined;
    if (id !== undefined && !firstIndex.has(id)) firstIndex.set(id, index);
  }
  const itemRules = rulesOfItems(field);
  for (const item of changes) {
    const id = identityOf(item, mergeKey);
    const index = firstIndex.get(id);
    const live = index === undefined ? undefined : merged[index];
    if (index !== undefined && isRecord(live) && isRecord(item)) merged[index] = mergeMap(live, item, itemRules);
    else firstIndex.set(id, merged.push(item) - 1);
  }
  return arrange(merged, changes, kept, mergeKey);
}

interface ListMerge {
  readonly kept: readonly unknown[];
  readonly changes: readonly unknown[];
}

/** Elements with `$patch`: `delete` removes all with that key, `replace` makes the other elements the whole list. */
function applyItemDirectives(old: readonly unknown[], change: readonly unknown[], mergeKey: string): ListMerge {
  const changes: unknown[] = [];
  const deleted = new Set<unknown>();
  let replaces = false;
  for (const item of change) {
    const directive = isRecord(item) ? getOwn(item, patchDirective) : undefined;
    if (directive === undefined) changes.push(item);
    else if (directive === "delete") deleted.add(identityOf(item, mergeKey));
    else if (directive === "replace") replaces = true;
    else if (directive === "merge") throw unclassified("merging lists cannot yet be specified in the patch");
    else throw unclassified(`unknown patch type: ${goText(directive)} in map: ${goText(item)}`);
  }
  if (replaces) return { kept: changes, changes: [] };
  const kept = deleted.size === 0 ? old : old.filter((item) => !isRecord(item) || !deleted.has(item[mergeKey]));
  return { kept, changes };
}

/**
 * The elements of `merged`: those that `order` lists in its order, the others in the order of `live`. One of the others
 * comes before a listed one only if `live` has both in that order.
 */
function arrange(
  merged: readonly unknown[],
  order: readonly unknown[],
  live: readonly unknown[],
  mergeKey: string | undefined,
): readonly unknown[] {
  const rank = ranksOf(order, mergeKey);
  const liveRank = ranksOf(live, mergeKey);
  const byRank = (ranks: ReadonlyMap<unknown, number>) => (left: Ranked, right: Ranked) =>
    (ranks.get(left.id) ?? 0) - (ranks.get(right.id) ?? 0);
  const items = merged.map((item) => ({ id: identityOf(item, mergeKey), item }));
  const listed = items.filter(({ id }) => rank.has(id)).sort(byRank(rank));
  const others = items.filter(({ id }) => !rank.has(id)).sort(byRank(liveRank));
  const result: unknown[] = [];
  let next = 0;
  for (const { id, item } of listed) {
    const place = liveRank.get(id);
    for (let other = others[next]; other !== undefined && place !== undefined; other = others[next]) {
      if ((liveRank.get(other.id) ?? Infinity) > place) break;
      result.push(other.item);
      next++;
    }
    result.push(item);
  }
  for (const { item } of others.slice(next)) result.push(item);
  return result;
}

interface Ranked {
  readonly id: unknown;
  readonly item: unknown;
}

function ranksOf(list: readonly unknown[], mergeKey: string | undefined): Map<unknown, number> {
  const ranks = new Map<unknown, number>();
  for (const item of list) {
    const id = identityOf(item, mergeKey);
    if (!ranks.has(id)) ranks.set(id, ranks.size);
  }
  return ranks;
}

/** What elements of a list are matched by: the value of the merge key, or the scalar itself. 80 is not "80". */
function identityOf(item: unknown, mergeKey: string | undefined): unknown {
  if (mergeKey === undefined) return item;
  if (!isRecord(item)) throw badType("map", item);
  const id = getOwn(item, mergeKey);
  if (id !== undefined) return id;
  throw unclassified(`map: ${goText(item)} does not contain declared merge key: ${mergeKey}`);
}

/** The one type of all elements of two lists. */
function elementType(left: readonly unknown[], right: readonly unknown[]): "map" | "scalar" {
  const all = [...left, ...right];
  if (all.length === 0) throw unclassified("no elements in any of the given slices");
  const first = typeName(all[0]);
  if (first === "list") {
    const message = "the server rejected our request due to an error in our request";
    throw new ApiError("Invalid", message, { details: {}, cause: new Error("lists of lists are not supported") });
  }
  if (all.some((item) => typeName(item) !== first)) {
    throw unclassified(`list element types are not identical: ${goText([left, right])}`);
  }
  return first === "map" ? "map" : "scalar";
}

/** Drops maps that hold `$patch`; undefined if `value` itself is one. */
function withoutDirectives(value: unknown): unknown {
  if (isArray(value)) return value.map(withoutDirectives).filter((item) => item !== undefined);
  if (!isRecord(value)) return value;
  if (Object.hasOwn(value, patchDirective)) return undefined;
  const result: JsonRecord = {};
  for (const key of Object.keys(value)) {
    const item = withoutDirectives(value[key]);
    if (item !== undefined) setOwn(result, key, item);
  }
  return result;
}
