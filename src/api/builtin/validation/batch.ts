// Checks of the batch group. Upstream: k8s.io/kubernetes/pkg/apis/batch/validation/validation.go.
import { semanticEqual } from "#machinery/equality.ts";
import { type FieldError, invalid, notSupported, required } from "#machinery/field-error.ts";
import type { KubeObject } from "#machinery/object.ts";
import { childOf, type Fields, numberOf, textOf } from "../access.ts";
import { neededOneOf, nonNegative, selects, unchanged } from "./checks.ts";
import type { ChecksByKind } from "./kind-checks.ts";
import { podTemplateErrors, workloadSelectorErrors } from "./pod-spec.ts";
import { scheduleError } from "./schedule.ts";

/** A CronJob's name with a suffix must be a Job's. */
const cronJobNameMax = 52;
const indexedParallelismMax = 100_000;

export const batchChecks: ChecksByKind = {
  Job: {
    validate: (object) => jobErrors(object),
    validateUpdate: jobUpdateErrors,
  },
  CronJob: { validate: cronJobErrors },
};

function jobErrors(object: KubeObject): FieldError[] {
  const spec = childOf(object, "spec") ?? {};
  const labels = childOf(childOf(childOf(spec, "template"), "metadata"), "labels") ?? {};
  const errors = jobSpecErrors(spec, "spec");
  errors.push(...workloadSelectorErrors(spec, "spec", "empty selector is invalid for job"));
  const texts: Record<string, string> = {};
  for (const [key, value] of Object.entries(labels)) if (typeof value === "string") texts[key] = value;
  if (spec["selector"] !== undefined && !selects(spec["selector"], texts)) {
    errors.push(invalid("spec.template.metadata.labels", texts, "`selector` does not match template `labels`"));
  }
  return errors;
}

const counts: readonly string[] = [
  "parallelism",
  "completions",
  "activeDeadlineSeconds",
  "backoffLimit",
  "ttlSecondsAfterFinished",
  "backoffLimitPerIndex",
  "maxFailedIndexes",
];

/** What Jobs and the templates of CronJobs have in common. */
function jobSpecErrors(spec: Fields, path: string): FieldError[] {
  const errors = counts.flatMap((name) => nonNegative(spec, name, path));
  const mode = textOf(spec, "completionMode");
  if (mode !== "" && mode !== "NonIndexed" && mode !== "Indexed") {
    errors.push(notSupported(`${path}.completionMode`, mode, ["Indexed", "NonIndexed"]));
  }
  if (mode === "Indexed" && spec["completions"] === undefined) {
    errors.push(required(`${path}.completions`, "when completion mode is Indexed"));
  }
  if (mode === "Indexed" && (numberOf(spec, "parallelism") ?? 0) > indexedParallelismMax) {
    const why = `must be less than or equal to ${String(indexedParallelismMax)} when completion mode is Indexed`;
    errors.push(invalid(`${path}.parallelism`, spec["parallelism"], why));
  }
  errors.push(...podTemplateErrors(childOf(spec, "template"), undefined, `${path}.template`));
  const policy = textOf(childOf(childOf(spec, "template"), "spec"), "restartPolicy");
  if (policy === "" || policy === "Always") {
    errors.push(required(`${path}.template.spec.restartPolicy`, 'valid values: "OnFailure", "Never"'));
  } else if (policy === "OnFailure" && spec["podFailurePolicy"] !== undefined) {
    const why = 'only "Never" is supported when podFailurePolicy is specified';
    errors.push(invalid(`${path}.template.spec.restartPolicy`, policy, why));
  }
  return errors;
}

function jobUpdateErrors(object: KubeObject, old: KubeObject): FieldError[] {
  const spec = childOf(object, "spec") ?? {};
  const before = childOf(old, "spec") ?? {};
  return [
    ...completionErrors(spec, before),
    ...unchanged(spec["selector"], before["selector"], "spec.selector"),
    ...templateUpdateErrors(spec, before, old),
    ...["completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy"].flatMap((name) =>
      unchanged(spec[name], before[name], `spec.${name}`),
    ),
  ];
}

/** An Indexed Job may grow and shrink, parallelism with it. */
function completionErrors(spec: Fields, before: Fields): FieldError[] {
  const isElastic = spec["completionMode"] === "Indexed" && spec["completions"] !== undefined;
  if (isElastic && spec["completions"] === spec["parallelism"]) return [];
  return unchanged(spec["completions"], before["completions"], "spec.completions");
}

/** A Job that is suspended and has not begun may still say where its pods go. */
function templateUpdateErrors(spec: Fields, before: Fields, old: KubeObject): FieldError[] {
  const isSuspended = before["suspend"] === true && childOf(old, "status")?.["startTime"] === undefined;
  const placed = (template: unknown): unknown => (isSuspended ? withoutPlacement(template) : template);
  if (semanticEqual(placed(spec["template"]), placed(before["template"]))) return [];
  return [invalid("spec.template", spec["template"], "field is immutable")];
}

const placement: readonly string[] = ["nodeSelector", "affinity", "tolerations", "schedulingGates"];

function withoutPlacement(template: unknown): unknown {
  const holder = { template };
  const whole = childOf(holder, "template") ?? {};
  const metadata = childOf(whole, "metadata") ?? {};
  const spec = Object.entries(childOf(whole, "spec") ?? {}).filter(([name]) => !placement.includes(name));
  return { ...whole, metadata: { ...metadata, labels: {}, annotations: {} }, spec: Object.fromEntries(spec) };
}

function cronJobErrors(object: KubeObject): FieldError[] {
  const spec = childOf(object, "spec") ?? {};
  const { name } = object.metadata;
  const schedule = textOf(spec, "schedule");
  const wrong = schedule === "" ? undefined : scheduleError(schedule);
  return [
    ...(name.length > cronJobNameMax
      ? [invalid("metadata.name", name, `must be no more than ${String(cronJobNameMax)} characters`)]
      : []),
    ...(schedule === "" ? [required("spec.schedule")] : []),
    ...(wrong === undefined ? [] : [invalid("spec.schedule", schedule, wrong)]),
    ...nonNegative(spec, "startingDeadlineSeconds", "spec"),
    ...neededOneOf(spec, "concurrencyPolicy", "spec", ["Allow", "Forbid", "Replace"]),
    ...nonNegative(spec, "successfulJobsHistoryLimit", "spec"),
    ...nonNegative(spec, "failedJobsHistoryLimit", "spec"),
    ...jobSpecErrors(childOf(childOf(spec, "jobTemplate"), "spec") ?? {}, "spec.jobTemplate.spec"),
  ];
}
