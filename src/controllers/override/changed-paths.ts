// Where two JSON values differ. What both share by reference is not looked at, so the cost is that of the difference.
import { deepEqual } from "#machinery/equality.ts";
import { isArray, isRecord } from "#machinery/guards.ts";
import { formatJsonPointer } from "#machinery/json-pointer.ts";
import { getOwn } from "#machinery/own-property.ts";

export interface ChangedPath {
  /** A JSON pointer. */
  readonly path: string;
  /** Undefined: it was not there. */
  readonly before: unknown;
  /** Undefined: it is not there any more. */
  readonly after: unknown;
}

/** The smallest places that differ. A list that became longer or shorter is one place. */
export function changedPaths(before: unknown, after: unknown): readonly ChangedPath[] {
  return pathsBelow(before, after, []);
}

function pathsBelow(before: unknown, after: unknown, tokens: readonly string[]): readonly ChangedPath[] {
  if (before === after) return [];
  if (isArray(before) && isArray(after) && before.length === after.length) {
    return before.flatMap((item, index) => pathsBelow(item, after[index], [...tokens, String(index)]));
  }
  if (isRecord(before) && isRecord(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...keys].flatMap((key) => pathsBelow(getOwn(before, key), getOwn(after, key), [...tokens, key]));
  }
  return deepEqual(before, after) ? [] : [{ path: formatJsonPointer(tokens), before, after }];
}
