// What is wrong with a FederatedHPA's metrics and behavior, beyond its schema.
// Upstream: k8s.io/kubernetes/pkg/apis/autoscaling/validation/validation.go; karmada pkg/util/lifted/validatingfhpa.go.
import { type FieldError, forbidden, invalid, notSupported, required } from "#machinery/field-error.ts";
import { compareQuantities, parseQuantity, zeroQuantity } from "#machinery/quantity.ts";
import type { FederatedHPASpec } from "../autoscaling/federated-hpa.ts";
import type { MetricSpec } from "../autoscaling/metrics.ts";

const stabilizationSecondsMax = 3600;
const periodSecondsMax = 1800;
const sourceFields = ["object", "pods", "resource", "containerResource", "external"] as const;
/** External metrics belong to no member, so a FederatedHPA cannot have them. */
const fieldOfType: Readonly<Record<string, (typeof sourceFields)[number]>> = {
  ContainerResource: "containerResource",
  Object: "object",
  Pods: "pods",
  Resource: "resource",
};

export function validateMetric(metric: MetricSpec, path: string): FieldError[] {
  const { type } = metric;
  const expected = Object.hasOwn(fieldOfType, type) ? fieldOfType[type] : undefined;
  if (type === "") return [required(`${path}.type`, "must specify a metric source type")];
  if (expected === undefined) return [notSupported(`${path}.type`, type, Object.keys(fieldOfType))];
  const present = sourceFields.filter((name) => metric[name] !== undefined);
  const errors = present.length === 1 ? validateSource(metric, path) : [];
  if (!present.includes(expected)) {
    errors.push(required(`${path}.${expected}`, "must populate information for the given metric source"));
  }
  for (const name of present) {
    if (name !== expected) errors.push(forbidden(`${path}.${name}`, "must populate the given metric source only"));
  }
  return errors;
}

function validateSource({ object, pods, resource, containerResource }: MetricSpec, path: string): FieldError[] {
  if (object !== undefined) {
    const at = `${path}.object`;
    const { describedObject, metric, target } = object;
    const errors = [
      ...text(describedObject.kind, `${at}.describedObject.kind`),
      ...text(describedObject.name, `${at}.describedObject.name`),
      ...text(metric.name, `${at}.metric.name`, "must specify a metric name"),
      ...validateTarget(target, `${at}.target`),
    ];
    if (target.value !== undefined || target.averageValue !== undefined) return errors;
    return [...errors, required(`${at}.target.averageValue`, "must set either a target value or averageValue")];
  }
  if (pods !== undefined) {
    const at = `${path}.pods`;
    return [
      ...text(pods.metric.name, `${at}.metric.name`, "must specify a metric name"),
      ...validateTarget(pods.target, `${at}.target`),
      ...(isPositive(pods.target.averageValue)
        ? []
        : [required(`${at}.target.averageValue`, "must specify a positive target averageValue")]),
    ];
  }
  if (resource !== undefined) return validateResource(resource, `${path}.resource`);
  if (containerResource === undefined) return [];
  const at = `${path}.containerResource`;
  return [
    ...validateResource(containerResource, at),
    ...text(containerResource.container, `${at}.container`, "must specify a container name"),
  ];
}

function validateResource({ name, target }: NonNullable<MetricSpec["resource"]>, path: string): FieldError[] {
  const { averageUtilization, averageValue } = target;
  const errors = [
    ...text(name, `${path}.name`, "must specify a resource name"),
    ...validateTarget(target, `${path}.target`),
  ];
  if (averageUtilization === undefined && averageValue === undefined) {
    const detail = "must set either a target raw value or a target utilization";
    errors.push(required(`${path}.target.averageUtilization`, detail));
  }
  if (averageUtilization !== undefined && averageValue !== undefined) {
    const detail = "may not set both a target raw value and a target utilization";
    errors.push(forbidden(`${path}.target.averageValue`, detail));
  }
  return errors;
}

type Target = NonNullable<MetricSpec["pods"]>["target"];

function validateTarget({ type, value, averageValue, averageUtilization }: Target, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (type === "") errors.push(required(`${path}.type`, "must specify a metric target type"));
  else if (!["Utilization", "Value", "AverageValue"].includes(type)) {
    errors.push(invalid(`${path}.type`, type, "must be either Utilization, Value, or AverageValue"));
  }
  for (const [name, amount] of [
    ["value", value],
    ["averageValue", averageValue],
  ] as const) {
    if (amount !== undefined && !isPositive(amount))
      errors.push(invalid(`${path}.${name}`, String(amount), "must be positive"));
  }
  if (averageUtilization !== undefined && averageUtilization < 1) {
    errors.push(invalid(`${path}.averageUtilization`, averageUtilization, "must be greater than 0"));
  }
  return errors;
}

function isPositive(amount: number | string | undefined): boolean {
  return amount !== undefined && compareQuantities(parseQuantity(amount), zeroQuantity) > 0;
}

function text(value: string, path: string, detail = ""): FieldError[] {
  return value === "" ? [required(path, detail)] : [];
}

export function validateBehavior(behavior: FederatedHPASpec["behavior"]): FieldError[] {
  return [
    ...validateRules(behavior?.scaleUp, "spec.behavior.scaleUp"),
    ...validateRules(behavior?.scaleDown, "spec.behavior.scaleDown"),
  ];
}

type Rules = NonNullable<FederatedHPASpec["behavior"]>["scaleUp"];

function validateRules(rules: Rules, path: string): FieldError[] {
  if (rules === undefined) return [];
  const { stabilizationWindowSeconds: seconds = 0, selectPolicy, policies = [] } = rules;
  const errors: FieldError[] = [];
  const at = `${path}.stabilizationWindowSeconds`;
  if (seconds < 0) errors.push(invalid(at, seconds, "must be greater than or equal to zero"));
  if (seconds > stabilizationSecondsMax) {
    errors.push(invalid(at, seconds, `must be less than or equal to ${stabilizationSecondsMax}`));
  }
  if (selectPolicy !== undefined && !["Max", "Min", "Disabled"].includes(selectPolicy)) {
    errors.push(notSupported(`${path}.selectPolicy`, selectPolicy, ["Disabled", "Max", "Min"]));
  }
  if (policies.length === 0) errors.push(required(`${path}.policies`, "must specify at least one Policy"));
  return [...errors, ...policies.flatMap((policy, index) => validatePolicy(policy, `${path}.policies[${index}]`))];
}

type Policy = NonNullable<NonNullable<Rules>["policies"]>[number];

function validatePolicy({ type, value, periodSeconds }: Policy, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (type !== "Pods" && type !== "Percent") errors.push(notSupported(`${path}.type`, type, ["Percent", "Pods"]));
  if (value <= 0) errors.push(invalid(`${path}.value`, value, "must be greater than zero"));
  if (periodSeconds <= 0) errors.push(invalid(`${path}.periodSeconds`, periodSeconds, "must be greater than zero"));
  if (periodSeconds > periodSecondsMax) {
    errors.push(invalid(`${path}.periodSeconds`, periodSeconds, `must be less than or equal to ${periodSecondsMax}`));
  }
  return errors;
}
