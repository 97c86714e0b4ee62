// Which node a pod goes to. A small scheduler: selector, taints, requests; the node with the fewest pods wins.
// Upstream: kubernetes pkg/scheduler (NodeAffinity, TaintToleration, NodeResourcesFit).
import type { Node, Pod } from "#api/kinds.ts";
import { isTolerated } from "#api/policy/taints.ts";
import { milliOf } from "#machinery/milli.ts";
import { matchesNode } from "#api/node-affinity.ts";

/** What is in use on a node. */
export interface NodeLoad {
  readonly pods: number;
  readonly cpuMilli: number;
  readonly memoryMilli: number;
}

export type Placement =
  { readonly kind: "bind"; readonly node: string } | { readonly kind: "none"; readonly message: string };

/** The node for `pod`, or why there is none, in the scheduler's words. */
export function placePod(pod: Pod, nodes: readonly Node[], loads: ReadonlyMap<string, NodeLoad>): Placement {
  const reasons = new Map<string, number>();
  let best: { readonly name: string; readonly pods: number } | undefined;
  for (const node of nodes) {
    const load = loads.get(node.metadata.name) ?? { pods: 0, cpuMilli: 0, memoryMilli: 0 };
    const obstacle = obstacleOf(pod, node, load);
    if (obstacle !== undefined) reasons.set(obstacle, (reasons.get(obstacle) ?? 0) + 1);
    else if (best === undefined || load.pods < best.pods) best = { name: node.metadata.name, pods: load.pods };
  }
  if (best !== undefined) return { kind: "bind", node: best.name };
  const list = [...reasons].map(([reason, count]) => `${count} ${reason}`).sort();
  return {
    kind: "none",
    message: `0/${nodes.length} nodes are available: ${list.length === 0 ? "no nodes" : list.join(", ")}.`,
  };
}

/** What pods ask for, summed over containers. */
export function requestsOf(pod: Pod): { readonly cpuMilli: number; readonly memoryMilli: number } {
  const sum = (resource: string): number =>
    pod.spec.containers.reduce((total, { resources }) => {
      return total + milliOf(resources?.requests?.[resource] ?? resources?.limits?.[resource]);
    }, 0);
  return { cpuMilli: sum("cpu"), memoryMilli: sum("memory") };
}

/** What a cordoned node stands for, whether or not somebody has put the taint on it too. */
const cordon = { key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" };

function obstacleOf(pod: Pod, node: Node, load: NodeLoad): string | undefined {
  if (!matchesNode(pod.spec, node)) return "node(s) didn't match Pod's node affinity/selector";
  const tolerations = pod.spec.tolerations ?? [];
  if (node.spec?.unschedulable === true && !isTolerated(cordon, tolerations)) return "node(s) were unschedulable";
  const taint = (node.spec?.taints ?? []).find(
    (each) => each.effect !== "PreferNoSchedule" && !isTolerated(each, tolerations),
  );
  if (taint !== undefined) return `node(s) had untolerated taint {${taint.key}: ${taint.value ?? ""}}`;
  const capacity = (resource: string): number => milliOf(node.status?.allocatable?.[resource]);
  const asked = requestsOf(pod);
  if (load.pods + 1 > capacity("pods") / 1000) return "Too many pods";
  if (load.cpuMilli + asked.cpuMilli > capacity("cpu")) return "Insufficient cpu";
  if (load.memoryMilli + asked.memoryMilli > capacity("memory")) return "Insufficient memory";
  return undefined;
}
