// What the statuses of a pod without a machine say at each stage of its life. Texts as the kubelet's.
import type { ContainerState, ContainerStatus, PodCondition, PodStatus } from "#api/generated/types.ts";
import type { Pod } from "#api/kinds.ts";
import { findCondition } from "#machinery/conditions.ts";
import { fnv32a } from "#machinery/hash.ts";
import { formatTime } from "#std/time.ts";
import { failingExitCode, isUnpullable } from "./image.ts";

/** Reasons of waiting containers. */
export const pullBackOff = "ImagePullBackOff";
export const crashLoop = "CrashLoopBackOff";

/** All containers run; those that ran before keep the time they began. */
export function running(pod: Pod, nodeAddress: string, now: number): PodStatus {
  const time = formatTime(now);
  const gates = (pod.spec.readinessGates ?? []).map(({ conditionType }) => conditionType);
  const states = { ...stateOfAll("True"), ...Object.fromEntries(gates.map((type) => [type, "True" as const])) };
  return {
    ...pod.status,
    ...addresses(pod, nodeAddress),
    phase: "Running",
    startTime: pod.status?.startTime ?? time,
    conditions: conditionsOf(pod, states, undefined, now),
    containerStatuses: statusesOf(pod, (known) => known?.state?.running ?? { startedAt: time }),
    ...initStatuses(pod, time),
  };
}

/** On its node, and not started yet. */
export function creating(pod: Pod, nodeAddress: string, now: number): PodStatus {
  return {
    ...pod.status,
    ...addresses(pod, nodeAddress),
    phase: "Pending",
    startTime: pod.status?.startTime ?? formatTime(now),
    conditions: conditionsOf(pod, stateOfAll("False"), "ContainersNotReady", now),
    containerStatuses: pod.spec.containers.map(({ name, image = "" }) =>
      waitingStatus(name, image, { reason: "ContainerCreating" }),
    ),
  };
}

/** Some images cannot be pulled: their containers wait for ever, and the others with them. */
export function unpullable(pod: Pod, nodeAddress: string, now: number): PodStatus {
  const status = creating(pod, nodeAddress, now);
  const containerStatuses = (status.containerStatuses ?? []).map((each) => {
    if (!isUnpullable(each.image)) return each;
    const message = `Back-off pulling image "${each.image}": it does not exist in this simulated cluster`;
    return { ...each, state: { waiting: { reason: pullBackOff, message } } };
  });
  return { ...status, containerStatuses };
}

/** All containers have ended, with the exit codes that their commands ask for. */
export function ended(pod: Pod, now: number): PodStatus {
  const codes = pod.spec.containers.map(failingExitCode);
  const failed = codes.some((code) => code !== 0);
  return {
    ...pod.status,
    phase: failed ? "Failed" : "Succeeded",
    conditions: conditionsOf(pod, stateOfAll("False"), failed ? "PodFailed" : "PodCompleted", now),
    containerStatuses: (pod.status?.containerStatuses ?? []).map((each, index) => ({
      ...each,
      ready: false,
      started: false,
      state: { terminated: terminationOf(each, codes[index] ?? 0, now) },
    })),
  };
}

/** The containers whose commands fail have done so and wait to be started again. */
export function crashed(pod: Pod, now: number): PodStatus {
  const codes = pod.spec.containers.map(failingExitCode);
  const containerStatuses = (pod.status?.containerStatuses ?? []).map((each, index) => {
    const code = codes[index] ?? 0;
    if (code === 0) return each;
    const message = `back-off restarting failed container=${each.name} pod=${pod.metadata.name}`;
    return {
      ...each,
      ready: false,
      started: false,
      restartCount: each.restartCount + 1,
      state: { waiting: { reason: crashLoop, message } },
      lastState: { terminated: terminationOf(each, code, now) },
    };
  });
  const conditions = conditionsOf(pod, stateOfAll("False"), "ContainersNotReady", now);
  return { ...pod.status, conditions, containerStatuses };
}

/** Longer at work than activeDeadlineSeconds allows. */
export function overdue(pod: Pod, now: number): PodStatus {
  const containerStatuses = (pod.status?.containerStatuses ?? []).map((each) => ({
    ...each,
    ready: false,
    started: false,
    state: { terminated: { ...terminationOf(each, killedExitCode, now), reason: "Error" } },
  }));
  return {
    ...pod.status,
    phase: "Failed",
    reason: "DeadlineExceeded",
    message: "Pod was active on the node longer than the specified deadline",
    conditions: conditionsOf(pod, stateOfAll("False"), "PodFailed", now),
    ...(containerStatuses.length === 0 ? {} : { containerStatuses }),
  };
}

/** Ended by SIGKILL. */
const killedExitCode = 137;

type Termination = NonNullable<ContainerState["terminated"]>;

function terminationOf({ state }: ContainerStatus, exitCode: number, now: number): Termination {
  const finishedAt = formatTime(now);
  const startedAt = state?.running?.startedAt ?? finishedAt;
  return { exitCode, reason: exitCode === 0 ? "Completed" : "Error", startedAt, finishedAt };
}

type States = Readonly<Record<string, "True" | "False">>;

/** The conditions of a pod on a node: it is initialized and scheduled, and ready or not. */
function stateOfAll(ready: "True" | "False"): States {
  return { Initialized: "True", Ready: ready, ContainersReady: ready, PodScheduled: "True" };
}

/** lastTransitionTime moves with the status only. Conditions of other types are other people's. */
function conditionsOf(
  { status }: Pod,
  wanted: States,
  reason: string | undefined,
  now: number,
): readonly PodCondition[] {
  const before = status?.conditions ?? [];
  const ours = Object.entries(wanted).map(([type, state]) => {
    const known = findCondition(before, type);
    const time = known?.status === state ? known.lastTransitionTime : undefined;
    return {
      type,
      status: state,
      lastTransitionTime: time ?? formatTime(now),
      ...(state === "False" && reason !== undefined ? { reason } : {}),
    };
  });
  return [...ours, ...before.filter(({ type }) => !Object.hasOwn(wanted, type))];
}

function statusesOf(
  pod: Pod,
  runningOf: (known: ContainerStatus | undefined) => ContainerState["running"] & object,
): readonly ContainerStatus[] {
  return pod.spec.containers.map(({ name, image = "" }) => {
    const known = pod.status?.containerStatuses?.find((each) => each.name === name);
    return {
      name,
      image,
      imageID: `simulated://${image}`,
      containerID: `simulated://${pod.metadata.uid ?? ""}/${name}`,
      ready: true,
      started: true,
      restartCount: known?.restartCount ?? 0,
      state: { running: runningOf(known) },
      lastState: known?.lastState ?? {},
    };
  });
}

function waitingStatus(name: string, image: string, waiting: NonNullable<ContainerState["waiting"]>): ContainerStatus {
  return { name, image, imageID: "", ready: false, started: false, restartCount: 0, state: { waiting }, lastState: {} };
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
