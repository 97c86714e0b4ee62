// What becomes of an object whose owners are gone, going or there, and of an owner that goes. Pure.
// Upstream: kubernetes pkg/controller/garbagecollector/garbagecollector.go (attemptToDeleteItem), graph_builder.go.
import type { ObjectMeta, OwnerReference } from "#machinery/object.ts";

export const foregroundFinalizer = "foregroundDeletion";
export const orphanFinalizer = "orphan";

/**
 * - alive: not being deleted
 * - foreground: waits until the dependents that block it are gone
 * - orphaning: waits until its dependents are let go
 * - leaving: being deleted for other reasons; nothing for the collector to do
 */
export type Phase = "alive" | "foreground" | "orphaning" | "leaving";

export function phaseOf({ deletionTimestamp, finalizers = [] }: ObjectMeta): Phase {
  if (deletionTimestamp === undefined) return "alive";
  if (finalizers.includes(orphanFinalizer)) return "orphaning";
  return finalizers.includes(foregroundFinalizer) ? "foreground" : "leaving";
}

/**
 * - solid: there
 * - waiting: there, but being deleted in the foreground
 * - dangling: no object with this uid exists
 * - unreachable: a namespaced owner of a cluster-scoped object, which cannot be looked up; counts as there
 */
export type OwnerState = "solid" | "waiting" | "dangling" | "unreachable";

export interface Owner {
  readonly uid: string;
  readonly state: OwnerState;
}

export interface Dependents {
  readonly any: boolean;
  /** One of them is itself being deleted in the foreground: the beginning of a circle. */
  readonly anyInForeground: boolean;
}

export type PropagationPolicy = "Foreground" | "Background" | "Orphan";

export type Verdict =
  | { readonly kind: "keep" }
  /** Some owners are left: the references to these are dropped. */
  | { readonly kind: "detach"; readonly uids: readonly string[] }
  /** No owner is left. `unblock`: first stop blocking its owners, or the circle never ends. */
  | { readonly kind: "delete"; readonly propagationPolicy: PropagationPolicy; readonly unblock: boolean };

const keep: Verdict = { kind: "keep" };

/** What to do with an object that is alive and whose owners are known. */
export function judgeDependent(metadata: ObjectMeta, owners: readonly Owner[], dependents: Dependents): Verdict {
  const gone = owners.filter(({ state }) => state === "dangling" || state === "waiting");
  if (gone.length === 0) return keep;
  if (gone.length < owners.length) return { kind: "detach", uids: gone.map(({ uid }) => uid) };
  if (gone.some(({ state }) => state === "waiting") && dependents.any) {
    return { kind: "delete", propagationPolicy: "Foreground", unblock: dependents.anyInForeground };
  }
  return { kind: "delete", propagationPolicy: policyOf(metadata), unblock: false };
}

/** Its own finalizers say how it wants to be deleted. */
function policyOf({ finalizers = [] }: ObjectMeta): PropagationPolicy {
  if (finalizers.includes(orphanFinalizer)) return "Orphan";
  return finalizers.includes(foregroundFinalizer) ? "Foreground" : "Background";
}

/** Whether an object keeps its owner `uid`, which is being deleted in the foreground, from going. */
export function blocks({ ownerReferences = [] }: ObjectMeta, uid: string): boolean {
  return ownerReferences.some((reference) => reference.uid === uid && reference.blockOwnerDeletion === true);
}

export function withoutOwners(
  references: readonly OwnerReference[],
  uids: readonly string[],
): readonly OwnerReference[] {
  return references.filter(({ uid }) => !uids.includes(uid));
}

export function unblocking(references: readonly OwnerReference[]): readonly OwnerReference[] {
  return references.map((reference) =>
    reference.blockOwnerDeletion === true ? { ...reference, blockOwnerDeletion: false } : reference,
  );
}

/** Whether an update changed who owns the object, or whom it blocks. */
export function ownersChanged(now: ObjectMeta, before: ObjectMeta): boolean {
  const after = now.ownerReferences ?? [];
  const old = before.ownerReferences ?? [];
  if (after.length !== old.length) return true;
  return after.some((reference, index) => {
    const other = old[index];
    return reference.uid !== other?.uid || reference.blockOwnerDeletion !== other.blockOwnerDeletion;
  });
}

/** As Warning events name a reference. */
export function referenceText(reference: OwnerReference, namespace: string): string {
  const { apiVersion, kind, name, uid } = reference;
  return `[${apiVersion}/${kind}, namespace: ${namespace}, name: ${name}, uid: ${uid}]`;
}
