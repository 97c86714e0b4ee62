// What clusters can be spread by: region, zone, provider and labels. Karmada selects by region alone; the others are ours.
import type { SpreadConstraint } from "#api/policy/placement.ts";
import type { Candidate } from "../candidate.ts";

/** One way to group clusters, and how many of its groups are wanted. */
export interface Dimension {
  /** As messages name it: `region`, or the label's key. */
  readonly name: string;
  readonly minGroups: number;
  readonly maxGroups: number;
  /** The groups that a cluster belongs to: several zones are possible. */
  readonly groupsOf: (candidate: Candidate) => readonly string[];
}

/** The dimensions of a placement, regions first: they weigh most, as in Karmada. */
export function dimensionsOf(constraints: readonly SpreadConstraint[]): readonly Dimension[] {
  return constraints
    .flatMap((constraint) => {
      const { minGroups = 1, maxGroups = 0, spreadByField, spreadByLabel = "" } = constraint;
      const groupsOf = grouping(spreadByField, spreadByLabel);
      return groupsOf === undefined
        ? []
        : [{ name: spreadByField ?? spreadByLabel, minGroups: Math.max(0, minGroups), maxGroups, groupsOf }];
    })
    .sort((left, right) => rank(left) - rank(right));
}

function rank({ name }: Dimension): number {
  return name === "region" ? 0 : 1;
}

function grouping(field: SpreadConstraint["spreadByField"], label: string): Dimension["groupsOf"] | undefined {
  switch (field) {
    case "region":
      return ({ region }) => [region];
    case "provider":
      return ({ provider }) => [provider];
    case "zone":
      return ({ zones }) => zones;
    case "cluster":
      return undefined;
    case undefined:
      return label === "" ? undefined : ({ labels }) => [Object.hasOwn(labels, label) ? (labels[label] ?? "") : ""];
  }
}
