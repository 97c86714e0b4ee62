// Step two: of the clusters that fit, those that the spread constraints want.
// Upstream: karmada pkg/scheduler/core/spreadconstraint.
import type { Placement, SpreadConstraint } from "#api/policy/placement.ts";
import { available, type Candidate, ScheduleFailure } from "../candidate.ts";
import { selectByGroup } from "./by-group.ts";
import { dimensionsOf } from "./dimensions.ts";

/** First choice first: tier, score, room, name. */
function byPreference(left: Candidate, right: Candidate): number {
  if (left.tier !== right.tier) return left.tier - right.tier;
  if (left.score !== right.score) return right.score - left.score;
  if (available(left) !== available(right)) return available(right) - available(left);
  return left.name < right.name ? -1 : left.name > right.name ? 1 : 0;
}

/** The clusters to divide among, in order of preference. Throws ScheduleFailure when the constraints cannot be met. */
export function selectClusters(
  candidates: readonly Candidate[],
  placement: Placement,
  /** Replicas to place; undefined when capacity does not count (Duplicated, not a workload). */
  needed: number | undefined,
): readonly Candidate[] {
  const ordered = [...candidates].sort(byPreference);
  const constraints = placement.spreadConstraints ?? [];
  if (constraints.length === 0 || ignoresSpread(placement)) return ordered;
  const cluster = constraints.find(({ spreadByField }) => spreadByField === "cluster");
  const dimensions = dimensionsOf(constraints);
  if (dimensions.length > 0) return selectByGroup(ordered, dimensions, { cluster, needed });
  return cluster === undefined ? ordered : selectByCluster(ordered, cluster, needed);
}

/** Static weights choose by themselves. */
function ignoresSpread({ replicaScheduling }: Placement): boolean {
  if (replicaScheduling === undefined) return false;
  const { replicaSchedulingType, replicaDivisionPreference, weightPreference } = replicaScheduling;
  if (replicaSchedulingType === "Duplicated" || replicaDivisionPreference === "Aggregated") return false;
  return weightPreference === undefined || (weightPreference.dynamicWeight ?? "") === "";
}

function selectByCluster(
  ordered: readonly Candidate[],
  constraint: SpreadConstraint,
  needed: number | undefined,
): readonly Candidate[] {
  const { minGroups = 1, maxGroups = 0 } = constraint;
  if (ordered.length < minGroups) {
    throw new ScheduleFailure(
      "SchedulerError",
      "the number of feasible clusters is less than spreadConstraint.MinGroups",
    );
  }
  const count = Math.min(ordered.length, maxGroups);
  if (needed === undefined) return ordered.slice(0, count);
  const chosen = withEnoughRoom(ordered, count, needed);
  if (chosen === undefined) {
    throw new ScheduleFailure("SchedulerError", `no enough resource when selecting ${count} clusters`);
  }
  return chosen;
}

/**
 * The first `count`, from the last one on exchanged for roomier ones outside until the replicas fit; the roomiest when
 * that is not enough, so that a choice is found whenever there is one.
 */
function withEnoughRoom(
  ordered: readonly Candidate[],
  count: number,
  needed: number,
): readonly Candidate[] | undefined {
  const chosen = ordered.slice(0, count);
  const outside = ordered.slice(count).sort((left, right) => available(right) - available(left));
  const room = (): number => chosen.reduce((sum, candidate) => sum + available(candidate), 0);
  for (let index = chosen.length - 1; index >= 0 && room() < needed; index--) {
    const [inside, best] = [chosen[index], outside[0]];
    if (inside === undefined || best === undefined || available(best) <= available(inside)) continue;
    chosen[index] = best;
    outside.shift();
  }
  if (room() >= needed) return chosen.sort(byPreference);
  const roomiest = ordered.toSorted((left, right) => available(right) - available(left)).slice(0, count);
  const most = roomiest.reduce((sum, candidate) => sum + available(candidate), 0);
  return most >= needed ? roomiest.sort(byPreference) : undefined;
}
