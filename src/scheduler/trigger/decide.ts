// Whether a binding has to be scheduled now, and why. Upstream: karmada pkg/scheduler/scheduler.go (doScheduleBinding),
// helper.go (placementChanged), pkg/util/binding.go.
import type { Cluster } from "#api/cluster/cluster.ts";
import { karmadaAnnotations } from "#api/karmada-constants.ts";
import { type Placement, placementNames } from "#api/policy/placement.ts";
import type { Binding } from "#api/work/binding.ts";
import { isLookedAfter } from "#api/work/looked-after.ts";
import { deepEqual } from "#machinery/equality.ts";
import { isRecord } from "#machinery/guards.ts";
import { parseTime } from "#std/time.ts";
import { isWorkload } from "../divide/decide.ts";

/** The scheduler of bindings that name none. */
export const schedulerNameDefault = "default-scheduler";

export type Trigger = "placement" | "replicas" | "rescheduling" | "always" | "terminating-cluster";

/** Is the binding this scheduler's to schedule? Others belong to another one, are paused, or follow their referrer. */
export function isMine(binding: Binding, schedulerName: string): boolean {
  const { spec } = binding;
  const name =
    spec.schedulerName === undefined || spec.schedulerName === "" ? schedulerNameDefault : spec.schedulerName;
  return name === schedulerName && spec.suspension?.scheduling !== true && isLookedAfter(binding);
}

/** Why it must be scheduled, or undefined when only the observed generation is to be noted. */
export function triggerOf(binding: Binding, clusters: ReadonlyMap<string, Cluster>): Trigger | undefined {
  const { spec } = binding;
  const placement = spec.placement ?? {};
  if (placementChanged(binding, placement)) return "placement";
  if (replicasChanged(binding, placement)) return "replicas";
  if (isFresh(binding)) return "rescheduling";
  if (!isWorkload(spec) || isDuplicated(placement)) return "always";
  const leaving = (spec.clusters ?? []).some(
    ({ name }) => clusters.get(name)?.metadata.deletionTimestamp !== undefined,
  );
  return leaving ? "terminating-cluster" : undefined;
}

/**
 * Has somebody asked to schedule it anew since it was last scheduled? Both times are whole seconds: who asks in the
 * second in which it was scheduled is heard too, and `statusAfter` then writes a later one.
 */
export function isFresh({ spec, status }: Binding): boolean {
  const asked = parseTime(spec.rescheduleTriggeredAt);
  const last = parseTime(status?.lastScheduledTime);
  return asked !== undefined && last !== undefined && asked >= last;
}

/** Could a change of the cluster concern where the binding goes? */
export function concerns(binding: Binding, cluster: Cluster): boolean {
  if ((binding.spec.clusters ?? []).some(({ name }) => name === cluster.metadata.name)) return true;
  return placementNames(binding.spec.placement ?? {}, cluster);
}

function placementChanged({ metadata, status }: Binding, placement: Placement): boolean {
  const applied = metadata.annotations?.[karmadaAnnotations.appliedPlacement];
  if (applied === undefined || applied === "") return true;
  const before = appliedPlacement(applied);
  if (before === undefined) return false;
  const { clusterAffinities, workloadAffinity, ...rest } = placement;
  const { clusterAffinities: termsBefore, workloadAffinity: workloadBefore, ...restBefore } = before;
  if (!deepEqual(rest, restBefore)) return true;
  if (deepEqual(clusterAffinities, termsBefore) && deepEqual(workloadAffinity, workloadBefore)) return false;
  // Only the terms differ: what counts is the one in use.
  const observed = status?.schedulerObservingAffinityName;
  const now = clusterAffinities?.find(({ affinityName }) => affinityName === observed);
  const then = termsBefore?.find(({ affinityName }) => affinityName === observed);
  return now === undefined || then === undefined || !deepEqual(now, then);
}

/** What the annotation says; undefined where it cannot be read. */
export function appliedPlacement(text: string): Placement | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isPlacement(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The annotation is the scheduler's own writing; it is only compared, never acted upon. */
function isPlacement(value: unknown): value is Placement {
  return isRecord(value);
}

function replicasChanged({ spec }: Binding, placement: Placement): boolean {
  if (placement.replicaScheduling === undefined) return false;
  // Components go whole to each target: there is nothing to sum.
  if ((spec.components ?? []).length > 0) return (spec.clusters ?? []).length === 0;
  const replicas = spec.replicas ?? 0;
  const assigned = (spec.clusters ?? []).map((target) => target.replicas ?? 0);
  if (isDuplicated(placement)) return assigned.some((each) => each !== replicas);
  return assigned.reduce((sum, each) => sum + each, 0) !== replicas;
}

function isDuplicated({ replicaScheduling }: Placement): boolean {
  return replicaScheduling === undefined || replicaScheduling.replicaSchedulingType === "Duplicated";
}
