// One pass over a Deployment: what to do with its ReplicaSets, and what to say. The steps are in the files beside this one.
// Upstream: kubernetes pkg/controller/deployment/deployment_controller.go (syncDeployment).
import type { DeploymentStatus } from "#api/generated/types.ts";
import type { Deployment, ReplicaSet } from "#api/kinds.ts";
import {
  copiedAnnotations,
  findNewReplicaSet,
  newReplicaSet,
  oldestFirst,
  needsSizing,
  revisionAnnotation,
  revisionHistoryAnnotation,
  revisionOf,
  scaleAnnotations,
} from "./replica-sets.ts";
import { firstReplicas, isScalingEvent, proportionalStep, recreateStep, rollingStep, type Scaling } from "./rollout.ts";
import { deploymentStatus } from "./status.ts";

export interface DeploymentInput {
  readonly deployment: Deployment;
  /** Those that the Deployment controls. */
  readonly replicaSets: readonly ReplicaSet[];
  /** Are there pods of old ReplicaSets that have not ended? Only Recreate asks. */
  readonly oldPodsLeft: boolean;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export interface DeploymentPlan {
  readonly create: ReplicaSet | undefined;
  readonly scale: readonly Scaling[];
  readonly remove: readonly ReplicaSet[];
  /** Annotations that the new ReplicaSet is to have beside its own, or undefined when it has them. */
  readonly annotate: { readonly set: ReplicaSet; readonly annotations: Readonly<Record<string, string>> } | undefined;
  /** The revision annotation that the Deployment is to have, or undefined when it has it. */
  readonly revision: string | undefined;
  /** The one that it has, when there is nothing to say. */
  readonly status: DeploymentStatus | undefined;
  /** Milliseconds since the epoch at which to look again even if nothing happens. */
  readonly wakeAt: number | undefined;
}

const revisionHistoryLimitDefault = 10;

/** Plans the next step. Calling it again after the step was done leads to the next one, until the plan is empty. */
export function planDeployment(input: DeploymentInput): DeploymentPlan {
  const { deployment, replicaSets, now } = input;
  const current = findNewReplicaSet(deployment, replicaSets);
  const old = replicaSets.filter((set) => set !== current);
  const deleting = deployment.metadata.deletionTimestamp !== undefined;
  const create = deleting ? undefined : replicaSetToCreate(input, current, old);
  const scale = deleting || create !== undefined ? [] : scalings(input, current, old);
  const isScaled = scale.some(({ set }) => set === current);
  const annotate = deleting || current === undefined ? undefined : annotationsFor(deployment, current, old, isScaled);
  const { status, deadline } = deploymentStatus({ deployment, current, old, now });
  const revision = annotate?.annotations[revisionAnnotation] ?? String(revisionOf(create ?? current));
  const hasRevision = revision === "0" || deployment.metadata.annotations?.[revisionAnnotation] === revision;
  return {
    create,
    scale,
    remove: deleting || scale.length > 0 ? [] : beyondHistory(deployment, current, old),
    annotate,
    revision: hasRevision ? undefined : revision,
    // The ReplicaSet's controller is about to say more: one status then tells it all.
    status: create !== undefined || (current !== undefined && isUnseen(current)) ? deployment.status : status,
    wakeAt: deadline,
  };
}

/** Has its controller not looked at its present spec yet? It will, and its status brings us back. */
function isUnseen({ metadata, status }: ReplicaSet): boolean {
  return metadata.deletionTimestamp === undefined && (status?.observedGeneration ?? 0) < (metadata.generation ?? 0);
}

function replicaSetToCreate(
  input: DeploymentInput,
  current: ReplicaSet | undefined,
  old: readonly ReplicaSet[],
): ReplicaSet | undefined {
  const { deployment, oldPodsLeft } = input;
  if (current !== undefined || deployment.spec.paused === true) return undefined;
  const recreate = deployment.spec.strategy?.type === "Recreate";
  if (recreate && (oldPodsLeft || old.some(({ spec }) => (spec.replicas ?? 1) > 0))) return undefined;
  const revision = Math.max(0, ...old.map(revisionOf)) + 1;
  return newReplicaSet(deployment, firstReplicas(deployment, old), revision);
}

function scalings(
  { deployment, replicaSets, oldPodsLeft }: DeploymentInput,
  current: ReplicaSet | undefined,
  old: readonly ReplicaSet[],
): readonly Scaling[] {
  const recreate = deployment.spec.strategy?.type === "Recreate";
  if (deployment.spec.paused === true || (isScalingEvent(deployment, replicaSets) && !recreate)) {
    // Those that keep their size are told the new one too, or it would count as news for ever.
    return proportionalStep(deployment, replicaSets, current).filter(
      ({ set, replicas }) => (set.spec.replicas ?? 1) !== replicas || (replicas > 0 && needsSizing(deployment, set)),
    );
  }
  if (recreate) return recreateStep(deployment, current, old, oldPodsLeft);
  return current === undefined ? [] : different(rollingStep(deployment, current, old));
}

function different(list: readonly Scaling[]): readonly Scaling[] {
  return list.filter(({ set, replicas }) => (set.spec.replicas ?? 1) !== replicas);
}

/** The new ReplicaSet carries the Deployment's annotations, its size and, after a rollback, a new revision. */
function annotationsFor(
  deployment: Deployment,
  current: ReplicaSet,
  old: readonly ReplicaSet[],
  isScaled: boolean,
): DeploymentPlan["annotate"] {
  const highest = Math.max(0, ...old.map(revisionOf));
  const has = current.metadata.annotations ?? {};
  const before = revisionOf(current);
  const wanted: Record<string, string> = {
    ...copiedAnnotations(deployment),
    ...(isScaled ? {} : scaleAnnotations(deployment)),
  };
  if (before <= highest) {
    wanted[revisionAnnotation] = String(highest + 1);
    const history = has[revisionHistoryAnnotation];
    if (before > 0) wanted[revisionHistoryAnnotation] = history === undefined ? `${before}` : `${history},${before}`;
  }
  const annotations = Object.fromEntries(Object.entries(wanted).filter(([key, value]) => has[key] !== value));
  return Object.keys(annotations).length === 0 ? undefined : { set: current, annotations };
}

/** Old ReplicaSets without pods beyond the history limit, once the rollout is complete. */
function beyondHistory(
  deployment: Deployment,
  current: ReplicaSet | undefined,
  old: readonly ReplicaSet[],
): readonly ReplicaSet[] {
  const { spec } = deployment;
  if (current?.status?.availableReplicas !== (spec.replicas ?? 1) && (spec.replicas ?? 1) !== 0) return [];
  const idle = oldestFirst(old).filter(
    (set) =>
      (set.spec.replicas ?? 1) === 0 &&
      (set.status?.replicas ?? 0) === 0 &&
      set.metadata.deletionTimestamp === undefined &&
      (set.status?.observedGeneration ?? 0) >= (set.metadata.generation ?? 0),
  );
  const surplus = old.length - (spec.revisionHistoryLimit ?? revisionHistoryLimitDefault);
  return surplus <= 0 ? [] : idle.toSorted((left, right) => revisionOf(left) - revisionOf(right)).slice(0, surplus);
}
