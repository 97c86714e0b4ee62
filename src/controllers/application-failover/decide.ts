// Which clusters an application has failed in for too long. Pure: the time is an argument.
// Upstream: karmada pkg/controllers/applicationfailover/rb_application_failover_controller.go, common.go.
import { karmadaAnnotations } from "#api/karmada-constants.ts";
import type { Binding } from "#api/work/binding.ts";
import { isRecord } from "#machinery/guards.ts";
import { formatTime, parseTime } from "#std/time.ts";

/** As admission and the schema give it where the policy does not say it. */
const tolerationSecondsDefault = 300;

export interface FailureJudgement {
  /** Since when the application has been unhealthy, by cluster (wall time, milliseconds): to be remembered. */
  readonly since: ReadonlyMap<string, number>;
  /** Clusters that it is to leave now. */
  readonly due: readonly string[];
  /** When the next one is due. */
  readonly next: number | undefined;
}

/**
 * Judges a binding with `failover.application`. What is healthy or unknown starts anew; a cluster that is away tells nothing
 * new, so its time runs on but moves nothing: that is for cluster failover.
 */
export function judgeFailure(binding: Binding, isHeard: (cluster: string) => boolean, now: number): FailureJudgement {
  const { spec, status } = binding;
  const tolerated = spec.failover?.application?.decisionConditions.tolerationSeconds ?? tolerationSecondsDefault;
  const targets = new Set((spec.clusters ?? []).map(({ name }) => name));
  for (const { fromCluster } of spec.gracefulEvictionTasks ?? []) targets.delete(fromCluster);
  const before = unhealthySince(binding);
  const unhealthy = (status?.aggregatedStatus ?? []).filter(
    ({ clusterName, health }) => health === "Unhealthy" && targets.has(clusterName),
  );
  // Whole seconds, as they are kept, and never too early.
  const started = Math.ceil(now / 1000) * 1000;
  const since = new Map(unhealthy.map(({ clusterName }) => [clusterName, before.get(clusterName) ?? started]));
  const heard = [...since].filter(([cluster]) => isHeard(cluster));
  const dueAt = (from: number): number => from + Math.max(0, tolerated) * 1000;
  const due = heard.filter(([, from]) => dueAt(from) <= now).map(([cluster]) => cluster);
  const later = heard.flatMap(([, from]) => (dueAt(from) > now ? [dueAt(from)] : []));
  for (const cluster of due) since.delete(cluster);
  return { since, due, next: later.length === 0 ? undefined : Math.min(...later) };
}

/** What is remembered on the binding, so that a restart forgets no time. What cannot be read is as if it were not there. */
function unhealthySince({ metadata }: Binding): ReadonlyMap<string, number> {
  try {
    const value: unknown = JSON.parse(metadata.annotations?.[karmadaAnnotations.unhealthySince] ?? "{}");
    const entries = isRecord(value) ? Object.entries(value) : [];
    return new Map(
      entries.flatMap(([cluster, text]) => {
        const time = typeof text === "string" ? parseTime(text) : undefined;
        return time === undefined ? [] : [[cluster, time]];
      }),
    );
  } catch {
    return new Map();
  }
}

/** The binding with these times remembered; the same binding where they are already. */
export function withUnhealthySince(binding: Binding, since: ReadonlyMap<string, number>): Binding {
  const key = karmadaAnnotations.unhealthySince;
  const { [key]: known, ...others } = binding.metadata.annotations ?? {};
  const sorted = [...since].sort(([left], [right]) => (left < right ? -1 : 1));
  const text = JSON.stringify(Object.fromEntries(sorted.map(([cluster, time]) => [cluster, formatTime(time)])));
  if (since.size === 0) {
    return known === undefined ? binding : { ...binding, metadata: { ...binding.metadata, annotations: others } };
  }
  if (known === text) return binding;
  return { ...binding, metadata: { ...binding.metadata, annotations: { ...others, [key]: text } } };
}
