// How much room members have, and what the control plane says of it.
import type { Cluster } from "#api/cluster/cluster.ts";
import { Node } from "#api/kinds.ts";
import type { Mirror } from "./mirror.ts";
import { nodeName } from "./workload/placements.ts";

/** Pods, as the Cluster says: none where it says nothing. */
export function roomSaid({ status }: Cluster): number {
  return Number(status?.resourceSummary?.allocatable?.["pods"] ?? 0);
}

/** Pods, as the member has it. */
export function roomIn(mirror: Mirror, member: string): number {
  return Number(mirror.find(member, Node, { name: nodeName })?.status?.allocatable?.["pods"] ?? 0);
}
