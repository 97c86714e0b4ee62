// The change from client-side to server-side apply: kubectl leaves what it applied last in an annotation. What that names
// and still is so is no conflict for kubectl, and the annotation follows what kubectl applies. Pure.
// Upstream: k8s.io/apimachinery/pkg/util/managedfields/internal/{lastappliedmanager,lastappliedupdater,lastapplied}.go.
import { ApiError } from "#machinery/api-error.ts";
import { compareValues } from "#machinery/fields/compare.ts";
import { difference, type FieldSet, isEmptySet } from "#machinery/fields/field-set.ts";
import type { MergeType } from "#machinery/fields/merge-type.ts";
import { configErrors } from "#machinery/fields/check-config.ts";
import { setOfValue } from "#machinery/fields/typed-value.ts";
import type { Conflict, Fields } from "#machinery/fields/updater.ts";
import { fieldOf, isRecord, isString, isStringMap } from "#machinery/guards.ts";
import { encodeGoJson, parseJson } from "#machinery/json.ts";

export const lastAppliedAnnotation = "kubectl.kubernetes.io/last-applied-configuration";

/** Only this manager is known to have used the annotation. */
export const migratingManager = "kubectl";

/** Upstream's limit of all annotations of an object together. */
const annotationBytesMax = 256 * 1024;

/** The conflicts that client-side apply does not explain. */
export function unexplainedConflicts(
  conflicts: readonly Conflict[],
  live: Fields,
  version: { readonly apiVersion: string; readonly type: MergeType },
): readonly Conflict[] {
  const explained = lastAppliedSet(live, version);
  if (explained === undefined) return conflicts;
  return conflicts.flatMap(({ manager, set }) => {
    const rest = difference(set, explained);
    return isEmptySet(rest) ? [] : [{ manager, set: rest }];
  });
}

/** What the annotation names and the live object still has. */
function lastAppliedSet(
  live: Fields,
  { apiVersion, type }: { readonly apiVersion: string; readonly type: MergeType },
): FieldSet | undefined {
  const text = lastAppliedOf(live);
  const config = text === undefined ? undefined : parseOrUndefined(text);
  if (!isRecord(config) || config["apiVersion"] !== apiVersion || configErrors(type, config).length > 0)
    return undefined;
  let set = setOfValue(type, config);
  const { added, modified, removed } = compareValues(type, config, live) ?? {};
  for (const part of [modified, added, removed]) if (part !== undefined) set = difference(set, part);
  return set;
}

function parseOrUndefined(text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return undefined;
  }
}

function lastAppliedOf(object: Fields): string | undefined {
  const text = fieldOf(object, "metadata", "annotations", lastAppliedAnnotation);
  return isString(text) && text !== "" ? text : undefined;
}

/** The object with the annotation telling of `config`, if it has the annotation at all. */
export function withLastApplied(object: Fields, config: Fields): Fields {
  if (lastAppliedOf(object) === undefined) return object;
  const { metadata } = object;
  const annotations = fieldOf(object, "metadata", "annotations");
  if (!isRecord(metadata) || !isStringMap(annotations)) return object;
  const { [lastAppliedAnnotation]: _, ...others } = annotations;
  const next = { ...others, [lastAppliedAnnotation]: `${encodeGoJson(withoutLastApplied(config))}\n` };
  const bytes = Object.entries(next).reduce(
    (sum, [name, text]) => sum + Buffer.byteLength(name) + Buffer.byteLength(text),
    0,
  );
  return { ...object, metadata: { ...metadata, annotations: bytes > annotationBytesMax ? others : next } };
}

function withoutLastApplied(config: Fields): Fields {
  const { metadata } = config;
  const annotations = fieldOf(config, "metadata", "annotations");
  if (!isRecord(metadata) || !isRecord(annotations)) return config;
  const { [lastAppliedAnnotation]: _, ...others } = annotations;
  return { ...config, metadata: { ...metadata, annotations: others } };
}
