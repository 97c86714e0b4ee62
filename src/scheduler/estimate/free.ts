// What a cluster has left, by its status, and what a workload asks for: in thousandths of each resource's unit.
import type { ResourceSummary } from "#api/cluster/cluster.ts";
import type { BindingSpec, Component } from "#api/work/binding.ts";
import { milliOf } from "#machinery/milli.ts";

/** Thousandths by resource. */
export type Amounts = ReadonlyMap<string, number>;

/** Nothing asked of a resource is the same as not asking for it. */
export function requestsOf(request: NonNullable<BindingSpec["replicaRequirements"]>["resourceRequest"]): Amounts {
  const amounts = Object.entries(request ?? {}).map(([name, text]) => [name, milliOf(text)] as const);
  return new Map(amounts.filter(([, amount]) => amount > 0));
}

/** What all replicas of all components ask for together. */
export function requestsOfSet(components: readonly Component[]): Amounts {
  const sums = new Map<string, number>();
  for (const { replicas, replicaRequirements } of components) {
    for (const [name, amount] of requestsOf(replicaRequirements?.resourceRequest)) {
      sums.set(name, (sums.get(name) ?? 0) + amount * replicas);
    }
  }
  return sums;
}

/** allocatable - allocated - allocating; undefined when the cluster has no such resource. */
export function freeOf({ allocatable, allocated, allocating }: ResourceSummary, resource: string): number | undefined {
  const all = allocatable?.[resource];
  return all === undefined
    ? undefined
    : milliOf(all) - milliOf(allocated?.[resource]) - milliOf(allocating?.[resource]);
}
