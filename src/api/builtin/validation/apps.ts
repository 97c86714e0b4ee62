// Checks of the apps group. Upstream: k8s.io/kubernetes/pkg/apis/apps/validation/validation.go.
import { semanticEqual } from "#machinery/equality.ts";
import { type FieldError, forbidden, invalid, notSupported, required } from "#machinery/field-error.ts";
import type { KubeObject } from "#machinery/object.ts";
import { childOf, type Fields, numberOf, textOf } from "../access.ts";
import { isNone, neededOneOf, nonNegative, positiveIntOrPercent, unchanged } from "./checks.ts";
import type { ChecksByKind, KindChecks } from "./kind-checks.ts";
import { podTemplateErrors, workloadSelectorErrors } from "./pod-spec.ts";

const always = { restartPolicies: ["Always"] } as const;

export const appsChecks: ChecksByKind = {
  Deployment: workload((spec) => [
    ...nonNegative(spec, "replicas", "spec"),
    ...workloadSelectorErrors(spec, "spec", "empty selector is invalid for deployment"),
    ...templateErrors(spec, "ReplicaSet"),
    ...deploymentStrategyErrors(childOf(spec, "strategy") ?? {}, "spec.strategy"),
    ...nonNegative(spec, "minReadySeconds", "spec"),
    ...nonNegative(spec, "revisionHistoryLimit", "spec"),
    ...progressErrors(spec),
  ]),
  ReplicaSet: workload((spec) => [
    ...nonNegative(spec, "replicas", "spec"),
    ...nonNegative(spec, "minReadySeconds", "spec"),
    ...workloadSelectorErrors(spec, "spec", "empty selector is invalid for deployment"),
    ...templateErrors(spec, "ReplicaSet"),
  ]),
  DaemonSet: workload((spec) => [
    ...workloadSelectorErrors(spec, "spec", "empty selector is invalid for daemonset"),
    ...templateErrors(spec, "DaemonSet"),
    ...nonNegative(spec, "minReadySeconds", "spec"),
    ...daemonStrategyErrors(childOf(spec, "updateStrategy") ?? {}, "spec.updateStrategy"),
    ...nonNegative(spec, "revisionHistoryLimit", "spec"),
  ]),
  StatefulSet: {
    validate: (object) => statefulSetErrors(childOf(object, "spec") ?? {}),
    validateUpdate: statefulSetUpdateErrors,
  },
  ControllerRevision: {
    validate: (object) => nonNegative(object, "revision", ""),
    validateUpdate: (object, old) => unchanged(object["data"], old["data"], "data"),
  },
};

/** A workload whose selector never changes. */
function workload(check: (spec: Fields) => FieldError[]): KindChecks {
  return {
    validate: (object) => check(childOf(object, "spec") ?? {}),
    validateUpdate: (object, old) =>
      unchanged(childOf(object, "spec")?.["selector"], childOf(old, "spec")?.["selector"], "spec.selector"),
  };
}

function templateErrors(spec: Fields, noDeadlineIn: string): FieldError[] {
  const template = childOf(spec, "template");
  return podTemplateErrors(template, spec["selector"], "spec.template", { ...always, noDeadlineIn });
}

function deploymentStrategyErrors(strategy: Fields, path: string): FieldError[] {
  const rolling = childOf(strategy, "rollingUpdate");
  switch (textOf(strategy, "type")) {
    case "Recreate":
      if (rolling === undefined) return [];
      return [forbidden(`${path}.rollingUpdate`, "may not be specified when strategy `type` is 'Recreate'")];
    case "RollingUpdate":
      if (rolling === undefined) {
        return [required(`${path}.rollingUpdate`, "this should be defaulted and never be nil")];
      }
      return rollingErrors(rolling, `${path}.rollingUpdate`, "may not be 0 when `maxSurge` is 0");
    default:
      return [notSupported(`${path}.type`, textOf(strategy, "type"), ["Recreate", "RollingUpdate"])];
  }
}

function rollingErrors(rolling: Fields, path: string, noneText: string): FieldError[] {
  const errors = [
    ...positiveIntOrPercent(rolling, "maxUnavailable", path),
    ...positiveIntOrPercent(rolling, "maxSurge", path),
  ];
  const unavailable = rolling["maxUnavailable"];
  if (isNone(unavailable) && isNone(rolling["maxSurge"])) {
    errors.push(invalid(`${path}.maxUnavailable`, unavailable, noneText));
  }
  if (typeof unavailable === "string" && Number(/^(\d+)%$/.exec(unavailable)?.[1] ?? "0") > 100) {
    errors.push(invalid(`${path}.maxUnavailable`, unavailable, "must not be greater than 100%"));
  }
  return errors;
}

function daemonStrategyErrors(strategy: Fields, path: string): FieldError[] {
  const type = textOf(strategy, "type");
  if (type === "OnDelete") return [];
  if (type !== "RollingUpdate") return [notSupported(`${path}.type`, type, ["OnDelete", "RollingUpdate"])];
  const rolling = childOf(strategy, "rollingUpdate");
  if (rolling === undefined) return [required(`${path}.rollingUpdate`)];
  return rollingErrors(rolling, `${path}.rollingUpdate`, "cannot be 0 when maxSurge is 0");
}

function progressErrors(spec: Fields): FieldError[] {
  const seconds = numberOf(spec, "progressDeadlineSeconds");
  if (seconds === undefined) return [];
  const negative = nonNegative(spec, "progressDeadlineSeconds", "spec");
  const isLate = seconds > (numberOf(spec, "minReadySeconds") ?? 0);
  const why = "must be greater than minReadySeconds";
  return [...negative, ...(isLate ? [] : [invalid("spec.progressDeadlineSeconds", seconds, why)])];
}

function statefulSetErrors(spec: Fields): FieldError[] {
  const policy = textOf(spec, "podManagementPolicy");
  const strategy = childOf(spec, "updateStrategy") ?? {};
  const type = textOf(strategy, "type");
  return [
    ...(policy === "" ? [required("spec.podManagementPolicy")] : []),
    ...(/^(OrderedReady|Parallel)?$/.test(policy)
      ? []
      : [invalid("spec.podManagementPolicy", policy, "must be 'OrderedReady' or 'Parallel'")]),
    ...(type === "" ? [required("spec.updateStrategy")] : []),
    ...(/^(RollingUpdate|OnDelete)?$/.test(type)
      ? []
      : [invalid("spec.updateStrategy", strategy, "must be 'RollingUpdate' or 'OnDelete'")]),
    ...nonNegative(childOf(strategy, "rollingUpdate"), "partition", "spec.updateStrategy.rollingUpdate"),
    ...retentionErrors(childOf(spec, "persistentVolumeClaimRetentionPolicy")),
    ...nonNegative(spec, "replicas", "spec"),
    ...nonNegative(spec, "minReadySeconds", "spec"),
    ...nonNegative(childOf(spec, "ordinals"), "start", "spec.ordinals"),
    ...workloadSelectorErrors(spec, "spec", "empty selector is invalid for statefulset"),
    ...templateErrors(spec, "StatefulSet"),
  ];
}

function retentionErrors(retention: Fields | undefined): FieldError[] {
  if (retention === undefined) return [];
  const path = "spec.persistentVolumeClaimRetentionPolicy";
  return ["whenDeleted", "whenScaled"].flatMap((name) => neededOneOf(retention, name, path, ["Retain", "Delete"]));
}

const statefulSetMayChange: readonly string[] = [
  "replicas",
  "ordinals",
  "template",
  "updateStrategy",
  "revisionHistoryLimit",
  "persistentVolumeClaimRetentionPolicy",
  "minReadySeconds",
];

function statefulSetUpdateErrors(object: KubeObject, old: KubeObject): FieldError[] {
  const fixed = (whole: KubeObject): Fields =>
    Object.fromEntries(
      Object.entries(childOf(whole, "spec") ?? {}).filter(([name]) => !statefulSetMayChange.includes(name)),
    );
  if (semanticEqual(fixed(object), fixed(old))) return [];
  const names = statefulSetMayChange.map((name) => `'${name}'`);
  const list = `${names.slice(0, -1).join(", ")} and ${names.at(-1) ?? ""}`;
  return [forbidden("spec", `updates to statefulset spec for fields other than ${list} are forbidden`)];
}
