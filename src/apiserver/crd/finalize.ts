// Removes the objects of a CustomResourceDefinition that is being deleted, then lets the definition go.
// Upstream: k8s.io/apiextensions-apiserver/pkg/controller/finalizer/crd_finalizer.go.
import { CustomResourceDefinition } from "#api/kinds.ts";
import type { Client } from "#client/client.ts";
import { collectionPath } from "#client/paths.ts";
import { isApiError } from "#machinery/api-error.ts";
import { findCondition, setCondition } from "#machinery/conditions.ts";
import type { Kind } from "#machinery/object.ts";
import { cleanupFinalizer, type CrdVerdict, terminating } from "./conditions.ts";

export interface FinalizeOptions {
  readonly client: Client;
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** How its objects are reached; undefined: it was never served, so there are none. */
  readonly kind: Kind | undefined;
}

/** Objects with finalizers take their time; they are looked at again after so long. */
const recheckMilliseconds = 500;

const inProgress: CrdVerdict = {
  status: "True",
  reason: "InstanceDeletionInProgress",
  message: "CustomResource deletion is in progress",
};
const completed: CrdVerdict = {
  status: "False",
  reason: "InstanceDeletionCompleted",
  message: "removed all instances",
};
const neverEstablished: CrdVerdict = {
  status: "False",
  reason: "NeverEstablished",
  message: "resource was never established",
};

/** One step forward. Milliseconds after which to look again, or undefined when the definition may go. */
export async function finalizeCrd(
  crd: CustomResourceDefinition,
  { client, signal, now, kind }: FinalizeOptions,
): Promise<number | undefined> {
  const finalizers = crd.metadata.finalizers ?? [];
  if (!finalizers.includes(cleanupFinalizer)) return undefined;
  const report = async (verdict: CrdVerdict, kept: readonly string[]): Promise<void> => {
    const conditions = setCondition(crd.status?.conditions, { type: terminating, ...verdict }, now);
    const changed = { ...crd, metadata: { ...crd.metadata, finalizers: kept }, status: { ...crd.status, conditions } };
    await client.update(CustomResourceDefinition, changed, { subresource: "status", signal });
  };
  const others = finalizers.filter((finalizer) => finalizer !== cleanupFinalizer);
  if (kind === undefined) {
    await report(neverEstablished, others);
    return undefined;
  }
  if (reasonOf(crd) !== inProgress.reason) {
    await report(inProgress, finalizers);
    return 1; // The definition has been written: go on from what the server has now.
  }
  if (await deleteInstances(client, kind, signal)) {
    await report(completed, others);
    return undefined;
  }
  return recheckMilliseconds;
}

function reasonOf(crd: CustomResourceDefinition): string | undefined {
  return findCondition(crd.status?.conditions, terminating)?.reason;
}

/** Asks for the deletion of every object. Whether none is left. */
async function deleteInstances(client: Client, kind: Kind, signal: AbortSignal): Promise<boolean> {
  const { items } = await client.list(kind, { signal });
  if (items.length === 0) return true;
  const namespaces = new Set(items.map((item) => item.metadata.namespace));
  for (const namespace of namespaces) {
    await client.raw("DELETE", collectionPath(kind, namespace), { signal }).catch((error: unknown) => {
      if (!isApiError(error, "NotFound")) throw error;
    });
  }
  const left = await client.list(kind, { signal, limit: 1 });
  return left.items.length === 0;
}
