// Which clusters an application has failed in for too long. Pure: the time is an argument.
// Upstream: karmada pkg/controllers/applicationfailover/rb_application_failover_controller.go, common.go.
import { karmadaAnnotations } from "#api/karmada-constants.ts";
import type { Binding } from "#api/work/binding.ts";
import { isArray, isRecord, isString } from "#machinery/guards.ts";
import { formatTime, parseTime } from "#std/time.ts";
import { rememberedValue, withAnnotation } from "../binding-annotations.ts";
import { settledUntil } from "../failover/history.ts";

/** As admission and the schema give it where the policy does not say it. */
const tolerationSecondsDefault = 300;

export interface FailureJudgement {
  /** Since when the application has been unhealthy, by cluster (wall time, milliseconds): to be remembered. */
  readonly since: ReadonlyMap<string, number>;
  /** Clusters in which it has been healthy once: to be remembered where starting up has a time of its own. */
  readonly started: ReadonlySet<string>;
  /** Clusters that it is to leave now. */
  readonly due: readonly string[];
  /** When the next one is due. */
  readonly next: number | undefined;
}

export interface FailureInput {
  readonly binding: Binding;
  /** Whether what a cluster last reported is still true. */
  readonly isHeard: (cluster: string) => boolean;
  /** Wall time, milliseconds. */
  readonly now: number;
  /** For how long what was moved stays where it is. */
  readonly stabilizationSeconds: number;
}

/**
 * Judges a binding with `failover.application`. What is healthy or unknown starts anew; a cluster that is away tells nothing
 * new, so its time runs on but moves nothing: that is for cluster failover.
 */
export function judgeFailure({ binding, isHeard, now, stabilizationSeconds }: FailureInput): FailureJudgement {
  const { spec, status } = binding;
  const started = startedIn(binding);
  const targets = new Set((spec.clusters ?? []).map(({ name }) => name));
  for (const { fromCluster } of spec.gracefulEvictionTasks ?? []) targets.delete(fromCluster);
  const before = unhealthySince(binding);
  const unhealthy = (status?.aggregatedStatus ?? []).filter(
    ({ clusterName, health }) => health === "Unhealthy" && targets.has(clusterName),
  );
  // Whole seconds, as they are kept, and never too early.
  const first = Math.ceil(now / 1000) * 1000;
  const since = new Map(unhealthy.map(({ clusterName }) => [clusterName, before.get(clusterName) ?? first]));
  const times = [...since]
    .filter(([cluster]) => isHeard(cluster))
    .map(([cluster, from]) => {
      const tolerated = from + toleratedSeconds(spec, started.has(cluster)) * 1000;
      return { cluster, at: Math.max(tolerated, settledUntil(binding, cluster, stabilizationSeconds) ?? 0) };
    });
  const due = times.filter(({ at }) => at <= now).map(({ cluster }) => cluster);
  const later = times.filter(({ at }) => at > now).map(({ at }) => at);
  for (const cluster of due) since.delete(cluster);
  return { since, started, due, next: later.length === 0 ? undefined : Math.min(...later) };
}

function toleratedSeconds({ failover }: Binding["spec"], hasStarted: boolean): number {
  const { tolerationSeconds = tolerationSecondsDefault, initTolerationSeconds } =
    failover?.application?.decisionConditions ?? {};
  return Math.max(0, hasStarted ? tolerationSeconds : (initTolerationSeconds ?? tolerationSeconds));
}

/** Where it has been healthy since it came there. Nothing is remembered unless starting up has a time of its own. */
function startedIn(binding: Binding): ReadonlySet<string> {
  const { spec, status } = binding;
  if (spec.failover?.application?.decisionConditions.initTolerationSeconds === undefined) return new Set();
  const remembered = rememberedValue(binding, karmadaAnnotations.startedIn);
  const known = new Set(isArray(remembered) ? remembered.filter(isString) : []);
  for (const { clusterName, health } of status?.aggregatedStatus ?? []) {
    if (health === "Healthy") known.add(clusterName);
  }
  const targets = new Set((spec.clusters ?? []).map(({ name }) => name));
  return new Set([...known].filter((cluster) => targets.has(cluster)));
}

/** What is remembered on the binding, so that a restart forgets no time. */
function unhealthySince(binding: Binding): ReadonlyMap<string, number> {
  const value = rememberedValue(binding, karmadaAnnotations.unhealthySince);
  const entries = isRecord(value) ? Object.entries(value) : [];
  return new Map(
    entries.flatMap(([cluster, text]) => {
      const time = typeof text === "string" ? parseTime(text) : undefined;
      return time === undefined ? [] : [[cluster, time]];
    }),
  );
}

/** The binding with this remembered; the same binding where it is already. */
export function withRemembered(
  binding: Binding,
  { since, started }: Pick<FailureJudgement, "since" | "started">,
): Binding {
  const sorted = [...since].sort(([left], [right]) => (left < right ? -1 : 1));
  const times = Object.fromEntries(sorted.map(([cluster, time]) => [cluster, formatTime(time)]));
  const noted = withAnnotation(
    binding,
    karmadaAnnotations.unhealthySince,
    since.size === 0 ? undefined : JSON.stringify(times),
  );
  const names = started.size === 0 ? undefined : JSON.stringify([...started].sort());
  return withAnnotation(noted, karmadaAnnotations.startedIn, names);
}
