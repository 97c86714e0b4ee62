// Tables of what sets numbers of pods. Upstream: kubernetes pkg/printers/internalversion/printers.go
// (printHorizontalPodAutoscaler, formatHPAMetrics, printPodDisruptionBudget).
import {
  AutoscalingV1HorizontalPodAutoscaler,
  HorizontalPodAutoscaler,
  PodDisruptionBudget,
} from "../../generated/kinds.ts";
import type * as types from "../../generated/types.ts";
import { intOrStringText, none, quantityText, unset } from "./cells.ts";
import { ageCell, ageColumn, column, definePrinter, type KindPrinter, nameColumn } from "./printer.ts";

const metricsMax = 2;
const unknown = "<unknown>";

const columns = [
  nameColumn,
  column("Reference", "What is scaled."),
  column("Targets", "Metrics: what they are, and what they should be."),
  column("MinPods", "Fewest pods."),
  column("MaxPods", "Most pods."),
  column("Replicas", "Pods there are."),
  ageColumn,
];

const horizontalPodAutoscalerPrinter = definePrinter(HorizontalPodAutoscaler, columns, (scaler, now) => {
  const { spec, status } = scaler;
  return [
    scaler.metadata.name,
    `${spec.scaleTargetRef.kind}/${spec.scaleTargetRef.name}`,
    metricsText(spec.metrics ?? [], status?.currentMetrics ?? []),
    intOrStringText(spec.minReplicas, unset),
    spec.maxReplicas,
    status?.currentReplicas ?? 0,
    ageCell(scaler, now),
  ];
});

const autoscalingV1Printer = definePrinter(AutoscalingV1HorizontalPodAutoscaler, columns, (scaler, now) => {
  const { spec, status } = scaler;
  const target = spec.targetCPUUtilizationPercentage;
  return [
    scaler.metadata.name,
    `${spec.scaleTargetRef.kind}/${spec.scaleTargetRef.name}`,
    target === undefined ? none : `cpu: ${percentText(status?.currentCPUUtilizationPercentage, unknown)}/${target}%`,
    intOrStringText(spec.minReplicas, unset),
    spec.maxReplicas,
    status?.currentReplicas ?? 0,
    ageCell(scaler, now),
  ];
});

/** The first metrics; each is matched to what was measured by its place in the list. */
function metricsText(specs: readonly types.MetricSpec[], statuses: readonly types.MetricStatus[]): string {
  if (specs.length === 0) return none;
  const texts = specs.slice(0, metricsMax).map((spec, index) => metricText(spec, statuses[index]));
  const more = specs.length - texts.length;
  return more > 0 ? `${texts.join(", ")} + ${more} more...` : texts.join(", ");
}

function metricText(spec: types.MetricSpec, status: types.MetricStatus | undefined): string {
  switch (spec.type) {
    case "External":
      return plainMetric(spec.external?.target, status?.external?.current);
    case "Object":
      return plainMetric(spec.object?.target, status?.object?.current);
    case "Pods":
      return `${currentText(status?.pods?.current.averageValue)}/${quantityText(spec.pods?.target.averageValue)}`;
    case "Resource":
      return resourceMetric(spec.resource, status?.resource?.current);
    case "ContainerResource":
      return resourceMetric(spec.containerResource, status?.containerResource?.current);
    default:
      return "<unknown type>";
  }
}

function plainMetric(target: types.MetricTarget | undefined, current: types.MetricValueStatus | undefined): string {
  return target?.averageValue === undefined
    ? `${currentText(current?.value)}/${quantityText(target?.value)}`
    : `${currentText(current?.averageValue)}/${quantityText(target.averageValue)} (avg)`;
}

function resourceMetric(
  source: { readonly name: string; readonly target: types.MetricTarget } | undefined,
  current: types.MetricValueStatus | undefined,
): string {
  if (source === undefined) return unknown;
  const { name, target } = source;
  return target.averageValue === undefined
    ? `${name}: ${percentText(current?.averageUtilization, unknown)}/${percentText(target.averageUtilization, "<auto>")}`
    : `${name}: ${currentText(current?.averageValue)}/${quantityText(target.averageValue)}`;
}

function currentText(quantity: string | undefined): string {
  return quantity === undefined ? unknown : quantityText(quantity);
}

function percentText(percent: number | undefined, instead: string): string {
  return percent === undefined ? instead : `${percent}%`;
}

const podDisruptionBudgetPrinter = definePrinter(
  PodDisruptionBudget,
  [
    nameColumn,
    column("Min Available", "Pods that must stay."),
    column("Max Unavailable", "Pods that may go."),
    column("Allowed Disruptions", "Pods that may go now.", "integer"),
    ageColumn,
  ],
  (budget, now) => [
    budget.metadata.name,
    intOrStringText(budget.spec.minAvailable, "N/A"),
    intOrStringText(budget.spec.maxUnavailable, "N/A"),
    budget.status?.disruptionsAllowed ?? 0,
    ageCell(budget, now),
  ],
);

export const autoscalingPrinters: readonly KindPrinter[] = [
  horizontalPodAutoscalerPrinter,
  autoscalingV1Printer,
  podDisruptionBudgetPrinter,
];
