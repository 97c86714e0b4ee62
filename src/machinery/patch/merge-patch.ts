// JSON Merge Patch (RFC 7386): applying one, making one. Upstream: gopkg.in/evanphx/json-patch.v4 merge.go.
import { deepEqual } from "../equality.ts";
import { isArray, isRecord } from "../guards.ts";
import { setOwn } from "../own-property.ts";

type JsonRecord = Record<string, unknown>;

/**
 * `target` with `patch` merged in: maps merge, null deletes, everything else replaces. Shares unchanged parts with both and
 * edits neither; gives back `target` itself if nothing changes.
 */
export function applyMergePatch(target: Readonly<JsonRecord>, patch: Readonly<JsonRecord>): Readonly<JsonRecord> {
  let result: JsonRecord | undefined;
  for (const key of Object.keys(patch)) {
    const change = patch[key];
    if (change === undefined) continue;
    const old = Object.hasOwn(target, key) ? target[key] : undefined;
    const merged = change === null ? undefined : mergeValue(old, change);
    if (merged === old && (merged !== undefined || !Object.hasOwn(target, key))) continue;
    result ??= { ...target };
    if (merged === undefined) delete result[key];
    else setOwn(result, key, merged);
  }
  return result ?? target;
}

function mergeValue(old: unknown, change: unknown): unknown {
  if (isRecord(old) && isRecord(change)) return applyMergePatch(old, change);
  if (deepEqual(old, change)) return old;
  return isRecord(old) ? change : withoutNullFields(change);
}

/**
 * A value without the null fields of maps in it, also of maps in lists: upstream drops those where no map is replaced,
 * RFC 7386 would keep what is in lists.
 */
export function withoutNullFields(value: unknown): unknown {
  if (isArray(value)) return value.some(isContainer) ? value.map(withoutNullFields) : value;
  if (!isRecord(value)) return value;
  const result: JsonRecord = {};
  for (const key of Object.keys(value)) {
    if (value[key] !== null) setOwn(result, key, withoutNullFields(value[key]));
  }
  return result;
}

function isContainer(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

/** The patch that turns `from` into `to`. What is null in `to` cannot be told from what is absent. */
export function createMergePatch(from: Readonly<JsonRecord>, to: Readonly<JsonRecord>): JsonRecord {
  const patch: JsonRecord = {};
  for (const key of Object.keys(from)) {
    if (from[key] !== undefined && (!Object.hasOwn(to, key) || to[key] === undefined)) setOwn(patch, key, null);
  }
  for (const key of Object.keys(to)) {
    const next = to[key];
    const old = Object.hasOwn(from, key) ? from[key] : undefined;
    if (next === undefined || deepEqual(old, next)) continue;
    setOwn(patch, key, isRecord(old) && isRecord(next) ? createMergePatch(old, next) : next);
  }
  return patch;
}
