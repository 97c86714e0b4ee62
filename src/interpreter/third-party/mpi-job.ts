// kubeflow.org/v2beta1 MPIJob.
import { fieldOf, isRecord } from "#machinery/guards.ts";
import { interpretationOf } from "../interpretation.ts";
import { type MemberStatus, memberStatuses, soleStatus, text, withStatus } from "../native/member-status.ts";
import { jobTimes, replicaStatuses } from "./job-status.ts";
import { podComponent } from "./components.ts";
import { countAt, podSpecAt, records } from "./reading.ts";
import { trainingHealth } from "./training-job.ts";

export const mpiJob = interpretationOf("kubeflow.org/v2beta1", "MPIJob", {
  getComponents(object) {
    const specs = fieldOf(object, "spec", "mpiReplicaSpecs");
    return Object.entries(isRecord(specs) ? specs : {}).flatMap(([role, spec]) => {
      if (!isRecord(fieldOf(spec, "template"))) return [];
      const replicas = countAt(spec, "replicas") ?? (role.toLowerCase() === "worker" ? 0 : 1);
      return [podComponent(role, replicas, podSpecAt(spec, "template", "spec"))];
    });
  },
  aggregateStatus(object, items = []) {
    const only = soleStatus(items);
    if (only !== undefined) return withStatus(object, only);
    const statuses = memberStatuses(items);
    const conditions = newestConditions(statuses);
    return withStatus(object, {
      ...replicaStatuses(statuses),
      ...(conditions.length === 0 ? {} : { conditions }),
      ...jobTimes(statuses),
    });
  },
  interpretHealth: trainingHealth,
});

/** One of each type, the newest. */
function newestConditions(statuses: readonly MemberStatus[]): readonly MemberStatus[] {
  const timeOf = (condition: MemberStatus): string =>
    text(condition, "lastUpdateTime") || text(condition, "lastTransitionTime");
  const newest = new Map<string, MemberStatus>();
  for (const condition of statuses.flatMap((status) => records(status["conditions"]))) {
    const known = newest.get(text(condition, "type"));
    if (known === undefined || timeOf(condition) > timeOf(known)) newest.set(text(condition, "type"), condition);
  }
  return [...newest.values()];
}
