// Writes what differs between an object as it is and as it should be, and nothing where it is so already.
// A write carries the resourceVersion it was computed from, so it never lands on a state that was not looked at.
import type { Client } from "#client/client.ts";
import { isApiError } from "#machinery/api-error.ts";
import { type Kind, type KubeObject } from "#machinery/object.ts";
import { createMergePatch } from "#machinery/patch/merge-patch.ts";

export interface CommitOptions {
  readonly signal: AbortSignal;
  readonly subresource?: "status";
  /**
   * Fields that nobody else writes may go without the lock: their writers would else meet whoever writes other fields.
   * Lists are written whole, so a list with two writers is never such a field.
   */
  readonly unlocked?: boolean;
}

/** The object as written, or `current` itself when there was nothing to write. Conflicts are thrown. */
export async function commit<T extends KubeObject>(
  client: Client,
  kind: Kind<T>,
  current: T,
  desired: T,
  { signal, subresource, unlocked = false }: CommitOptions,
): Promise<T> {
  const difference = createMergePatch(current, desired);
  if (Object.keys(difference).length === 0) return current;
  const { resourceVersion = "" } = current.metadata;
  const patch = unlocked ? difference : locked(difference, resourceVersion);
  const options = subresource === undefined ? { signal } : { signal, subresource };
  return client.patch(kind, current.metadata, { type: "merge", patch }, options);
}

function locked(patch: Readonly<Record<string, unknown>>, resourceVersion: string): Readonly<Record<string, unknown>> {
  const { metadata } = patch;
  const changes = typeof metadata === "object" && metadata !== null ? metadata : {};
  return { ...patch, metadata: { ...changes, resourceVersion } };
}

/** Who loses against other writers this often in a row leaves it to the queue's back-off. */
export const conflictsMax = 5;

/**
 * Commits what `change` makes of the object; after a conflict, of the object as it has become. `change` may give back
 * undefined: nothing to do any more. Undefined also when the object is gone, or another one has come under its name: a
 * finalizer that the one had done with is still the other's.
 */
export async function mutate<T extends KubeObject>(
  client: Client,
  kind: Kind<T>,
  object: T,
  change: (current: T) => T | undefined,
  options: CommitOptions,
): Promise<T | undefined> {
  let current: T | undefined = object;
  for (let conflicts = 0; current !== undefined; conflicts++) {
    const desired = change(current);
    if (desired === undefined) return undefined;
    try {
      return await commit(client, kind, current, desired, options);
    } catch (error) {
      if (isApiError(error, "NotFound")) return undefined;
      if (!isApiError(error, "Conflict") || conflicts === conflictsMax) throw error;
      const found: T | undefined = await client.find(kind, current.metadata, { signal: options.signal });
      current = found?.metadata.uid === object.metadata.uid ? found : undefined;
    }
  }
  return undefined;
}

/** Creates an object that the local copy does not know. `created` is false where the server has it already. */
export async function createOrFind<T extends KubeObject>(
  client: Client,
  kind: Kind<T>,
  object: T,
  signal: AbortSignal,
): Promise<{ readonly object: T; readonly created: boolean }> {
  try {
    return { object: await client.create(kind, object, { signal }), created: true };
  } catch (error) {
    if (!isApiError(error, "AlreadyExists")) throw error;
    return { object: await client.get(kind, object.metadata, { signal }), created: false };
  }
}
