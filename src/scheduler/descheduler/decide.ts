// Which replicas a binding takes back from clusters that cannot run them. Pure.
// Upstream: karmada pkg/descheduler/{descheduler.go,core/filter.go,core/helper.go}.
import { karmadaAnnotations } from "#api/karmada-constants.ts";
import type { Binding, TargetCluster } from "#api/work/binding.ts";
import { isRecord } from "#machinery/guards.ts";
import { dividesByRoom } from "../divide/decide.ts";
import { appliedPlacement } from "../trigger/decide.ts";

/** A target whose replicas are not all ready. */
export interface Suspect {
  readonly cluster: string;
  readonly assigned: number;
  /** What the member tells; 0 where it has not told yet. */
  readonly ready: number;
}

export interface Descheduling {
  /** The targets as they are to be; who has nothing left stays in the list, for the scheduler to see. */
  readonly clusters: readonly TargetCluster[];
  readonly taken: readonly { readonly cluster: string; readonly replicas: number }[];
}

/** The targets to ask about: of a workload divided by room, those with fewer replicas ready than they were given. */
export function suspectsOf(binding: Binding): readonly Suspect[] {
  if (binding.metadata.deletionTimestamp !== undefined || !isDividedByRoom(binding)) return [];
  const statuses = new Map(
    (binding.status?.aggregatedStatus ?? []).map(({ clusterName, status }) => [clusterName, status]),
  );
  return (binding.spec.clusters ?? []).flatMap(({ name, replicas = 0 }) => {
    const ready = readyOf(statuses.get(name));
    return ready < replicas ? [{ cluster: name, assigned: replicas, ready: Math.max(0, ready) }] : [];
  });
}

/** Takes back what finds no node, and never what is ready. Undefined: nothing. */
export function deschedule(
  binding: Binding,
  suspects: readonly Suspect[],
  unschedulable: ReadonlyMap<string, number>,
): Descheduling | undefined {
  const taken = new Map<string, number>();
  for (const { cluster, assigned, ready } of suspects) {
    const stuck = unschedulable.get(cluster) ?? 0;
    // More stuck than were given: the answer is of another time.
    const count = stuck > assigned ? 0 : Math.min(stuck, assigned - ready);
    if (count > 0) taken.set(cluster, count);
  }
  if (taken.size === 0) return undefined;
  const clusters = (binding.spec.clusters ?? []).map((target) => {
    const count = taken.get(target.name);
    return count === undefined ? target : { ...target, replicas: (target.replicas ?? 0) - count };
  });
  return { clusters, taken: [...taken].map(([cluster, replicas]) => ({ cluster, replicas })) };
}

/** `Binding has been descheduled, 2 replica(s) in cluster(m1), 2 total descheduled replica(s)` */
export function deschedulingText(taken: Descheduling["taken"]): string {
  const parts = taken.map(({ cluster, replicas }) => `${String(replicas)} replica(s) in cluster(${cluster})`);
  const total = taken.reduce((sum, { replicas }) => sum + replicas, 0);
  return `Binding has been descheduled, ${parts.join(", ")}, ${String(total)} total descheduled replica(s)`;
}

/** By the placement that its targets come from: a change of it is the scheduler's to apply first. */
function isDividedByRoom({ metadata, spec }: Binding): boolean {
  if ((spec.replicas ?? 0) === 0 || (spec.components ?? []).length > 0) return false;
  const applied = appliedPlacement(metadata.annotations?.[karmadaAnnotations.appliedPlacement] ?? "");
  return applied !== undefined && dividesByRoom(applied);
}

/** -1: not told. Jobs call it `ready`. */
function readyOf(status: unknown): number {
  if (!isRecord(status)) return -1;
  const ready = status["readyReplicas"] ?? status["ready"];
  return typeof ready === "number" ? ready : 0;
}
