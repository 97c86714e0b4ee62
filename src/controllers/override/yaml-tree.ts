// The tree of a YAML document: how it is read so that nothing of it is lost, and how single nodes of it are changed.
import {
  Document,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  parseAllDocuments,
  parseDocument,
  Scalar,
  type Tags,
  visit,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";
import { OverrideFailure } from "./override-failure.ts";
import { additionIndex, entryIndex, type PatchOperation } from "./patch-value.ts";

/** One document of a text; the range is from its first character to behind its last. */
export type Tree = Document & { readonly range?: readonly [number, number, number] };

/** Merge keys are old YAML, but what reads configuration understands them. Integers of any size are exact. */
const options = {
  merge: true,
  intAsBigInt: true,
  logLevel: "silent",
  prettyErrors: false,
  customTags: keepNumberTexts,
} as const;

/** The first document of the text. Throws OverrideFailure where the text is not YAML. */
export function parseTree(text: string): Tree {
  const tree = parseAllDocuments(text, options)[0] ?? parseDocument(text, options);
  const [error] = tree.errors;
  if (error !== undefined) throw new OverrideFailure(`the field is not YAML: ${error.message}`);
  return tree;
}

/** A new document with this value. */
export function documentOf(value: unknown): Document {
  return new Document(value, options);
}

/** What `text` means without quotes, or undefined where it cannot stand without them. */
export function readPlain(text: string): Scalar | undefined {
  const { contents, errors } = parseDocument(text, options);
  const isPlain = errors.length === 0 && isScalar(contents) && contents.type === Scalar.PLAIN;
  return isPlain && contents.source === text ? contents : undefined;
}

/** The node at these tokens, or undefined where there is none or the way leads through an alias. */
export function nodeAt(tree: Tree, tokens: readonly string[]): Node | undefined {
  let node: unknown = tree.contents;
  for (const token of tokens) {
    if (isMap(node)) node = node.items[pairIndex(node, token)]?.value;
    else if (isSeq(node)) node = node.items[entryIndex(token, node.items.length) ?? -1];
    else return undefined;
  }
  return isNode(node) ? node : undefined;
}

/** Puts an empty map where there is nothing. */
export function fillEmpty(tree: Tree): void {
  const { contents } = tree;
  if (contents !== null && !(isScalar(contents) && contents.value === null && (contents.source ?? "") === "")) return;
  tree.contents = tree.createNode({});
}

/** Changes the tree in place. False: that cannot be done at this place, and the tree is as it was. */
export function changeTree(tree: Tree, tokens: readonly string[], change: PatchOperation): boolean {
  const token = tokens.at(-1);
  const parent = nodeAt(tree, tokens.slice(0, -1));
  if (token === undefined) return false;
  if (isMap(parent)) return changeMap(tree, parent, token, change);
  return isSeq(parent) && changeList(tree, parent, token, change);
}

function changeMap(tree: Tree, map: YAMLMap, key: string, { operator, value }: PatchOperation): boolean {
  const index = pairIndex(map, key);
  const pair = map.items[index];
  if (operator === "remove") {
    if (pair === undefined) return false;
    map.items.splice(index, 1);
  } else if (pair === undefined) {
    if (map.items.length === 0) map.flow = false;
    map.items.push(tree.createPair(key, nodeOf(tree, value)));
  } else {
    pair.value = inPlaceOf(pair.value, nodeOf(tree, value));
  }
  return true;
}

function changeList(tree: Tree, list: YAMLSeq, token: string, { operator, value }: PatchOperation): boolean {
  const index = (operator === "add" ? additionIndex : entryIndex)(token, list.items.length);
  if (index === undefined) return false;
  if (operator === "remove") list.items.splice(index, 1);
  else if (operator === "add") list.items.splice(index, 0, nodeOf(tree, value));
  else list.items[index] = inPlaceOf(list.items[index], nodeOf(tree, value));
  return true;
}

/** Keys that are numbers or the like count by their text, as in JSON. */
function pairIndex(map: YAMLMap, key: string): number {
  return map.items.findIndex((pair) => {
    const own: unknown = isScalar(pair.key) ? pair.key.value : pair.key;
    return typeof own === "string" ? own === key : String(own) === key;
  });
}

/** A text as a scalar that every reader takes for a text: `on` and `no` are truth values to those of YAML 1.1. */
export function textScalar(text: string): Scalar {
  const scalar = new Scalar(text);
  if (isAmbiguous(text)) scalar.type = Scalar.QUOTE_DOUBLE;
  return scalar;
}

function isAmbiguous(text: string): boolean {
  if (text.length > ambiguousLengthMax || !/^[\w.:+~-]+$/.test(text)) return false;
  const { contents, errors } = parseDocument(text, { version: "1.1", logLevel: "silent" });
  return errors.length > 0 || !isScalar(contents) || typeof contents.value !== "string";
}

/** Longer texts are no number, date or truth value. */
const ambiguousLengthMax = 64;

function nodeOf(tree: Tree, value: unknown): Node {
  if (value instanceof Scalar) return value;
  const node = tree.createNode(value ?? null);
  visit(node, {
    Scalar: (_key, scalar) => {
      if (typeof scalar.value === "string" && isAmbiguous(scalar.value)) scalar.type = Scalar.QUOTE_DOUBLE;
    },
  });
  return node;
}

/** The new node with the old one's comments. */
function inPlaceOf(old: unknown, fresh: Node): Node {
  if (!isNode(old)) return fresh;
  fresh.comment = old.comment ?? null;
  fresh.commentBefore = old.commentBefore ?? null;
  if (old.spaceBefore === true) fresh.spaceBefore = true;
  return fresh;
}

/** Numbers are written as they were read: `1.10`, `1e3` and digits beyond the precision of a number stay. */
function keepNumberTexts(tags: Tags): Tags {
  return tags.map((tag) => {
    if (typeof tag === "string" || tag.collection !== undefined || !/:(int|float)$/.test(tag.tag)) return tag;
    const stringify = tag.stringify;
    if (stringify === undefined) return tag;
    return { ...tag, stringify: (item, ...others) => item.source ?? stringify(item, ...others) };
  });
}
