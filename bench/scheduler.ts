// How fast the scheduler decides: the pure decision over generated clusters, without a control plane.
import { performance } from "node:perf_hooks";
import type { Cluster } from "#api/cluster/cluster.ts";
import type { Placement } from "#api/policy/placement.ts";
import { bindingWith, clusterWith } from "#api/testing/builders.ts";
import { decideSchedule } from "#scheduler/decide.ts";
import { allPlugins } from "#scheduler/plugins/all.ts";

const warmUpMilliseconds = 500;
const measuredMilliseconds = 3_000;
const apiGroups = 30;

const divided = { replicaSchedulingType: "Divided" } as const;

/** What users write: everywhere, by labels, by weights, by room, by region. */
const placements: readonly Placement[] = [
  { clusterAffinity: { labelSelector: { matchLabels: { tier: "t1" } } } },
  { replicaScheduling: { ...divided, replicaDivisionPreference: "Aggregated" } },
  {
    clusterTolerations: [{ key: "gpu", operator: "Exists" }],
    replicaScheduling: {
      ...divided,
      replicaDivisionPreference: "Weighted",
      weightPreference: { dynamicWeight: "AvailableReplicas" },
    },
  },
  {
    replicaScheduling: {
      ...divided,
      replicaDivisionPreference: "Weighted",
      weightPreference: {
        staticWeightList: [0, 1, 2, 3].map((tier) => ({
          targetCluster: { labelSelector: { matchLabels: { tier: `t${tier}` } } },
          weight: tier + 1,
        })),
      },
    },
  },
  {
    spreadConstraints: [
      { spreadByField: "region", minGroups: 2, maxGroups: 3 },
      { spreadByField: "cluster", minGroups: 3, maxGroups: 6 },
    ],
    replicaScheduling: { ...divided, replicaDivisionPreference: "Aggregated" },
  },
];

function generatedClusters(count: number): Cluster[] {
  return Array.from({ length: count }, (_each, index) =>
    clusterWith(`member-${index}`, {
      labels: { tier: `t${index % 4}` },
      spec: {
        region: `r${index % 8}`,
        zones: [`z${index % 16}`],
        provider: `p${index % 3}`,
        taints: index % 10 === 0 ? [{ key: "gpu", value: "yes", effect: "NoSchedule" }] : [],
      },
      status: {
        apiEnablements: [
          ...Array.from({ length: apiGroups }, (_none, group) => ({
            groupVersion: `group${group}.example.com/v1`,
            resources: [{ kind: "Widget", name: "widgets" }],
          })),
          { groupVersion: "apps/v1", resources: [{ kind: "Deployment", name: "deployments" }] },
        ],
        resourceSummary: {
          allocatable: { cpu: `${8 + (index % 32)}`, memory: "64Gi", pods: "220" },
          allocated: { cpu: "1500m", memory: "3Gi", pods: "12" },
        },
      },
    }),
  );
}

/** Bindings decided in a second, placements in turn. */
export function decisionsPerSecond(clusterCount: number): number {
  const clusters = generatedClusters(clusterCount);
  const bindings = placements.map((placement, index) =>
    bindingWith({
      spec: {
        placement,
        replicas: 5 + index,
        replicaRequirements: { resourceRequest: { cpu: "250m", memory: "512Mi" } },
      },
    }),
  );
  const run = (milliseconds: number): number => {
    const startedAt = performance.now();
    let decided = 0;
    while (performance.now() - startedAt < milliseconds) {
      for (const binding of bindings) {
        const outcome = decideSchedule(binding, clusters, allPlugins, false);
        if (outcome.kind === "failed") throw new Error(`the benchmark's placement fails: ${outcome.message}`);
        decided++;
      }
    }
    return (decided * 1_000) / (performance.now() - startedAt);
  };
  run(warmUpMilliseconds);
  return run(measuredMilliseconds);
}
