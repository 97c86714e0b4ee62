// Spreading over groups of clusters: which combination of groups, and which clusters of them.
// Upstream: karmada pkg/scheduler/core/spreadconstraint (group_clusters.go, select_clusters_by_region.go).
import type { SpreadConstraint } from "#api/policy/placement.ts";
import { available, type Candidate, ScheduleFailure } from "../candidate.ts";
import { allCombinations, bestCombination, type Group } from "./combinations.ts";
import { coverGroups } from "./cover.ts";
import type { Dimension } from "./dimensions.ts";

const placesPerValidCluster = 1000;
/** Other combinations tried, in one dimension, when the best one does not lead to enough clusters or room. */
const otherCombinationsMax = 2_000;

export interface GroupSelection {
  readonly cluster: SpreadConstraint | undefined;
  /** Replicas to place; undefined when capacity does not count. */
  readonly needed: number | undefined;
}

/**
 * One cluster of each chosen group, then the best of the rest up to the cluster constraint's maximum. With several
 * dimensions the groups of the later ones are chosen among the clusters that the earlier ones leave.
 */
export function selectByGroup(
  ordered: readonly Candidate[],
  dimensions: readonly Dimension[],
  selection: GroupSelection,
): readonly Candidate[] {
  const { minGroups: clustersMin = 0 } = selection.cluster ?? {};
  for (const dimension of dimensions) {
    const groups = groupBy(ordered, dimension, clustersMin, selection.needed);
    if (groups.length < dimension.minGroups) {
      const message = `the number of feasible ${dimension.name} is less than spreadConstraint.MinGroups`;
      throw new ScheduleFailure("SchedulerError", message);
    }
  }
  const bestSoFar: Search["best"] = { value: undefined, reached: false };
  const search = { ordered, dimensions, selection, tries: { left: otherCombinationsMax }, best: bestSoFar };
  const chosen = choose(search, ordered, []);
  if (chosen !== undefined) return chosen;
  // Not enough room anywhere: the division tells how much is lacking.
  if (search.best.value !== undefined) return search.best.value;
  const message = bestSoFar.reached
    ? "no choice of clusters meets all spread constraints at once"
    : "the number of clusters is less than the cluster spreadConstraint.MinGroups";
  throw new ScheduleFailure("SchedulerError", message);
}

interface Search {
  readonly ordered: readonly Candidate[];
  readonly dimensions: readonly Dimension[];
  readonly selection: GroupSelection;
  readonly tries: { left: number };
  /** The first choice that satisfies all but capacity; whether every dimension had groups enough at all. */
  readonly best: { value: readonly Candidate[] | undefined; reached: boolean };
}

/** Decides the dimension after those in `decided`, among the clusters that these leave. */
function choose(
  search: Search,
  left: readonly Candidate[],
  decided: readonly (readonly string[])[],
): readonly Candidate[] | undefined {
  const { dimensions, selection } = search;
  const dimension = dimensions[decided.length];
  if (dimension === undefined) return chooseClusters(search, left, decided);
  const clustersMin = selection.cluster?.minGroups ?? 0;
  const groups = groupBy(left, dimension, clustersMin, selection.needed);
  const bounds = { minGroups: dimension.minGroups, maxGroups: dimension.maxGroups, clustersMin };
  const first = bestCombination(groups, bounds);
  const follow = (combination: readonly Group[]): readonly Candidate[] | undefined => {
    const names = combination.map(({ name }) => name);
    const allowed = left.filter((candidate) => dimension.groupsOf(candidate).every((name) => names.includes(name)));
    return choose(search, allowed, [...decided, names]);
  };
  if (first === undefined) return undefined;
  const chosen = follow(first);
  if (chosen !== undefined) return chosen;
  for (const combination of allCombinations(groups, bounds, otherCombinationsMax)) {
    if (search.tries.left-- <= 0) return undefined;
    const other = follow(combination);
    if (other !== undefined) return other;
  }
  return undefined;
}

/** One of each group, then the best of the rest; when the replicas do not fit, the roomiest instead. */
function chooseClusters(
  { dimensions, selection, best }: Search,
  left: readonly Candidate[],
  decided: readonly (readonly string[])[],
): readonly Candidate[] | undefined {
  const { cluster, needed } = selection;
  best.reached = true;
  const groups = decided.flatMap((names, index) => names.map((name) => ({ dimension: dimensions[index], name })));
  const maximum = cluster?.maxGroups ?? 0;
  const byPreference = withRest(left, coverGroups(left, groups, cluster === undefined ? Infinity : maximum), maximum);
  if (byPreference === undefined || byPreference.length < (cluster?.minGroups ?? 0)) return undefined;
  if (needed === undefined || roomOf(byPreference) >= needed) return byPreference;
  best.value ??= byPreference;
  const roomiest = left.toSorted((one, other) => available(other) - available(one));
  const byRoom = withRest(roomiest, coverGroups(roomiest, groups, cluster === undefined ? Infinity : maximum), maximum);
  if (byRoom === undefined || roomOf(byRoom) < needed) return undefined;
  return left.filter((candidate) => byRoom.includes(candidate));
}

function withRest(
  ordered: readonly Candidate[],
  firsts: readonly Candidate[] | undefined,
  maximum: number,
): readonly Candidate[] | undefined {
  if (firsts === undefined) return undefined;
  const rest = ordered.filter((candidate) => !firsts.includes(candidate));
  return [...firsts, ...rest.slice(0, Math.max(0, maximum - firsts.length))];
}

function roomOf(list: readonly Candidate[]): number {
  return list.reduce((sum, candidate) => sum + available(candidate), 0);
}

function groupBy(
  ordered: readonly Candidate[],
  { groupsOf, minGroups }: Dimension,
  clustersMin: number,
  needed: number | undefined,
): Group[] {
  const groups = new Map<string, Candidate[]>();
  for (const candidate of ordered) {
    for (const name of groupsOf(candidate)) {
      const group = groups.get(name);
      if (group === undefined) groups.set(name, [candidate]);
      else group.push(candidate);
    }
  }
  const score = (clusters: readonly Candidate[]): number => groupScore(clusters, minGroups, clustersMin, needed);
  return [...groups].map(([name, clusters]) => ({ name, clusters, score: score(clusters) }));
}

function groupScore(
  clusters: readonly Candidate[],
  minGroups: number,
  clustersMin: number,
  needed: number | undefined,
): number {
  const sum = (list: readonly Candidate[]): number => list.reduce((total, { score }) => total + score, 0);
  if (needed === undefined) {
    return clusters.length * placesPerValidCluster + Math.trunc(sum(clusters) / Math.max(1, clusters.length));
  }
  const target = Math.ceil(needed / Math.max(1, minGroups));
  const wanted = Math.max(clustersMin, minGroups);
  let room = 0;
  for (const [index, candidate] of clusters.entries()) {
    room += available(candidate);
    if (index + 1 < wanted || room < target) continue;
    return target * placesPerValidCluster + Math.trunc(sum(clusters.slice(0, index + 1)) / (index + 1));
  }
  return room * placesPerValidCluster + Math.trunc(sum(clusters) / Math.max(1, clusters.length));
}
