// What changes about clusters and neighbours, and which bindings that can help: nothing waits for a timer.
// Upstream: karmada pkg/scheduler/event_handler.go.
import type { Cluster } from "#api/cluster/cluster.ts";
import { type Binding, ClusterResourceBinding, ResourceBinding } from "#api/work/binding.ts";
import { deepEqual } from "#machinery/equality.ts";
import type { ControllerContext, ReconcileKey } from "#runtime/controller.ts";
import { freesRoom } from "./estimate/frees-room.ts";
import { groupKeysOf } from "./neighbours/decide.ts";
import { concerns } from "./trigger/decide.ts";

export const bindingKinds = [ResourceBinding, ClusterResourceBinding] as const;
const groupIndex = "scheduler/workload-group";

/** The bindings of a workload group, by the index that the first question makes. */
export function groupMembers(
  { informers }: Pick<ControllerContext, "informers">,
  groupKey: string,
): readonly Binding[] {
  const bindings = informers.for(ResourceBinding);
  bindings.addIndex(groupIndex, groupKeysOf);
  return bindings.byIndex(groupIndex, groupKey);
}

/**
 * A changed cluster concerns the bindings that may go to it or are there; more room only those that wait for it.
 * Undefined: none.
 */
export function concernedBy(cluster: Cluster, old: Cluster | undefined): ((binding: Binding) => boolean) | undefined {
  const all = old === undefined || changesPlacement(cluster, old);
  if (!all && !freesRoom(cluster, old)) return undefined;
  return (binding) =>
    (all || isWaiting(binding)) && (concerns(binding, cluster) || (old !== undefined && concerns(binding, old)));
}

/** A workload that came, moved or went lets those of its groups go where they could not. */
export function waitingNeighbours(
  binding: ResourceBinding,
  old: ResourceBinding | undefined,
  context: Pick<ControllerContext, "informers">,
): ReconcileKey[] {
  if (old !== undefined && deepEqual(binding.spec.clusters, old.spec.clusters)) return [];
  return groupKeysOf(binding)
    .flatMap((group) => groupMembers(context, group))
    .filter((other) => other.metadata.name !== binding.metadata.name && isWaiting(other))
    .map((other) => keyOf(ResourceBinding, other));
}

/** Heartbeats and counts of nodes change all the time; what filters read does not. */
function changesPlacement(cluster: Cluster, old: Cluster): boolean {
  return (
    cluster.metadata.generation !== old.metadata.generation ||
    cluster.metadata.deletionTimestamp !== old.metadata.deletionTimestamp ||
    !deepEqual(cluster.metadata.labels, old.metadata.labels) ||
    !deepEqual(cluster.spec, old.spec) ||
    !deepEqual(cluster.status?.apiEnablements, old.status?.apiEnablements)
  );
}

function isWaiting({ status }: Binding): boolean {
  return (status?.conditions ?? []).find(({ type }) => type === "Scheduled")?.status !== "True";
}

/** The key of a binding in the scheduler's queue. */
export function keyOf(kind: ReconcileKey["kind"], { metadata: { name, namespace } }: Binding): ReconcileKey {
  return { kind, name, namespace };
}
