// Step one: which clusters may be chosen at all, and for each of the others the reason why not.
// Upstream: karmada pkg/scheduler/core/generic_scheduler.go (findClustersThatFit).
import type { Cluster } from "#api/cluster/cluster.ts";
import type { Plugin, PluginInput } from "../framework/plugin.ts";

export interface FilterResult {
  readonly fitting: readonly Cluster[];
  /** By cluster: which plugin left it out, and why. Clusters that are being deleted are left out without a reason. */
  readonly rejected: ReadonlyMap<string, { readonly plugin: string; readonly reason: string }>;
}

export interface FilterInput extends Omit<PluginInput, "cluster" | "tier"> {
  readonly tierOf: (cluster: Cluster) => number | undefined;
}

/** Asks each plugin about each cluster; a cluster's first rejection counts. */
export function filterClusters(
  plugins: readonly Plugin[],
  clusters: readonly Cluster[],
  { tierOf, ...input }: FilterInput,
): FilterResult {
  const fitting: Cluster[] = [];
  const rejected = new Map<string, { plugin: string; reason: string }>();
  for (const cluster of clusters) {
    if (cluster.metadata.deletionTimestamp !== undefined) continue;
    const rejection = firstRejection(plugins, { ...input, cluster, tier: tierOf(cluster) });
    if (rejection === undefined) fitting.push(cluster);
    else rejected.set(cluster.metadata.name, rejection);
  }
  return { fitting, rejected };
}

/** `0/3 clusters are available: 2 cluster(s) did not …, 1 cluster(s) had ….` */
export function noClusterFitMessage(all: number, rejected: FilterResult["rejected"]): string {
  if (all === 0) return "0/0 clusters are available: no cluster exists.";
  const counts = new Map<string, number>();
  for (const { reason } of rejected.values()) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const reasons = [...counts].map(([reason, count]) => `${count} ${reason}`).sort();
  return `0/${all} clusters are available: ${reasons.join(", ")}.`;
}

function firstRejection(
  plugins: readonly Plugin[],
  input: PluginInput,
): { plugin: string; reason: string } | undefined {
  for (const plugin of plugins) {
    const verdict = plugin.filter?.(input);
    if (verdict?.kind === "rejected") return { plugin: plugin.name, reason: verdict.reason };
  }
  return undefined;
}
