// Whether other clusters have taken over what a cluster is to give up, as far as has been observed. Pure.
// The answer is never a guess: what is not known counts as missing.
import { conditionTypes } from "#api/karmada-constants.ts";
import type { AggregatedStatusItem, Binding, BindingSpec, TargetCluster } from "#api/work/binding.ts";
import { findCondition } from "#machinery/conditions.ts";
import { sharesReplicas, targetsOf } from "../binding/decide.ts";

/** Why an eviction cannot go on: a word for the condition, and a sentence. */
export interface Hold {
  readonly reason: string;
  readonly message: string;
  /** Set where a member has been ready too shortly: since when. */
  readonly readySince?: number;
  /** Set once the grace period of the eviction is over. */
  readonly isOverdue?: boolean;
}

export interface MemberHealth {
  /** Since when the member has been ready (milliseconds of wall time); undefined: it is not, or is not there. */
  readySince(cluster: string): number | undefined;
  /** Whether the member is ready, meant by the placement, and has no NoExecute taint that the binding does not tolerate. */
  accepts(cluster: string, spec: BindingSpec): boolean;
}

/** What is missing before a copy elsewhere may go, or undefined. `settledBefore`: members ready since then are believed. */
export function missingReplacement(binding: Binding, members: MemberHealth, settledBefore: number): Hold | undefined {
  const { spec, status, metadata } = binding;
  const targets = targetsOf(spec);
  const scheduled = findCondition(status?.conditions, conditionTypes.bindingScheduled);
  if (scheduled?.status === "False") {
    return { reason: "NotScheduled", message: `no replacement could be scheduled: ${scheduled.message}` };
  }
  if (targets.length === 0) return { reason: "EmptySchedule", message: "the resource is scheduled to no cluster" };
  if (status?.schedulerObservedGeneration !== metadata.generation) {
    return { reason: "NotScheduled", message: "the scheduler has not looked at the latest generation yet" };
  }
  const items = new Map(status?.aggregatedStatus?.map((item) => [item.clusterName, item]));
  const isDivided = sharesReplicas(spec);
  for (const target of targets) {
    const missing = missingIn(target, members, settledBefore) ?? missingCopy(target, items.get(target.name), isDivided);
    if (missing !== undefined) return missing;
  }
  const assigned = targets.reduce((sum, { replicas = 0 }) => sum + replicas, 0);
  const { replicas: asked = 0 } = spec;
  if (!isDivided || assigned >= asked) return undefined;
  return { reason: "NotEnoughReplicas", message: `only ${assigned} of ${asked} replicas are assigned to clusters` };
}

function missingIn({ name }: TargetCluster, members: MemberHealth, settledBefore: number): Hold | undefined {
  const readySince = members.readySince(name);
  if (readySince === undefined) return { reason: "ClusterNotReady", message: `cluster ${name} is not ready` };
  if (readySince <= settledBefore) return undefined;
  const message = `cluster ${name} has been ready too shortly for its reports to be believed`;
  return { reason: "ClusterReconnecting", message, readySince };
}

function missingCopy(
  { name, replicas = 0 }: TargetCluster,
  item: AggregatedStatusItem | undefined,
  isDivided: boolean,
): Hold | undefined {
  const health = item?.health ?? "Unknown";
  if (health === "Unknown") return { reason: "HealthUnknown", message: `the health in cluster ${name} is not known` };
  if (health === "Unhealthy") return { reason: "ReplacementUnhealthy", message: `not healthy in cluster ${name}` };
  // A report from before the share grew says healthy too; kinds that count nothing are judged by their health alone.
  const ready = item?.status?.["readyReplicas"];
  if (!isDivided || typeof ready !== "number" || ready >= replicas) return undefined;
  return { reason: "NotEnoughReplicas", message: `${ready} of ${replicas} replicas are ready in cluster ${name}` };
}
