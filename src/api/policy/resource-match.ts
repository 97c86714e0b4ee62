// How well a policy's selectors match a resource. Propagation and override policies rank matches alike.
// Upstream: karmada pkg/util/selector.go (ResourceSelectorPriority).
import type { KubeObject } from "#machinery/object.ts";
import { labelMatcherOf } from "./label-matcher.ts";
import type { ResourceSelector } from "./resource-selector.ts";

/** The higher, the more particular the selector. */
export const matchRanks = { none: 0, all: 1, labels: 2, name: 3 } as const;
export type MatchRank = (typeof matchRanks)[keyof typeof matchRanks];

/** The best rank that any of the selectors gives the resource. */
export function resourceMatchRank(resource: KubeObject, selectors: readonly ResourceSelector[]): MatchRank {
  let best: MatchRank = matchRanks.none;
  for (const selector of selectors) {
    const rank = selectorMatchRank(resource, selector);
    if (rank > best) best = rank;
  }
  return best;
}

/** A name goes before a label selector, which is then ignored; an empty one still counts as a label selector. */
function selectorMatchRank(resource: KubeObject, selector: ResourceSelector): MatchRank {
  if (resource.apiVersion !== selector.apiVersion || resource.kind !== selector.kind) return matchRanks.none;
  const { name = "", namespace = "", labelSelector } = selector;
  if (namespace !== "" && namespace !== (resource.metadata.namespace ?? "")) return matchRanks.none;
  if (name !== "") return name === resource.metadata.name ? matchRanks.name : matchRanks.none;
  if (labelSelector === undefined) return matchRanks.all;
  return labelMatcherOf(labelSelector)(resource.metadata.labels) ? matchRanks.labels : matchRanks.none;
}
