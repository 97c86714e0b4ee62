// 1,000 random placements over 100 random clusters, judged by a checker that shares no code with the scheduler: what is
// decided satisfies every constraint, or nothing could.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Cluster } from "#api/cluster/cluster.ts";
import type { Placement } from "#api/policy/placement.ts";
import { bindingWith, clusterWith } from "#api/testing/builders.ts";
import type { TargetCluster } from "#api/work/binding.ts";
import { decideSchedule, type Outcome } from "./decide.ts";
import { allPlugins } from "./plugins/all.ts";

const clusterCount = 100;
const placementCount = 1_000;

/** What the checker knows of a cluster, beside the Cluster that the scheduler sees. */
interface Fact {
  readonly cluster: Cluster;
  readonly region: string;
  readonly tier: string;
  readonly tainted: boolean;
  readonly room: number;
}

const fact = fc
  .record({
    region: fc.constantFrom("r1", "r2", "r3", "r4", ""),
    tier: fc.constantFrom("a", "b", "c"),
    tainted: fc.boolean().chain((first) => fc.boolean().map((second) => first && second)),
    room: fc.nat(12),
  })
  .map((parts) => (index: number): Fact => {
    const { region, tier, tainted, room } = parts;
    const cluster = clusterWith(`m${index}`, {
      labels: { tier },
      spec: {
        ...(region === "" ? {} : { region }),
        taints: tainted ? [{ key: "k", value: "v", effect: "NoSchedule" }] : [],
      },
      status: {
        apiEnablements: [{ groupVersion: "apps/v1", resources: [{ kind: "Deployment", name: "deployments" }] }],
        resourceSummary: { allocatable: { cpu: String(room), pods: "110" } },
      },
    });
    return { ...parts, cluster };
  });

interface Wish {
  readonly mode: "duplicated" | "static" | "dynamic" | "aggregated";
  readonly tier: string | undefined;
  readonly tolerates: boolean;
  readonly replicas: number;
  readonly clusters: { readonly min: number; readonly max: number } | undefined;
  readonly groups: { readonly by: "region" | "tier"; readonly min: number; readonly max: number } | undefined;
}

const bounds = (top: number) =>
  fc.tuple(fc.integer({ min: 1, max: top }), fc.nat(top)).map(([min, more]) => ({ min, max: min + more }));

const wish: fc.Arbitrary<Wish> = fc
  .record({
    mode: fc.constantFrom("duplicated", "static", "dynamic", "aggregated"),
    tier: fc.constantFrom(undefined, "a", "b"),
    tolerates: fc.boolean(),
    replicas: fc.integer({ min: 1, max: 150 }),
    clusters: fc.option(bounds(12), { nil: undefined }),
    groups: fc.option(
      fc.tuple(fc.constantFrom("region" as const, "tier" as const), bounds(4)).map(([by, each]) => ({ by, ...each })),
      { nil: undefined },
    ),
  })
  // As admission demands: groups by a field need the clusters' constraint too.
  .map((each) => ({
    ...each,
    clusters: each.clusters ?? (each.groups === undefined ? undefined : { min: 1, max: 8 }),
  }));

function placementOf({ mode, tier, tolerates, clusters, groups }: Wish): Placement {
  const weights = {
    duplicated: { replicaSchedulingType: "Duplicated" },
    static: { replicaSchedulingType: "Divided", replicaDivisionPreference: "Weighted" },
    dynamic: {
      replicaSchedulingType: "Divided",
      replicaDivisionPreference: "Weighted",
      weightPreference: { dynamicWeight: "AvailableReplicas" },
    },
    aggregated: { replicaSchedulingType: "Divided", replicaDivisionPreference: "Aggregated" },
  } as const;
  return {
    ...(tier === undefined ? {} : { clusterAffinity: { labelSelector: { matchLabels: { tier } } } }),
    ...(tolerates ? { clusterTolerations: [{ key: "k", operator: "Exists" }] } : {}),
    replicaScheduling: weights[mode],
    spreadConstraints: [
      ...(clusters === undefined
        ? []
        : [{ spreadByField: "cluster" as const, minGroups: clusters.min, maxGroups: clusters.max }]),
      ...(groups === undefined
        ? []
        : [
            {
              ...(groups.by === "region" ? { spreadByField: "region" as const } : { spreadByLabel: "tier" }),
              minGroups: groups.min,
              maxGroups: groups.max,
            },
          ]),
    ],
  };
}

function eligible(facts: readonly Fact[], { tier, tolerates, groups }: Wish): readonly Fact[] {
  return facts.filter(
    (each) =>
      (tier === undefined || each.tier === tier) &&
      (tolerates || !each.tainted) &&
      (groups?.by !== "region" || each.region !== ""),
  );
}

const groupOf = (each: Fact, by: "region" | "tier"): string => each[by];
const total = (numbers: readonly number[]): number => numbers.reduce((sum, each) => sum + each, 0);

/** By brute force over all sets of groups: could the wish be met at all? */
function isPossible(facts: readonly Fact[], wished: Wish): boolean {
  const { mode, clusters, groups, replicas } = wished;
  const among = eligible(facts, wished);
  const byRoom = mode === "dynamic" || mode === "aggregated";
  if (mode === "static") return among.length > 0;
  const most = (list: readonly Fact[], firsts: readonly Fact[]): boolean => {
    const limit = Math.min(list.length, clusters?.max ?? list.length);
    if (firsts.length > limit || list.length < (clusters?.min ?? 1)) return false;
    const rest = list.filter((each) => !firsts.includes(each)).sort((left, right) => right.room - left.room);
    const best = [...firsts, ...rest.slice(0, limit - firsts.length)];
    return !byRoom || total(best.map(({ room }) => room)) >= replicas;
  };
  if (groups === undefined) return among.length > 0 && most(among, []);
  const names = [...new Set(among.map((each) => groupOf(each, groups.by)))];
  for (let bits = 1; bits < 1 << names.length; bits++) {
    const chosen = names.filter((_name, index) => (bits >> index) % 2 === 1);
    if (chosen.length < groups.min || chosen.length > groups.max) continue;
    const list = among.filter((each) => chosen.includes(groupOf(each, groups.by)));
    const firsts = chosen.map((name) =>
      list
        .filter((each) => groupOf(each, groups.by) === name)
        .reduce((best, each) => (each.room > best.room ? each : best)),
    );
    if (most(list, firsts)) return true;
  }
  return false;
}

function assertMeets(targets: readonly TargetCluster[], facts: readonly Fact[], wished: Wish): void {
  const { mode, clusters, groups, replicas } = wished;
  const allowed = new Map(eligible(facts, wished).map((each) => [each.cluster.metadata.name, each]));
  const chosen = targets.map(({ name }) => allowed.get(name));
  assert.ok(
    chosen.every((each) => each !== undefined),
    "a cluster that does not qualify",
  );
  const numbers = targets.map((target) => target.replicas ?? 0);
  if (mode === "duplicated") assert.ok(numbers.every((each) => each === replicas));
  else assert.equal(total(numbers), replicas);
  if (mode === "static") return;
  if (clusters !== undefined) assert.ok(targets.length <= clusters.max, "more clusters than wanted");
  const used = new Set(chosen.map((each) => (groups === undefined ? "" : each[groups.by])));
  if (groups !== undefined) assert.ok(used.size <= groups.max, "more groups than wanted");
  if (mode === "duplicated") {
    assert.ok(targets.length >= (clusters?.min ?? 1), "fewer clusters than wanted");
    if (groups !== undefined) assert.ok(used.size >= groups.min, "fewer groups than wanted");
  } else {
    for (const [index, each] of chosen.entries()) assert.ok((numbers[index] ?? 0) <= each.room, "no room");
  }
}

const decide = (facts: readonly Fact[], wished: Wish, previous: readonly TargetCluster[] = []): Outcome => {
  const spec = {
    placement: placementOf(wished),
    replicas: wished.replicas,
    replicaRequirements: { resourceRequest: { cpu: "1" } },
    clusters: previous,
  };
  return decideSchedule(
    bindingWith({ spec }),
    facts.map(({ cluster }) => cluster),
    allPlugins,
    false,
  );
};

test("random placements: every constraint is met, or none could be", () => {
  const [makers = []] = fc.sample(fc.array(fact, { minLength: clusterCount, maxLength: clusterCount, size: "max" }), {
    numRuns: 1,
    seed: 7,
  });
  const facts = makers.map((make, index) => make(index));
  let met = 0;
  for (const wished of fc.sample(wish, { numRuns: placementCount, seed: 11 })) {
    const outcome = decide(facts, wished);
    const text = JSON.stringify(wished);
    assert.equal(outcome.kind === "scheduled", isPossible(facts, wished), text);
    if (outcome.kind !== "scheduled") continue;
    met++;
    assertMeets(outcome.targets, facts, wished);
  }
  assert.ok(met > placementCount / 4 && met < placementCount, "the sample has both kinds");
});

const few = fc.array(fact, { minLength: 1, maxLength: 9 }).map((makers) => makers.map((make, index) => make(index)));

test("any placement over any clusters: met, or impossible; the order of the clusters does not count", () => {
  fc.assert(
    fc.property(few, wish, (facts, wished) => {
      const outcome = decide(facts, wished);
      assert.equal(outcome.kind === "scheduled", isPossible(facts, wished));
      const again = decide(facts.toReversed(), wished);
      assert.equal(again.kind, outcome.kind);
      if (outcome.kind !== "scheduled" || again.kind !== "scheduled") return;
      assertMeets(outcome.targets, facts, wished);
      assert.deepEqual(again.targets, outcome.targets);
    }),
  );
});

test("a second pass over the same clusters moves nothing", () => {
  fc.assert(
    fc.property(few, wish, (facts, wished) => {
      const outcome = decide(facts, wished);
      if (outcome.kind !== "scheduled") return;
      const after = facts.map((each): Fact => {
        const name = each.cluster.metadata.name;
        const used = outcome.targets.find((target) => target.name === name)?.replicas ?? 0;
        const status = {
          ...each.cluster.status,
          resourceSummary: { allocatable: { cpu: String(Math.max(0, each.room - used)), pods: "110" } },
        };
        return { ...each, cluster: { ...each.cluster, status } };
      });
      const again = decide(after, wished, outcome.targets);
      assert.deepEqual(again.kind === "scheduled" ? again.targets : again, outcome.targets);
    }),
  );
});
