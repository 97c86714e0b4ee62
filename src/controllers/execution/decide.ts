// What is to happen to an object in a member: created, taken over, put right, released, left alone. Pure.
// Upstream: karmada pkg/util/objectwatcher/objectwatcher.go, pkg/util/{label,annotation}.go, pkg/controllers/execution.
import { karmadaAnnotations, karmadaLabels, karmadaValues } from "#api/karmada-constants.ts";
import { pruneManifest } from "#api/work/prune.ts";
import { deepEqual } from "#machinery/equality.ts";
import { type KubeObject, type ObjectMeta, type ObjectRef, refKey } from "#machinery/object.ts";
import { defined } from "#std/defined.ts";

/** Whether Karmada put the object there (or took it over). */
export function isManaged({ metadata }: Pick<KubeObject, "metadata">): boolean {
  return metadata.labels?.[karmadaLabels.managed] === karmadaValues.managed;
}

/** Why the object in the member may not be touched, or undefined where it may. */
export function refusalToUpdate(desired: KubeObject, observed: KubeObject, cluster: string): string | undefined {
  const resolution = desired.metadata.annotations?.[karmadaAnnotations.conflictResolution];
  if (isManaged(observed) || resolution === karmadaValues.conflictOverwrite) return undefined;
  const { kind, metadata } = desired;
  return (
    `resource(kind=${kind}, ${metadata.namespace ?? ""}/${metadata.name}) already exists in the cluster ${cluster} ` +
    `and the ${karmadaAnnotations.conflictResolution} strategy value is empty, Karmada will not manage this resource`
  );
}

/**
 * The desired object with what the member's own controllers wrote kept: finalizers, owners, and labels and annotations
 * that did not come from Karmada. Those that did and are wanted no more are known by the record on the observed object.
 */
export function withMemberMetadata(desired: KubeObject, observed: KubeObject): KubeObject {
  const { metadata } = desired;
  const { resourceVersion, finalizers, ownerReferences, annotations: observedAnnotations = {} } = observed.metadata;
  const dropped = (record: string): ReadonlySet<string> => new Set((observedAnnotations[record] ?? "").split(","));
  return {
    ...desired,
    metadata: {
      ...metadata,
      ...defined({ resourceVersion, finalizers, ownerReferences }),
      ...merged("labels", metadata, observed.metadata, dropped(karmadaAnnotations.managedLabels)),
      ...merged("annotations", metadata, observed.metadata, dropped(karmadaAnnotations.managedAnnotations)),
    },
  };
}

function merged(
  field: "labels" | "annotations",
  desired: ObjectMeta,
  observed: ObjectMeta,
  dropped: ReadonlySet<string>,
): Partial<Pick<ObjectMeta, "labels" | "annotations">> {
  const own = desired[field] ?? {};
  const theirs = Object.entries(observed[field] ?? {}).filter(([key]) => !dropped.has(key));
  const all = { ...Object.fromEntries(theirs), ...own };
  return Object.keys(all).length === 0 ? {} : { [field]: all };
}

/** Whether writing `desired` (with the member's own parts kept) would change the object, status and bookkeeping aside. */
export function differs(desired: KubeObject, observed: KubeObject): boolean {
  return !deepEqual(desired, withMemberMetadata(pruneManifest(observed), observed));
}

const ownLabels = new Set<string>([
  karmadaLabels.managed,
  karmadaLabels.workId,
  karmadaLabels.resourceBindingId,
  karmadaLabels.clusterResourceBindingId,
  karmadaLabels.propagationPolicyId,
  karmadaLabels.clusterPropagationPolicyId,
]);

const ownAnnotations = new Set<string>([
  karmadaAnnotations.managedAnnotations,
  karmadaAnnotations.managedLabels,
  karmadaAnnotations.conflictResolution,
  karmadaAnnotations.templateUid,
  karmadaAnnotations.templateGeneration,
  karmadaAnnotations.workNamespace,
  karmadaAnnotations.workName,
  karmadaAnnotations.resourceBindingNamespace,
  karmadaAnnotations.resourceBindingName,
  karmadaAnnotations.clusterResourceBindingName,
  karmadaAnnotations.propagationPolicyNamespace,
  karmadaAnnotations.propagationPolicyName,
  karmadaAnnotations.clusterPropagationPolicyName,
]);

/**
 * A member object without any of Karmada's marks, and else as it is: what it becomes when it is let go. Upstream leaves
 * some marks (the conflict resolution, a cluster policy's claim on namespaced objects) and sets everything else to the
 * manifest once more, which would dispatch a change that is suspended.
 */
export function releasedObject(object: KubeObject): KubeObject {
  const { labels = {}, annotations = {} } = object.metadata;
  return {
    ...object,
    metadata: {
      ...object.metadata,
      labels: without(labels, ownLabels),
      annotations: without(annotations, ownAnnotations),
    },
  };
}

/** Whether the object says that it comes from another Work: then that one looks after it. */
export function belongsToAnother(object: Pick<KubeObject, "metadata">, work: Pick<KubeObject, "metadata">): boolean {
  const named = workOfObject(object);
  return named !== undefined && refKey(named) !== refKey(work.metadata);
}

/** The Work that a member object says it comes from. */
export function workOfObject({ metadata }: Pick<KubeObject, "metadata">): ObjectRef | undefined {
  const namespace = metadata.annotations?.[karmadaAnnotations.workNamespace] ?? "";
  const name = metadata.annotations?.[karmadaAnnotations.workName] ?? "";
  return namespace === "" || name === "" ? undefined : { namespace, name };
}

/** A change of an object in a member. */
export interface MemberChange {
  readonly type: "added" | "updated" | "deleted";
  readonly object: KubeObject;
  /** For updates. */
  readonly old: KubeObject | undefined;
}

/**
 * Whether the change may have undone what Karmada wrote, so that the Work must be looked at again. `version` is the
 * object's resourceVersion as last written or found right; without one the first sync is still to come.
 */
export function isDrift({ type, object, old }: MemberChange, version: string | undefined): boolean {
  const before = old ?? object;
  if (!isManaged(before) || workOfObject(before) === undefined) return false;
  if (type === "deleted") return true;
  if (version === undefined || object.metadata.resourceVersion === version) return false;
  return old === undefined || contentChanged(object, old);
}

function contentChanged(object: KubeObject, old: KubeObject): boolean {
  const { generation } = object.metadata;
  const sameSpec = generation !== undefined && generation === old.metadata.generation;
  // Status writes are by far the most frequent; where there is a generation it tells them apart without a comparison.
  if (sameSpec && sameMarks(object.metadata, old.metadata)) return false;
  return !deepEqual(pruneManifest(object), pruneManifest(old));
}

function sameMarks(left: ObjectMeta, right: ObjectMeta): boolean {
  return deepEqual(left.labels, right.labels) && deepEqual(left.annotations, right.annotations);
}

function without(map: Readonly<Record<string, string>>, keys: ReadonlySet<string>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(map).filter(([key]) => !keys.has(key)));
}
