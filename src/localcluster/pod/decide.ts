// The life of a pod without a machine: bound to a node, started after a while, ended if it is of the kind that ends, and
// gone when deleted. Pure: what comes next, and when. Stages as KWOK's; texts as the kubelet's and the scheduler's.
import type { ContainerState, ContainerStatus, PodCondition, PodStatus } from "#api/generated/types.ts";
import type { Pod } from "#api/kinds.ts";
import { fnv32a } from "#machinery/hash.ts";
import { formatTime, parseTime } from "#std/time.ts";
import { type LocalClusterSettings, runAnnotation, startAnnotation } from "../settings.ts";
import { failingExitCode, isUnpullable } from "./image.ts";

export type PodStep =
  | { readonly kind: "status"; readonly status: PodStatus }
  | { readonly kind: "remove" }
  | { readonly kind: "wait"; readonly until: number }
  | { readonly kind: "nothing" };

/** What a bound pod does next. `now` in milliseconds since the epoch. */
export function nextStep(pod: Pod, nodeAddress: string, settings: LocalClusterSettings, now: number): PodStep {
  if (pod.metadata.deletionTimestamp !== undefined) return { kind: "remove" };
  const phase = pod.status?.phase ?? "Pending";
  if (phase === "Succeeded" || phase === "Failed") return { kind: "nothing" };
  const started = parseTime(pod.status?.startTime);
  if (phase === "Running") return endStep(pod, settings, now);
  if (pod.spec.containers.some(({ image }) => isUnpullable(image))) {
    const waits =
      pod.status?.containerStatuses?.some(({ state }) => state?.waiting?.reason === "ImagePullBackOff") === true;
    return waits ? { kind: "nothing" } : { kind: "status", status: unpullable(pod, nodeAddress, now) };
  }
  const delay = millisecondsOf(pod, startAnnotation, settings.podStartMilliseconds);
  if (delay > 0 && started === undefined) return { kind: "status", status: creating(pod, nodeAddress, now) };
  if (delay > 0 && started !== undefined && now < started + delay) return { kind: "wait", until: started + delay };
  return { kind: "status", status: running(pod, nodeAddress, now) };
}

/** Pods that are to end do so after a while, with the exit code that their command asks for. */
function endStep(pod: Pod, settings: LocalClusterSettings, now: number): PodStep {
  if ((pod.spec.restartPolicy ?? "Always") === "Always") return { kind: "nothing" };
  const started = parseTime(pod.status?.containerStatuses?.[0]?.state?.running?.startedAt) ?? now;
  const until = started + millisecondsOf(pod, runAnnotation, settings.podRunMilliseconds);
  return now < until ? { kind: "wait", until } : { kind: "status", status: ended(pod, now) };
}

function running(pod: Pod, nodeAddress: string, now: number): PodStatus {
  const time = formatTime(now);
  return {
    ...addresses(pod, nodeAddress),
    phase: "Running",
    startTime: pod.status?.startTime ?? time,
    conditions: conditionsOf(
      pod,
      { Initialized: "True", Ready: "True", ContainersReady: "True", PodScheduled: "True" },
      undefined,
      now,
    ),
    containerStatuses: statusesOf(pod, { running: { startedAt: time } }, true),
    ...initStatuses(pod, time),
  };
}

function creating(pod: Pod, nodeAddress: string, now: number): PodStatus {
  return {
    ...addresses(pod, nodeAddress),
    phase: "Pending",
    startTime: formatTime(now),
    conditions: conditionsOf(
      pod,
      { Initialized: "True", Ready: "False", ContainersReady: "False", PodScheduled: "True" },
      "ContainersNotReady",
      now,
    ),
    containerStatuses: statusesOf(pod, { waiting: { reason: "ContainerCreating" } }, false),
  };
}

function unpullable(pod: Pod, nodeAddress: string, now: number): PodStatus {
  const status = creating(pod, nodeAddress, now);
  const containerStatuses = (status.containerStatuses ?? []).map((each) => {
    const message = `Back-off pulling image "${each.image}": the image does not exist in this simulated cluster`;
    return isUnpullable(each.image) ? { ...each, state: { waiting: { reason: "ImagePullBackOff", message } } } : each;
  });
  return { ...status, containerStatuses };
}

function ended(pod: Pod, now: number): PodStatus {
  const codes = pod.spec.containers.map(failingExitCode);
  const failed = codes.some((code) => code !== 0);
  const time = formatTime(now);
  const containerStatuses = (pod.status?.containerStatuses ?? []).map((each, index) => {
    const exitCode = codes[index] ?? 0;
    const startedAt = each.state?.running?.startedAt ?? time;
    const terminated = { exitCode, reason: exitCode === 0 ? "Completed" : "Error", startedAt, finishedAt: time };
    return { ...each, ready: false, started: false, state: { terminated } };
  });
  const reason = failed ? "PodFailed" : "PodCompleted";
  return {
    ...pod.status,
    phase: failed ? "Failed" : "Succeeded",
    conditions: conditionsOf(
      pod,
      { Initialized: "True", Ready: "False", ContainersReady: "False", PodScheduled: "True" },
      reason,
      now,
    ),
    containerStatuses,
  };
}

/** lastTransitionTime moves with the status only. */
function conditionsOf(
  { status }: Pod,
  wanted: Readonly<Record<string, "True" | "False">>,
  reason: string | undefined,
  now: number,
): readonly PodCondition[] {
  return Object.entries(wanted).map(([type, state]) => {
    const known = status?.conditions?.find((condition) => condition.type === type);
    const lastTransitionTime =
      known?.status === state ? (known.lastTransitionTime ?? formatTime(now)) : formatTime(now);
    return {
      type,
      status: state,
      lastTransitionTime,
      ...(state === "False" && reason !== undefined ? { reason } : {}),
    };
  });
}

function statusesOf(pod: Pod, state: ContainerState, ready: boolean): readonly ContainerStatus[] {
  return pod.spec.containers.map(({ name, image = "" }) => ({
    name,
    image,
    imageID: ready ? `simulated://${image}` : "",
    ...(ready ? { containerID: `simulated://${pod.metadata.uid ?? ""}/${name}` } : {}),
    ready,
    started: ready,
    restartCount: 0,
    state,
    lastState: {},
  }));
}

/** Init containers have done their work; sidecars among them (restartPolicy Always) run on. */
function initStatuses(pod: Pod, time: string): Pick<PodStatus, "initContainerStatuses"> {
  const containers = pod.spec.initContainers ?? [];
  if (containers.length === 0) return {};
  const initContainerStatuses = containers.map(({ name, image = "", restartPolicy }) => {
    const stays = restartPolicy === "Always";
    const terminated = { exitCode: 0, reason: "Completed", startedAt: time, finishedAt: time };
    const state: ContainerState = stays ? { running: { startedAt: time } } : { terminated };
    return {
      name,
      image,
      imageID: `simulated://${image}`,
      ready: true,
      started: stays,
      restartCount: 0,
      state,
      lastState: {},
    };
  });
  return { initContainerStatuses };
}

function addresses(pod: Pod, hostIP: string): Pick<PodStatus, "hostIP" | "hostIPs" | "podIP" | "podIPs" | "qosClass"> {
  const podIP = pod.spec.hostNetwork === true ? hostIP : podAddress(pod.metadata.uid ?? "");
  return {
    hostIP,
    hostIPs: [{ ip: hostIP }],
    podIP,
    podIPs: [{ ip: podIP }],
    qosClass: pod.status?.qosClass ?? "BestEffort",
  };
}

/** Derived, so that a restart gives the same; nothing listens there anyway. */
function podAddress(uid: string): string {
  const hash = fnv32a(uid);
  return `10.${128 + ((hash >>> 16) & 0x7f)}.${(hash >>> 8) & 0xff}.${hash & 0xff || 1}`;
}

function millisecondsOf({ metadata }: Pod, annotation: string, otherwise: number): number {
  const value = Number(metadata.annotations?.[annotation]);
  return Number.isFinite(value) && value >= 0 ? value : otherwise;
}
