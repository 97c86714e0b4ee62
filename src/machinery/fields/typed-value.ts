// The set of paths that a configuration names, the same set with the structs on its way, and a value without the paths of a
// set. Upstream: sigs.k8s.io/structured-merge-diff/v6/typed/{tofieldset,remove,reconcile_schema}.go and fieldpath/set.go.
import { isArray, isRecord } from "../guards.ts";
import { setOwn } from "../own-property.ts";
import { groupItems } from "./compare.ts";
import { childOf, elementsOf, type FieldSet, isEmptySet, isMember, leaf, makeNode, makeSet } from "./field-set.ts";
import {
  deducedType,
  elementOfItem,
  type ListType,
  type MapType,
  type MergeType,
  shapeOf,
  typeOfKey,
} from "./merge-type.ts";
import { fieldElement, fieldOfElement, selfMark } from "./path-element.ts";

type Fields = Readonly<Record<string, unknown>>;

/** What an applied configuration owns: leaves, list items, keys of free maps; not the structs and lists around them. */
export function setOfValue(type: MergeType, value: unknown): FieldSet {
  return nodeOfValue(type, value, false) ?? leaf;
}

/** `belongs`: the path of the value is in the set whatever the value is. */
function nodeOfValue(type: MergeType, value: unknown, belongs: boolean): FieldSet | undefined {
  const shape = shapeOf(type, value);
  if (shape === "map" && type.map !== undefined && !type.map.atomic) return nodeOfMap(type.map, value, belongs);
  if (shape === "list" && type.list !== undefined && !type.list.atomic) return nodeOfList(type.list, value, belongs);
  return leaf;
}

function nodeOfMap(type: MapType, value: unknown, belongs: boolean): FieldSet | undefined {
  const children = new Map<string, FieldSet>();
  const fields = isRecord(value) ? value : {};
  for (const name in fields) {
    const below = fields[name];
    if (below === undefined) continue;
    const isFree = type.declared(name) === undefined;
    const node = nodeOfValue(typeOfKey(type, name), below, isFree || below === null || isEmptyMap(below));
    if (node !== undefined) children.set(fieldElement(name), node);
  }
  return makeNode(belongs, children);
}

function nodeOfList(type: ListType, value: unknown, belongs: boolean): FieldSet | undefined {
  const children = new Map<string, FieldSet>();
  for (const [element, items] of groupItems(type, isArray(value) ? value : [])) {
    const node = items.length === 1 ? nodeOfValue(type.items, items[0], true) : leaf;
    children.set(element, node ?? leaf);
  }
  return makeNode(belongs, children);
}

function isEmptyMap(value: unknown): boolean {
  return isRecord(value) && Object.keys(value).length === 0;
}

/** The set and every declared field above its paths. */
export function withNamedFields(type: MergeType, set: FieldSet): FieldSet {
  const children = new Map<string, FieldSet>();
  for (const element of elementsOf(set)) {
    const node = set[element] ?? leaf;
    const name = fieldOfElement(element);
    const isNamed = name !== undefined && type.map?.declared(name) !== undefined;
    const below = withNamedFields(typeBelow(type, element), node);
    children.set(element, elementsOf(below).length === 0 ? leaf : withMark(below, isNamed || isMember(node)));
  }
  return makeSet(children);
}

function withMark(below: FieldSet, belongs: boolean): FieldSet {
  return belongs ? { [selfMark]: leaf, ...below } : below;
}

/** The type of what an element stands for. */
function typeBelow(type: MergeType, element: string): MergeType {
  const name = fieldOfElement(element);
  if (name === undefined) return type.list?.items ?? deducedType;
  return type.map === undefined ? deducedType : typeOfKey(type.map, name);
}

/** The value without the paths of `set` and all that lies below them. What stays is shared with `value`. */
export function removePaths(type: MergeType, value: unknown, set: FieldSet): unknown {
  if (isEmptySet(set)) return value;
  const shape = shapeOf(type, value);
  if (shape === "map" && type.map?.atomic === false && isRecord(value)) return removeKeys(type.map, value, set);
  if (shape === "list" && type.list?.atomic === false && isArray(value)) return removeItems(type.list, value, set);
  return value;
}

function removeKeys(type: MapType, value: Fields, set: FieldSet): Fields {
  const kept: Record<string, unknown> = {};
  for (const name of Object.keys(value)) {
    const node = childOf(set, fieldElement(name));
    if (node !== undefined && isMember(node)) continue;
    setOwn(kept, name, node === undefined ? value[name] : removePaths(typeOfKey(type, name), value[name], node));
  }
  return kept;
}

function removeItems(type: ListType, value: readonly unknown[], set: FieldSet): readonly unknown[] {
  return value.flatMap((item) => {
    const node = childOf(set, elementOfItem(type, item));
    if (node === undefined) return [item];
    return isMember(node) ? [] : [removePaths(type.items, item, node)];
  });
}

/** A set that was written when something was not yet one unit: now its owners own the whole of it. */
export function reconciledWith(type: MergeType, set: FieldSet): FieldSet {
  let ofType = sound.get(type);
  if (ofType === undefined) {
    ofType = new WeakSet();
    sound.set(type, ofType);
  }
  if (ofType.has(set)) return set;
  const reconciled = reconcileNode(type, set, true);
  ofType.add(reconciled);
  return reconciled;
}

/** Sets that are known to fit a type: most writes bring the same ones. */
const sound = new WeakMap<MergeType, WeakSet<FieldSet>>();

function reconcileNode(type: MergeType, node: FieldSet, isRoot: boolean): FieldSet {
  if (isEmptySet(node) || type === deducedType) return node;
  const { map, list } = type;
  if (map?.atomic === true || (map === undefined && list?.atomic === true)) return isRoot ? node : leaf;
  let changed = false;
  const children = new Map<string, FieldSet>();
  for (const element of elementsOf(node)) {
    const below = node[element] ?? leaf;
    const next = reconcileNode(typeBelow(type, element), below, false);
    if (next !== below) changed = true;
    children.set(element, next);
  }
  return changed ? (makeNode(!isRoot && isMember(node), children) ?? leaf) : node;
}
