// Moves workloads out of clusters with NoExecute taints that they do not tolerate, one after another at a given rate.
// Reads: bindings, Clusters.  Writes: spec.clusters and spec.gracefulEvictionTasks.  Decides in ./decide.ts.
// Upstream: karmada pkg/controllers/cluster/taint_manager.go.
import { Cluster } from "#api/cluster/cluster.ts";
import type { Binding } from "#api/work/binding.ts";
import { deepEqual } from "#machinery/equality.ts";
import {
  type Controller,
  type ControllerContext,
  defineController,
  done,
  type ReconcileKey,
  requeueAfter,
  type Result,
  watches,
} from "#runtime/controller.ts";
import { isApiError } from "#machinery/api-error.ts";
import { refKey } from "#machinery/object.ts";
import { defined } from "#std/defined.ts";
import { formatTime } from "#std/time.ts";
import { tellEvictionFailed } from "../binding-events.ts";
import { bindingScopeOf, bindingScopes, bindingsWhere } from "../binding-scope.ts";
import { mutate } from "../commit.ts";
import { evict } from "../failover/evict.ts";
import { settledUntil } from "../failover/history.ts";
import { preservedState } from "../failover/preserved-state.ts";
import type { FeatureGates } from "../feature-gates.ts";
import type { Templates } from "../templates.ts";
import { evictionTime } from "./decide.ts";
import { EvictionPace } from "./pace.ts";

export interface TaintManagerOptions {
  /** Upstream's `--enable-no-execute-taint-eviction`. */
  readonly enabled: boolean;
  /** Bindings per second. 0: none. */
  readonly ratePerSecond: number;
  /** For bindings whose policy says nothing of it. */
  readonly purgeMode: "Gracefully" | "Directly";
}

export const taintManagerDefaults: TaintManagerOptions = {
  enabled: false,
  ratePerSecond: 0.5,
  purgeMode: "Gracefully",
};

/** Bindings moved at once: one after another would not reach a high rate. */
const workers = 8;
/** What upstream does with a rate of 0. */
const stoppedCheckMilliseconds = 30 * 60_000;

export interface TaintManagerDeps {
  readonly templates: Templates;
  readonly gates: FeatureGates;
  /** For how long what was moved stays where it is. */
  readonly stabilizationSeconds: number;
}

interface Shell extends TaintManagerDeps {
  readonly pace: EvictionPace;
}

type Context = ControllerContext<TaintManagerOptions>;

export function taintManager(deps: TaintManagerDeps, options: TaintManagerOptions): Controller<TaintManagerOptions> {
  const shell = { ...deps, pace: new EvictionPace(options.ratePerSecond) };
  return defineController<TaintManagerOptions>({
    name: "taint-manager",
    for: bindingScopes.map(({ kind }) => kind),
    changed: ({ metadata }, old) => metadata.generation !== old.metadata.generation,
    watches: [watches(Cluster, bindingsIn)],
    options,
    workers,
    async reconcile(key, context) {
      const binding = context.informers.for(bindingScopeOf(key.namespace).kind).get(key);
      if (binding !== undefined && binding.metadata.deletionTimestamp === undefined) {
        return settle(binding, context, shell);
      }
      shell.pace.forget(refKey(key));
      return done;
    },
  });
}

function bindingsIn(
  { metadata, spec }: Cluster,
  old: Cluster | undefined,
  { informers }: ControllerContext,
): readonly ReconcileKey[] {
  if (old !== undefined && deepEqual(old.spec.taints, spec.taints)) return [];
  if (!(spec.taints ?? []).some(({ effect }) => effect === "NoExecute")) return [];
  return bindingsWhere(informers, ({ spec: { clusters = [] } }) => clusters.some(({ name }) => name === metadata.name));
}

async function settle(binding: Binding, context: Context, shell: Shell): Promise<Result> {
  const { clock, options } = context;
  const now = clock.now();
  const key = refKey(binding.metadata);
  const times = timesToLeave(binding, now, context, shell);
  const due = times.filter(({ at }) => at <= now).map(({ cluster }) => cluster);
  if (due.length === 0) {
    shell.pace.forget(key);
    return times.length === 0 ? done : requeueAfter(Math.max(1, Math.min(...times.map(({ at }) => at)) - now));
  }
  if (options.ratePerSecond <= 0) return requeueAfter(stoppedCheckMilliseconds);
  // Whoever has to wait for the rate does so in the queue, and is looked at anew.
  const priority = binding.spec.schedulePriority?.priority ?? 0;
  const wait = shell.pace.waitFor(key, priority, clock.monotonic());
  if (wait > 0) return requeueAfter(Math.max(1, wait));
  await leave(binding, due, context, shell);
  const later = times.filter(({ at }) => at > now).map(({ at }) => at);
  return later.length === 0 ? done : requeueAfter(Math.max(1, Math.min(...later) - clock.now()));
}

interface Leaving {
  readonly cluster: string;
  readonly at: number;
}

/**
 * The placement as it is now counts, not the one last scheduled by: a toleration just given is to hold. What has been
 * moved stays for a while, or clusters that come and go would throw it back and forth.
 */
function timesToLeave(
  binding: Binding,
  now: number,
  { informers }: Context,
  { stabilizationSeconds }: TaintManagerDeps,
): readonly Leaving[] {
  const { spec } = binding;
  const tolerations = spec.placement?.clusterTolerations ?? [];
  return (spec.clusters ?? []).flatMap(({ name }) => {
    const taints = informers.for(Cluster).get({ name })?.spec.taints ?? [];
    const at = evictionTime(taints, tolerations, now);
    if (at === undefined) return [];
    return [{ cluster: name, at: Math.max(at, settledUntil(binding, name, stabilizationSeconds) ?? 0) }];
  });
}

async function leave(
  binding: Binding,
  clusters: readonly string[],
  { client, clock, events, options, signal }: Context,
  { gates, templates }: TaintManagerDeps,
): Promise<void> {
  const { kind } = bindingScopeOf(binding.metadata.namespace);
  const change = (current: Binding): Binding => {
    const { cluster: behaviour } = current.spec.failover ?? {};
    return clusters.reduce((next, fromCluster) => {
      const state = gates.StatefulFailoverInjection
        ? preservedState(current, fromCluster, behaviour?.statePreservation)
        : undefined;
      const purgeMode = behaviour === undefined ? options.purgeMode : (behaviour.purgeMode ?? "Gracefully");
      const names = (current.spec.clusters ?? []).map(({ name }) => name);
      const task = { fromCluster, purgeMode, reason: "TaintUntolerated", producer: "TaintManager" };
      const creationTimestamp = formatTime(clock.now());
      // State may come back to a cluster that has recovered, so that its task names none that must not have it.
      const clustersBeforeFailover = state === undefined ? names : undefined;
      return evict(next, defined({ ...task, creationTimestamp, preservedLabelState: state, clustersBeforeFailover }));
    }, current);
  };
  try {
    await mutate(client, kind, binding, change, { signal });
  } catch (error) {
    if (isApiError(error, "Conflict")) throw error;
    tellEvictionFailed(binding, clusters, error, { events, templates });
    throw error;
  }
}
