// What a cluster has left, by its status, and what a workload asks for: in thousandths of each resource's unit.
import type { ResourceSummary } from "#api/cluster/cluster.ts";
import type { BindingSpec, Component } from "#api/work/binding.ts";
import { parseQuantity, quantityMilliValue } from "#machinery/quantity.ts";

/** Thousandths by resource. */
export type Amounts = ReadonlyMap<string, number>;

export const milli = 1_000;

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

/** Suffixes in thousandths, for the plain whole numbers that nearly all quantities are. */
const plainSuffixes: ReadonlyMap<string, number> = new Map([
  ["", milli],
  ["m", 1],
  ["k", 1e6],
  ["M", 1e9],
  ["G", 1e12],
  ["Ki", milli * 2 ** 10],
  ["Mi", milli * 2 ** 20],
  ["Gi", milli * 2 ** 30],
]);
/** Beyond so many digits a double might round. */
const plainDigitsMax = 9;

/** Read once per cluster and binding, so the common form has a way of its own: exact amounts cost ten times as much. */
export function milliOf(input: string | number | undefined): number {
  if (input === undefined) return 0;
  const text = String(input);
  let end = 0;
  while (end < text.length && isDigit(text.charCodeAt(end))) end++;
  const factor = end === 0 || end > plainDigitsMax ? undefined : plainSuffixes.get(text.slice(end));
  return factor === undefined ? quantityMilliValue(parseQuantity(text)) : Number(text.slice(0, end)) * factor;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}
