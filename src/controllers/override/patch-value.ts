// The three operations of overriders on plain JSON values: add, remove, replace, with the meaning of RFC 6902 to the letter
// (the API server's own JSON patch lets replace add keys), and one more meaning, as upstream: negative indexes count from
// the end of a list. Upstream: github.com/evanphx/json-patch/v5.
// Nothing is changed in place: what an operation does not touch is shared with the result.
import { isArray, isRecord } from "#machinery/guards.ts";
import { formatJsonPointer, parseJsonPointer } from "#machinery/json-pointer.ts";
import { OverrideFailure } from "./override-failure.ts";

export interface PatchOperation {
  readonly operator: "add" | "remove" | "replace";
  /** A JSON pointer. */
  readonly path: string;
  readonly value?: unknown;
}

/** The value after the operation. Throws OverrideFailure, which names the path, when it cannot be done. */
export function patchValue(value: unknown, operation: PatchOperation): unknown {
  return patchAt(value, pointerTokens(operation.path), 0, operation);
}

/** What is at a path. Throws OverrideFailure when nothing is. */
export function valueAt(value: unknown, path: string): unknown {
  let current = value;
  const tokens = pointerTokens(path);
  for (const [depth, token] of tokens.entries()) {
    if (isArray(current)) current = current[existingIndex(current, token, tokens, depth)];
    else if (isRecord(current) && Object.hasOwn(current, token)) current = current[token];
    else throw missing(tokens, depth);
  }
  return current;
}

/** The tokens of a pointer. Throws OverrideFailure for a text that is none. */
export function pointerTokens(path: string): readonly string[] {
  const tokens = parseJsonPointer(path);
  if (tokens === undefined) throw new OverrideFailure(`path ${JSON.stringify(path)} is not a JSON pointer`);
  return tokens;
}

/** Which entry of a list of this length a token means, or undefined for none: `-1` is the last one. */
export function entryIndex(token: string, length: number): number | undefined {
  if (!/^-?(0|[1-9]\d*)$/.test(token)) return undefined;
  const number = Number(token);
  const index = number < 0 ? number + length : Math.abs(number);
  return index >= 0 && index < length ? index : undefined;
}

/** Where in a list of this length a token means to add, or undefined: `-` and `-1` are behind the last entry. */
export function additionIndex(token: string, length: number): number | undefined {
  return token === "-" ? length : entryIndex(token, length + 1);
}

function patchAt(value: unknown, tokens: readonly string[], depth: number, operation: PatchOperation): unknown {
  const token = tokens[depth];
  if (token === undefined) return patchRoot(operation);
  const isLast = depth === tokens.length - 1;
  if (isArray(value)) {
    if (isLast) return patchList(value, token, tokens, operation);
    const index = existingIndex(value, token, tokens, depth);
    return value.with(index, patchAt(value[index], tokens, depth + 1, operation));
  }
  if (!isRecord(value)) throw missing(tokens, depth);
  if (isLast) return patchMap(value, token, tokens, operation);
  if (!Object.hasOwn(value, token)) throw missing(tokens, depth);
  return { ...value, [token]: patchAt(value[token], tokens, depth + 1, operation) };
}

function patchRoot({ operator, value }: PatchOperation): unknown {
  if (operator === "remove") throw new OverrideFailure("the whole document cannot be removed");
  return value ?? null;
}

function patchMap(
  map: Readonly<Record<string, unknown>>,
  key: string,
  tokens: readonly string[],
  { operator, value }: PatchOperation,
): unknown {
  if (operator !== "add" && !Object.hasOwn(map, key)) throw missing(tokens, tokens.length - 1);
  if (operator !== "remove") return { ...map, [key]: value ?? null };
  return Object.fromEntries(Object.entries(map).filter(([name]) => name !== key));
}

function patchList(
  list: readonly unknown[],
  token: string,
  tokens: readonly string[],
  { operator, value }: PatchOperation,
): unknown {
  if (operator === "add") {
    const index = additionIndex(token, list.length);
    if (index === undefined) throw missing(tokens, tokens.length - 1);
    return list.toSpliced(index, 0, value ?? null);
  }
  const index = existingIndex(list, token, tokens, tokens.length - 1);
  return operator === "remove" ? list.toSpliced(index, 1) : list.with(index, value ?? null);
}

function existingIndex(list: readonly unknown[], token: string, tokens: readonly string[], depth: number): number {
  const index = entryIndex(token, list.length);
  if (index === undefined) throw missing(tokens, depth);
  return index;
}

function missing(tokens: readonly string[], depth: number): OverrideFailure {
  return new OverrideFailure(`path ${formatJsonPointer(tokens.slice(0, depth + 1))} does not exist`);
}
