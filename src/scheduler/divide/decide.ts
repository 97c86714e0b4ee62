// Step three: how many replicas each chosen cluster gets.
// Upstream: karmada pkg/scheduler/core/assignment.go, division_algorithm.go.
import { clusterMatcherOf } from "#api/policy/cluster-affinity.ts";
import type { Cluster } from "#api/cluster/cluster.ts";
import type { Placement } from "#api/policy/placement.ts";
import type { BindingSpec, TargetCluster } from "#api/work/binding.ts";
import { divideByWebster } from "#machinery/webster.ts";
import { available, type Candidate, ScheduleFailure } from "../candidate.ts";

export interface DivideInput {
  readonly spec: BindingSpec;
  readonly placement: Placement;
  /** In order of preference. */
  readonly chosen: readonly Candidate[];
  /** For static weights, which select by affinity. */
  readonly clusters: ReadonlyMap<string, Cluster>;
  /** Divide anew, as if nothing were assigned: asked for by rescheduleTriggeredAt. */
  readonly fresh: boolean;
}

/** Has it replicas at all? What has none goes to every chosen cluster without a number. */
export function isWorkload(spec: BindingSpec): boolean {
  return (spec.replicas ?? 0) > 0 || spec.replicaRequirements !== undefined || (spec.components ?? []).length > 0;
}

/** The targets, by name; clusters that get nothing are left out. Throws ScheduleFailure when there is not enough room. */
export function divideReplicas(input: DivideInput): readonly TargetCluster[] {
  const { spec, placement, chosen } = input;
  const replicas = spec.replicas ?? 0;
  if (!isWorkload(spec) || (spec.components ?? []).length > 0) {
    const components = wholeSet(spec, placement);
    return byName(chosen.map(({ name }) => ({ name, ...components })));
  }
  const strategy = placement.replicaScheduling;
  if (strategy === undefined || strategy.replicaSchedulingType === "Duplicated") {
    return byName(chosen.map(({ name }) => ({ name, replicas }))).filter((target) => target.replicas > 0);
  }
  if (!dividesByRoom(placement)) return divideByStaticWeight(input, replicas);
  return divideByCapacity(input, replicas, strategy.replicaDivisionPreference === "Aggregated");
}

/** What the one cluster that takes a whole set gets of each component; nothing where copies go to several. */
function wholeSet({ components = [] }: BindingSpec, placement: Placement): Pick<TargetCluster, "components"> {
  if (components.length < 2 || !goesToOneCluster(placement)) return {};
  return { components: components.map(({ name, replicas }) => ({ name, replicas })) };
}

/** Do shares depend on what clusters have room for? Neither copies nor static weights look at it. */
export function dividesByRoom({ replicaScheduling }: Placement): boolean {
  if (replicaScheduling === undefined || replicaScheduling.replicaSchedulingType === "Duplicated") return false;
  const { replicaDivisionPreference, weightPreference } = replicaScheduling;
  return replicaDivisionPreference === "Aggregated" || (weightPreference?.dynamicWeight ?? "") !== "";
}

/** Is exactly one cluster wanted? */
export function goesToOneCluster({ spreadConstraints = [] }: Placement): boolean {
  return spreadConstraints.some(
    ({ spreadByField, minGroups = 1, maxGroups }) => spreadByField === "cluster" && minGroups === 1 && maxGroups === 1,
  );
}

/** Computed from scratch each time, and without a look at capacity. */
function divideByStaticWeight({ spec, placement, chosen, clusters }: DivideInput, replicas: number): TargetCluster[] {
  const rules = (placement.replicaScheduling?.weightPreference?.staticWeightList ?? []).map((rule) => ({
    weight: rule.weight,
    matches: clusterMatcherOf(rule.targetCluster),
  }));
  const weighted = chosen.map(({ name }) => {
    const cluster = clusters.get(name);
    const matching = rules.filter((rule) => cluster !== undefined && rule.matches(cluster));
    return { name, weight: Math.max(0, ...matching.map(({ weight }) => weight)) };
  });
  const anyMatches = weighted.some(({ weight }) => weight > 0);
  const shares = weighted
    .filter(({ weight }) => weight > 0 || !anyMatches)
    .map(({ name, weight }) => ({ name, votes: anyMatches ? weight : 1, seats: 0 }));
  return targetsOf(divideByWebster(replicas, shares, spec.resource.uid));
}

type Mode = "scale up" | "scale down" | "do fresh scale";

/** Dynamic weight and Aggregated: what is assigned stays unless it must go; only the difference is divided. */
function divideByCapacity(input: DivideInput, replicas: number, aggregated: boolean): readonly TargetCluster[] {
  const { chosen, fresh } = input;
  const assigned = chosen.reduce((sum, candidate) => sum + candidate.assigned, 0);
  const kept = (candidate: Candidate): number => candidate.assigned;
  const nothing = (): number => 0;
  if (fresh)
    return divideAmong(input, {
      mode: "do fresh scale",
      amount: replicas,
      weight: available,
      keep: nothing,
      aggregated,
    });
  if (assigned < replicas) {
    const weight = (candidate: Candidate): number => candidate.allocatable;
    return divideAmong(input, { mode: "scale up", amount: replicas - assigned, weight, keep: kept, aggregated });
  }
  if (assigned > replicas) {
    return divideAmong(input, { mode: "scale down", amount: replicas, weight: kept, keep: nothing, aggregated });
  }
  return targetsOf(chosen.map((candidate) => ({ name: candidate.name, seats: candidate.assigned })));
}

interface Division {
  readonly mode: Mode;
  readonly amount: number;
  readonly weight: (candidate: Candidate) => number;
  readonly keep: (candidate: Candidate) => number;
  readonly aggregated: boolean;
}

/** Tier after tier: the overflow groups get what the groups before them have no room for, and lose it first. */
function divideAmong({ spec, chosen }: DivideInput, division: Division): readonly TargetCluster[] {
  const { mode, amount, weight } = division;
  const tiers = [...new Set(chosen.map(({ tier }) => tier))].sort((left, right) => left - right);
  const room = roomOf(chosen, weight);
  if (room < amount) {
    const figure = tiers.length > 1 ? "" : ` ${room}`;
    throw new ScheduleFailure(
      "Unschedulable",
      `failed to assign replicas: failed to ${mode}: Clusters available replicas${figure} are not enough to schedule.`,
    );
  }
  let left = amount;
  const seats = tiers.flatMap((tier) => {
    const members = chosen.filter((candidate) => candidate.tier === tier);
    const share = Math.min(left, roomOf(members, weight));
    left -= share;
    return divideTier(members, { ...division, amount: share }, spec.resource.uid);
  });
  return targetsOf(seats);
}

function roomOf(chosen: readonly Candidate[], weight: Division["weight"]): number {
  return chosen.reduce((sum, candidate) => sum + weight(candidate), 0);
}

function divideTier(
  chosen: readonly Candidate[],
  { amount, weight, keep, aggregated }: Division,
  uid: string | undefined,
): { name: string; seats: number }[] {
  const sharing = aggregated ? fewest(chosen, weight, amount) : chosen;
  const shares = sharing.map((candidate) => ({
    name: candidate.name,
    votes: weight(candidate),
    seats: keep(candidate),
  }));
  const names = new Set(sharing.map(({ name }) => name));
  const others = chosen.filter(({ name }) => !names.has(name)).map((each) => ({ name: each.name, seats: keep(each) }));
  return [...newSeatsOnly(amount, shares, uid), ...others];
}

/** Weights count for the new seats alone; what a cluster has already does not lessen its claim. */
function newSeatsOnly(
  amount: number,
  shares: readonly { readonly name: string; readonly votes: number; readonly seats: number }[],
  uid: string | undefined,
): { name: string; seats: number }[] {
  const before = new Map(shares.map(({ name, seats }) => [name, seats]));
  const fresh = divideByWebster(
    amount,
    shares.map(({ name, votes }) => ({ name, votes, seats: 0 })),
    uid,
  );
  return fresh.map(({ name, seats }) => ({ name, seats: seats + (before.get(name) ?? 0) }));
}

/** The shortest list that has room: clusters in use first, then the roomiest. */
function fewest(
  chosen: readonly Candidate[],
  weight: (candidate: Candidate) => number,
  amount: number,
): readonly Candidate[] {
  const inUse = (candidate: Candidate): number => (candidate.assigned > 0 ? 0 : 1);
  const ordered = chosen.toSorted((left, right) => inUse(left) - inUse(right) || weight(right) - weight(left));
  let room = 0;
  const end = ordered.findIndex((candidate) => (room += weight(candidate)) >= amount);
  return ordered.slice(0, end < 0 ? ordered.length : end + 1);
}

function targetsOf(seats: readonly { readonly name: string; readonly seats: number }[]): TargetCluster[] {
  return byName(seats.filter((each) => each.seats > 0).map((each) => ({ name: each.name, replicas: each.seats })));
}

/** As targets are written. */
export function byName<T extends { readonly name: string }>(targets: readonly T[]): T[] {
  return [...targets].sort((left, right) => (left.name < right.name ? -1 : left.name > right.name ? 1 : 0));
}
