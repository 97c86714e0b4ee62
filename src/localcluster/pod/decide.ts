// The life of a pod without a machine: started a while after it was bound, ended if it is of the kind that ends, restarted
// if its command fails, and gone when deleted. Pure: what comes next, and when. Stages as KWOK's and the kubelet's.
import type { ContainerStatus, PodStatus } from "#api/generated/types.ts";
import type { Pod } from "#api/kinds.ts";
import { parseTime } from "#std/time.ts";
import { type LocalClusterSettings, runAnnotation, startAnnotation } from "../settings.ts";
import { failingExitCode, isUnpullable } from "./image.ts";
import { crashLoop, crashed, creating, ended, overdue, pullBackOff, running, unpullable } from "./status.ts";

export type PodStep =
  | {
      readonly kind: "status";
      readonly status: PodStatus;
      /** Does it have a time to wait for after this one? */
      readonly more: boolean;
      readonly warning?: { readonly reason: string; readonly message: string };
    }
  | { readonly kind: "wait"; readonly until: number }
  | { readonly kind: "nothing" };

export interface PodInput {
  /** Bound, and not being deleted. */
  readonly pod: Pod;
  readonly nodeAddress: string;
  readonly settings: LocalClusterSettings;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** When it took its last step, if that is known better than its status says, which has whole seconds. */
  readonly since: number | undefined;
}

/** The kubelet's: 10 s, doubling to 5 min. */
const crashBackoffMilliseconds = { first: 10_000, most: 300_000 } as const;

const nothing: PodStep = { kind: "nothing" };

/** What a pod does next. */
export function nextStep(input: PodInput): PodStep {
  const { pod, now } = input;
  const { phase = "Pending", startTime } = pod.status ?? {};
  if (phase === "Succeeded" || phase === "Failed") return nothing;
  const started = parseTime(startTime);
  const deadline = (started ?? now) + (pod.spec.activeDeadlineSeconds ?? Infinity) * 1000;
  if (now >= deadline) return { kind: "status", status: overdue(pod, now), more: false };
  const step = phase === "Running" ? runStep(input) : startStep(input, started);
  if (deadline === Infinity || step.kind === "status") return step;
  return { kind: "wait", until: step.kind === "wait" ? Math.min(step.until, deadline) : deadline };
}

function startStep({ pod, nodeAddress, settings, now, since }: PodInput, started: number | undefined): PodStep {
  const bad = pod.spec.containers.find(({ image }) => isUnpullable(image));
  if (bad !== undefined) {
    if (pod.status?.containerStatuses?.some(({ state }) => state?.waiting?.reason === pullBackOff) === true)
      return nothing;
    const message = `Failed to pull image "${bad.image ?? ""}": it does not exist in this simulated cluster`;
    const more = pod.spec.activeDeadlineSeconds !== undefined;
    return { kind: "status", status: unpullable(pod, nodeAddress, now), more, warning: { reason: "Failed", message } };
  }
  const delay = millisecondsOf(pod, startAnnotation, settings.podStartMilliseconds);
  if (delay > 0 && started === undefined) {
    return { kind: "status", status: creating(pod, nodeAddress, now), more: true };
  }
  const until = (since ?? started ?? now) + delay;
  if (now < until) return { kind: "wait", until };
  return { kind: "status", status: running(pod, nodeAddress, now), more: comesToAnEnd(pod) };
}

/** What runs ends or fails after a while, as its command and restartPolicy ask for, and what has failed runs again. */
function runStep({ pod, nodeAddress, settings, now, since }: PodInput): PodStep {
  if (!comesToAnEnd(pod)) return nothing;
  const statuses = pod.status?.containerStatuses ?? [];
  const down = statuses.find(({ state }) => state?.waiting?.reason === crashLoop);
  if (down !== undefined) {
    const until = (since ?? parseTime(down.lastState?.terminated?.finishedAt) ?? now) + backoffOf(down);
    if (now < until) return { kind: "wait", until };
    return { kind: "status", status: running(pod, nodeAddress, now), more: true };
  }
  const started = Math.max(...statuses.map(({ state }) => parseTime(state?.running?.startedAt) ?? 0));
  const until = (since ?? started) + millisecondsOf(pod, runAnnotation, settings.podRunMilliseconds);
  if (now < until) return { kind: "wait", until };
  const policy = pod.spec.restartPolicy ?? "Always";
  if (policy === "Never" || !fails(pod)) return { kind: "status", status: ended(pod, now), more: false };
  const message = "Back-off restarting failed container";
  return { kind: "status", status: crashed(pod, now), more: true, warning: { reason: "BackOff", message } };
}

function comesToAnEnd(pod: Pod): boolean {
  return (pod.spec.restartPolicy ?? "Always") !== "Always" || fails(pod);
}

function fails({ spec }: Pod): boolean {
  return spec.containers.some((container) => failingExitCode(container) !== 0);
}

function backoffOf({ restartCount }: ContainerStatus): number {
  const { first, most } = crashBackoffMilliseconds;
  return Math.min(most, first * 2 ** Math.max(0, restartCount - 1));
}

function millisecondsOf({ metadata }: Pod, annotation: string, otherwise: number): number {
  const value = Number(metadata.annotations?.[annotation]);
  return Number.isFinite(value) && value >= 0 ? value : otherwise;
}
