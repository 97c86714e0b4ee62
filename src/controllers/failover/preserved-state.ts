// The state of a stateful application that goes along when it moves: labels, read from its status in the old cluster. Pure.
// Upstream: karmada pkg/controllers/applicationfailover/common.go (buildPreservedLabelState).
import type { Binding, BindingSpec } from "#api/work/binding.ts";
import { parseJsonPath } from "#machinery/jsonpath.ts";

type Failover = NonNullable<BindingSpec["failover"]>;
type StatePreservation = NonNullable<NonNullable<Failover["application"]>["statePreservation"]>;

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
  if (status === undefined) {
    throw new Error(`the application status has not yet been collected from Cluster(${cluster})`);
  }
  return Object.fromEntries(
    rules.map(({ aliasLabelName, jsonPath }) => [
      aliasLabelName,
      parseJsonPath(jsonPath, { allowMissingKeys: false }).print(status),
    ]),
  );
}
