// batch/v1 Job. Upstream: karmada pkg/resourceinterpreter/default/native, pkg/util/helper/job.go.
import { Job } from "#api/kinds.ts";
import type { AggregatedStatusItem } from "#api/work/binding.ts";
import { isArray, isRecord } from "#machinery/guards.ts";
import type { KubeObject } from "#machinery/object.ts";
import { formatTime } from "#std/time.ts";
import { withField } from "../edit.ts";
import { defineInterpretation } from "../interpretation.ts";
import { type MemberStatus, memberStatuses, sums, text, withStatus } from "./member-status.ts";
import { podDependencies } from "./pod-dependencies.ts";
import { podRequirements } from "./pod-requirements.ts";
import { reviseReplicaField } from "./replicas.ts";
import { earliest, latest } from "./times.ts";

export const job = defineInterpretation({
  kind: Job,
  getReplicas({ spec }) {
    const { parallelism = 0, completions } = spec;
    return {
      replicas: completions === undefined ? parallelism : Math.min(parallelism, completions),
      requirements: podRequirements(spec.template.spec),
    };
  },
  reviseReplica: (object, replicas) => reviseReplicaField(object, "parallelism", replicas),
  retain: retainGeneratedLabels,
  aggregateStatus: aggregate,
  getDependencies: ({ spec, metadata }) => podDependencies(spec.template.spec, metadata.namespace),
  reflectStatus({ status }) {
    if (status === undefined) return undefined;
    const { conditions, startTime, completionTime } = status;
    return {
      ...(conditions === undefined ? {} : { conditions }),
      ...(startTime === undefined ? {} : { startTime }),
      ...(completionTime === undefined ? {} : { completionTime }),
      ...sums([{ ...status }], { unlessZero: ["active", "succeeded", "failed"] }),
    };
  },
});

/** The member's API server made these labels, from the uid of its own object. */
function retainGeneratedLabels(desired: Job, observed: Job): KubeObject {
  const matchLabels = observed.spec.selector?.matchLabels;
  const labels = observed.spec.template.metadata?.labels;
  const selected =
    matchLabels === undefined ? desired : withField(desired, ["spec", "selector", "matchLabels"], matchLabels);
  return labels === undefined ? selected : withField(selected, ["spec", "template", "metadata", "labels"], labels);
}

/** A finished template stays as it is. */
function aggregate(object: Job, items: readonly AggregatedStatusItem[] | undefined, now: number): KubeObject {
  if (finishedAs({ ...object.status }) !== undefined) return object;
  const statuses = memberStatuses(items);
  const conditions = aggregatedConditions(items ?? [], formatTime(now));
  const startTime = object.status?.startTime ?? onceAllHave(items, "startTime", earliest);
  const completionTime = onceAllHave(items, "completionTime", latest);
  return withStatus(object, {
    ...(conditions.length === 0 ? {} : { conditions }),
    ...(startTime === undefined ? {} : { startTime }),
    ...(completionTime === undefined ? {} : { completionTime }),
    ...sums(statuses, { unlessZero: ["active", "succeeded", "failed"] }),
  });
}

/** Members whose status is not back yet count as neither complete nor failed. */
function aggregatedConditions(items: readonly AggregatedStatusItem[], now: string): readonly MemberStatus[] {
  const condition = (type: string, reason: string, message: string): MemberStatus => ({
    type,
    status: "True",
    lastProbeTime: now,
    lastTransitionTime: now,
    reason,
    message,
  });
  const failed = items.filter(({ status = {} }) => finishedAs(status) === "Failed").map((item) => item.clusterName);
  const complete = items.length > 0 && items.every(({ status = {} }) => finishedAs(status) === "Complete");
  const criteriaMet = complete && items.every(({ status = {} }) => holds(status, "SuccessCriteriaMet"));
  return [
    ...(failed.length === 0
      ? []
      : [condition("Failed", "JobFailed", `Job executed failed in member clusters ${failed.join(",")}`)]),
    ...(complete ? [condition("Complete", "Completed", "Job completed")] : []),
    ...(criteriaMet
      ? [condition("SuccessCriteriaMet", "CompletionsReached", "All member clusters have met success criteria")]
      : []),
  ];
}

/** The first of Complete and Failed that the status has. */
function finishedAs(status: MemberStatus): "Complete" | "Failed" | undefined {
  for (const { type } of trueConditions(status)) {
    if (type === "Complete" || type === "Failed") return type;
  }
  return undefined;
}

function holds(status: MemberStatus, type: string): boolean {
  return trueConditions(status).some((condition) => condition["type"] === type);
}

function trueConditions(status: MemberStatus): readonly MemberStatus[] {
  const conditions = status["conditions"];
  return isArray(conditions) ? conditions.filter(isRecord).filter((condition) => condition["status"] === "True") : [];
}

function onceAllHave(
  items: readonly AggregatedStatusItem[] | undefined,
  name: string,
  pick: (times: readonly string[]) => string | undefined,
): string | undefined {
  const times = memberStatuses(items).flatMap((status) => (text(status, name) === "" ? [] : [text(status, name)]));
  return times.length === (items ?? []).length ? pick(times) : undefined;
}
