// What controllers of workloads ask of pods, and what their own pods look like.
// Upstream: kubernetes pkg/api/v1/pod/util.go, pkg/controller/controller_utils.go.
import type { PodTemplateSpec } from "#api/generated/types.ts";
import type { Pod } from "#api/kinds.ts";
import type { Draft } from "#client/client.ts";
import { findCondition, isConditionTrue } from "#machinery/conditions.ts";
import type { KubeObject } from "#machinery/object.ts";
import { parseTime } from "#std/time.ts";

/** Pods created or deleted for one owner in one pass. */
export const burstPods = 500;

export function hasEnded({ status }: Pod): boolean {
  return status?.phase === "Succeeded" || status?.phase === "Failed";
}

export function isTerminating({ metadata }: Pod): boolean {
  return metadata.deletionTimestamp !== undefined;
}

/** Has it neither ended nor been told to end? */
export function isActive(pod: Pod): boolean {
  return !hasEnded(pod) && !isTerminating(pod);
}

export function isReady({ status }: Pod): boolean {
  return isConditionTrue(status?.conditions, "Ready");
}

/** When a ready pod becomes (or became) available: milliseconds since the epoch. */
export function availableFrom(pod: Pod, minReadySeconds: number): number | undefined {
  const since = parseTime(findCondition(pod.status?.conditions, "Ready")?.lastTransitionTime);
  return since === undefined || !isReady(pod) ? undefined : since + minReadySeconds * 1000;
}

export function isAvailable(pod: Pod, minReadySeconds: number, now: number): boolean {
  return isActive(pod) && (availableFrom(pod, minReadySeconds) ?? Infinity) <= now;
}

/** When the next of the pods that are ready will have been so for long enough, or undefined. */
export function nextAvailable(pods: readonly Pod[], minReadySeconds: number, now: number): number | undefined {
  const times = pods.flatMap((pod) => (isActive(pod) ? (availableFrom(pod, minReadySeconds) ?? []) : []));
  const later = times.filter((time) => time > now);
  return later.length === 0 ? undefined : Math.min(...later);
}

/** A pod from a template, owned by its controller; named after it unless `metadata` has a name. */
export function podFromTemplate(
  owner: KubeObject,
  template: PodTemplateSpec | undefined,
  metadata: Partial<Pod["metadata"]> = {},
): Draft<Pod> {
  const { name, namespace, uid = "" } = owner.metadata;
  const { apiVersion, kind } = owner;
  return {
    metadata: {
      ...template?.metadata,
      ...(metadata.name === undefined ? { generateName: `${name}-` } : {}),
      name: "",
      ...metadata,
      ...(namespace === undefined ? {} : { namespace }),
      ownerReferences: [{ apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true }],
    },
    spec: template?.spec ?? { containers: [] },
  };
}
