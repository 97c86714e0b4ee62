// Waits until the storage has come to a revision that a client has seen elsewhere. With one storage that is at once; a
// client that asks for a revision of another server, or of a lost one, is told so.
// Upstream: k8s.io/apiserver/pkg/storage/cacher/watch_cache.go (waitUntilFreshAndBlock).
import { ApiError } from "#machinery/api-error.ts";
import type { Clock } from "#std/time.ts";
import type { Storage } from "#storage/storage.ts";

/** How long a read waits for a revision that is yet to come. */
const futureRevisionWaitMilliseconds = 3_000;
const pollMilliseconds = 50;

/** Resolves when the storage is at `revision` or later. Throws Timeout (ResourceVersionTooLarge) when it does not get there. */
export async function waitForRevision(
  { storage, clock }: { readonly storage: Storage; readonly clock: Clock },
  revision: number,
  signal: AbortSignal,
): Promise<void> {
  const deadline = clock.monotonic() + futureRevisionWaitMilliseconds;
  while (storage.revision < revision) {
    if (clock.monotonic() >= deadline) throw tooLargeError(revision, storage.revision);
    await clock.sleep(pollMilliseconds, signal);
  }
}

function tooLargeError(revision: number, current: number): ApiError {
  return new ApiError("Timeout", `Timeout: Too large resource version: ${revision}, current: ${current}`, {
    details: {
      causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }],
      retryAfterSeconds: 1,
    },
  });
}
