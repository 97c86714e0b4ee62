// The whole decision for one binding on a snapshot of the clusters: filter, score, estimate, select, divide. Pure, and with
// the reason for everything in the result. Upstream: karmada pkg/scheduler/core/generic_scheduler.go, scheduler.go.
import type { Cluster } from "#api/cluster/cluster.ts";
import type { ClusterAffinityTerm, Placement } from "#api/policy/placement.ts";
import { type ClusterAffinity, clusterMatcherOf } from "#api/policy/cluster-affinity.ts";
import type { Binding, BindingSpec, TargetCluster } from "#api/work/binding.ts";
import { tieOrderOf, type TieOrder } from "#machinery/webster.ts";
import { defined } from "#std/defined.ts";
import { type Candidate, type FailureReason, ScheduleFailure } from "./candidate.ts";
import { byName, divideReplicas, goesToOneCluster, isWorkload } from "./divide/decide.ts";
import { type Answers, leastOf, noAnswers } from "./estimate/answers.ts";
import { type AssumedIn, estimatorFor, nothingAssumed } from "./estimate/decide.ts";
import { filterClusters, type FilterResult, noClusterFitMessage } from "./filter/decide.ts";
import type { Plugin } from "./framework/plugin.ts";
import { type Neighbours, noNeighbours } from "./neighbours/decide.ts";
import { selectClusters } from "./select/decide.ts";

/** One try: with the single affinity, or with one of the terms. */
export interface Attempt {
  /** Empty without clusterAffinities. */
  readonly affinityName: string;
  readonly rejected: FilterResult["rejected"];
  readonly candidates: readonly Candidate[];
  readonly chosen: readonly Candidate[];
  /** Candidates that got nothing, and why: by cluster. */
  readonly passedOver: ReadonlyMap<string, string>;
  /** Who gets a replica that two have the same claim to: the first or the last by name, as the template's uid decides. */
  readonly ties: TieOrder;
  readonly failure: { readonly reason: FailureReason; readonly message: string } | undefined;
}

export type Outcome =
  | {
      readonly kind: "scheduled";
      readonly targets: readonly TargetCluster[];
      readonly affinityName: string;
      readonly attempts: readonly Attempt[];
    }
  | {
      readonly kind: "failed";
      readonly reason: FailureReason;
      readonly message: string;
      readonly attempts: readonly Attempt[];
    };

/** What else a decision may look at. */
export interface Surroundings {
  readonly neighbours?: Neighbours;
  readonly answers?: Answers;
  /** What was sent to clusters and does not count there yet. */
  readonly assumedIn?: AssumedIn;
  /** `--enable-empty-workload-propagation`: chosen clusters whose share is none get the workload without replicas. */
  readonly keepsEmpty?: boolean;
}

const nothingAround: Required<Surroundings> = {
  neighbours: noNeighbours,
  answers: noAnswers,
  assumedIn: nothingAssumed,
  keepsEmpty: false,
};

/** Decides where a binding goes. A failed filter clears the targets; any other failure leaves them as they are. */
export function decideSchedule(
  binding: Binding,
  clusters: readonly Cluster[],
  plugins: readonly Plugin[],
  fresh: boolean,
  surroundings: Surroundings = {},
): Outcome {
  const { spec } = binding;
  const placement = spec.placement ?? {};
  const input = { ...nothingAround, ...defined(surroundings), spec, placement, clusters, plugins, fresh };
  const attempts: Attempt[] = [];
  const terms = termsToTry(placement, binding.status?.schedulerObservingAffinityName, fresh, isWorkload(spec));
  for (const term of terms) {
    const { attempt, targets } = tryTerm({ ...input, term });
    attempts.push(attempt);
    if (targets !== undefined) return { kind: "scheduled", targets, affinityName: attempt.affinityName, attempts };
  }
  const { reason, message } = attempts[0]?.failure ?? {
    reason: "SchedulerError" as const,
    message: "no affinity to try",
  };
  return { kind: "failed", reason, message, attempts };
}

interface Term {
  readonly name: string;
  readonly affinities: readonly ClusterAffinity[];
}

/** The single affinity, or the terms from the one in use on; all of them when it is gone or a fresh try is asked for. */
function termsToTry(
  { clusterAffinity, clusterAffinities }: Placement,
  observed: string | undefined,
  fresh: boolean,
  overflows: boolean,
): Term[] {
  if (clusterAffinities === undefined || clusterAffinities.length === 0) {
    return [{ name: "", affinities: clusterAffinity === undefined ? [] : [clusterAffinity] }];
  }
  const start = fresh
    ? 0
    : Math.max(
        0,
        clusterAffinities.findIndex(({ affinityName }) => affinityName === observed),
      );
  return clusterAffinities
    .slice(start)
    .map((term) => ({ name: term.affinityName, affinities: groupsOf(term, overflows) }));
}

/** What has no replicas fills no room, so it cannot flow over. */
function groupsOf(term: ClusterAffinityTerm, overflows: boolean): readonly ClusterAffinity[] {
  return overflows ? [term, ...(term.overflowAffinities ?? [])] : [term];
}

interface TryInput extends Required<Surroundings> {
  readonly spec: BindingSpec;
  readonly placement: Placement;
  readonly clusters: readonly Cluster[];
  readonly plugins: readonly Plugin[];
  readonly fresh: boolean;
  readonly term: Term;
}

function tryTerm(input: TryInput): { attempt: Attempt; targets: readonly TargetCluster[] | undefined } {
  const { spec, placement, clusters, plugins, fresh, term, neighbours } = input;
  const previousTargets = new Set((spec.clusters ?? []).map(({ name }) => name));
  const asked = { spec, placement, previousTargets, neighbours };
  const matchers = term.affinities.map(clusterMatcherOf);
  const tierOf = (cluster: Cluster): number | undefined => {
    const tier = matchers.findIndex((matches) => matches(cluster));
    return tier < 0 && matchers.length > 0 ? undefined : Math.max(0, tier);
  };
  const { fitting, rejected } = filterClusters(plugins, clusters, { ...asked, tierOf });
  const candidates = candidatesOf(fitting, input, (cluster) => {
    const tier = tierOf(cluster);
    return { tier: tier ?? 0, ...scoreOf(plugins, { ...asked, cluster, tier }) };
  });
  const base = {
    ...{ affinityName: term.name, rejected, candidates },
    ...{ chosen: [], passedOver: nobody, ties: tieOrderOf(spec.resource.uid) },
  };
  if (fitting.length === 0) {
    const failure = { reason: "NoClusterFit", message: noClusterFitMessage(clusters.length, rejected) } as const;
    return { attempt: { ...base, failure }, targets: undefined };
  }
  try {
    const chosen = selectClusters(candidates, placement, neededReplicas(spec, placement));
    const byName = new Map(fitting.map((cluster) => [cluster.metadata.name, cluster]));
    const shares = divideReplicas({ spec, placement, chosen, clusters: byName, fresh });
    const targets = input.keepsEmpty ? withEmpty(shares, chosen) : shares;
    const passedOver = passedOverOf(candidates, chosen, targets);
    return { attempt: { ...base, chosen, passedOver, failure: undefined }, targets };
  } catch (error) {
    if (!(error instanceof ScheduleFailure)) throw error;
    const failure = { reason: error.reason, message: messageOf(error) };
    return { attempt: { ...base, failure }, targets: undefined };
  }
}

/** Selection's messages are wrapped; division's come wrapped already. */
function messageOf({ reason, message }: ScheduleFailure): string {
  return reason === "Unschedulable" ? message : `failed to select clusters: ${message}`;
}

function withEmpty(shares: readonly TargetCluster[], chosen: readonly Candidate[]): readonly TargetCluster[] {
  const known = new Set(shares.map(({ name }) => name));
  const empty = chosen.filter(({ name }) => !known.has(name)).map(({ name }) => ({ name }));
  return byName([...shares, ...empty]);
}

const nobody: ReadonlyMap<string, string> = new Map();

/** Why those that fit are no targets. */
function passedOverOf(
  candidates: readonly Candidate[],
  chosen: readonly Candidate[],
  targets: readonly TargetCluster[],
): ReadonlyMap<string, string> {
  if (targets.length === candidates.length) return nobody;
  const inUse = new Set(targets.map(({ name }) => name));
  const among = new Set(chosen.map(({ name }) => name));
  const why = ({ name }: Candidate): string =>
    among.has(name) ? "its share of the replicas is none" : "the spread constraints are met by others that come first";
  return new Map(candidates.filter(({ name }) => !inUse.has(name)).map((each) => [each.name, why(each)]));
}

function scoreOf(
  plugins: readonly Plugin[],
  input: Parameters<NonNullable<Plugin["score"]>>[0],
): Pick<Candidate, "score" | "scores"> {
  const scores: Candidate["scores"][number][] = [];
  let sum = 0;
  for (const plugin of plugins) {
    const score = plugin.score?.(input);
    if (score === undefined) continue;
    sum += score;
    scores.push({ plugin: plugin.name, score });
  }
  return { score: sum, scores };
}

function candidatesOf(
  fitting: readonly Cluster[],
  { spec, answers, assumedIn }: Pick<TryInput, "spec" | "answers" | "assumedIn">,
  judge: (cluster: Cluster) => Pick<Candidate, "tier" | "score" | "scores">,
): readonly Candidate[] {
  const estimate = estimatorFor(spec, assumedIn);
  const assigned = new Map((spec.clusters ?? []).map(({ name, replicas = 0 }) => [name, replicas]));
  return fitting.map((cluster) => ({
    ...roomOf(cluster.metadata.name, estimate(cluster), answers),
    name: cluster.metadata.name,
    region: cluster.spec.region ?? "",
    provider: cluster.spec.provider ?? "",
    zones: cluster.spec.zones ?? [],
    labels: cluster.metadata.labels ?? {},
    ...judge(cluster),
    assigned: assigned.get(cluster.metadata.name) ?? 0,
  }));
}

function roomOf(
  name: string,
  bySummary: number,
  answers: Answers,
): Pick<Candidate, "bySummary" | "answer" | "allocatable"> {
  const answer = answers.get(name);
  return { bySummary, answer, allocatable: leastOf(bySummary, answer) };
}

/** Capacity counts where replicas are divided; a set of components must fit where it goes to one cluster. */
function neededReplicas(spec: BindingSpec, placement: Placement): number | undefined {
  if ((spec.components ?? []).length > 0) return goesToOneCluster(placement) ? 1 : undefined;
  const { replicaScheduling } = placement;
  const duplicated = replicaScheduling === undefined || replicaScheduling.replicaSchedulingType === "Duplicated";
  return duplicated || !isWorkload(spec) ? undefined : (spec.replicas ?? 0);
}
