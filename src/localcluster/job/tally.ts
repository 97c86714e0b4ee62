// Counts the pods of a Job that have ended, each once: a pod keeps a finalizer until the status has noted its uid, and the
// noted ones become numbers when no finalizer is left. Upstream: kubernetes pkg/controller/job/job_controller.go
// (trackJobStatusAndRemoveFinalizers).
import type { Job, Pod } from "#api/kinds.ts";
import { hasEnded, isTerminating } from "../pods.ts";
import { formatIndexes, indexOf, parseIndexes } from "./indexes.ts";

export const trackingFinalizer = "batch.kubernetes.io/job-tracking";

export interface Tally {
  readonly succeeded: number;
  readonly failed: number;
  /** Of Indexed Jobs. */
  readonly completedIndexes: ReadonlySet<number> | undefined;
  /** uids that the status is to note before their pods are let go; undefined when there are no new ones. */
  readonly noted: { readonly succeeded: readonly string[]; readonly failed: readonly string[] } | undefined;
  /** Pods to be let go: whatever becomes of them is counted. */
  readonly release: readonly Pod[];
}

export function isTracked({ metadata }: Pod): boolean {
  return metadata.finalizers?.includes(trackingFinalizer) === true;
}

export function isIndexed({ spec }: Job): boolean {
  return spec.completionMode === "Indexed";
}

/** `released` are uids of pods that have been let go, whether or not `pods` show it already. */
export function tally(job: Job, pods: readonly Pod[], released: ReadonlySet<string>): Tally {
  const { uncountedTerminatedPods = {}, succeeded = 0, failed = 0, completedIndexes } = job.status ?? {};
  const uncounted = {
    succeeded: uncountedTerminatedPods.succeeded ?? [],
    failed: uncountedTerminatedPods.failed ?? [],
  };
  const known = new Set([...uncounted.succeeded, ...uncounted.failed]);
  const uidOf = ({ metadata }: Pod): string => metadata.uid ?? "";
  const release = pods.filter((pod) => isTracked(pod) && !released.has(uidOf(pod)) && isOver(job, pod));
  const fresh = release.filter((pod) => !known.has(uidOf(pod)));
  const well = fresh.filter(({ status }) => status?.phase === "Succeeded");
  const badly = fresh.filter(({ status }) => status?.phase !== "Succeeded");
  const noted = {
    succeeded: [...uncounted.succeeded, ...well.map(uidOf)],
    failed: [...uncounted.failed, ...badly.map(uidOf)],
  };
  const indexes = isIndexed(job) ? parseIndexes(completedIndexes, job.spec.completions ?? 0) : undefined;
  for (const pod of indexes === undefined ? [] : pods) {
    const index = pod.status?.phase === "Succeeded" ? indexOf(pod) : undefined;
    if (index !== undefined && index < (job.spec.completions ?? 0)) indexes?.add(index);
  }
  return {
    succeeded: indexes?.size ?? succeeded + noted.succeeded.length,
    failed: failed + noted.failed.length,
    completedIndexes: indexes,
    noted: fresh.length === 0 ? undefined : noted,
    release,
  };
}

/** A pod that is deleted before it has ended counts as failed, unless its replacement waits for its end. */
function isOver({ spec }: Job, pod: Pod): boolean {
  return hasEnded(pod) || (isTerminating(pod) && spec.podReplacementPolicy !== "Failed");
}

/** The text for the status, or undefined when there is nothing to say. */
export function indexesText({ completedIndexes }: Tally): string | undefined {
  return completedIndexes === undefined || completedIndexes.size === 0 ? undefined : formatIndexes(completedIndexes);
}
