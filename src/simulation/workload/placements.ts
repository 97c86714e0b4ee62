// Where policies of a simulated user send things, and the clusters that they choose among: labels, regions, room.
import type { Cluster } from "#api/cluster/cluster.ts";
import { karmadaNamespaces } from "#api/karmada-constants.ts";
import type { Placement, ReplicaSchedulingStrategy } from "#api/policy/placement.ts";
import type { Draft } from "#client/client.ts";

/** A label of clusters, which comes and goes. */
export const clusterLabel = "simulation/tier";
export const clusterTier = "blue";

/** Each member has this node, in the beginning with room for more pods than anyone asks for. */
export const nodeName = "node";
export const roomForAll = 20;

/** The last member is alone in its region. */
const regions = ["east", "east", "west"] as const;

/**
 * Words: of how replicas are divided `divided`, `dynamic` or `aggregated`; of which clusters are meant `labelled` or `groups`;
 * `regions`, to be in two of them at least; `tolerate`.
 */
export function placementOf(clusters: readonly string[], hasReplicas: boolean, words: readonly string[]): Placement {
  const has = (word: string): boolean => words.includes(word);
  return {
    ...affinityOf(clusters, words),
    replicaScheduling: hasReplicas ? divisionOf(clusters, words) : { replicaSchedulingType: "Duplicated" },
    ...(has("regions") ? { spreadConstraints: spreadOverRegions } : {}),
    ...(has("tolerate") ? { clusterTolerations: [{ operator: "Exists" }] } : {}),
  };
}

/** A merge patch that leaves nothing of the placement before but the spread constraints: stateful applications need theirs. */
export function placementPatchOf(...placement: Parameters<typeof placementOf>): Readonly<Record<string, unknown>> {
  const { replicaScheduling, ...rest } = placementOf(...placement);
  const { weightPreference } = replicaScheduling ?? {};
  const weights = weightPreference && { dynamicWeight: null, staticWeightList: null, ...weightPreference };
  return {
    ...{ clusterAffinity: null, clusterAffinities: null, clusterTolerations: null, ...rest },
    replicaScheduling: { replicaDivisionPreference: null, ...replicaScheduling, weightPreference: weights ?? null },
  };
}

const spreadOverRegions: NonNullable<Placement["spreadConstraints"]> = [
  { spreadByField: "region", minGroups: 2, maxGroups: 2 },
  { spreadByField: "cluster", minGroups: 2, maxGroups: 3 },
];

/** By label: whatever has it. Groups: the first cluster, and the others where it is no place to be. */
function affinityOf(clusters: readonly string[], words: readonly string[]): Partial<Placement> {
  if (words.includes("labelled")) {
    return { clusterAffinity: { labelSelector: { matchLabels: { [clusterLabel]: clusterTier } } } };
  }
  const [first, ...others] = clusters;
  if (!words.includes("groups") || first === undefined || others.length === 0) {
    return { clusterAffinity: { clusterNames: [...clusters] } };
  }
  return {
    clusterAffinities: [
      { affinityName: "first", clusterNames: [first] },
      { affinityName: "others", clusterNames: others },
    ],
  };
}

/** Divided: the first cluster gets two shares, the others one. Dynamic and aggregated: by the room that there is. */
function divisionOf(clusters: readonly string[], words: readonly string[]): ReplicaSchedulingStrategy {
  const has = (word: string): boolean => words.includes(word);
  const divided = { replicaSchedulingType: "Divided", replicaDivisionPreference: "Weighted" } as const;
  if (has("divided")) {
    const staticWeightList = clusters.map((name, index) => ({
      targetCluster: { clusterNames: [name] },
      weight: index === 0 ? 2 : 1,
    }));
    return { ...divided, weightPreference: { staticWeightList } };
  }
  if (has("dynamic")) return { ...divided, weightPreference: { dynamicWeight: "AvailableReplicas" } };
  if (has("aggregated")) return { ...divided, replicaDivisionPreference: "Aggregated" };
  return { replicaSchedulingType: "Duplicated" };
}

/** A member as it is joined. */
export function clusterOf(name: string): Draft<Cluster> {
  const secretRef = { namespace: karmadaNamespaces.cluster, name };
  const region = regions[Number(name.at(-1)) - 1] ?? "east";
  return { metadata: { name }, spec: { syncMode: "Push", apiEndpoint: `https://${name}`, secretRef, region } };
}

/** What a node says that it has, as a merge patch. */
export function roomOf(pods: number): Readonly<Record<string, unknown>> {
  const amounts = { pods: String(pods) };
  return { status: { capacity: amounts, allocatable: amounts } };
}
