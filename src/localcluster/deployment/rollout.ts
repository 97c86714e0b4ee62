// How many replicas each ReplicaSet of a Deployment gets next. Pure arithmetic on spec and status.
// Upstream: kubernetes pkg/controller/deployment/rolling.go, recreate.go, sync.go (scale).
import type { Deployment, ReplicaSet } from "#api/kinds.ts";
import { desiredReplicasAnnotation, limitsOf, maxReplicasAnnotation, oldestFirst } from "./replica-sets.ts";

/** A ReplicaSet and the replicas that it is to have. */
export interface Scaling {
  readonly set: ReplicaSet;
  readonly replicas: number;
}

const size = ({ spec }: ReplicaSet): number => spec.replicas ?? 1;
const availableIn = ({ status }: ReplicaSet): number => status?.availableReplicas ?? 0;
const sum = (sets: readonly ReplicaSet[], of: (set: ReplicaSet) => number): number =>
  sets.reduce((total, set) => total + of(set), 0);

/** How many replicas a ReplicaSet for the present template begins with. */
export function firstReplicas(deployment: Deployment, old: readonly ReplicaSet[]): number {
  const { desired, maxSurge } = limitsOf(deployment);
  if (deployment.spec.strategy?.type === "Recreate") return desired;
  return Math.max(0, Math.min(desired, desired + maxSurge - sum(old, size)));
}

/** Has somebody scaled the Deployment since its ReplicaSets were last sized? */
export function isScalingEvent(deployment: Deployment, sets: readonly ReplicaSet[]): boolean {
  const desired = String(deployment.spec.replicas ?? 1);
  return sets.some((set) => {
    const known = set.metadata.annotations?.[desiredReplicasAnnotation];
    return size(set) > 0 && known !== undefined && known !== desired;
  });
}

/** The next step of a rolling update: up with the new one first, then down with the old ones as far as availability allows. */
export function rollingStep(
  deployment: Deployment,
  current: ReplicaSet,
  old: readonly ReplicaSet[],
): readonly Scaling[] {
  const { desired, maxSurge, maxUnavailable } = limitsOf(deployment);
  const all = [current, ...old];
  if (size(current) > desired) return [{ set: current, replicas: desired }];
  if (size(current) < desired) {
    const room = desired + maxSurge - sum(all, size);
    const replicas = size(current) + Math.max(0, Math.min(room, desired - size(current)));
    if (replicas !== size(current)) return [{ set: current, replicas }];
  }
  return scaleDownOld(current, oldestFirst(old), desired - maxUnavailable);
}

/** Old replicas that are not available go first; they are no loss. Then available ones, while enough remain. */
function scaleDownOld(current: ReplicaSet, old: readonly ReplicaSet[], minAvailable: number): readonly Scaling[] {
  const newUnavailable = size(current) - availableIn(current);
  let budget = sum(old, size) + size(current) - minAvailable - newUnavailable;
  if (budget <= 0) return [];
  const sizes = new Map(old.map((set) => [set, size(set)]));
  for (const set of old) {
    const unhealthy = Math.min(budget, Math.max(0, size(set) - availableIn(set)));
    sizes.set(set, size(set) - unhealthy);
    budget -= unhealthy;
  }
  let spare = sum([current, ...old], availableIn) - minAvailable;
  for (const set of old) {
    const healthy = Math.max(0, Math.min(spare, sizes.get(set) ?? 0));
    sizes.set(set, (sizes.get(set) ?? 0) - healthy);
    spare -= healthy;
  }
  return old.filter((set) => sizes.get(set) !== size(set)).map((set) => ({ set, replicas: sizes.get(set) ?? 0 }));
}

/** Recreate: the old ones to zero; the new one only when none of their pods is left. */
export function recreateStep(
  deployment: Deployment,
  current: ReplicaSet | undefined,
  old: readonly ReplicaSet[],
  oldPodsLeft: boolean,
): readonly Scaling[] {
  const down = old.filter((set) => size(set) > 0).map((set) => ({ set, replicas: 0 }));
  const { desired } = limitsOf(deployment);
  if (down.length > 0 || oldPodsLeft || current === undefined || size(current) === desired) return down;
  return [{ set: current, replicas: desired }];
}

/** Scaling while several ReplicaSets are at work keeps their proportions; a single one gets all. */
export function proportionalStep(
  deployment: Deployment,
  sets: readonly ReplicaSet[],
  current: ReplicaSet | undefined,
): readonly Scaling[] {
  const { desired, maxSurge } = limitsOf(deployment);
  const active = sets.filter((set) => size(set) > 0);
  const [only] = active;
  if (active.length <= 1) {
    const target = only ?? current ?? oldestFirst(sets).at(-1);
    return target === undefined ? [] : [{ set: target, replicas: desired }];
  }
  if (current !== undefined && isSaturated(deployment, current)) {
    return active.filter((set) => set !== current).map((set) => ({ set, replicas: 0 }));
  }
  // Recreate never has pods of two templates for long.
  if (deployment.spec.strategy?.type === "Recreate") return [];
  const allowed = desired > 0 ? desired + maxSurge : 0;
  let toAdd = allowed - sum(active, size);
  const growing = toAdd > 0;
  const ordered = oldestFirst(active);
  if (growing) ordered.reverse();
  ordered.sort((left, right) => size(right) - size(left));
  const sizes = new Map<ReplicaSet, number>();
  for (const set of ordered) {
    const share = toAdd === 0 ? 0 : proportion(set, allowed, toAdd);
    sizes.set(set, size(set) + share);
    toAdd -= share;
  }
  const [largest] = ordered;
  if (largest !== undefined) sizes.set(largest, Math.max(0, (sizes.get(largest) ?? 0) + toAdd));
  return ordered.map((set) => ({ set, replicas: sizes.get(set) ?? size(set) }));
}

/** Does the new one alone give all that is wanted? Then the rollout is over but for the old ones. */
function isSaturated({ spec }: Deployment, current: ReplicaSet): boolean {
  const desired = spec.replicas ?? 1;
  const known = current.metadata.annotations?.[desiredReplicasAnnotation];
  return size(current) === desired && Number(known) === desired && availableIn(current) === desired;
}

function proportion(set: ReplicaSet, allowed: number, toAdd: number): number {
  const base = Number(set.metadata.annotations?.[maxReplicasAnnotation] ?? allowed);
  const share = Math.round((size(set) * allowed) / Math.max(1, base)) - size(set);
  return toAdd > 0 ? Math.max(0, Math.min(share, toAdd)) : Math.min(0, Math.max(share, toAdd, -size(set)));
}
