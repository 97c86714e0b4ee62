// How many of a member's nodes have how much left: a count for each grade of the cluster's resource models. Pure.
// Upstream: karmada pkg/modeling/modeling.go, pkg/controllers/status/cluster_status_controller.go (getAllocatableModelings).
import type { ResourceModel, ResourceSummary } from "#api/cluster/cluster.ts";
import type { Node, Pod } from "#api/kinds.ts";
import { milli, milliOf } from "#machinery/milli.ts";
import type { PodRequests } from "./capacity.ts";

/** Nodes by the grade of what they have free; those without room for a pod are in none. Undefined without models. */
export function modelNodes(
  models: readonly ResourceModel[],
  nodes: readonly Node[],
  pods: readonly Pod[],
  requests: PodRequests,
): ResourceSummary["allocatableModelings"] {
  if (models.length === 0) return undefined;
  const grades = models.map(({ ranges }) => ranges.map(({ name, min }) => ({ name, min: milliOf(min) })));
  const used = usedByNode(pods, requests);
  const counts = models.map(() => 0);
  for (const node of nodes) {
    const taken = used.get(node.metadata.name);
    const free = (name: string): number => milliOf(node.status?.allocatable?.[name] ?? 0) - (taken?.get(name) ?? 0);
    if (free("pods") < milli) continue;
    const index = gradeOf(grades, free);
    if (index >= 0) counts[index] = (counts[index] ?? 0) + 1;
  }
  return models.map(({ grade }, index) => ({ grade, count: counts[index] ?? 0 }));
}

/** The lowest, over the resources, of the highest grade that begins at or below what is free. */
function gradeOf(
  grades: readonly (readonly { readonly name: string; readonly min: number }[])[],
  free: (name: string) => number,
): number {
  const names = (grades[0] ?? []).map(({ name }) => name);
  const each = names.map((name) =>
    grades.findLastIndex((ranges) => ranges.some((range) => range.name === name && range.min <= free(name))),
  );
  return each.length === 0 ? -1 : Math.min(...each);
}

/** In thousandths, by resource, with a count of pods; what has ended uses nothing. */
function usedByNode(pods: readonly Pod[], requests: PodRequests): Map<string, Map<string, number>> {
  const used = new Map<string, Map<string, number>>();
  for (const pod of pods) {
    const node = pod.spec.nodeName ?? "";
    if (node === "" || pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed") continue;
    const taken = used.get(node) ?? new Map<string, number>();
    used.set(node, taken);
    for (const [name, amount] of Object.entries({ ...requests(pod), pods: 1 })) {
      taken.set(name, (taken.get(name) ?? 0) + milliOf(amount));
    }
  }
  return used;
}
