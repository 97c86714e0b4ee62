// batch/v1 CronJob. Upstream: karmada pkg/resourceinterpreter/default/native.
import { CronJob } from "#api/kinds.ts";
import { isArray } from "#machinery/guards.ts";
import { defineInterpretation } from "../interpretation.ts";
import { type MemberStatus, memberStatuses, replaceFields, text, withStatus } from "./member-status.ts";
import { podDependencies } from "./pod-dependencies.ts";
import { latest } from "./times.ts";

export const cronJob = defineInterpretation({
  kind: CronJob,
  aggregateStatus(object, items) {
    const statuses = memberStatuses(items);
    const active = statuses.flatMap((status) => (isArray(status["active"]) ? status["active"] : []));
    const values: MemberStatus = {
      ...(active.length === 0 ? {} : { active }),
      ...latestOf(statuses, "lastScheduleTime"),
      ...latestOf(statuses, "lastSuccessfulTime"),
    };
    const names = ["active", "lastScheduleTime", "lastSuccessfulTime"];
    return withStatus(object, replaceFields({ ...object.status }, names, values));
  },
  getDependencies: ({ spec, metadata }) => podDependencies(spec.jobTemplate.spec?.template.spec, metadata.namespace),
});

function latestOf(statuses: readonly MemberStatus[], name: string): MemberStatus {
  const time = latest(statuses.map((status) => text(status, name)).filter((value) => value !== ""));
  return time === undefined ? {} : { [name]: time };
}
