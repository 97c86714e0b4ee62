// apps.kruise.io/v1alpha1 AdvancedCronJob.
import { isArray } from "#machinery/guards.ts";
import { interpretationOf } from "../interpretation.ts";
import { memberStatuses, replaceFields, withStatus } from "../native/member-status.ts";
import { podDependencies } from "../native/pod-dependencies.ts";
import { podSpecAt, statusOf } from "./reading.ts";
import { statusHooks } from "./status.ts";

const last = statusHooks({ last: ["type", "lastScheduleTime"] });

export const advancedCronJob = interpretationOf("apps.kruise.io/v1alpha1", "AdvancedCronJob", {
  getDependencies(object) {
    const template = ["spec", "template"];
    const broadcast = podSpecAt(object, ...template, "broadcastJobTemplate", "spec", "template", "spec");
    const job = podSpecAt(object, ...template, "jobTemplate", "spec", "template", "spec");
    return podDependencies(broadcast ?? job, object.metadata.namespace);
  },
  aggregateStatus(object, items, now) {
    const active = memberStatuses(items).flatMap((status) => (isArray(status["active"]) ? status["active"] : []));
    const own = statusOf(last.aggregateStatus(object, items, now)) ?? {};
    return withStatus(object, replaceFields(own, ["active"], active.length === 0 ? {} : { active }));
  },
});
