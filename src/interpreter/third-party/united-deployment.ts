// apps.kruise.io/v1alpha1 UnitedDeployment. Its template holds a whole workload of one of four kinds; the pods are those
// of that workload (upstream takes the template for a pod's own and so finds neither requirements nor dependencies).
import type { PodSpec } from "#api/generated/types.ts";
import type { AggregatedStatusItem } from "#api/work/binding.ts";
import type { KubeObject } from "#machinery/object.ts";
import { interpretationOf } from "../interpretation.ts";
import { type MemberStatus, memberStatuses, replaceFields, text, withStatus } from "../native/member-status.ts";
import { podSpecAt, records, statusOf } from "./reading.ts";
import { scaledWorkload } from "./scaled-workload.ts";
import { statusHooks } from "./status.ts";

const status = statusHooks({
  sums: ["replicas", "updatedReplicas", "readyReplicas", "availableReplicas", "unavailableReplicas"],
  tracksGenerations: true,
  reflectedOnly: ["conditions"],
});

export const unitedDeployment = interpretationOf("apps.kruise.io/v1alpha1", "UnitedDeployment", {
  ...scaledWorkload(podSpec),
  reflectStatus: status.reflectStatus,
  aggregateStatus(object, items, now) {
    const summed = statusOf(status.aggregateStatus(object, items, now)) ?? {};
    const conditions = lastConditions(items);
    return withStatus(object, replaceFields(summed, ["conditions"], conditions.length === 0 ? {} : { conditions }));
  },
});

function podSpec(object: KubeObject): PodSpec | undefined {
  const own = podSpecAt(object, "spec", "template", "spec");
  if (own !== undefined) return own;
  for (const name of ["statefulSetTemplate", "advancedStatefulSetTemplate", "cloneSetTemplate", "deploymentTemplate"]) {
    const found = podSpecAt(object, "spec", "template", name, "spec", "template", "spec");
    if (found !== undefined) return found;
  }
  return undefined;
}

/** One of each type: the last member's. */
function lastConditions(items: readonly AggregatedStatusItem[] | undefined): readonly MemberStatus[] {
  const all = memberStatuses(items).flatMap((member) => records(member["conditions"]));
  return [...new Map(all.map((condition) => [text(condition, "type"), condition])).values()];
}
