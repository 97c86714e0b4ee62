// One pass over a ReplicaSet: how many pods to create, which to delete, what to say.
// Upstream: kubernetes pkg/controller/replicaset/replica_set.go, replica_set_utils.go, pkg/controller/controller_utils.go (ActivePodsWithRanks).
import type { ReplicaSetCondition, ReplicaSetStatus } from "#api/generated/types.ts";
import type { Pod, ReplicaSet } from "#api/kinds.ts";
import { findCondition } from "#machinery/conditions.ts";
import { deepEqual } from "#machinery/equality.ts";
import { formatTime, parseTime } from "#std/time.ts";
import { availableFrom, burstPods, isActive, isReady, nextAvailable } from "../pods.ts";

const deletionCostAnnotation = "controller.kubernetes.io/pod-deletion-cost";

export interface ReplicaSetPlan {
  readonly create: number;
  readonly remove: readonly Pod[];
  /** Milliseconds since the epoch at which a ready pod will have been ready for long enough. */
  readonly wakeAt: number | undefined;
}

/** `pods` are those that the set controls. */
export function planReplicaSet(set: ReplicaSet, pods: readonly Pod[], now: number): ReplicaSetPlan {
  const active = pods.filter(isActive);
  const minReadySeconds = set.spec.minReadySeconds ?? 0;
  const wakeAt = nextAvailable(active, minReadySeconds, now);
  if (set.metadata.deletionTimestamp !== undefined) return { create: 0, remove: [], wakeAt };
  const missing = (set.spec.replicas ?? 1) - active.length;
  if (missing >= 0) return { create: Math.min(missing, burstPods), remove: [], wakeAt };
  return { create: 0, remove: deletionOrder(active).slice(0, Math.min(-missing, burstPods)), wakeAt };
}

/** The status; an equal one is given back as it is. `failure` is what kept pods from being created or deleted. */
export function replicaSetStatus(
  set: ReplicaSet,
  pods: readonly Pod[],
  failure: { readonly reason: "FailedCreate" | "FailedDelete"; readonly message: string } | undefined,
  now: number,
): ReplicaSetStatus {
  const active = pods.filter(isActive);
  const labels = Object.entries(set.spec.template?.metadata?.labels ?? {});
  const labeled = active.filter(({ metadata }) => labels.every(([key, value]) => metadata.labels?.[key] === value));
  const ready = active.filter(isReady);
  const available = ready.filter((pod) => (availableFrom(pod, set.spec.minReadySeconds ?? 0) ?? Infinity) <= now);
  const counts = {
    fullyLabeledReplicas: labeled.length,
    readyReplicas: ready.length,
    availableReplicas: available.length,
  };
  const conditions = failureConditions(set.status?.conditions ?? [], failure, now);
  const status: ReplicaSetStatus = {
    replicas: active.length,
    ...Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0)),
    ...(set.metadata.generation === undefined ? {} : { observedGeneration: set.metadata.generation }),
    ...(conditions.length === 0 ? {} : { conditions }),
  };
  return deepEqual(status, set.status) && set.status !== undefined ? set.status : status;
}

function failureConditions(
  before: readonly ReplicaSetCondition[],
  failure: { readonly reason: string; readonly message: string } | undefined,
  now: number,
): readonly ReplicaSetCondition[] {
  const others = before.filter(({ type }) => type !== "ReplicaFailure");
  if (failure === undefined) return others;
  const known = findCondition(before, "ReplicaFailure");
  return [
    ...others,
    {
      type: "ReplicaFailure",
      status: "True",
      ...failure,
      lastTransitionTime: known?.lastTransitionTime ?? formatTime(now),
    },
  ];
}

/** The pods that are missed least first. */
function deletionOrder(pods: readonly Pod[]): readonly Pod[] {
  return pods.toSorted((left, right) => {
    for (const rank of ranks) {
      const difference = rank(left) - rank(right);
      if (difference !== 0) return difference;
    }
    return left.metadata.name < right.metadata.name ? -1 : 1;
  });
}

const phases: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };
/** Smaller goes first. */
const ranks: readonly ((pod: Pod) => number)[] = [
  ({ spec }) => (spec.nodeName === undefined || spec.nodeName === "" ? 0 : 1),
  ({ status }) => phases[status?.phase ?? "Pending"] ?? 1,
  (pod) => (isReady(pod) ? 1 : 0),
  ({ metadata }) => Number(metadata.annotations?.[deletionCostAnnotation] ?? "0") || 0,
  (pod) => -(availableFrom(pod, 0) ?? 0),
  ({ status }) => -Math.max(0, ...(status?.containerStatuses ?? []).map(({ restartCount }) => restartCount)),
  ({ metadata }) => -(parseTime(metadata.creationTimestamp) ?? 0),
];
