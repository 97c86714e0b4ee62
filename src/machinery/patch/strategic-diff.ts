// Makes strategic merge patches: what `kubectl apply` sends for built-in kinds. What the last applied configuration had and
// the new one lacks is deleted; what the new one has is set; everything else in the live object stays.
// Upstream: k8s.io/apimachinery/pkg/util/strategicpatch/patch.go (CreateThreeWayMergePatch).
import { deepEqual } from "../equality.ts";
import { isArray, isRecord } from "../guards.ts";
import { getOwn, setOwn } from "../own-property.ts";
import type { Schema, SchemaResolver } from "../schema.ts";
import { typeName, unclassified } from "./strategic-errors.ts";
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

/** The patch to send. `lastApplied` is empty for an object that was never applied. Edits none of the three. */
export function createThreeWayStrategicPatch(
  lastApplied: ReadonlyRecord,
  modified: ReadonlyRecord,
  current: ReadonlyRecord,
  schema: Schema,
  resolve: SchemaResolver,
): JsonRecord {
  return diffMaps({ last: lastApplied, next: modified, live: current }, { schema, resolve }, false);
}

/** The same value in the last applied configuration, the new one and the live object. */
interface Versions<T> {
  readonly last: T;
  readonly next: T;
  readonly live: T;
}

function diffMaps({ last, next, live }: Versions<ReadonlyRecord>, rules: TypeRules, retainsKeys: boolean): JsonRecord {
  const patch: JsonRecord = {};
  for (const key of Object.keys(last)) if (!Object.hasOwn(next, key)) setOwn(patch, key, null);
  for (const key of Object.keys(next)) {
    diffField(patch, key, { last: getOwn(last, key), next: next[key], live: getOwn(live, key) }, rules);
  }
  if (retainsKeys) {
    const retained = Object.keys(next).filter((key) => next[key] !== null);
    const hasMore = (map: ReadonlyRecord): boolean => Object.keys(map).some((key) => !Object.hasOwn(next, key));
    const isNeeded = Object.keys(patch).length > 0 || hasMore(live) || hasMore(last);
    if (retained.length > 0 && isNeeded) patch[retainKeysDirective] = retained.sort();
  }
  return patch;
}

function diffField(patch: JsonRecord, key: string, { last, next, live }: Versions<unknown>, rules: TypeRules): void {
  if (isRecord(next) && isRecord(live)) {
    const field = rulesOfField(rules, key);
    if (field.strategy === "replace") {
      if (!deepEqual(next, live)) setOwn(patch, key, next);
      return;
    }
    const inner = diffMaps({ last: isRecord(last) ? last : {}, next, live }, field.type, field.retainsKeys);
    if (Object.keys(inner).length > 0) setOwn(patch, key, inner);
  } else if (isArray(next) && isArray(live)) {
    const field = rulesOfField(rules, key);
    if (field.strategy === "merge") diffLists(patch, { last: isArray(last) ? last : [], next, live }, field);
    else if (!deepEqual(next, live)) setOwn(patch, key, next);
  } else if (!deepEqual(next, live)) {
    setOwn(patch, key, next);
  }
}

function diffLists(patch: JsonRecord, lists: Versions<readonly unknown[]>, field: FieldRules): void {
  const { last, next, live } = lists;
  const first = [...next, ...live, ...last][0];
  if (first === undefined) return;
  if (typeName(first) === "map") diffMapLists(patch, lists, field);
  else diffScalarLists(patch, lists, field.name);
}

function diffScalarLists(patch: JsonRecord, { last, next, live }: Versions<readonly unknown[]>, name: string): void {
  const added = next.filter((item) => !live.includes(item));
  const deleted = [...new Set(last.filter((item) => !next.includes(item)))];
  const kept = live.filter((item) => next.includes(item));
  if (added.length > 0) setOwn(patch, name, added);
  if (deleted.length > 0) patch[`${deletePrefix}/${name}`] = deleted;
  const isOrdered = live.length === 0 || deepEqual(kept, next);
  if (next.length > 0 && (deleted.length > 0 || !isOrdered)) patch[`${orderPrefix}/${name}`] = next;
}

function diffMapLists(patch: JsonRecord, { last, next, live }: Versions<readonly unknown[]>, field: FieldRules): void {
  const { mergeKey, name } = field;
  if (mergeKey === undefined) throw unclassified(`cannot merge lists without merge key for ${name}`);
  const lastByKey = byMergeKey(last, mergeKey, name);
  const nextByKey = byMergeKey(next, mergeKey, name);
  const liveByKey = byMergeKey(live, mergeKey, name);
  const changes: JsonRecord[] = [];
  for (const [id, item] of nextByKey) {
    const liveItem = liveByKey.get(id);
    const change = liveItem === undefined ? { ...item } : diffItem(lastByKey.get(id), item, liveItem, field);
    if (change !== undefined) changes.push({ ...change, [mergeKey]: id });
  }
  const deletions = [...lastByKey.keys()].filter((id) => !nextByKey.has(id));
  const isOrdered = deepEqual(
    [...liveByKey.keys()].filter((id) => nextByKey.has(id)),
    [...nextByKey.keys()],
  );
  const list = [...changes, ...deletions.map((id) => ({ [patchDirective]: "delete", [mergeKey]: id }))];
  if (list.length > 0) setOwn(patch, name, list);
  if (next.length > 0 && (deletions.length > 0 || (live.length > 0 && (list.length > 0 || !isOrdered)))) {
    patch[`${orderPrefix}/${name}`] = [...nextByKey.keys()].map((id) => ({ [mergeKey]: id }));
  }
}

/** What changes in an element that is live; undefined: nothing. */
function diffItem(
  last: ReadonlyRecord = {},
  next: ReadonlyRecord,
  live: ReadonlyRecord,
  field: FieldRules,
): JsonRecord | undefined {
  const change = diffMaps({ last, next, live }, rulesOfItems(field), field.retainsKeys);
  return Object.keys(change).length === 0 ? undefined : change;
}

/** Elements by their merge key; of several with one key the last one counts, as it does when they are merged. */
function byMergeKey(list: readonly unknown[], mergeKey: string, name: string): Map<unknown, ReadonlyRecord> {
  const items = new Map<unknown, ReadonlyRecord>();
  for (const item of list) {
    const id = isRecord(item) ? getOwn(item, mergeKey) : undefined;
    if (!isRecord(item) || id === undefined) {
      throw unclassified(`an element of ${name} does not contain declared merge key: ${mergeKey}`);
    }
    items.set(id, item);
  }
  return items;
}
