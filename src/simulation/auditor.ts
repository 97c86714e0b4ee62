// One who only looks: follows some kinds on every server by watching, over a network that faults strike, and tells the
// checkers what watches deliver. It begins anew only where it is told that the past is forgotten.
import { ConfigMap, Deployment } from "#api/kinds.ts";
import { ResourceBinding } from "#api/work/binding.ts";
import { Work } from "#api/work/work.ts";
import type { Client } from "#client/client.ts";
import { isApiError } from "#machinery/api-error.ts";
import type { Kind } from "#machinery/object.ts";
import { keyOf, prefixOf } from "./mirror.ts";
import { controlPlane } from "./parts.ts";
import type { World } from "./world.ts";

const retryMilliseconds = 500;
const watchSecondsMax = 120;

/** Begins to watch. Ends with the world. */
export function audit(world: World): void {
  for (const server of [controlPlane, ...world.members]) {
    const kinds: readonly Kind[] =
      server === controlPlane ? [ConfigMap, ResourceBinding, Work] : [ConfigMap, Deployment];
    for (const kind of kinds) void follow(world, server, kind, world.auditor(server));
  }
}

async function follow(world: World, server: string, kind: Kind, client: Client): Promise<void> {
  const { signal } = world;
  let after: number | undefined;
  while (!signal.aborted) {
    try {
      after ??= await begin(world, server, kind, client);
      const resourceVersion = String(after);
      const watch = client.watch(kind, {
        resourceVersion,
        timeoutSeconds: watchSecondsMax,
        signal,
        metadataOnly: true,
      });
      for await (const event of watch) {
        const isBookmark = event.type === "BOOKMARK";
        const revision = Number(isBookmark ? event.resourceVersion : event.object.metadata.resourceVersion);
        const type = isBookmark ? "reached" : event.type === "DELETED" ? "delete" : "put";
        const key = isBookmark ? "" : keyOf(kind, event.object.metadata);
        world.watch.ask((checker) => checker.delivered?.({ server, prefix: prefixOf(kind), type, revision, key }));
        after = revision;
      }
    } catch (error) {
      if (isApiError(error, "Expired")) after = undefined;
    }
    await world.clock.sleep(retryMilliseconds, signal).catch(() => undefined);
  }
}

async function begin(world: World, server: string, kind: Kind, client: Client): Promise<number> {
  const { metadata } = await client.list(kind, { metadataOnly: true, signal: world.signal });
  const revision = Number(metadata.resourceVersion);
  world.watch.ask((checker) =>
    checker.delivered?.({ server, prefix: prefixOf(kind), type: "listed", revision, key: "" }),
  );
  return revision;
}
