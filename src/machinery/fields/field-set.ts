// Sets of paths into an object, in the very form in which managedFields stores them (fieldsV1): a tree whose nodes are named
// by path elements. A node without children belongs to the set; one with children does if it has the mark `.`. Reading and
// writing a set therefore costs nothing, and results share what they do not change. Sets are never edited.
// Upstream: sigs.k8s.io/structured-merge-diff/v6/fieldpath/set.go.
import { ApiError } from "../api-error.ts";
import { isRecord } from "../guards.ts";
import { jsonDepthMax } from "../json-reader.ts";
import { canonicalElement, compareElements, elementText, selfMark } from "./path-element.ts";

/** A set, or the part of one below an element. */
export interface FieldSet {
  readonly [element: string]: FieldSet;
}

/** A node that belongs to its set and has nothing below. At the root: the empty set. */
export const leaf: FieldSet = Object.freeze({});

export function isEmptySet(set: FieldSet): boolean {
  for (const _ in set) return false;
  return true;
}

/** Does a node (never the root) belong to its set? */
export function isMember(node: FieldSet): boolean {
  return isEmptySet(node) || Object.hasOwn(node, selfMark);
}

/** What lies below an element, or undefined. */
export function childOf(set: FieldSet, element: string): FieldSet | undefined {
  return Object.hasOwn(set, element) ? set[element] : undefined;
}

/** The elements of a set, without the mark. */
export function elementsOf(set: FieldSet): readonly string[] {
  return Object.keys(set).filter((element) => element !== selfMark);
}

/** Makes a node out of its children; undefined: it does not belong to the set and nothing below does. */
export function makeNode(belongs: boolean, children: ReadonlyMap<string, FieldSet>): FieldSet | undefined {
  if (children.size === 0) return belongs ? leaf : undefined;
  const elements = sorted([...children.keys()]);
  const node: Record<string, FieldSet> = belongs ? { [selfMark]: leaf } : {};
  for (const element of elements) node[element] = children.get(element) ?? leaf;
  return node;
}

function sorted(elements: string[]): readonly string[] {
  for (let index = 1; index < elements.length; index++) {
    if (compareElements(elements[index - 1] ?? "", elements[index] ?? "") > 0) return elements.sort(compareElements);
  }
  return elements;
}

/** A set out of its first elements. */
export function makeSet(children: ReadonlyMap<string, FieldSet>): FieldSet {
  return makeNode(false, children) ?? leaf;
}

/** The set with one path. */
export function setOfPath(path: readonly string[]): FieldSet {
  return path.reduceRight<FieldSet>((below, element) => ({ [element]: below }), leaf);
}

/** Is the path in the set? */
export function hasPath(set: FieldSet, path: readonly string[]): boolean {
  let node: FieldSet | undefined = set;
  for (const element of path) {
    node = childOf(node, element);
    if (node === undefined) return false;
  }
  return path.length > 0 && isMember(node);
}

/** What is in either set. */
export function union(left: FieldSet, right: FieldSet): FieldSet {
  if (left === right || isEmptySet(right)) return left;
  if (isEmptySet(left)) return right;
  return covers(left, right) ? left : unite(left, right);
}

/** Both in their order, so the result comes in order. */
function unite(left: FieldSet, right: FieldSet, belongs = false): FieldSet {
  const node: Record<string, FieldSet> = belongs ? { [selfMark]: leaf } : {};
  const [mine, theirs] = [elementsOf(left), elementsOf(right)];
  let [at, from] = [0, 0];
  for (;;) {
    const one = mine[at];
    const other = theirs[from];
    if (one === undefined && other === undefined) return node;
    if (one === other && one !== undefined) {
      node[one] = uniteNodes(left[one] ?? leaf, right[one] ?? leaf);
      at++;
      from++;
    } else if (other === undefined || (one !== undefined && compareElements(one, other) < 0)) {
      if (one !== undefined) node[one] = left[one] ?? leaf;
      at++;
    } else {
      node[other] = right[other] ?? leaf;
      from++;
    }
  }
}

function uniteNodes(left: FieldSet, right: FieldSet): FieldSet {
  if (left === right || (isEmptySet(left) && isEmptySet(right))) return left;
  return unite(left, right, isMember(left) || isMember(right));
}

/** Is all of `part` in `set`? */
export function covers(set: FieldSet, part: FieldSet): boolean {
  for (const element in part) {
    if (element === selfMark) continue;
    const theirs = part[element] ?? leaf;
    const mine = childOf(set, element);
    if (mine === undefined) return false;
    if (mine === theirs) continue;
    if (isMember(theirs) && !isMember(mine)) return false;
    if (!covers(mine, theirs)) return false;
  }
  return true;
}

/** What is in `set` and not in `other`: path by path, so what lies below a path that goes may stay. */
export function difference(set: FieldSet, other: FieldSet): FieldSet {
  return subtract(set, other, false);
}

/** `set` without the paths of `other` and all that lies below them. */
export function differenceBelow(set: FieldSet, other: FieldSet): FieldSet {
  return subtract(set, other, true);
}

function subtract(set: FieldSet, other: FieldSet, below: boolean): FieldSet {
  let changed = false;
  const children = new Map<string, FieldSet>();
  for (const element of elementsOf(set)) {
    const mine = set[element] ?? leaf;
    const theirs = childOf(other, element);
    const rest = theirs === undefined ? mine : subtractNode(mine, theirs, below);
    if (rest !== undefined) children.set(element, rest);
    if (rest !== mine) changed = true;
  }
  return changed ? makeSet(children) : set;
}

function subtractNode(mine: FieldSet, theirs: FieldSet, below: boolean): FieldSet | undefined {
  const goes = isMember(theirs);
  if (goes && below) return undefined;
  const rest = subtract(mine, theirs, below);
  const belongs = isMember(mine) && !goes;
  if (rest === mine && belongs === isMember(mine)) return mine;
  if (elementsOf(rest).length === 0) return belongs ? leaf : undefined;
  return belongs ? { [selfMark]: leaf, ...rest } : withoutMark(rest);
}

function withoutMark(node: FieldSet): FieldSet {
  if (!Object.hasOwn(node, selfMark)) return node;
  const { [selfMark]: _, ...rest } = node;
  return rest;
}

/** What is in both. */
export function intersection(left: FieldSet, right: FieldSet): FieldSet {
  const children = new Map<string, FieldSet>();
  for (const element of elementsOf(left)) {
    const theirs = childOf(right, element);
    if (theirs === undefined) continue;
    const mine = left[element] ?? leaf;
    const both = isMember(mine) && isMember(theirs);
    const below = intersection(mine, theirs);
    if (elementsOf(below).length > 0) children.set(element, both ? { [selfMark]: leaf, ...below } : below);
    else if (both) children.set(element, leaf);
  }
  return makeSet(children);
}

/** Every path as conflicts name it, in the order of the set. */
export function pathTexts(set: FieldSet, prefix = ""): readonly string[] {
  return elementsOf(set).flatMap((element) => {
    const node = set[element] ?? leaf;
    const text = `${prefix}${elementText(element)}`;
    return [...(isMember(node) ? [text] : []), ...pathTexts(node, text)];
  });
}

/** Reads what a client sent as fieldsV1. Elements of unknown sorts are dropped. Throws BadRequest for malformed ones. */
export function readFieldSet(value: unknown): FieldSet {
  return readNode(value, 0) ?? leaf;
}

function readNode(value: unknown, depth: number): FieldSet | undefined {
  if (!isRecord(value)) throw new ApiError("BadRequest", "fieldsV1 must be made of objects");
  if (depth > jsonDepthMax) throw new ApiError("BadRequest", "exceeded max depth");
  const children = new Map<string, FieldSet>();
  for (const [key, below] of Object.entries(value)) {
    if (key === selfMark) continue;
    const element = canonicalElement(key);
    const node = element === undefined ? undefined : readNode(below, depth + 1);
    if (element !== undefined && node !== undefined) children.set(element, node);
  }
  const isRoot = depth === 0;
  return makeNode(!isRoot && (children.size === 0 || Object.hasOwn(value, selfMark)), children);
}
