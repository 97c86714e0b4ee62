// Changes inside a YAML document that is a text. People read these files, so order, comments and the style of scalars are
// kept: a scalar is replaced where it stands, else the document's tree is changed, not its value. Because a tree can say
// one value in many ways (anchors, merge keys), each result is read back: if it is not exactly the value that the operation
// asks for, the document is written anew from that value. Of several documents in one text the first is meant; the others
// stay as they are.
import { isScalar, Scalar, type ToStringOptions } from "yaml";
import { deepEqual } from "#machinery/equality.ts";
import { isArray, isRecord } from "#machinery/guards.ts";
import { applyEach, OverrideFailure } from "./override-failure.ts";
import { type PatchOperation, patchValue, pointerTokens } from "./patch-value.ts";
import { changeTree, documentOf, fillEmpty, nodeAt, parseTree, readPlain, textScalar, type Tree } from "./yaml-tree.ts";

/** The text after all operations. Throws OverrideFailure. */
export function patchYamlText(text: string, operations: readonly PatchOperation[]): string {
  return applyEach(text, operations, applyOperation);
}

function applyOperation(text: string, operation: PatchOperation): string {
  const tree = parseTree(text);
  const end = tree.range?.[2] ?? text.length;
  return patchDocument(text.slice(0, end), tree, operation) + text.slice(end);
}

function patchDocument(text: string, tree: Tree, operation: PatchOperation): string {
  const tokens = pointerTokens(operation.path);
  const replaced = operation.operator === "remove" ? undefined : nodeAt(tree, tokens);
  const scalar = scalarFor(operation.value, replaced);
  const value = scalar === undefined ? operation.value : scalar.value;
  // An empty file is an empty map to whoever adds a key to it.
  if (tokens.length > 0) fillEmpty(tree);
  const wanted = patchValue(valueOf(tree), { ...operation, value: plainNumbers(value) });
  const isRight = (candidate: string): boolean => reads(candidate, wanted);

  if (scalar !== undefined && isScalar(replaced)) {
    const spliced = spliceScalar(text, replaced, scalar);
    if (isRight(spliced)) return spliced;
  }
  if (changeTree(tree, tokens, { ...operation, value: scalar ?? value })) {
    const edited = withFinalBreakOf(text, tree.toString(layoutOf(text)));
    if (isRight(edited)) return edited;
  }
  return withFinalBreakOf(text, documentOf(wanted).toString(layoutOf(text)));
}

/**
 * The new scalar, if the value is one. A text that replaces a plain scalar takes that scalar's type if it reads as that
 * type without quotes, and is written as given: "3306" over `port: 5432` is a number, over `port: "5432"` a string.
 */
function scalarFor(value: unknown, replaced: unknown): Scalar | undefined {
  if (isArray(value) || isRecord(value) || value === undefined) return undefined;
  if (typeof value === "string" && isScalar(replaced)) {
    if (replaced.type === Scalar.PLAIN && typeof replaced.value !== "string") {
      const read = readPlain(value);
      if (read !== undefined && typeName(read.value) === typeName(replaced.value)) return read;
    }
    return quotedLike(replaced, value);
  }
  return typeof value === "string" ? textScalar(value) : new Scalar(value);
}

function quotedLike(replaced: Scalar, value: string): Scalar {
  const scalar = textScalar(value);
  if (replaced.type === Scalar.QUOTE_DOUBLE || replaced.type === Scalar.QUOTE_SINGLE) scalar.type = replaced.type;
  return scalar;
}

function typeName(value: unknown): string {
  if (value === null) return "null";
  return typeof value === "bigint" ? "number" : typeof value;
}

/** The text with only the scalar's own characters replaced. Whether that was right shows when it is read. */
function spliceScalar(text: string, { range }: Scalar, scalar: Scalar): string {
  const [start, end] = range ?? [0, 0];
  const written = scalar.source ?? documentOf(scalar).toString({ lineWidth: 0 }).trimEnd();
  return text.slice(0, start) + written + text.slice(end);
}

function reads(text: string, wanted: unknown): boolean {
  try {
    return deepEqual(valueOf(parseTree(text)), wanted);
  } catch (error) {
    if (error instanceof OverrideFailure) return false;
    throw error;
  }
}

/** The document's value in the terms of JSON. */
function valueOf(tree: Tree): unknown {
  try {
    return plainNumbers(tree.toJS({ maxAliasCount: aliasCountMax }));
  } catch (cause) {
    // The parser counts what aliases unfold to, against texts that are made to fill the memory.
    if (cause instanceof ReferenceError) throw new OverrideFailure(`the field is not YAML: ${cause.message}`);
    throw cause;
  }
}

const aliasCountMax = 1000;

function plainNumbers(value: unknown): unknown {
  if (typeof value === "bigint") {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }
  if (isArray(value)) return value.map(plainNumbers);
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plainNumbers(inner)]));
}

/** As the text is laid out: how far nested maps and lists are indented, and whether braces have room inside. */
function layoutOf(text: string): ToStringOptions {
  const indent = /^( +)\S/m.exec(text)?.[1]?.length ?? 2;
  return {
    lineWidth: 0,
    indent: Math.min(indent, indentMax),
    indentSeq: !hasFlushList(text),
    flowCollectionPadding: /[{[] (?=[^\s}\]])/.test(text),
  };
}

const indentMax = 8;

/** Whether the first list under a key is written at the key's own column. */
function hasFlushList(text: string): boolean {
  const found = /^( *)[^\s#-].*:[ \t]*(?:#.*)?\n( *)- /m.exec(text);
  return found !== null && found[1] === found[2];
}

function withFinalBreakOf(text: string, written: string): string {
  return text.endsWith("\n") || text === "" ? written : written.replace(/\n$/, "");
}
