import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { Cluster } from "#api/cluster/cluster.ts";
import type { Placement } from "#api/policy/placement.ts";
import { bindingWith, clusterWith } from "#api/testing/builders.ts";
import type { TargetCluster } from "#api/work/binding.ts";
import { decideSchedule } from "./decide.ts";
import { allPlugins } from "./plugins/all.ts";

const three = ["m1", "m2", "m3"].map((name) => clusterWith(name));
const room = (cpu: string): NonNullable<Cluster["status"]> => ({
  resourceSummary: { allocatable: { cpu, pods: "110" }, allocated: { cpu: "0", pods: "0" } },
});
const asks = { resourceRequest: { cpu: "1" } };

const weights = (...list: readonly (readonly [string, number])[]): Placement => ({
  replicaScheduling: {
    replicaSchedulingType: "Divided",
    replicaDivisionPreference: "Weighted",
    weightPreference: {
      staticWeightList: list.map(([name, weight]) => ({ targetCluster: { clusterNames: [name] }, weight })),
    },
  },
});
const dynamic: Placement = {
  replicaScheduling: {
    replicaSchedulingType: "Divided",
    replicaDivisionPreference: "Weighted",
    weightPreference: { dynamicWeight: "AvailableReplicas" },
  },
};
const aggregated: Placement = {
  replicaScheduling: { replicaSchedulingType: "Divided", replicaDivisionPreference: "Aggregated" },
};

interface Case {
  readonly name: string;
  readonly placement?: Placement;
  readonly replicas?: number;
  readonly clusters?: readonly Cluster[];
  readonly previous?: readonly TargetCluster[];
  readonly requirements?: { readonly resourceRequest: Readonly<Record<string, string>> };
  readonly gets: readonly TargetCluster[] | string;
}

const cases: readonly Case[] = [
  {
    name: "Duplicated: all replicas everywhere",
    replicas: 2,
    gets: three.map(({ metadata: { name } }) => ({ name, replicas: 2 })),
  },
  { name: "not a workload: no numbers", gets: three.map(({ metadata: { name } }) => ({ name })) },
  {
    name: "cluster names",
    placement: { clusterAffinity: { clusterNames: ["m1", "m9"] } },
    replicas: 2,
    gets: [{ name: "m1", replicas: 2 }],
  },
  {
    name: "static weights 2:1:1 over 8",
    placement: weights(["m1", 2], ["m2", 1], ["m3", 1]),
    replicas: 8,
    gets: [
      { name: "m1", replicas: 4 },
      { name: "m2", replicas: 2 },
      { name: "m3", replicas: 2 },
    ],
  },
  {
    name: "static weights: clusters without a weight get nothing",
    placement: weights(["m2", 1]),
    replicas: 3,
    gets: [{ name: "m2", replicas: 3 }],
  },
  {
    name: "static weights: none matches, all alike",
    placement: weights(["other", 5]),
    replicas: 3,
    gets: three.map(({ metadata: { name } }) => ({ name, replicas: 1 })),
  },
  {
    name: "dynamic weight by room",
    placement: dynamic,
    replicas: 6,
    requirements: asks,
    clusters: [
      clusterWith("m1", { status: { ...three[0]?.status, ...room("8") } }),
      clusterWith("m2", { status: { ...three[0]?.status, ...room("4") } }),
    ],
    gets: [
      { name: "m1", replicas: 4 },
      { name: "m2", replicas: 2 },
    ],
  },
  {
    name: "dynamic weight: scaling up moves nothing",
    placement: dynamic,
    replicas: 3,
    requirements: asks,
    previous: [{ name: "m2", replicas: 2 }],
    clusters: [
      clusterWith("m1", { status: { ...three[0]?.status, ...room("8") } }),
      clusterWith("m2", { status: { ...three[0]?.status, ...room("1") } }),
    ],
    gets: [
      { name: "m1", replicas: 1 },
      { name: "m2", replicas: 2 },
    ],
  },
  {
    name: "aggregated: as few clusters as have room",
    placement: aggregated,
    replicas: 3,
    requirements: asks,
    clusters: [
      clusterWith("m1", { status: { ...three[0]?.status, ...room("2") } }),
      clusterWith("m2", { status: { ...three[0]?.status, ...room("4") } }),
    ],
    gets: [{ name: "m2", replicas: 3 }],
  },
  {
    name: "not enough room",
    placement: aggregated,
    replicas: 9,
    requirements: asks,
    clusters: [clusterWith("m1", { status: { ...three[0]?.status, ...room("2") } })],
    gets: "Unschedulable: failed to assign replicas: failed to scale up: Clusters available replicas 2 are not enough to schedule.",
  },
  {
    name: "reasons are counted",
    placement: { clusterAffinity: { clusterNames: ["m1"] } },
    clusters: [
      clusterWith("m1", { spec: { taints: [{ key: "k", value: "v", effect: "NoSchedule" }] } }),
      clusterWith("m2"),
      clusterWith("m3"),
    ],
    gets: "NoClusterFit: 0/3 clusters are available: 1 cluster(s) had untolerated taint {k=v:NoSchedule}, 2 cluster(s) did not match the placement cluster affinity constraint.",
  },
  { name: "no cluster", clusters: [], gets: "NoClusterFit: 0/0 clusters are available: no cluster exists." },
  {
    name: "a taint does not drive out what is there",
    clusters: [clusterWith("m1", { spec: { taints: [{ key: "k", effect: "NoSchedule" }] } })],
    previous: [{ name: "m1" }],
    gets: [{ name: "m1" }],
  },
  {
    name: "a tolerated taint",
    placement: { clusterTolerations: [{ key: "k", operator: "Exists" }] },
    clusters: [clusterWith("m1", { spec: { taints: [{ key: "k", effect: "NoSchedule" }] } })],
    gets: [{ name: "m1" }],
  },
  {
    name: "a cluster that is going away",
    clusters: [clusterWith("m1", { deleting: true }), clusterWith("m2")],
    gets: [{ name: "m2" }],
  },
  {
    name: "an API that is missing",
    clusters: [clusterWith("m1", { status: { apiEnablements: [] } })],
    gets: "NoClusterFit: 0/1 clusters are available: 1 cluster(s) did not have the API resource.",
  },
  {
    name: "spread over at most two clusters",
    placement: { spreadConstraints: [{ spreadByField: "cluster", minGroups: 1, maxGroups: 2 }] },
    gets: [{ name: "m1" }, { name: "m2" }],
  },
  {
    name: "spread over more clusters than there are",
    placement: { spreadConstraints: [{ spreadByField: "cluster", minGroups: 4, maxGroups: 5 }] },
    gets: "SchedulerError: failed to select clusters: the number of feasible clusters is less than spreadConstraint.MinGroups",
  },
  {
    name: "spread over two regions",
    placement: {
      spreadConstraints: [
        { spreadByField: "region", minGroups: 2, maxGroups: 2 },
        { spreadByField: "cluster", minGroups: 2, maxGroups: 2 },
      ],
    },
    clusters: [
      clusterWith("a1", { spec: { region: "a" } }),
      clusterWith("a2", { spec: { region: "a" } }),
      clusterWith("b1", { spec: { region: "b" } }),
      clusterWith("none"),
    ],
    gets: [{ name: "a1" }, { name: "b1" }],
  },
  {
    name: "the second affinity term when the first has no cluster",
    placement: {
      clusterAffinities: [
        { affinityName: "first", clusterNames: ["m9"] },
        { affinityName: "second", clusterNames: ["m2"] },
      ],
    },
    gets: [{ name: "m2" }],
  },
];

describe("decideSchedule", () => {
  for (const { name, placement = {}, replicas = 0, clusters = three, previous = [], requirements, gets } of cases) {
    test(name, () => {
      const spec = {
        placement,
        replicas,
        clusters: previous,
        ...(requirements === undefined ? {} : { replicaRequirements: requirements }),
      };
      const outcome = decideSchedule(bindingWith({ spec }), clusters, allPlugins, false);
      assert.deepEqual(outcome.kind === "scheduled" ? outcome.targets : `${outcome.reason}: ${outcome.message}`, gets);
    });
  }

  test("divided replicas always sum, and only among the clusters that fit", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.stringMatching(/^[a-z]{1,4}$/), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 500 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 8, maxLength: 8 }),
        (names, replicas, numbers) => {
          const placement = weights(...names.map((name, index) => [name, numbers[index] ?? 1] as const));
          const clusters = names.map((name) => clusterWith(name));
          const outcome = decideSchedule(bindingWith({ spec: { placement, replicas } }), clusters, allPlugins, false);
          assert.ok(outcome.kind === "scheduled");
          assert.equal(
            outcome.targets.reduce((sum, target) => sum + (target.replicas ?? 0), 0),
            replicas,
          );
          assert.ok(outcome.targets.every((target) => names.includes(target.name)));
          const again = decideSchedule(
            bindingWith({ spec: { placement, replicas } }),
            [...clusters].reverse(),
            allPlugins,
            false,
          );
          assert.deepEqual(
            again.kind === "scheduled" ? again.targets : [],
            outcome.targets,
            "the order of the clusters does not count",
          );
        },
      ),
    );
  });
});

test("a decision tells what each plugin scored, what each estimator answered, and why the others got nothing", () => {
  const room = { status: { resourceSummary: { allocatable: { cpu: "8", pods: "110" } } } };
  const clusters = ["m1", "m2", "m3", "m4"].map((name) => clusterWith(name, room));
  const spec = {
    replicas: 4,
    replicaRequirements: { resourceRequest: { cpu: "1" } },
    clusters: [{ name: "m2", replicas: 1 }],
    placement: {
      replicaScheduling: {
        replicaSchedulingType: "Divided" as const,
        replicaDivisionPreference: "Aggregated" as const,
      },
      spreadConstraints: [{ spreadByField: "cluster" as const, minGroups: 1, maxGroups: 3 }],
    },
  };
  const answers = new Map([
    ["m1", { kind: "answered", fitting: 2 }],
    ["m2", { kind: "late" }],
    ["m3", { kind: "failed", message: "nobody there" }],
  ] as const);
  const outcome = decideSchedule(bindingWith({ spec }), clusters, allPlugins, false, { answers });
  const attempt = outcome.attempts[0];
  assert.ok(outcome.kind === "scheduled" && attempt !== undefined);
  assert.deepEqual(outcome.targets, [
    { name: "m2", replicas: 1 },
    { name: "m3", replicas: 3 },
  ]);
  const room1 = attempt.candidates.map(({ name, allocatable, bySummary, answer }) => [
    name,
    allocatable,
    bySummary,
    answer?.kind,
  ]);
  assert.deepEqual(room1, [
    ["m1", 2, 8, "answered"],
    ["m2", 0, 8, "late"],
    ["m3", 8, 8, "failed"],
    ["m4", 8, 8, undefined],
  ]);
  const [, second] = attempt.candidates;
  assert.deepEqual(second?.scores, [
    { plugin: "ClusterAffinity", score: 0 },
    { plugin: "ClusterLocality", score: 100 },
  ]);
  assert.deepEqual(Object.fromEntries(attempt.passedOver), {
    m1: "the spread constraints are met by others that come first",
    m4: "its share of the replicas is none",
  });
  assert.equal(attempt.ties, "ascending");
});

test("clusters whose share is none get the workload without replicas, if asked for", () => {
  const room = { status: { resourceSummary: { allocatable: { cpu: "8", pods: "110" } } } };
  const clusters = ["m1", "m2", "m3"].map((name) => clusterWith(name, room));
  const replicaScheduling = { replicaSchedulingType: "Divided", replicaDivisionPreference: "Aggregated" } as const;
  const replicaRequirements = { resourceRequest: { cpu: "1" } };
  const targets = (replicas: number, keepsEmpty: boolean) => {
    const spec = { replicas, replicaRequirements, placement: { replicaScheduling } };
    const outcome = decideSchedule(bindingWith({ spec }), clusters, allPlugins, false, { keepsEmpty });
    return outcome.kind === "scheduled" ? outcome.targets : [];
  };
  assert.deepEqual(targets(2, false), [{ name: "m1", replicas: 2 }]);
  assert.deepEqual(targets(2, true), [{ name: "m1", replicas: 2 }, { name: "m2" }, { name: "m3" }]);
  assert.deepEqual(targets(0, false), []);
  assert.deepEqual(targets(0, true), [{ name: "m1" }, { name: "m2" }, { name: "m3" }]);
});
