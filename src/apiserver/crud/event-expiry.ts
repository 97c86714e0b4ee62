// Events do not stay: one that has not been written for an hour goes, or a busy plane would fill its storage with news.
// Upstream: kube-apiserver's --event-ttl (a lease on each key).
import { fieldOf, isString } from "#machinery/guards.ts";
import type { KubeObject } from "#machinery/object.ts";
import { parseTime } from "#std/time.ts";
import type { StoredEntry } from "#storage/storage.ts";
import { yieldingEvery } from "../list/turns.ts";
import type { ServerCore } from "../request/context.ts";

const eventMillisecondsMax = 60 * 60 * 1000;
const sweepMilliseconds = 5 * 60 * 1000;
const eventsPrefix = "/registry/events/";

/** Removes old events from time to time, until the server closes. */
export function startEventExpiry(core: ServerCore): void {
  const { clock, closing, log } = core;
  const next = (): void => {
    if (closing.aborted) return;
    const cancel = clock.timer(sweepMilliseconds, () => {
      closing.removeEventListener("abort", cancel);
      sweep(core)
        .catch((error: unknown) => {
          if (!closing.aborted) log.warn("old events could not be removed", { error });
        })
        .finally(next);
    });
    closing.addEventListener("abort", cancel, { once: true });
  };
  next();
}

async function sweep(core: ServerCore): Promise<void> {
  const { storage, clock, closing, parsed } = core;
  const oldest = clock.now() - eventMillisecondsMax;
  const turn = yieldingEvery(clock);
  const { entries } = await storage.range({ prefix: eventsPrefix });
  for (const entry of entries) {
    const pause = turn(closing);
    if (pause !== undefined) await pause;
    if (lastWritten(parsed.view(entry)) < oldest) await remove(core, entry);
  }
}

/** One that was written in the meantime stays. */
async function remove({ storage }: ServerCore, { key, modRevision }: StoredEntry): Promise<void> {
  await storage.transact({ compare: [{ key, modRevision }], operations: [{ type: "delete", key }] });
}

/** The latest time that an event mentions, in milliseconds. Pure. */
function lastWritten(event: KubeObject): number {
  const times = [
    event.metadata.creationTimestamp,
    event["lastTimestamp"],
    event["eventTime"],
    fieldOf(event, "series", "lastObservedTime"),
  ];
  return Math.max(...times.map((time) => (isString(time) ? (parseTime(time) ?? 0) : 0)));
}
