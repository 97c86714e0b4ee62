// Kinds that are served in one version and stored in another: events.k8s.io/v1 Events are v1 Events in storage, v1
// HorizontalPodAutoscalers are v2 ones. Upstream: k8s.io/kubernetes/pkg/apis/{events,autoscaling}/v1/conversion.go.
import type { MutableObject } from "#machinery/admission.ts";
import { isArray, isRecord } from "#machinery/guards.ts";
import type { StoredVersion } from "../resource.ts";
import { childOf, ensureChild, type Fields, itemsOf, numberOf, textMapOf, textOf } from "./access.ts";
import { autoscalingV2Defaults } from "./defaults/autoscaling.ts";

/** How a kind's stored objects become served ones and back; undefined where they are the same. */
export function storedVersionOf(kind: {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}): StoredVersion | undefined {
  return conversions[`${kind.group}/${kind.version}/${kind.kind}`];
}

const conversions: Readonly<Record<string, StoredVersion>> = {
  "events.k8s.io/v1/Event": {
    apiVersion: "v1",
    currentSince: 0,
    verbatim: false,
    open(event) {
      renameFields(event, eventFields);
      event.apiVersion = "events.k8s.io/v1";
    },
    close(event) {
      renameFields(
        event,
        eventFields.map(([core, events]) => [events, core]),
      );
      event.apiVersion = "v1";
    },
  },
  "autoscaling/v1/HorizontalPodAutoscaler": {
    apiVersion: "autoscaling/v2",
    currentSince: 0,
    verbatim: false,
    open: openAutoscaler,
    close: closeAutoscaler,
  },
};

/** Names in v1 and in events.k8s.io/v1. */
const eventFields: readonly (readonly [string, string])[] = [
  ["involvedObject", "regarding"],
  ["message", "note"],
  ["source", "deprecatedSource"],
  ["firstTimestamp", "deprecatedFirstTimestamp"],
  ["lastTimestamp", "deprecatedLastTimestamp"],
  ["count", "deprecatedCount"],
  ["reportingComponent", "reportingController"],
];

function renameFields(object: Fields, names: readonly (readonly [string, string])[]): void {
  for (const [from, to] of names) {
    if (object[from] === undefined) continue;
    object[to] = object[from];
    delete object[from];
  }
}

/** What v1 has no fields for travels in annotations. */
const metricsAnnotation = "autoscaling.alpha.kubernetes.io/metrics";
const currentMetricsAnnotation = "autoscaling.alpha.kubernetes.io/current-metrics";
const conditionsAnnotation = "autoscaling.alpha.kubernetes.io/conditions";
const behaviorAnnotation = "autoscaling.alpha.kubernetes.io/behavior";

function openAutoscaler(object: MutableObject): void {
  object.apiVersion = "autoscaling/v1";
  const annotations: Record<string, string> = { ...textMapOf(object.metadata, "annotations") };
  const spec = childOf(object, "spec");
  if (spec !== undefined) {
    const metrics = itemsOf(spec, "metrics");
    const cpu = metrics.find(isCpuUtilization);
    const target = numberOf(childOf(childOf(cpu, "resource"), "target"), "averageUtilization");
    if (target !== undefined) spec["targetCPUUtilizationPercentage"] = target;
    const others = metrics.filter((metric) => metric !== cpu);
    if (others.length > 0) annotations[metricsAnnotation] = JSON.stringify(others.map(metricToV1));
    if (spec["behavior"] !== undefined) annotations[behaviorAnnotation] = JSON.stringify(spec["behavior"]);
    delete spec["metrics"];
    delete spec["behavior"];
  }
  const status = childOf(object, "status");
  if (status !== undefined) openStatus(status, annotations);
  if (Object.keys(annotations).length > 0) object.metadata["annotations"] = annotations;
}

function openStatus(status: Fields, annotations: Record<string, string>): void {
  const metrics = itemsOf(status, "currentMetrics");
  const cpu = metrics.find((metric) => textOf(childOf(metric, "resource"), "name") === "cpu");
  const current = numberOf(childOf(childOf(cpu, "resource"), "current"), "averageUtilization");
  if (current !== undefined) status["currentCPUUtilizationPercentage"] = current;
  if (metrics.length > 0) annotations[currentMetricsAnnotation] = JSON.stringify(metrics);
  if (isArray(status["conditions"]) && status["conditions"].length > 0) {
    annotations[conditionsAnnotation] = JSON.stringify(status["conditions"]);
  }
  delete status["currentMetrics"];
  delete status["conditions"];
}

function closeAutoscaler(object: MutableObject): void {
  object.apiVersion = "autoscaling/v2";
  const annotations: Record<string, string> = { ...textMapOf(object.metadata, "annotations") };
  const take = (name: string): unknown => {
    const text = annotations[name];
    Reflect.deleteProperty(annotations, name);
    return text === undefined ? undefined : parsed(text);
  };
  const spec = ensureChild(object, "spec");
  const others = take(metricsAnnotation);
  const metrics = isArray(others) ? others.filter(isRecord).map(metricToV2) : [];
  const target = numberOf(spec, "targetCPUUtilizationPercentage");
  if (target !== undefined) {
    const cpu = { name: "cpu", target: { type: "Utilization", averageUtilization: target } };
    metrics.unshift({ type: "Resource", resource: cpu });
  }
  delete spec["targetCPUUtilizationPercentage"];
  if (metrics.length > 0) spec["metrics"] = metrics;
  const behavior = take(behaviorAnnotation);
  if (isRecord(behavior)) spec["behavior"] = behavior;
  const status = ensureChild(object, "status");
  const current = take(currentMetricsAnnotation);
  if (isArray(current)) status["currentMetrics"] = current;
  const conditions = take(conditionsAnnotation);
  if (isArray(conditions)) status["conditions"] = conditions;
  delete status["currentCPUUtilizationPercentage"];
  if (Object.keys(annotations).length > 0) object.metadata["annotations"] = annotations;
  else delete object.metadata["annotations"];
  autoscalingV2Defaults["HorizontalPodAutoscaler"]?.(object);
}

function isCpuUtilization(metric: Fields): boolean {
  const resource = childOf(metric, "resource");
  const target = childOf(resource, "target");
  return textOf(resource, "name") === "cpu" && numberOf(target, "averageUtilization") !== undefined;
}

/** Resource metrics are spelled differently in v1's annotation; others are kept as they are. */
function metricToV1(metric: Fields): Fields {
  const resource = childOf(metric, "resource");
  const target = childOf(resource, "target");
  if (resource === undefined || target === undefined) return metric;
  return {
    type: metric["type"],
    resource: {
      name: resource["name"],
      targetAverageUtilization: target["averageUtilization"],
      targetAverageValue: target["averageValue"],
    },
  };
}

function metricToV2(metric: Fields): Fields {
  const resource = childOf(metric, "resource");
  if (resource === undefined || resource["target"] !== undefined) return metric;
  const utilization = resource["targetAverageUtilization"];
  const target =
    utilization === undefined
      ? { type: "AverageValue", averageValue: resource["targetAverageValue"] }
      : { type: "Utilization", averageUtilization: utilization };
  return { type: metric["type"], resource: { name: resource["name"], target } };
}

/** Annotations are written by users: what is no JSON is nothing. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
