// Estimators of the local members of `up`: in its own process, made when they are wanted.
import { createEstimator } from "#scheduler/estimator/estimator.ts";
import type { Estimators } from "#scheduler/estimator/estimator-client.ts";
import { inProcessEstimators } from "#scheduler/estimator/in-process.ts";
import type { Clock } from "#std/time.ts";
import type { EmbeddedCluster } from "./embedded-cluster.ts";

/** One for each member, over the informers that its own controllers share. */
export function localEstimators(members: readonly EmbeddedCluster[], clock: Clock, signal: AbortSignal): Estimators {
  return inProcessEstimators(
    new Map(
      members.map((member) => {
        const { name: cluster } = member;
        const informers = member.sharedInformers();
        const estimator = createEstimator({ cluster, informers, clock, quotas: true, signal });
        estimator.catch(() => undefined); // the member ended before it was read
        return [cluster, estimator];
      }),
    ),
  );
}
