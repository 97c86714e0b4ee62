// The table of pods, whose status cell tells what a user must know first: why a pod is not running.
// Upstream: kubernetes pkg/printers/internalversion/printers.go (printPod).
import { humanAge } from "#machinery/human-duration.ts";
import { Pod, PodTemplate } from "../../generated/kinds.ts";
import type * as types from "../../generated/types.ts";
import { conditionStatus, containerCells, labelsText, none, textOr } from "./cells.ts";
import { ageCell, ageColumn, column, definePrinter, type KindPrinter, nameColumn, wideColumn } from "./printer.ts";

const podColumns = [
  nameColumn,
  column("Ready", "Containers that are ready, of all that should be."),
  column("Status", "What the pod is doing, or what keeps it from it."),
  column("Restarts", "How often its containers were restarted, and when last."),
  ageColumn,
  wideColumn("IP", "Address of the pod."),
  wideColumn("Node", "Node that the pod runs on."),
  wideColumn("Nominated Node", "Node that room is being made on for the pod."),
  wideColumn("Readiness Gates", "Readiness gates that hold, of all."),
];

const podPrinter = definePrinter(Pod, podColumns, (pod, now) => {
  const { status = {}, spec } = pod;
  const { ready, total, reason, restarts, lastRestart } = summaryOf(pod);
  const ago = restarts > 0 && lastRestart !== undefined ? ` (${humanAge(lastRestart, now)} ago)` : "";
  return [
    pod.metadata.name,
    `${ready}/${total}`,
    reason,
    `${restarts}${ago}`,
    ageCell(pod, now),
    textOr(status.podIPs?.[0]?.ip, none),
    textOr(spec.nodeName, none),
    textOr(status.nominatedNodeName, none),
    readinessGates(pod),
  ];
});

const podTemplatePrinter = definePrinter(
  PodTemplate,
  [
    nameColumn,
    column("Containers", "Names of the containers."),
    column("Images", "Images of the containers."),
    column("Pod Labels", "Labels that pods made from it get."),
  ],
  ({ metadata, template }) => [
    metadata.name,
    ...containerCells(template?.spec?.containers),
    labelsText(template?.metadata?.labels),
  ],
);

interface PodSummary {
  readonly ready: number;
  readonly total: number;
  readonly reason: string;
  readonly restarts: number;
  readonly lastRestart: string | undefined;
}

function summaryOf(pod: types.Pod): PodSummary {
  const { status = {}, spec } = pod;
  const init = initSummaryOf(pod);
  const total = spec.containers.length + init.sidecars.size;
  if (init.reason !== undefined && conditionStatus(status.conditions, "Initialized") !== "True") {
    const { restarts, lastRestart } = init.all;
    return { ready: init.ready, total, reason: withDeletion(pod, init.reason), restarts, lastRestart };
  }
  const main = mainSummaryOf(status, init.reason ?? phaseReason(status));
  const restarts = new Restarts(init.sidecarRestarts);
  for (const container of status.containerStatuses ?? []) restarts.add(container);
  return {
    ready: init.ready + main.ready,
    total,
    reason: withDeletion(pod, main.reason),
    restarts: restarts.restarts,
    lastRestart: restarts.lastRestart,
  };
}

/** How often containers were restarted, and when the last one ended before. */
class Restarts {
  restarts: number;
  lastRestart: string | undefined;

  constructor(start?: Restarts) {
    this.restarts = start?.restarts ?? 0;
    this.lastRestart = start?.lastRestart;
  }

  add({ restartCount, lastState }: types.ContainerStatus): void {
    this.restarts += restartCount;
    const ended = lastState?.terminated?.finishedAt;
    if (ended !== undefined && (this.lastRestart === undefined || ended > this.lastRestart)) this.lastRestart = ended;
  }
}

interface InitSummary {
  /** Why initializing is not done; undefined once it is. */
  readonly reason: string | undefined;
  readonly ready: number;
  readonly sidecars: ReadonlySet<string>;
  readonly all: Restarts;
  readonly sidecarRestarts: Restarts;
}

/** Looks at init containers in order, up to the first that is not done. */
function initSummaryOf({ spec, status }: types.Pod): InitSummary {
  const { initContainers = [] } = spec;
  const sidecars = new Set(initContainers.filter(({ restartPolicy }) => restartPolicy === "Always").map(nameOf));
  const all = new Restarts();
  const sidecarRestarts = new Restarts();
  let ready = 0;
  for (const [index, container] of (status?.initContainerStatuses ?? []).entries()) {
    const isSidecar = sidecars.has(container.name);
    all.add(container);
    if (isSidecar) sidecarRestarts.add(container);
    const { terminated, waiting } = container.state ?? {};
    if (terminated?.exitCode === 0) continue;
    if (isSidecar && container.started === true) {
      if (container.ready) ready++;
      continue;
    }
    const waits = textOr(waiting?.reason, "PodInitializing");
    const reason =
      terminated !== undefined
        ? endReason(terminated)
        : waits !== "PodInitializing"
          ? waits
          : `${index}/${initContainers.length}`;
    return { reason: `Init:${reason}`, ready, sidecars, all, sidecarRestarts };
  }
  return { reason: undefined, ready, sidecars, all, sidecarRestarts };
}

/** What the containers say, the first one last: it has the last word. */
function mainSummaryOf(status: types.PodStatus, phase: string): { readonly reason: string; readonly ready: number } {
  let reason = phase;
  let ready = 0;
  for (const container of (status.containerStatuses ?? []).toReversed()) {
    const { waiting, terminated, running } = container.state ?? {};
    if (waiting?.reason !== undefined && waiting.reason !== "") reason = waiting.reason;
    else if (terminated !== undefined) reason = endReason(terminated);
    else if (container.ready && running !== undefined) ready++;
  }
  if (reason === "Completed" && ready > 0) {
    reason = conditionStatus(status.conditions, "Ready") === "True" ? "Running" : "NotReady";
  }
  return { reason, ready };
}

function phaseReason({ phase = "", reason, conditions = [] }: types.PodStatus): string {
  const isGated = conditions.some(({ type, reason: why }) => type === "PodScheduled" && why === "SchedulingGated");
  return isGated ? "SchedulingGated" : textOr(reason, phase);
}

function endReason({ reason, signal, exitCode }: types.ContainerStateTerminated): string {
  if (reason !== undefined && reason !== "") return reason;
  return signal !== undefined && signal !== 0 ? `Signal:${signal}` : `ExitCode:${exitCode}`;
}

function withDeletion({ metadata, status }: types.Pod, reason: string): string {
  if (metadata.deletionTimestamp === undefined) return reason;
  if (status?.reason === "NodeLost") return "Unknown";
  return status?.phase === "Succeeded" || status?.phase === "Failed" ? reason : "Terminating";
}

function readinessGates({ spec: { readinessGates: gates = [] }, status }: types.Pod): string {
  if (gates.length === 0) return none;
  const held = gates.filter(({ conditionType }) => conditionStatus(status?.conditions, conditionType) === "True");
  return `${held.length}/${gates.length}`;
}

function nameOf({ name }: { readonly name: string }): string {
  return name;
}

export const podPrinters: readonly KindPrinter[] = [podPrinter, podTemplatePrinter];
