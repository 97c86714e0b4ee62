// One pass over a StatefulSet: which pods to create and delete, and what to say. In order, one step at a time, unless the
// set is Parallel. Upstream: kubernetes pkg/controller/statefulset/stateful_set_control.go.
import type { StatefulSetStatus } from "#api/generated/types.ts";
import type { Pod, StatefulSet } from "#api/kinds.ts";
import { deepEqual } from "#machinery/equality.ts";
import { hasEnded, isAvailable, isReady, isTerminating, nextAvailable } from "../pods.ts";
import { revisionLabel } from "../revisions.ts";

export interface StatefulSetInput {
  readonly set: StatefulSet;
  /** Those that the set controls. */
  readonly pods: readonly Pod[];
  /** Name of the revision with the present template. */
  readonly updateRevision: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export interface StatefulSetPlan {
  readonly create: readonly { readonly ordinal: number; readonly revision: string }[];
  readonly remove: readonly Pod[];
  readonly status: StatefulSetStatus;
  readonly wakeAt: number | undefined;
}

type Work = Pick<StatefulSetPlan, "create" | "remove">;

const nothing: Work = { create: [], remove: [] };

/** The number at the end of a pod's name, or undefined when it is not the set's. */
function ordinalOf(set: StatefulSet, { metadata }: Pod): number | undefined {
  const prefix = `${set.metadata.name}-`;
  const text = metadata.name.startsWith(prefix) ? metadata.name.slice(prefix.length) : "";
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

/** Plans the next step. */
export function planStatefulSet(input: StatefulSetInput): StatefulSetPlan {
  const { set, pods, now } = input;
  const work = set.metadata.deletionTimestamp === undefined ? nextWork(input) : nothing;
  return { ...work, status: statusOf(input), wakeAt: nextAvailable(pods, set.spec.minReadySeconds ?? 0, now) };
}

/** The revision that is being left, or the present one. */
function currentRevisionOf({ set, updateRevision }: StatefulSetInput): string {
  const known = set.status?.currentRevision ?? "";
  return known === "" ? updateRevision : known;
}

function nextWork(input: StatefulSetInput): Work {
  const { set, pods } = input;
  const start = set.spec.ordinals?.start ?? 0;
  const end = start + (set.spec.replicas ?? 1);
  const byOrdinal = new Map(pods.map((pod) => [ordinalOf(set, pod) ?? -1, pod]));
  const isParallel = set.spec.podManagementPolicy === "Parallel";
  const filling = fill(input, byOrdinal, { start, end, isParallel });
  if (filling !== undefined) return filling;
  const condemned = pods
    .filter((pod) => !isBetween(ordinalOf(set, pod), start, end))
    .sort((left, right) => (ordinalOf(set, right) ?? 0) - (ordinalOf(set, left) ?? 0));
  const shrinking = shrink(condemned, isParallel);
  return shrinking ?? update(input, byOrdinal, { start, end });
}

function isBetween(ordinal: number | undefined, start: number, end: number): boolean {
  return ordinal !== undefined && ordinal >= start && ordinal < end;
}

/** From the first ordinal up: what is missing is created, what has ended is replaced. Undefined: all are as they should be. */
function fill(
  input: StatefulSetInput,
  pods: ReadonlyMap<number, Pod>,
  { start, end, isParallel }: { readonly start: number; readonly end: number; readonly isParallel: boolean },
): Work | undefined {
  const create: { ordinal: number; revision: string }[] = [];
  const remove: Pod[] = [];
  for (let ordinal = start; ordinal < end; ordinal++) {
    const pod = pods.get(ordinal);
    if (pod === undefined) create.push({ ordinal, revision: revisionFor(input, ordinal) });
    else if (hasEnded(pod) && !isTerminating(pod)) remove.push(pod);
    else if (isParallel || isHealthy(input, pod)) continue;
    else return nothing;
    if (!isParallel) return { create, remove };
  }
  return create.length + remove.length > 0 ? { create, remove } : undefined;
}

/** The highest first; in order, each waits for the one before it to go. Undefined: none is to go. */
function shrink(condemned: readonly Pod[], isParallel: boolean): Work | undefined {
  const [highest, ...others] = condemned;
  if (highest === undefined) return undefined;
  if (isParallel) {
    const remove = condemned.filter((pod) => !isTerminating(pod));
    return remove.length > 0 ? { ...nothing, remove } : undefined;
  }
  const isBlocked = isTerminating(highest) || (!isReady(highest) && others.some((pod) => !isReady(pod)));
  return isBlocked ? nothing : { ...nothing, remove: [highest] };
}

/** The highest first, down to the partition, each when the one before it is available again. */
function update(
  input: StatefulSetInput,
  pods: ReadonlyMap<number, Pod>,
  { start, end }: { readonly start: number; readonly end: number },
): Work {
  const { type, rollingUpdate } = input.set.spec.updateStrategy ?? {};
  if (type === "OnDelete") return nothing;
  for (let ordinal = end - 1; ordinal >= start + (rollingUpdate?.partition ?? 0); ordinal--) {
    const pod = pods.get(ordinal);
    if (pod === undefined) return nothing;
    if (revisionOf(pod) !== input.updateRevision && !isTerminating(pod)) return { ...nothing, remove: [pod] };
    if (!isHealthy(input, pod)) return nothing;
  }
  return nothing;
}

function isHealthy({ set, now }: StatefulSetInput, pod: Pod): boolean {
  return pod.status?.phase === "Running" && isAvailable(pod, set.spec.minReadySeconds ?? 0, now);
}

function revisionOf({ metadata }: Pod): string | undefined {
  return metadata.labels?.[revisionLabel];
}

/** Below the partition, pods come back as they were. */
function revisionFor(input: StatefulSetInput, ordinal: number): string {
  const { set, updateRevision } = input;
  const { type = "RollingUpdate", rollingUpdate } = set.spec.updateStrategy ?? {};
  const start = set.spec.ordinals?.start ?? 0;
  const kept = rollingUpdate === undefined ? (set.status?.currentReplicas ?? 0) : (rollingUpdate.partition ?? 0);
  return type === "RollingUpdate" && ordinal < start + kept ? currentRevisionOf(input) : updateRevision;
}

/** The status; an equal one is given back as it is. */
function statusOf(input: StatefulSetInput): StatefulSetStatus {
  const { set, pods, updateRevision, now } = input;
  const count = (accepts: (pod: Pod) => boolean): number => pods.filter(accepts).length;
  const replicas = pods.length;
  const readyReplicas = count((pod) => pod.status?.phase === "Running" && isReady(pod));
  const before = currentRevisionOf(input);
  const updatedReplicas = count((pod) => !isTerminating(pod) && revisionOf(pod) === updateRevision);
  const isOnDelete = set.spec.updateStrategy?.type === "OnDelete";
  const isComplete = !isOnDelete && updatedReplicas === replicas && readyReplicas === replicas;
  const currentRevision = isComplete ? updateRevision : before;
  const counts = {
    readyReplicas,
    currentReplicas: count((pod) => !isTerminating(pod) && revisionOf(pod) === currentRevision),
    updatedReplicas,
  };
  const status: StatefulSetStatus = {
    ...(set.metadata.generation === undefined ? {} : { observedGeneration: set.metadata.generation }),
    replicas,
    ...Object.fromEntries(Object.entries(counts).filter(([, number]) => number > 0)),
    currentRevision,
    updateRevision,
    collisionCount: set.status?.collisionCount ?? 0,
    availableReplicas: count((pod) => isHealthy({ ...input, now }, pod)),
  };
  return set.status !== undefined && deepEqual(status, set.status) ? set.status : status;
}
