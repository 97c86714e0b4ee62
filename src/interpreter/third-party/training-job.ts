// What kubeflow.org's PyTorchJob and TFJob have in common. A job has succeeded when it has in every member, and has failed
// when it has in one. Upstream: karmada pkg/resourceinterpreter/default/thirdparty.
import type { AggregatedStatusItem } from "#api/work/binding.ts";
import { fieldOf, isRecord } from "#machinery/guards.ts";
import { withoutFields } from "../edit.ts";
import type { Interpretation } from "../interpretation.ts";
import { memberStatuses, withStatus } from "../native/member-status.ts";
import { jobTimes, replicaStatuses, stamped, type Verdict } from "./job-status.ts";
import { podComponent } from "./components.ts";
import { countAt, podSpecAt, records, statusOf } from "./reading.ts";
import { conditionHolds } from "./status.ts";
import { dependenciesOfAll } from "./worst.ts";

interface TrainingJob {
  /** `PyTorchJob`. */
  readonly kind: string;
  /** The field of the spec with the roles, and the roles. */
  readonly roles: readonly [field: string, ...names: string[]];
  readonly succeeded: Verdict;
  /** The verdicts on a job that runs: before success or failure, and still there after it. */
  running(isOver: boolean): readonly Verdict[];
}

export function trainingJobHooks(job: TrainingJob): Omit<Interpretation, "kind"> {
  const [field, ...roles] = job.roles;
  return {
    getComponents: (object) =>
      roles.flatMap((role) => {
        const spec = fieldOf(object, "spec", field, role);
        if (!isRecord(spec)) return [];
        const pod = podSpecAt(spec, "template", "spec");
        return [podComponent(role.toLowerCase(), countAt(spec, "replicas") ?? 1, pod)];
      }),
    getDependencies: (object) =>
      dependenciesOfAll(
        roles.map((role) => podSpecAt(object, "spec", field, role, "template", "spec")),
        object.metadata.namespace,
      ),
    aggregateStatus(object, items = [], now) {
      const statuses = memberStatuses(items);
      const end = endOf(job, items);
      const running = statuses.length === 0 ? [] : job.running(end.length > 0);
      const conditions = stamped([...running, ...end], statusOf(object) ?? {}, now);
      // A job that goes on, or has failed, in one member is not complete because it is in another.
      const times = end.includes(job.succeeded)
        ? jobTimes(statuses)
        : withoutFields(jobTimes(statuses), "completionTime");
      return withStatus(object, {
        ...(conditions.length === 0 ? {} : { conditions }),
        ...times,
        ...replicaStatuses(statuses),
      });
    },
    interpretHealth: trainingHealth,
  };
}

function endOf({ kind, succeeded }: TrainingJob, items: readonly AggregatedStatusItem[]): readonly Verdict[] {
  const failed = items.filter(({ status }) => conditionHolds(status, "Failed")).map(({ clusterName }) => clusterName);
  if (failed.length > 0) {
    const message = `${kind} executed failed in member clusters: ${failed.join(", ")}`;
    return [{ type: "Failed", status: "True", reason: `${kind}Failed`, message }];
  }
  const isDone = items.length > 0 && items.every(({ status }) => conditionHolds(status, "Succeeded"));
  return isDone ? [succeeded] : [];
}

/** Healthy once it says something, unless that is that it failed. */
export const trainingHealth: Required<Interpretation>["interpretHealth"] = (object) => {
  const status = statusOf(object);
  return records(status?.["conditions"]).length > 0 && !conditionHolds(status, "Failed");
};
