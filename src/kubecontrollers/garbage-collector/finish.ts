// Lets an owner go: after the dependents that block it are gone, or after its dependents have been let go.
// Upstream: kubernetes pkg/controller/garbagecollector/garbagecollector.go (orphanDependents), operations.go.
import type { Client } from "#client/client.ts";
import { isApiError } from "#machinery/api-error.ts";
import type { Kind, KubeObject, ObjectMeta } from "#machinery/object.ts";
import type { ControllerContext } from "#runtime/index.ts";
import { foregroundFinalizer, orphanFinalizer, phaseOf, withoutOwners } from "./decide.ts";
import { findLive, patchMetadata } from "./live.ts";
import type { Found, Monitors } from "./monitors.ts";

const pageObjects = 500;

/** Removes the finalizer that made the owner wait for its dependents. */
export async function finishForeground(owner: Found, context: ControllerContext): Promise<void> {
  await removeFinalizer(owner, foregroundFinalizer, context);
}

/**
 * Takes the owner out of all its dependents, then removes the finalizer. The dependents are listed now, not looked up
 * in what was read before: one that is missed here would be collected, against the user's word.
 */
export async function finishOrphaning(owner: Found, monitors: Monitors, context: ControllerContext): Promise<void> {
  const { client, signal } = context;
  const { uid = "", namespace } = owner.object.metadata;
  for (const kind of monitors.kinds()) {
    if (namespace !== undefined && !kind.namespaced) continue;
    for await (const { metadata } of listAll(client, kind, namespace, signal)) {
      const references = metadata.ownerReferences ?? [];
      if (!references.some((reference) => reference.uid === uid)) continue;
      const ownerReferences = withoutOwners(references, [uid]);
      await ignoringGone(patchMetadata(client, kind, metadata, { ownerReferences }, signal));
    }
  }
  await removeFinalizer(owner, orphanFinalizer, context);
}

async function removeFinalizer(owner: Found, finalizer: string, { client, signal }: ControllerContext): Promise<void> {
  const { kind, object } = owner;
  const live = await findLive(client, kind, object.metadata, signal);
  if (live === undefined || live.metadata.uid !== object.metadata.uid || phaseOf(live.metadata) === "alive") return;
  const finalizers = live.metadata.finalizers ?? [];
  if (!finalizers.includes(finalizer)) return;
  const left = finalizers.filter((each) => each !== finalizer);
  await ignoringGone(patchMetadata(client, kind, live.metadata, { finalizers: left }, signal));
}

async function* listAll(
  client: Client,
  kind: Kind,
  namespace: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<{ readonly metadata: ObjectMeta }> {
  const base = { namespace, limit: pageObjects, metadataOnly: true, signal };
  let next: string | undefined;
  do {
    const page = await client.list<KubeObject>(kind, { ...base, continue: next });
    yield* page.items;
    next = page.metadata.continue;
  } while (next !== undefined);
}

async function ignoringGone(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!isApiError(error, "NotFound")) throw error;
  }
}
