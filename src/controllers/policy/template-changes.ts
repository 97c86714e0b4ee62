// Which changes of a resource template matter, and which of them are Karmada's own.
// Upstream: karmada pkg/util/eventfilter/eventfilter.go.
import { karmadaLabels } from "#api/karmada-constants.ts";
import { deepEqual } from "#machinery/equality.ts";
import type { KubeObject, ObjectMeta } from "#machinery/object.ts";

/** Whether anything but status and bookkeeping differs. */
export function specificationChanged(object: KubeObject, old: KubeObject): boolean {
  return !deepEqual(metadataOf(object), metadataOf(old)) || !deepEqual(contentOf(object), contentOf(old));
}

/** Whether the change is of claims and the like only: what Karmada itself writes on templates. */
export function changedByKarmada(object: KubeObject, old: KubeObject): boolean {
  return (
    deepEqual(userMetadataOf(object.metadata), userMetadataOf(old.metadata)) &&
    deepEqual(contentOf(object), contentOf(old))
  );
}

function contentOf(object: KubeObject): KubeObject {
  return { ...object, metadata: { name: "" }, status: undefined };
}

function metadataOf({ metadata }: KubeObject): Readonly<Record<string, unknown>> {
  return { ...metadata, managedFields: undefined, resourceVersion: undefined };
}

/** Writing a claim may move the generation on, and may leave an empty map behind. */
function userMetadataOf(metadata: ObjectMeta): Readonly<Record<string, unknown>> {
  return {
    ...metadata,
    managedFields: undefined,
    resourceVersion: undefined,
    generation: undefined,
    labels: userEntries(metadata.labels, (key) => key === karmadaLabels.skipAutoPropagation),
    annotations: userEntries(metadata.annotations, () => false),
  };
}

function userEntries(
  map: Readonly<Record<string, string>> | undefined,
  isUsers: (key: string) => boolean,
): Readonly<Record<string, string>> | undefined {
  const entries = Object.entries(map ?? {}).filter(([key]) => !key.includes(".karmada.io") || isUsers(key));
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}
