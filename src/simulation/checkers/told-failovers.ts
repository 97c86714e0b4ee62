// Invariant: what has moved is told. Each eviction task that a binding had is in its history, with the state that it took along;
// the history keeps the last ones, and in a calm world no failover is in progress whose task has gone.
import { karmadaLabels } from "#api/karmada-constants.ts";
import { ResourceBinding, type Binding, type FailoverRecord, type GracefulEvictionTask } from "#api/work/binding.ts";
import { isLive } from "../expected.ts";
import { changeOf } from "../mirror.ts";
import type { Checker, Observed } from "./checker.ts";

/** As many as the history keeps. */
const recordsMax = 10;

export function toldFailovers({ controlPlane, mirror }: Observed): Checker {
  /** By binding's uid: its tasks so far, in order of their times. */
  const tasks = new Map<string, string[]>();
  return {
    committed(change) {
      const { after: binding } = changeOf(controlPlane, ResourceBinding, change);
      if (binding === undefined) return undefined;
      const known = tasks.get(idOf(binding)) ?? [];
      for (const task of binding.spec.gracefulEvictionTasks ?? []) {
        const text = taskText(task);
        if (task.creationTimestamp !== undefined && !known.includes(text)) known.push(text);
      }
      if (known.length > 0) tasks.set(idOf(binding), known.sort());
      return undefined;
    },
    unsettled() {
      for (const binding of mirror.list(controlPlane, ResourceBinding)) {
        if (!isLive(binding)) continue;
        const wrong = untold(binding, tasks.get(idOf(binding)) ?? []);
        if (wrong !== undefined) return `${binding.metadata.name}: ${wrong}`;
      }
      return undefined;
    },
  };
}

function untold({ spec, status }: Binding, tasks: readonly string[]): string | undefined {
  const history = status?.failoverHistory ?? [];
  if (history.length > recordsMax) return `its history has ${history.length} records`;
  const told = new Set(history.map(recordText));
  const missing = tasks.slice(-recordsMax).find((task) => !told.has(task));
  if (missing !== undefined) return `its failover ${missing} is not told`;
  const open = new Set((spec.gracefulEvictionTasks ?? []).map(taskText));
  const lost = history.find((record) => record.outcome === "InProgress" && !open.has(recordText(record)));
  return lost === undefined ? undefined : `its failover ${recordText(lost)} is in progress, and its task has gone`;
}

function taskText({ creationTimestamp = "", fromCluster, preservedLabelState }: GracefulEvictionTask): string {
  return `${creationTimestamp} ${fromCluster}${stateText(preservedLabelState)}`;
}

function recordText({ startTime, fromCluster, preservedLabelState }: FailoverRecord): string {
  return `${startTime} ${fromCluster}${stateText(preservedLabelState)}`;
}

function stateText(state: Readonly<Record<string, string>> = {}): string {
  const pairs = Object.entries(state).map(([label, value]) => `${label}=${value}`);
  return pairs.length === 0 ? "" : ` with ${pairs.sort().join()}`;
}

function idOf({ metadata }: Binding): string {
  return metadata.labels?.[karmadaLabels.resourceBindingId] ?? metadata.uid ?? "";
}
