// Invariant: replicas that are divided sum up to what the template asks for. While the seed runs, for each binding that the
// scheduler says it has scheduled as it is now; once all is calm, for the template.
import { ResourceBinding } from "#api/work/binding.ts";
import { findCondition, isConditionTrue } from "#machinery/conditions.ts";
import { fieldOf } from "#machinery/guards.ts";
import { isDivided, propagated, replicasOf } from "../expected.ts";
import { changeOf } from "../mirror.ts";
import { isWorkload } from "../workload/objects.ts";
import type { Checker, Observed } from "./checker.ts";

export function replicaSums({ mirror, controlPlane }: Observed): Checker {
  return {
    committed(change) {
      const { after } = changeOf(controlPlane, ResourceBinding, change);
      return after === undefined ? undefined : wrongSum(after, after.spec.replicas);
    },
    unsettled() {
      for (const each of propagated(mirror)) {
        if (typeof each === "string" || !isWorkload(each.name)) continue;
        const replicas = fieldOf(each.template, "spec", "replicas");
        const what = typeof replicas === "number" ? wrongSum(each.binding, replicas) : undefined;
        if (what !== undefined) return what;
      }
      return undefined;
    },
  };
}

function wrongSum(binding: ResourceBinding, replicas: number | undefined): string | undefined {
  const { metadata, spec, status } = binding;
  if (!isDivided(spec.placement) || replicas === undefined || metadata.deletionTimestamp !== undefined)
    return undefined;
  const isScheduled = isConditionTrue(status?.conditions, "Scheduled");
  const seen =
    findCondition(status?.conditions, "Scheduled")?.observedGeneration ?? status?.schedulerObservedGeneration;
  if (!isScheduled || seen !== metadata.generation || (spec.clusters ?? []).length === 0) return undefined;
  const sum = replicasOf(binding);
  if (sum === replicas) return undefined;
  return `${metadata.name}: its clusters have ${sum} replicas together, and ${replicas} are asked for`;
}
