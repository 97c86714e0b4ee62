// How much room members have, what the control plane says of it, and whose replicas are divided by it.
import type { Cluster } from "#api/cluster/cluster.ts";
import { Node } from "#api/kinds.ts";
import { fieldOf } from "#machinery/guards.ts";
import type { Mirror } from "./mirror.ts";
import { nodeName } from "./workload/placements.ts";

/** Whether replicas are divided by the room that there is. The placement may be what an annotation holds. */
export function isByRoom(placement: unknown): boolean {
  const scheduling = fieldOf(placement, "replicaScheduling");
  if (fieldOf(scheduling, "replicaSchedulingType") !== "Divided") return false;
  const isDynamic = fieldOf(scheduling, "weightPreference", "dynamicWeight") !== undefined;
  return isDynamic || fieldOf(scheduling, "replicaDivisionPreference") === "Aggregated";
}

/** Pods, as the Cluster says: none where it says nothing. */
export function roomSaid({ status }: Cluster): number {
  return Number(status?.resourceSummary?.allocatable?.["pods"] ?? 0);
}

/** Pods, as the member has it. */
export function roomIn(mirror: Mirror, member: string): number {
  return Number(mirror.find(member, Node, { name: nodeName })?.status?.allocatable?.["pods"] ?? 0);
}
