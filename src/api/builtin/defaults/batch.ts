// Defaults of the batch group. Upstream: k8s.io/kubernetes/pkg/apis/batch/v1/defaults.go.
import {
  childOf,
  ensureChild,
  type Fields,
  itemsOf,
  setDefault,
  setDefaultText,
  textMapOf,
  type Defaults,
} from "../access.ts";
import { defaultPodTemplate } from "./pod-spec.ts";

const backoffLimitDefault = 6;
const backoffLimitPerIndexDefault = 2 ** 31 - 1;

export const batchDefaults: Readonly<Record<string, Defaults>> = {
  Job: defaultJob,
  CronJob(object) {
    const spec = childOf(object, "spec");
    if (spec === undefined) return;
    setDefaultText(spec, "concurrencyPolicy", "Allow");
    setDefault(spec, "suspend", false);
    setDefault(spec, "successfulJobsHistoryLimit", 3);
    setDefault(spec, "failedJobsHistoryLimit", 1);
    const jobSpec = childOf(childOf(spec, "jobTemplate"), "spec");
    if (jobSpec !== undefined) defaultJobTemplate(jobSpec);
  },
};

function defaultJob(object: Fields): void {
  const spec = childOf(object, "spec");
  if (spec === undefined) return;
  if (spec["completions"] === undefined && spec["parallelism"] === undefined) spec["completions"] = 1;
  setDefault(spec, "parallelism", 1);
  const perIndex = spec["backoffLimitPerIndex"] !== undefined;
  setDefault(spec, "backoffLimit", perIndex ? backoffLimitPerIndexDefault : backoffLimitDefault);
  setDefault(spec, "completionMode", "NonIndexed");
  setDefault(spec, "suspend", false);
  setDefault(spec, "manualSelector", false);
  setDefault(spec, "podReplacementPolicy", spec["podFailurePolicy"] === undefined ? "TerminatingOrFailed" : "Failed");
  const labels = textMapOf(childOf(childOf(spec, "template"), "metadata"), "labels");
  if (Object.keys(labels).length > 0) setDefault(ensureChild(object, "metadata"), "labels", { ...labels });
  defaultJobTemplate(spec);
}

/** What a Job and the template of a CronJob have in common. */
function defaultJobTemplate(spec: Fields): void {
  for (const rule of itemsOf(childOf(spec, "podFailurePolicy"), "rules")) {
    for (const condition of itemsOf(rule, "onPodConditions")) setDefaultText(condition, "status", "True");
  }
  defaultPodTemplate(childOf(spec, "template"));
}
