// Which groups (regions, zones, …) are chosen: combinations of at least min and at most max of them.
// Upstream: karmada pkg/scheduler/core/spreadconstraint/select_groups.go.
import type { Candidate } from "../candidate.ts";

export interface Group {
  readonly name: string;
  /** In order of preference. */
  readonly clusters: readonly Candidate[];
  readonly score: number;
}

export interface CombinationBounds {
  readonly minGroups: number;
  readonly maxGroups: number;
  /** Clusters that the chosen groups must have in all. */
  readonly clustersMin: number;
}

/** Combinations looked at before the best so far is taken: bounds a search that grows with 2^groups. */
const combinationsMax = 100_000;

/** The combination with the highest score; more clusters win a tie. A combination that suffices is not made larger. */
export function bestCombination(groups: readonly Group[], bounds: CombinationBounds): readonly Group[] | undefined {
  let best: { path: readonly Group[]; score: number; clusters: number } | undefined;
  const search = { groups: bySize(groups), bounds, stopsWhenEnough: true, limit: combinationsMax };
  for (const path of combinations(search)) {
    const score = path.reduce((sum, group) => sum + group.score, 0);
    const clusters = path.reduce((sum, group) => sum + group.clusters.length, 0);
    if (best === undefined || score > best.score || (score === best.score && clusters > best.clusters)) {
      best = { path, score, clusters };
    }
  }
  return best?.path.toSorted(byScore);
}

/** Every combination within the bounds, up to so many; the small ones are not left out for the large ones. */
export function* allCombinations(
  groups: readonly Group[],
  bounds: CombinationBounds,
  limit: number,
): Generator<readonly Group[]> {
  yield* combinations({ groups: groups.toSorted(byScore), bounds, stopsWhenEnough: false, limit });
}

interface Search {
  readonly groups: readonly Group[];
  readonly bounds: CombinationBounds;
  readonly stopsWhenEnough: boolean;
  readonly limit: number;
}

function* combinations({ groups, bounds, stopsWhenEnough, limit }: Search): Generator<readonly Group[]> {
  const { minGroups, maxGroups, clustersMin } = bounds;
  let visited = 0;
  function* walk(start: number, path: readonly Group[], clusters: number): Generator<readonly Group[]> {
    if (visited++ > limit) return;
    const enough = path.length >= minGroups && path.length <= maxGroups && clusters >= clustersMin;
    if (enough) yield path;
    if ((enough && stopsWhenEnough) || path.length >= maxGroups) return;
    for (const [offset, group] of groups.slice(start).entries()) {
      if (visited > limit) return;
      yield* walk(start + offset + 1, [...path, group], clusters + group.clusters.length);
    }
  }
  yield* walk(0, [], 0);
}

function bySize(groups: readonly Group[]): readonly Group[] {
  return groups.toSorted((left, right) => left.clusters.length - right.clusters.length || byScore(left, right));
}

function byScore(left: Group, right: Group): number {
  return right.score - left.score || (left.name < right.name ? -1 : 1);
}
