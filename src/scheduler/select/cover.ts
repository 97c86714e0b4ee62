// A cluster of every chosen group, and not more clusters than are wanted: with several ways to group, one cluster can
// stand for a region and for a zone.
import type { Candidate } from "../candidate.ts";
import type { Dimension } from "./dimensions.ts";

/** Partial choices looked at before giving up: with one dimension the first is always right. */
const stepsMax = 5_000;

export interface ChosenGroup {
  readonly dimension: Dimension | undefined;
  readonly name: string;
}

/** The preferred clusters that stand for all groups, at most so many; undefined when there are none. */
export function coverGroups(
  ordered: readonly Candidate[],
  groups: readonly ChosenGroup[],
  clustersMax: number,
): readonly Candidate[] | undefined {
  let steps = 0;
  const cover = (chosen: readonly Candidate[]): readonly Candidate[] | undefined => {
    const missing = groups.find((group) => !chosen.some((candidate) => isIn(candidate, group)));
    if (missing === undefined) return chosen;
    if (chosen.length >= clustersMax || steps++ > stepsMax) return undefined;
    for (const candidate of ordered) {
      if (!isIn(candidate, missing)) continue;
      const covered = cover([...chosen, candidate]);
      if (covered !== undefined) return covered;
      if (steps > stepsMax) return undefined;
    }
    return undefined;
  };
  return cover([]);
}

function isIn(candidate: Candidate, { dimension, name }: ChosenGroup): boolean {
  return dimension?.groupsOf(candidate).includes(name) === true;
}
