// Asks the server about an object right now, and changes its metadata only if nobody else has meanwhile.
import type { Client } from "#client/client.ts";
import { isApiError } from "#machinery/api-error.ts";
import type { Kind, KubeObject, ObjectMeta, ObjectRef } from "#machinery/object.ts";

/**
 * The object as it is now; undefined only when the server says of this very object that it is not there. A kind that is
 * not served is no such answer: that may pass.
 */
export async function findLive(
  client: Client,
  kind: Kind,
  ref: ObjectRef,
  signal: AbortSignal,
): Promise<KubeObject | undefined> {
  try {
    return await client.get(kind, ref, { signal });
  } catch (error) {
    if (isApiError(error, "NotFound") && error.details?.name === ref.name) return undefined;
    throw error;
  }
}

/** Changes metadata of exactly the object and version in `metadata`; else Conflict, or NotFound. */
export async function patchMetadata(
  client: Client,
  kind: Kind,
  metadata: ObjectMeta,
  changes: Pick<ObjectMeta, "ownerReferences" | "finalizers">,
  signal: AbortSignal,
): Promise<void> {
  const { uid, resourceVersion } = metadata;
  const patch = { metadata: { uid, resourceVersion, ...changes } };
  await client.patch(kind, metadata, { type: "merge", patch }, { signal });
}
