// Deletes finished Jobs when their time is over. Reads: jobs. Deletes: jobs.
// Upstream: kubernetes pkg/controller/ttlafterfinished.
import { Job } from "#api/kinds.ts";
import { isApiError } from "#machinery/api-error.ts";
import { defineController, done, requeueAfter } from "#runtime/index.ts";
import { parseTime } from "#std/time.ts";

export const ttlAfterFinished = defineController({
  name: "ttl-after-finished-controller",
  for: [Job],
  options: {},
  async reconcile({ name, namespace = "" }, { client, clock, informers, signal }) {
    const job = informers.for(Job).get({ namespace, name });
    const end = job === undefined ? undefined : expiryOf(job);
    if (job === undefined || end === undefined) return done;
    if (end > clock.now()) return requeueAfter(end - clock.now());
    // The local copy may be behind: somebody may have given it more time, or it may be another Job by now.
    const fresh = await client.find(Job, { namespace, name }, { signal });
    const freshEnd = fresh === undefined ? undefined : expiryOf(fresh);
    if (fresh === undefined || freshEnd === undefined) return done;
    if (freshEnd > clock.now()) return requeueAfter(freshEnd - clock.now());
    const { uid, resourceVersion } = fresh.metadata;
    const preconditions = { ...(uid && { uid }), ...(resourceVersion && { resourceVersion }) };
    try {
      await client.delete(Job, { namespace, name }, { propagationPolicy: "Foreground", preconditions, signal });
    } catch (error) {
      if (!isApiError(error, "NotFound", "Conflict")) throw error;
    }
    return done;
  },
});

/** When the Job is to go, in milliseconds since 1970; undefined: never, or not yet known. */
export function expiryOf({ metadata, spec, status }: Job): number | undefined {
  const seconds = spec.ttlSecondsAfterFinished;
  if (seconds === undefined || metadata.deletionTimestamp !== undefined) return undefined;
  const finished = status?.conditions?.find(
    (condition) => (condition.type === "Complete" || condition.type === "Failed") && condition.status === "True",
  );
  const at = parseTime(finished?.lastTransitionTime ?? "");
  return at === undefined ? undefined : at + seconds * 1_000;
}
