// Deletes everything in a namespace, kind by kind, and says what is left.
// Upstream: kubernetes pkg/controller/namespace/deletion/namespaced_resources_deleter.go.
import type { Client } from "#client/client.ts";
import type { DiscoveredKind, DiscoverySnapshot } from "#client/discovery.ts";
import { collectionPath } from "#client/paths.ts";
import { ApiError, errorText, isApiError } from "#machinery/api-error.ts";
import type { KubeObject, ObjectMeta } from "#machinery/object.ts";
import type { Outcome, Remaining } from "./decide.ts";

const pageObjects = 500;
const deletion = { kind: "DeleteOptions", apiVersion: "v1", propagationPolicy: "Background" };

/** One attempt. A kind that fails does not keep the others from being deleted. */
export async function deleteContent(
  client: Client,
  namespace: string,
  { kinds, failures: undiscovered }: DiscoverySnapshot,
  signal: AbortSignal,
): Promise<Outcome> {
  const failures: string[] = [];
  const remaining: Remaining[] = [];
  const clear = async (kind: DiscoveredKind): Promise<void> => {
    try {
      const left = await clearKind(client, kind, namespace, signal);
      if (left.count > 0) remaining.push(left);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      failures.push(errorText(error));
    }
  };
  const deletable = kinds.filter(isDeletable);
  // Pods go first: what they use, and what could keep them from ending well, stays until they are gone.
  const pods = deletable.filter(isPod);
  for (const kind of pods) await clear(kind);
  if (remaining.length === 0) for (const kind of deletable) if (!isPod(kind)) await clear(kind);
  return { undiscovered, failures, remaining };
}

function isDeletable({ namespaced, preferred, verbs }: DiscoveredKind): boolean {
  return namespaced && preferred && verbs.includes("delete") && verbs.includes("list");
}

function isPod({ group, plural }: DiscoveredKind): boolean {
  return group === "" && plural === "pods";
}

async function clearKind(
  client: Client,
  kind: DiscoveredKind,
  namespace: string,
  signal: AbortSignal,
): Promise<Remaining> {
  const before = await listMetadata(client, kind, namespace, signal);
  if (before.length === 0) return { kind, count: 0, finalizers: new Map() };
  if (kind.verbs.includes("deletecollection")) {
    await client.raw("DELETE", collectionPath(kind, namespace), { body: deletion, signal });
  } else {
    for (const { name, deletionTimestamp } of before) {
      if (deletionTimestamp === undefined) await deleteOne(client, kind, { namespace, name }, signal);
    }
  }
  const after = await listMetadata(client, kind, namespace, signal);
  return { kind, count: after.length, finalizers: countFinalizers(after) };
}

async function deleteOne(
  client: Client,
  kind: DiscoveredKind,
  ref: { readonly namespace: string; readonly name: string },
  signal: AbortSignal,
): Promise<void> {
  try {
    await client.delete(kind, ref, { propagationPolicy: "Background", signal });
  } catch (error) {
    if (!isApiError(error, "NotFound")) throw error;
  }
}

async function listMetadata(
  client: Client,
  kind: DiscoveredKind,
  namespace: string,
  signal: AbortSignal,
): Promise<readonly ObjectMeta[]> {
  const found: ObjectMeta[] = [];
  let next: string | undefined;
  do {
    const options = { namespace, limit: pageObjects, metadataOnly: true, continue: next, signal };
    const page = await client.list<KubeObject>(kind, options);
    for (const { metadata } of page.items) found.push(metadata);
    next = page.metadata.continue;
  } while (next !== undefined);
  return found;
}

function countFinalizers(objects: readonly ObjectMeta[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { finalizers = [] } of objects) {
    for (const finalizer of finalizers) counts.set(finalizer, (counts.get(finalizer) ?? 0) + 1);
  }
  return counts;
}
