// Estimators of the local members of `up`: in its own process, made when they are wanted.
import { createInformerFactory, type InformerFactoryOptions } from "#client/informers.ts";
import { createEstimator } from "#scheduler/estimator/estimator.ts";
import type { Estimators } from "#scheduler/estimator/estimator-client.ts";
import { inProcessEstimators } from "#scheduler/estimator/in-process.ts";
import { ownClient } from "./embedded-cluster.ts";
import type { LocalMember } from "./members/local-member.ts";

/** One for each member. */
export function localEstimators(
  members: readonly LocalMember[],
  options: Pick<InformerFactoryOptions, "clock" | "random" | "log" | "signal">,
): Estimators {
  return inProcessEstimators(
    new Map(
      members.map(({ name: cluster, handle }) => {
        const client = ownClient(handle, "karmada-scheduler-estimator");
        const informers = createInformerFactory({ ...options, client });
        const estimator = createEstimator({ ...options, cluster, informers, quotas: true });
        estimator.catch(() => undefined); // the member ended before it was read
        return [cluster, estimator];
      }),
    ),
  );
}
