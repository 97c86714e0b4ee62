// The kinds of pods that a workload is made of. Upstream: karmada pkg/resourceinterpreter/default/thirdparty
// (componentResource).
import type { PodSpec } from "#api/generated/types.ts";
import type { Component, ReplicaRequirements } from "#api/work/binding.ts";
import { fieldOf, isArray, isRecord, isStringMap } from "#machinery/guards.ts";
import { compareQuantities, isQuantity, parseQuantity } from "#machinery/quantity.ts";
import { defined } from "#std/defined.ts";
import { podRequirements } from "../native/pod-requirements.ts";
import { countAt, podSpecAt, records, textAt } from "./reading.ts";

export function podComponent(name: string, replicas: number, pod: PodSpec | undefined): Component {
  return { name, replicas, ...defined({ replicaRequirements: podRequirements(pod) }) };
}

/** Of a cluster of Ray: its head, and each group of workers. */
export function rayComponents(cluster: unknown): readonly Component[] {
  return [
    podComponent("ray-head", 1, podSpecAt(cluster, "headGroupSpec", "template", "spec")),
    ...workerGroups(cluster).map((group, index) => {
      const name = textAt(group, "groupName") ?? `worker-${index + 1}`;
      return podComponent(name, countAt(group, "replicas") ?? 0, podSpecAt(group, "template", "spec"));
    }),
  ];
}

/** One pod of each kind in a cluster of Ray: its head's first, then those of its groups of workers. */
export function rayPods(cluster: unknown): readonly (PodSpec | undefined)[] {
  return [
    podSpecAt(cluster, "headGroupSpec", "template", "spec"),
    ...workerGroups(cluster).map((group) => podSpecAt(group, "template", "spec")),
  ];
}

export function workerGroups(cluster: unknown): readonly Readonly<Record<string, unknown>>[] {
  return records(fieldOf(cluster, "workerGroupSpecs"));
}

/** What a kind says about nodes in the words of pods, without affinities. Undefined: nothing. */
export function nodeClaimOf(spec: unknown): ReplicaRequirements["nodeClaim"] {
  const [nodeSelector, tolerations] = [fieldOf(spec, "nodeSelector"), fieldOf(spec, "tolerations")];
  return unlessEmpty(
    defined({
      nodeSelector: isStringMap(nodeSelector) ? nodeSelector : undefined,
      tolerations: isArray(tolerations) ? tolerations.filter(isRecord) : undefined,
    }),
  );
}

export function unlessEmpty<T extends object>(fields: T): T | undefined {
  return Object.keys(fields).length === 0 ? undefined : fields;
}

/** The larger of two amounts as texts; one that cannot be read counts least. */
export function largerAmount(left: string | undefined, right: string | undefined): string | undefined {
  if (left === undefined || !isQuantity(left)) return right ?? left;
  if (right === undefined || !isQuantity(right)) return left;
  return compareQuantities(parseQuantity(left), parseQuantity(right)) >= 0 ? left : right;
}
