// The state of a stateful application that goes along when it moves: labels, read from its status in the old cluster, and from
// what has been seen beside it there. Pure.
// Upstream: karmada pkg/controllers/applicationfailover/common.go (buildPreservedLabelState).
import type { StatePreservation } from "#api/policy/failover.ts";
import type { Binding } from "#api/work/binding.ts";
import { parseJsonPath } from "#machinery/jsonpath.ts";
import { rememberedState } from "../related-state/decide.ts";

/**
 * The labels. Throws where the status has not been collected, or lacks what a rule names: then nothing moves. While
 * an earlier move has not come to its end, its state is the last good one and goes on with the application.
 */
export function preservedState(
  binding: Binding,
  cluster: string,
  preservation: StatePreservation | undefined,
): Readonly<Record<string, string>> | undefined {
  const rules = preservation?.rules ?? [];
  if (rules.length === 0) return undefined;
  const pending = (binding.spec.gracefulEvictionTasks ?? []).findLast(
    ({ preservedLabelState }) => preservedLabelState !== undefined,
  );
  if (pending !== undefined) return pending.preservedLabelState;
  const status = binding.status?.aggregatedStatus?.find(({ clusterName }) => clusterName === cluster)?.status;
  const related = rememberedState(binding, cluster);
  return Object.fromEntries(
    rules.map(({ aliasLabelName, jsonPath, relatedResource }) => {
      if (relatedResource !== undefined) {
        const value = Object.hasOwn(related, aliasLabelName) ? related[aliasLabelName] : undefined;
        if (value !== undefined) return [aliasLabelName, value];
        throw new Error(`no ${relatedResource.kind} with ${aliasLabelName} has been seen in Cluster(${cluster})`);
      }
      if (status !== undefined)
        return [aliasLabelName, parseJsonPath(jsonPath, { allowMissingKeys: false }).print(status)];
      throw new Error(`the application status has not yet been collected from Cluster(${cluster})`);
    }),
  );
}
