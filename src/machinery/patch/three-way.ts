// The three-way merge of `kubectl apply` for kinds without strategic merge: what the last applied configuration had and the
// new one lacks is deleted, what the new one has is set, everything else in the live object stays.
// Upstream: k8s.io/apimachinery/pkg/util/jsonmergepatch/patch.go.
import { isRecord } from "../guards.ts";
import { setOwn } from "../own-property.ts";
import { createMergePatch, withoutNullFields } from "./merge-patch.ts";

type JsonRecord = Record<string, unknown>;

/** The merge patch to send. `lastApplied` is empty for an object that was never applied. */
export function createThreeWayMergePatch(
  lastApplied: Readonly<JsonRecord>,
  modified: Readonly<JsonRecord>,
  current: Readonly<JsonRecord>,
): JsonRecord {
  const changes = only(createMergePatch(current, modified), "changes");
  const deletions = only(createMergePatch(lastApplied, modified), "deletions");
  return combine(deletions, changes);
}

/** The part of a patch that sets something, or the part that deletes. */
function only(patch: Readonly<JsonRecord>, part: "changes" | "deletions"): JsonRecord {
  const result: JsonRecord = {};
  for (const key of Object.keys(patch)) {
    const value = patch[key];
    if (value === null) {
      if (part === "deletions") setOwn(result, key, null);
    } else if (isRecord(value)) {
      const inner = only(value, part);
      // An empty map that was set is a change; one that is left over is not.
      const isSet = part === "changes" && Object.keys(value).length === 0;
      if (isSet || Object.keys(inner).length > 0) setOwn(result, key, inner);
    } else if (part === "changes") {
      setOwn(result, key, withoutNullFields(value));
    }
  }
  return result;
}

/** Two patches as one: where both say something of a key, the second wins, maps are combined. */
function combine(first: Readonly<JsonRecord>, second: Readonly<JsonRecord>): JsonRecord {
  const result: JsonRecord = { ...first };
  for (const key of Object.keys(second)) {
    const old = Object.hasOwn(first, key) ? first[key] : undefined;
    const value = second[key];
    setOwn(result, key, isRecord(old) && isRecord(value) ? combine(old, value) : value);
  }
  return result;
}
