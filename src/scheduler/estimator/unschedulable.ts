// How many pods of a workload have been without a node for too long. Pure.
// Upstream: karmada pkg/estimator/server/replica/replica.go; there only for Deployments.
import type { Pod, ReplicaSet } from "#api/kinds.ts";
import { parseApiVersion } from "#machinery/object.ts";
import { parseTime } from "#std/time.ts";
import type { UnschedulableReplicasRequest } from "./messages.ts";

/** Pods owned by the workload, or by a ReplicaSet of it, that no node takes and that have told so since before `since`. */
export function unschedulablePods(
  resource: UnschedulableReplicasRequest["resource"],
  pods: readonly Pod[],
  replicaSetOf: (name: string) => ReplicaSet | undefined,
  since: number,
): number {
  const owns = (metadata: Pod["metadata"] | undefined): boolean =>
    (metadata?.ownerReferences ?? []).some(
      ({ controller, kind, name, apiVersion }) =>
        controller === true &&
        kind === resource.kind &&
        name === resource.name &&
        sameGroup(apiVersion, resource.apiVersion),
    );
  const belongs = ({ metadata }: Pod): boolean =>
    owns(metadata) ||
    (metadata.ownerReferences ?? []).some(
      ({ controller, kind, name }) =>
        controller === true && kind === "ReplicaSet" && owns(replicaSetOf(name)?.metadata),
    );
  return pods.filter((pod) => isStuck(pod, since) && belongs(pod)).length;
}

function isStuck({ status, metadata }: Pod, since: number): boolean {
  if (metadata.deletionTimestamp !== undefined) return false;
  const condition = (status?.conditions ?? []).find(({ type }) => type === "PodScheduled");
  if (condition?.status !== "False" || condition.reason !== "Unschedulable") return false;
  const told = parseTime(condition.lastTransitionTime);
  return told !== undefined && told < since;
}

function sameGroup(left: string, right: string): boolean {
  return parseApiVersion(left).group === parseApiVersion(right).group;
}
