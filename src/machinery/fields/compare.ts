// What changed between two values of a type, as sets of paths: what came, what went, what is another. What came or went
// includes every map, struct and list item on the way, which is how `.` gets into managedFields.
// Upstream: sigs.k8s.io/structured-merge-diff/v6/typed/compare.go.
import { deepEqual } from "../equality.ts";
import { fieldOf, isArray, isRecord } from "../guards.ts";
import { type FieldSet, isEmptySet, leaf, makeNode, makeSet, union } from "./field-set.ts";
import {
  deducedType,
  elementOfItem,
  type ListType,
  type MapType,
  type MergeType,
  type Shape,
  shapeOf,
  typeOfKey,
} from "./merge-type.ts";
import { fieldElement, selfMark } from "./path-element.ts";

/** What differs. Absent: nothing of that sort. */
export interface Changes {
  readonly added?: FieldSet;
  readonly modified?: FieldSet;
  readonly removed?: FieldSet;
}

type Fields = Readonly<Record<string, unknown>>;

/** Names at the top of an object, and in its metadata, that are not looked at. */
export interface FieldScope {
  skipsRoot(name: string): boolean;
  skipsMetadata(name: string): boolean;
}

/** What differs between two objects of a type, or undefined. */
export function compareObjects(type: MergeType, old: Fields, object: Fields, scope: FieldScope): Changes | undefined {
  const changes = new Collector();
  const { map } = type;
  if (map === undefined) return undefined;
  compareKeys(old, object, (name) => {
    if (scope.skipsRoot(name)) return;
    const [left, right] = [old[name], object[name]];
    const below =
      name === "metadata"
        ? compareMetadata(typeOfKey(map, name), left, right, scope)
        : compareValues(typeOfKey(map, name), left, right);
    if (below !== undefined) changes.put(fieldElement(name), below);
  });
  return changes.finish();
}

/** Metadata is there whether it is written or not. */
function compareMetadata(type: MergeType, left: unknown, right: unknown, scope: FieldScope): Changes | undefined {
  const [old, metadata] = [isRecord(left) ? left : {}, isRecord(right) ? right : {}];
  const changes = new Collector();
  const { map } = type;
  compareKeys(old, metadata, (name) => {
    if (scope.skipsMetadata(name)) return;
    const own = map === undefined ? deducedType : typeOfKey(map, name);
    const below = compareValues(own, old[name], metadata[name]);
    if (below !== undefined) changes.put(fieldElement(name), below);
  });
  return changes.finish();
}

/** What differs between two values; undefined is an absent one. */
export function compareValues(type: MergeType, left: unknown, right: unknown): Changes | undefined {
  if (left === right) return undefined;
  if (left === undefined) return { added: wholeOf(type, right) };
  if (right === undefined) return { removed: wholeOf(type, left) };
  const leftShape = shapeOf(type, left);
  const rightShape = right === null ? leftShape : shapeOf(type, right);
  const shape = left === null ? rightShape : leftShape;
  if (shape !== rightShape) return compareShapes(type, left, right);
  if (shape === "map" && type.map !== undefined) return compareMaps(type.map, left, right);
  if (shape === "list" && type.list !== undefined) return compareLists(type.list, left, right);
  return compareUnits(left, right);
}

function compareUnits(left: unknown, right: unknown): Changes | undefined {
  return deepEqual(left, right) ? undefined : { modified: leaf };
}

/** One is a map and the other a list, say: all below goes and comes. */
function compareShapes(type: MergeType, left: unknown, right: unknown): Changes | undefined {
  const gone = wholeOf(type, left);
  const come = wholeOf(type, right);
  const isUnit = isEmptySet(gone) || isEmptySet(come);
  return {
    ...(isEmptySet(gone) ? {} : { removed: belowOf(gone) }),
    ...(isEmptySet(come) ? {} : { added: belowOf(come) }),
    ...(isUnit ? { modified: leaf } : {}),
  };
}

function belowOf(node: FieldSet): FieldSet {
  return makeSet(new Map(Object.entries(node).filter(([element]) => element !== ".")));
}

function compareMaps(type: MapType, left: unknown, right: unknown): Changes | undefined {
  const old = isRecord(left) ? left : {};
  const next = isRecord(right) ? right : {};
  if (type.atomic || (isEmptyRecord(old) && isEmptyRecord(next))) return compareUnits(left, right);
  // Most of an object is as it was, and that is said faster without its type.
  if (deepEqual(old, next)) return undefined;
  const changes = new Collector();
  compareKeys(old, next, (name) => {
    const [before, after] = [own(old, name), own(next, name)];
    const below = before === after ? undefined : compareValues(typeOfKey(type, name), before, after);
    if (below !== undefined) changes.put(fieldElement(name), below);
  });
  return changes.finish();
}

function compareLists(type: ListType, left: unknown, right: unknown): Changes | undefined {
  const old = isArray(left) ? left : [];
  const next = isArray(right) ? right : [];
  if (type.atomic || (old.length === 0 && next.length === 0)) return compareUnits(left, right);
  if (deepEqual(old, next)) return undefined;
  const changes = new Collector();
  if (haveSameKeys(type, old, next)) {
    for (const [index, item] of old.entries()) {
      const below = compareValues(type.items, item, next[index]);
      if (below !== undefined) changes.put(elementOfItem(type, item), below);
    }
    return changes.finish();
  }
  const before = groupItems(type, old);
  const after = groupItems(type, next);
  for (const [element, items] of before) {
    const below = compareItems(type.items, items, after.get(element) ?? []);
    if (below !== undefined) changes.put(element, below);
  }
  for (const [element, items] of after) {
    const below = before.has(element) ? undefined : compareItems(type.items, [], items);
    if (below !== undefined) changes.put(element, below);
  }
  return changes.finish();
}

/** So many items are looked at in pairs to see whether two have the same key. */
const pairedItemsMax = 16;

/** Do two short lists have items with the same keys in the same order, each once? It is so for most changes. */
function haveSameKeys({ keys }: ListType, left: readonly unknown[], right: readonly unknown[]): boolean {
  const [key] = keys;
  if (key === undefined || keys.length > 1 || left.length !== right.length || left.length > pairedItemsMax)
    return false;
  for (const [index, item] of left.entries()) {
    const value = fieldOf(item, key);
    if (typeof value !== "string" || fieldOf(right[index], key) !== value) return false;
    for (let before = 0; before < index; before++) if (fieldOf(left[before], key) === value) return false;
  }
  return true;
}

/** Items with the same keys, in their order: one of each, but for lists that have duplicates. */
export function groupItems(type: ListType, list: readonly unknown[]): ReadonlyMap<string, readonly unknown[]> {
  const groups = new Map<string, unknown[]>();
  for (const item of list) {
    const element = elementOfItem(type, item);
    const group = groups.get(element);
    if (group === undefined) groups.set(element, [item]);
    else group.push(item);
  }
  return groups;
}

/** Duplicates are one unit. */
function compareItems(type: MergeType, old: readonly unknown[], next: readonly unknown[]): Changes | undefined {
  if (old.length <= 1 && next.length <= 1) return compareValues(type, old[0], next[0]);
  if (old.length >= 2 && next.length >= 2) return compareUnits(old, next);
  if (old.length >= 2) {
    return { removed: leaf, ...(next.length === 0 ? {} : { added: wholeOf(type, next[0]) }) };
  }
  return { added: leaf, ...(old.length === 0 ? {} : { removed: wholeOf(type, old[0]) }) };
}

/** Every path of a value that came or went, itself included. */
function wholeOf(type: MergeType, value: unknown): FieldSet {
  const shape: Shape = shapeOf(type, value);
  if (shape === "map" && type.map !== undefined && !type.map.atomic && isRecord(value)) {
    return wholeOfMap(type.map, value);
  }
  if (shape === "list" && type.list !== undefined && !type.list.atomic && isArray(value)) {
    return wholeOfList(type.list, value);
  }
  return leaf;
}

/** What is created passes here whole, so this makes nothing but the set. */
function wholeOfMap(type: MapType, value: Fields): FieldSet {
  const names = Object.keys(value).sort();
  let node: Record<string, FieldSet> | undefined;
  for (const name of names) {
    if (value[name] === undefined) continue;
    node ??= { [selfMark]: leaf };
    node[fieldElement(name)] = wholeOf(typeOfKey(type, name), value[name]);
  }
  return node ?? leaf;
}

function wholeOfList(type: ListType, value: readonly unknown[]): FieldSet {
  const children = new Map<string, FieldSet>();
  for (const [element, items] of groupItems(type, value)) {
    children.set(element, items.length === 1 ? wholeOf(type.items, items[0]) : leaf);
  }
  return makeNode(true, children) ?? leaf;
}

/** Gathers the changes of children. */
class Collector {
  #added: Map<string, FieldSet> | undefined;
  #modified: Map<string, FieldSet> | undefined;
  #removed: Map<string, FieldSet> | undefined;

  put(element: string, changes: Changes): void {
    const { added, modified, removed } = changes;
    if (added !== undefined) (this.#added ??= new Map()).set(element, added);
    if (modified !== undefined) (this.#modified ??= new Map()).set(element, modified);
    if (removed !== undefined) (this.#removed ??= new Map()).set(element, removed);
  }

  finish(): Changes | undefined {
    const [added, modified, removed] = [this.#added, this.#modified, this.#removed];
    if (added === undefined && modified === undefined && removed === undefined) return undefined;
    return {
      ...(added === undefined ? {} : { added: makeSet(added) }),
      ...(modified === undefined ? {} : { modified: makeSet(modified) }),
      ...(removed === undefined ? {} : { removed: makeSet(removed) }),
    };
  }
}

/** What came or is another. */
export function takenOf({ added = leaf, modified = leaf }: Changes): FieldSet {
  return union(added, modified);
}

function compareKeys(left: Fields, right: Fields, visit: (name: string) => void): void {
  for (const name in left) if (left[name] !== undefined) visit(name);
  for (const name in right) if (right[name] !== undefined && own(left, name) === undefined) visit(name);
}

/** Users choose keys: what is inherited is not there. */
function own(fields: Fields, name: string): unknown {
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

function isEmptyRecord(fields: Fields): boolean {
  for (const name in fields) if (fields[name] !== undefined) return false;
  return true;
}
