// The plan of a standard seed: a user who does a bit of everything, and faults that strike one part each, for a while.
import { type Random, randomFraction } from "#std/random.ts";
import { type FaultKind, faultKinds, type OperationKind, operationKinds, type Plan, type Step } from "../plan.ts";
import { pick, seededRandom } from "../seeded-random.ts";
import { componentNames, controlPlane } from "../parts.ts";
import { customizationRef } from "./customizations.ts";
import { clusterTier, roomForAll } from "./placements.ts";

const operationsDefault = 200;
const faultsDefault = 45;

/** ConfigMaps. */
const configNames: readonly string[] = ["a", "b", "c", "d"];
/** Those that pods may mount. */
const mountedNames = configNames.slice(0, 2);
const mountNothingOneIn = 3;
/** Deployments, each with replicas and a health. */
export const workloadNames: readonly string[] = ["v", "w"];
/** Jobs, each in one cluster at a time, with state that goes along. */
export const jobNames: readonly string[] = ["j"];
export const templateNames: readonly string[] = [...configNames, ...workloadNames, ...jobNames];

/** Jobs come often: each seed is to have one that moves. */
const drawnNames = [...templateNames, ...jobNames, ...jobNames];
/** Jobs as often as Deployments: they run in one cluster, and few blows hit them. */
const breakableNames = [...workloadNames, ...jobNames, ...jobNames];

/** Most operations come in bursts; now and then the user rests and lets things settle. */
const restOneIn = 6;
const burstMillisecondsMax = 400;
const restMillisecondsMax = 4_000;
const faultMillisecondsMax = 9_000;
/** Longer than a Lease lives: another takes over. */
const pauseMillisecondsMax = 30_000;
/** Longer than any policy tolerates. */
const brokenMillisecondsMax = 60_000;
/** How long a WorkloadRebalancer is kept when it is done. */
const keptMillisecondsMax = 30_000;
/** Pods that a member has room for: none, a few, more than are asked for. */
const capacities = [0, 2, 4, roomForAll];
const jumpMillisecondsMax = 3_600_000;
const skewMillisecondsMax = 600_000;
const replicasMax = 6;
/** Each seed has so many kinds of faults at least, chosen by chance: bugs hide behind certain mixtures. */
const kindsMin = 6;

/** How often each comes, relative to the others. */
const weights: Readonly<Record<OperationKind, number>> = {
  createTemplate: 24,
  editTemplate: 20,
  scaleTemplate: 10,
  relabelTemplate: 8,
  deleteTemplate: 10,
  readTemplate: 10,
  createPolicy: 24,
  editPlacement: 12,
  suspendPolicy: 6,
  deletePolicy: 8,
  createOverride: 5,
  editOverride: 3,
  deleteOverride: 4,
  taintCluster: 4,
  untaintCluster: 6,
  cordonCluster: 2,
  uncordonCluster: 3,
  unjoinCluster: 2,
  joinCluster: 8,
  createInMember: 4,
  editInMember: 8,
  deleteInMember: 8,
  breakInMember: 5,
  deleteWork: 3,
  deleteBinding: 3,
  setFailover: 2,
  setCapacity: 8,
  labelCluster: 6,
  rebalance: 4,
  mountConfig: 8,
  createCustomization: 5,
  editCustomization: 4,
  deleteCustomization: 2,
};

export interface PlanOptions {
  readonly seed: number;
  readonly members: readonly string[];
  readonly operations?: number;
  readonly faults?: number;
  /** Absent: some of all, by chance. */
  readonly kinds?: readonly FaultKind[];
}

/** The plan that a seed stands for. */
export function systemPlan({ seed, members, kinds, ...options }: PlanOptions): Plan {
  const { operations = operationsDefault, faults = faultsDefault } = options;
  const random = seededRandom(seed, 5);
  const steps: Step[] = [];
  let at = 0;
  for (let index = 0; index < operations; index++) {
    const longest = random.uint32() % restOneIn === 0 ? restMillisecondsMax : burstMillisecondsMax;
    at += Math.round(randomFraction(random) * longest);
    steps.push({ at, ...drawOperation(random, members, String(index)) });
  }
  const strikes = drawFaults(random, { members, kinds: kinds ?? mixture(random), count: faults, end: at });
  const names = [controlPlane, ...members, ...componentNames];
  const skews = names.map((name): [string, number] => [
    name,
    Math.round((randomFraction(random) - 0.5) * 2 * skewMillisecondsMax),
  ]);
  return {
    seed,
    failover: random.uint32() % 2 === 0,
    skews: Object.fromEntries(skews),
    steps: [...steps, ...strikes].toSorted((left, right) => left.at - right.at),
  };
}

function mixture(random: Random): readonly FaultKind[] {
  const left: FaultKind[] = [...faultKinds];
  const count = kindsMin + (random.uint32() % (left.length - kindsMin + 1));
  return Array.from({ length: count }, () => {
    const kind = pick(random, left);
    left.splice(left.indexOf(kind), 1);
    return kind;
  });
}

type Draft = Omit<Step, "at">;

function drawOperation(random: Random, members: readonly string[], value: string): Draft {
  const kind = pick(random, deck);
  switch (kind) {
    case "createTemplate":
    case "scaleTemplate": {
      const on = pick(random, kind === "scaleTemplate" ? workloadNames : drawnNames);
      return { kind, on, value, replicas: 1 + (random.uint32() % replicasMax), words: words(random, ["gold"]) };
    }
    case "relabelTemplate":
      return { kind, on: pick(random, templateNames), value, words: words(random, ["gold"]) };
    case "createPolicy":
      return { kind, value, ...drawPolicy(random, members) };
    case "editPlacement": {
      const on = pick(random, templateNames);
      return { kind, on, value, clusters: someOf(random, members), words: placementWords(random) };
    }
    case "suspendPolicy":
      return { kind, on: pick(random, templateNames), value, ...drawSuspension(random, members) };
    case "createOverride":
    case "editOverride":
      return { kind, on: pick(random, templateNames), value, clusters: someOf(random, members) };
    case "taintCluster":
      return { kind, on: pick(random, members), value, words: words(random, ["execute"]) };
    case "createInMember":
    case "editInMember":
    case "deleteInMember":
    case "deleteWork":
      return { kind, on: pick(random, templateNames), value, clusters: [pick(random, members)] };
    case "breakInMember":
      return { kind, value, ...drawBreak(random, members) };
    case "setFailover":
      return { kind, on: "controller-manager", words: words(random, ["on"]) };
    case "setCapacity":
      return { kind, on: pick(random, members), value, replicas: pick(random, capacities) };
    case "labelCluster":
      return { kind, on: pick(random, members), value, words: words(random, [clusterTier]) };
    case "mountConfig":
      return { kind, on: pick(random, workloadNames), value, words: mountWords(random) };
    case "createCustomization":
    case "editCustomization":
    case "deleteCustomization":
      return { kind, on: customizationRef.name, value, words: words(random, customizationWords) };
    case "rebalance":
      return { kind, value, ...drawRebalance(random) };
    case "untaintCluster":
    case "cordonCluster":
    case "uncordonCluster":
    case "unjoinCluster":
    case "joinCluster":
      return { kind, on: pick(random, members), value };
    case "editTemplate":
    case "deleteTemplate":
    case "readTemplate":
    case "deletePolicy":
    case "deleteOverride":
    case "deleteBinding":
      return { kind, on: pick(random, templateNames), value };
  }
}

function drawBreak(random: Random, members: readonly string[]): Pick<Step, "on" | "clusters" | "milliseconds"> {
  const milliseconds = Math.round(randomFraction(random) * brokenMillisecondsMax);
  return { on: pick(random, breakableNames), clusters: [pick(random, members)], milliseconds };
}

/** A job that has nowhere to go does not move. */
function drawPolicy(random: Random, members: readonly string[]): Pick<Step, "on" | "clusters" | "words"> {
  const on = random.uint32() % 12 === 0 ? "gold" : pick(random, drawnNames);
  const clusters = jobNames.includes(on) ? members : someOf(random, members);
  return { on, clusters, words: [...words(random, policyWords), ...placementWords(random)] };
}

/** Half of them end a suspension. */
function drawSuspension(random: Random, members: readonly string[]): Pick<Step, "clusters" | "words"> {
  const clusters = random.uint32() % 2 === 0 ? [] : someOf(random, members);
  return { clusters, words: words(random, ["all"]) };
}

/** The ConfigMap that pods mount from now on, if any. */
function mountWords(random: Random): readonly string[] {
  return random.uint32() % mountNothingOneIn === 0 ? [] : [pick(random, mountedNames)];
}

/** Half of them have a time to live. */
function drawRebalance(random: Random): Pick<Step, "on" | "milliseconds"> {
  const milliseconds = Math.round(randomFraction(random) * keptMillisecondsMax);
  const kept = random.uint32() % 2 === 0 ? {} : { milliseconds };
  return { on: pick(random, workloadNames), ...kept };
}

const policyWords = ["preserve", "overwrite", "never", "stateful", "immediate", "urgent", "deps"];
const customizationWords = ["status", "health", "retain"];
const wordOneIn = 4;
/** Half of what has replicas is divided by the room that there is; most placements name their clusters. */
const divisions = ["duplicated", "divided", "dynamic", "aggregated"];
const affinities = ["named", "named", "named", "labelled", "groups"];

function placementWords(random: Random): readonly string[] {
  return [pick(random, divisions), pick(random, affinities), ...words(random, ["regions", "tolerate"])];
}

/** Each word by chance; half of the time where there is one word alone. */
function words(random: Random, all: readonly string[]): readonly string[] {
  return all.filter(() => random.uint32() % (all.length === 1 ? 2 : wordOneIn) === 0);
}

function someOf(random: Random, members: readonly string[]): readonly string[] {
  const some = members.filter(() => random.uint32() % 2 === 0);
  return some.length === 0 ? [pick(random, members)] : some;
}

const deck: readonly OperationKind[] = operationKinds.flatMap((kind) => Array<OperationKind>(weights[kind]).fill(kind));

interface Strikes {
  readonly members: readonly string[];
  readonly kinds: readonly FaultKind[];
  readonly count: number;
  readonly end: number;
}

/** A part that is struck has one fault at a time. */
function drawFaults(random: Random, { members, kinds, count, end }: Strikes): readonly Step[] {
  if (kinds.length === 0) return [];
  const busyUntil = new Map<string, number>();
  const times = Array.from({ length: count }, () => Math.round(randomFraction(random) * end)).toSorted((a, b) => a - b);
  return times.map((time): Step => {
    const kind = pick(random, kinds);
    const all = targetsOf(kind, members);
    const free = all.filter((name) => (busyUntil.get(name) ?? 0) <= time);
    const on = pick(random, free.length === 0 ? all : free);
    const at = Math.max(time, busyUntil.get(on) ?? 0);
    const milliseconds = Math.round(randomFraction(random) * longestOf(kind));
    if (kind !== "clock-jump") busyUntil.set(on, at + milliseconds);
    return { at, kind, on, milliseconds };
  });
}

function targetsOf(kind: FaultKind, members: readonly string[]): readonly string[] {
  if (kind === "component-crash" || kind === "component-pause" || kind === "clock-jump") return componentNames;
  return kind === "restore-backup" ? members : [controlPlane, ...members];
}

function longestOf(kind: FaultKind): number {
  if (kind === "compaction" || kind === "cut-watches" || kind === "restore-backup") return 0;
  if (kind === "clock-jump") return jumpMillisecondsMax;
  return kind === "component-pause" ? pauseMillisecondsMax : faultMillisecondsMax;
}
