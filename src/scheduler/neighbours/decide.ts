// Where the other workloads of a binding's groups are: what workload affinity and anti-affinity ask about.
// Upstream: karmada pkg/scheduler/framework/plugins/{workloadaffinity,workloadantiaffinity}.
import type { Binding } from "#api/work/binding.ts";

export interface Neighbours {
  /** Clusters of each other workload that this one wants to be with; those not yet scheduled are left out. */
  readonly together: readonly ReadonlySet<string>[];
  /** Clusters of the workloads that this one wants to be apart from. */
  readonly apart: ReadonlySet<string>;
}

export const noNeighbours: Neighbours = { together: [], apart: new Set() };

/** A binding's groups as index values: groups are a namespace's own. */
export function groupKeysOf({ metadata: { namespace = "" }, spec }: Binding): readonly string[] {
  const { affinityGroup = "", antiAffinityGroup = "" } = spec.workloadAffinityGroups ?? {};
  return [
    ...(affinityGroup === "" ? [] : [`together|${namespace}|${affinityGroup}`]),
    ...(antiAffinityGroup === "" ? [] : [`apart|${namespace}|${antiAffinityGroup}`]),
  ];
}

/** `membersOf` gives the bindings of a group, `clustersOf` their clusters as last decided. */
export function neighboursOf(
  binding: Binding,
  membersOf: (groupKey: string) => readonly Binding[],
  clustersOf: (other: Binding) => readonly string[],
): Neighbours {
  const keys = groupKeysOf(binding);
  if (keys.length === 0) return noNeighbours;
  const placesIn = (kind: string): ReadonlySet<string>[] =>
    keys
      .filter((key) => key.startsWith(kind))
      .flatMap(membersOf)
      .filter((other) => other.metadata.name !== binding.metadata.name)
      .map((other) => new Set(clustersOf(other)))
      .filter(({ size }) => size > 0);
  return { together: placesIn("together|"), apart: new Set(placesIn("apart|").flatMap((places) => [...places])) };
}
