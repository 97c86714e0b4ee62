// Spreading over regions: which combination of regions, and which clusters of them.
// Upstream: karmada pkg/scheduler/core/spreadconstraint (group_clusters.go, select_groups.go, select_clusters_by_region.go).
import type { SpreadConstraint } from "#api/policy/placement.ts";
import { available, type Candidate, ScheduleFailure } from "../candidate.ts";

interface Region {
  readonly name: string;
  /** In order of preference. */
  readonly clusters: readonly Candidate[];
  readonly score: number;
}

const placesPerValidCluster = 1000;
/** Combinations looked at before the best so far is taken: bounds a search that grows with 2^regions. */
const combinationsMax = 100_000;

/** One cluster of each chosen region, then the best of the rest up to the cluster constraint's maximum. */
export function selectByRegion(
  ordered: readonly Candidate[],
  regionConstraint: SpreadConstraint,
  clusterConstraint: SpreadConstraint | undefined,
  needed: number | undefined,
): readonly Candidate[] {
  const { minGroups = 1, maxGroups = 0 } = regionConstraint;
  const clustersMin = clusterConstraint?.minGroups ?? 0;
  const regions = groupByRegion(ordered, { minGroups, clustersMin, needed });
  if (regions.length < minGroups) {
    throw new ScheduleFailure(
      "SchedulerError",
      "the number of feasible region is less than spreadConstraint.MinGroups",
    );
  }
  const chosen = bestCombination(regions, minGroups, maxGroups, clustersMin);
  if (chosen === undefined) {
    throw new ScheduleFailure(
      "SchedulerError",
      "the number of clusters is less than the cluster spreadConstraint.MinGroups",
    );
  }
  const firsts = chosen.flatMap((region) => region.clusters.slice(0, 1));
  const rest = new Set(chosen.flatMap((region) => region.clusters.slice(1)));
  const room = Math.max(0, (clusterConstraint?.maxGroups ?? 0) - firsts.length);
  return [...firsts, ...ordered.filter((candidate) => rest.has(candidate)).slice(0, room)];
}

interface GroupOptions {
  readonly minGroups: number;
  readonly clustersMin: number;
  readonly needed: number | undefined;
}

function groupByRegion(ordered: readonly Candidate[], options: GroupOptions): Region[] {
  const groups = new Map<string, Candidate[]>();
  for (const candidate of ordered) {
    const group = groups.get(candidate.region);
    if (group === undefined) groups.set(candidate.region, [candidate]);
    else group.push(candidate);
  }
  return [...groups].map(([name, clusters]) => ({ name, clusters, score: regionScore(clusters, options) }));
}

function regionScore(clusters: readonly Candidate[], { minGroups, clustersMin, needed }: GroupOptions): number {
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

/** The combination of min to max regions with enough clusters and the highest score; more clusters win a tie. */
function bestCombination(
  regions: readonly Region[],
  min: number,
  max: number,
  clustersMin: number,
): readonly Region[] | undefined {
  const input = [...regions].sort(
    (left, right) =>
      left.clusters.length - right.clusters.length || right.score - left.score || (left.name < right.name ? -1 : 1),
  );
  let best: { path: readonly Region[]; score: number; clusters: number } | undefined;
  let visited = 0;
  const search = (start: number, path: readonly Region[], score: number, clusters: number): void => {
    if (visited++ > combinationsMax) return;
    if (path.length >= min && path.length <= max && clusters >= clustersMin) {
      if (best === undefined || score > best.score || (score === best.score && clusters > best.clusters)) {
        best = { path, score, clusters };
      }
      return;
    }
    if (path.length >= max) return;
    for (const [offset, region] of input.slice(start).entries()) {
      search(start + offset + 1, [...path, region], score + region.score, clusters + region.clusters.length);
    }
  };
  search(0, [], 0, 0);
  return best?.path.toSorted((left, right) => right.score - left.score || (left.name < right.name ? -1 : 1));
}
