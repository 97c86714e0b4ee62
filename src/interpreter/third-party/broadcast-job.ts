// apps.kruise.io/v1alpha1 BroadcastJob.
import type { AggregatedStatusItem } from "#api/work/binding.ts";
import { fieldOf } from "#machinery/guards.ts";
import { withField } from "../edit.ts";
import { interpretationOf } from "../interpretation.ts";
import { count, replaceFields, withStatus } from "../native/member-status.ts";
import { podDependencies } from "../native/pod-dependencies.ts";
import { podRequirements } from "../native/pod-requirements.ts";
import { reviseReplicaField } from "../native/replicas.ts";
import { stamped, type Verdict } from "./job-status.ts";
import { numberAt, podSpecAt, statusOf } from "./reading.ts";
import { conditionHolds, statusHooks } from "./status.ts";

const status = statusHooks({
  sums: ["active", "succeeded", "failed", "desired"],
  last: ["phase"],
  reflectedOnly: ["conditions", "startTime", "completionTime"],
});

export const broadcastJob = interpretationOf("apps.kruise.io/v1alpha1", "BroadcastJob", {
  getReplicas: (object) => ({
    replicas: numberAt(object, "spec", "parallelism") ?? 1,
    requirements: podRequirements(podSpecAt(object, "spec", "template", "spec")),
  }),
  reviseReplica: (object, replicas) => reviseReplicaField(object, "parallelism", replicas),
  /** The controller in the member labels the pods of its jobs. */
  retain(desired, observed) {
    const labels = fieldOf(observed, "spec", "template", "metadata", "labels");
    return labels === undefined ? desired : withField(desired, ["spec", "template", "metadata", "labels"], labels);
  },
  getDependencies: (object) =>
    podDependencies(podSpecAt(object, "spec", "template", "spec"), object.metadata.namespace),
  reflectStatus: status.reflectStatus,
  aggregateStatus(object, items = [], now) {
    const own = statusOf(object) ?? {};
    const summed = statusOf(status.aggregateStatus(object, items, now)) ?? {};
    const conditions = stamped(verdicts(items), own, now);
    return withStatus(object, replaceFields(summed, ["conditions"], conditions.length === 0 ? {} : { conditions }));
  },
  interpretHealth(object) {
    const own = statusOf(object);
    if (own === undefined || count(own, "desired") === 0 || count(own, "failed") !== 0) return false;
    return count(own, "succeeded") !== 0 || count(own, "active") !== 0;
  },
});

function verdicts(items: readonly AggregatedStatusItem[]): readonly Verdict[] {
  const failed = items.filter((item) => conditionHolds(item.status, "Failed")).map(({ clusterName }) => clusterName);
  const message = `Job executed failed in member clusters: ${failed.join(", ")}`;
  const isComplete =
    items.length > 0 &&
    items.every((item) => conditionHolds(item.status, "Complete") || conditionHolds(item.status, "Completed"));
  return [
    ...(failed.length === 0 ? [] : [{ type: "Failed", status: "True", reason: "JobFailed", message } as const]),
    ...(isComplete
      ? [{ type: "Completed", status: "True", reason: "Completed", message: "Job completed" } as const]
      : []),
  ];
}
