// What a Deployment says of itself. Upstream: kubernetes pkg/controller/deployment/sync.go (calculateStatus), progress.go.
import type { Deployment, ReplicaSet } from "#api/kinds.ts";
import type { DeploymentCondition, DeploymentStatus } from "#api/generated/types.ts";
import { findCondition } from "#machinery/conditions.ts";
import { deepEqual } from "#machinery/equality.ts";
import { formatTime, parseTime } from "#std/time.ts";
import { limitsOf } from "./replica-sets.ts";

/** progressDeadlineSeconds of those who want no deadline: MaxInt32. */
const noDeadline = 2_147_483_647;

export interface StatusInput {
  readonly deployment: Deployment;
  readonly current: ReplicaSet | undefined;
  readonly old: readonly ReplicaSet[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** The status, with an equal one given back as it is; and when to look again for the progress deadline. */
export function deploymentStatus(input: StatusInput): {
  readonly status: DeploymentStatus;
  readonly deadline: number | undefined;
} {
  const { deployment, current, old, now } = input;
  const all = [...(current === undefined ? [] : [current]), ...old];
  const total = (of: (set: ReplicaSet) => number | undefined): number =>
    all.reduce((sum, set) => sum + (of(set) ?? 0), 0);
  const before = deployment.status ?? {};
  const availableReplicas = total(({ status }) => status?.availableReplicas);
  const counts = {
    replicas: total(({ status }) => status?.replicas),
    updatedReplicas: current?.status?.replicas ?? 0,
    readyReplicas: total(({ status }) => status?.readyReplicas),
    availableReplicas,
    unavailableReplicas: Math.max(0, total(({ spec }) => spec.replicas ?? 1) - availableReplicas),
  };
  const next: DeploymentStatus = {
    ...(deployment.metadata.generation === undefined ? {} : { observedGeneration: deployment.metadata.generation }),
    ...Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0)),
    ...(before.collisionCount === undefined ? {} : { collisionCount: before.collisionCount }),
  };
  const progressing = progressingCondition(input, counts);
  const failure = findCondition(current?.status?.conditions, "ReplicaFailure");
  const wanted = [
    availableCondition(deployment, availableReplicas),
    ...(progressing === undefined ? [] : [progressing]),
    ...(failure === undefined ? [] : [{ ...pick(failure), type: "ReplicaFailure" }]),
  ];
  const conditions = mergeConditions(before.conditions ?? [], wanted, hasProgressed(deployment, counts), now);
  const status = conditions.length === 0 ? next : { ...next, conditions };
  const deadline = deadlineOf(deployment, findCondition(conditions, "Progressing"));
  return { status: deepEqual(status, before) ? before : status, deadline };
}

type Wanted = Pick<DeploymentCondition, "type" | "status" | "reason" | "message">;

function pick({ type, status, reason = "", message = "" }: Wanted): Wanted {
  return { type, status, reason, message };
}

function availableCondition(deployment: Deployment, available: number): Wanted {
  const { desired, maxUnavailable } = limitsOf(deployment);
  return available >= desired - maxUnavailable
    ? {
        type: "Available",
        status: "True",
        reason: "MinimumReplicasAvailable",
        message: "Deployment has minimum availability.",
      }
    : {
        type: "Available",
        status: "False",
        reason: "MinimumReplicasUnavailable",
        message: "Deployment does not have minimum availability.",
      };
}

interface Counts {
  readonly replicas: number;
  readonly updatedReplicas: number;
  readonly readyReplicas: number;
  readonly availableReplicas: number;
}

function progressingCondition({ deployment, current, now }: StatusInput, counts: Counts): Wanted | undefined {
  const { spec, status } = deployment;
  const known = findCondition(status?.conditions, "Progressing");
  if (spec.paused === true) {
    return { type: "Progressing", status: "Unknown", reason: "DeploymentPaused", message: "Deployment is paused" };
  }
  if (known?.reason === "DeploymentPaused") {
    return { type: "Progressing", status: "Unknown", reason: "DeploymentResumed", message: "Deployment is resumed" };
  }
  if ((spec.progressDeadlineSeconds ?? noDeadline) >= noDeadline || current === undefined) return undefined;
  const name = current.metadata.name;
  const say = (reason: string, message: string, state = "True"): Wanted => ({
    type: "Progressing",
    status: state,
    reason,
    message,
  });
  if (isComplete(deployment, counts))
    return say("NewReplicaSetAvailable", `ReplicaSet "${name}" has successfully progressed.`);
  const isAboutIt = known?.message?.includes(`"${name}"`) === true;
  if (known?.reason === "NewReplicaSetAvailable" && isAboutIt) return known;
  if (hasProgressed(deployment, counts)) return say("ReplicaSetUpdated", `ReplicaSet "${name}" is progressing.`);
  const deadline = deadlineOf(deployment, known);
  if (deadline !== undefined && now >= deadline) {
    return say("ProgressDeadlineExceeded", `ReplicaSet "${name}" has timed out progressing.`, "False");
  }
  if (known !== undefined && isAboutIt) return known;
  const isFound = (current.status?.replicas ?? 0) > 0;
  return isFound
    ? say("FoundNewReplicaSet", `Found new replica set "${name}"`)
    : say("NewReplicaSetCreated", `Created new replica set "${name}"`);
}

function isComplete({ spec }: Deployment, counts: Counts): boolean {
  const desired = spec.replicas ?? 1;
  return [counts.updatedReplicas, counts.replicas, counts.availableReplicas].every((count) => count === desired);
}

function hasProgressed({ status = {} }: Deployment, counts: Counts): boolean {
  const oldReplicas = counts.replicas - counts.updatedReplicas;
  const oldBefore = (status.replicas ?? 0) - (status.updatedReplicas ?? 0);
  return (
    counts.updatedReplicas > (status.updatedReplicas ?? 0) ||
    oldReplicas < oldBefore ||
    counts.readyReplicas > (status.readyReplicas ?? 0) ||
    counts.availableReplicas > (status.availableReplicas ?? 0)
  );
}

/** When an unfinished rollout counts as failed: milliseconds since the epoch. */
function deadlineOf({ spec }: Deployment, progressing: DeploymentCondition | undefined): number | undefined {
  const seconds = spec.progressDeadlineSeconds ?? noDeadline;
  const since = parseTime(progressing?.lastUpdateTime);
  const settled = progressing?.reason === "NewReplicaSetAvailable" || progressing?.status !== "True";
  return seconds >= noDeadline || since === undefined || settled ? undefined : since + seconds * 1000;
}

/** lastTransitionTime moves with the status, lastUpdateTime with any change and, for Progressing, with any progress. */
function mergeConditions(
  before: readonly DeploymentCondition[],
  wanted: readonly Wanted[],
  progressed: boolean,
  now: number,
): readonly DeploymentCondition[] {
  const time = formatTime(now);
  const others = before.filter(({ type }) => !ownTypes.has(type));
  const merged = wanted.map((each) => {
    const known = findCondition(before, each.type);
    const renewed = progressed && each.reason === "ReplicaSetUpdated";
    if (known !== undefined && isSame(known, each) && !renewed) return known;
    const lastTransitionTime = known?.status === each.status ? (known.lastTransitionTime ?? time) : time;
    return { ...each, lastUpdateTime: time, lastTransitionTime };
  });
  return [...others, ...merged];
}

const ownTypes: ReadonlySet<string> = new Set(["Available", "Progressing", "ReplicaFailure"]);

function isSame(left: Wanted, right: Wanted): boolean {
  return left.status === right.status && left.reason === right.reason && left.message === right.message;
}
