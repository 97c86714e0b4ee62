// Moves workloads out of clusters with NoExecute taints that they do not tolerate, one after another at a given rate.
// Reads: bindings, Clusters.  Writes: spec.clusters and spec.gracefulEvictionTasks.  Decides in ./decide.ts.
// Upstream: karmada pkg/controllers/cluster/taint_manager.go.
import { Cluster } from "#api/cluster/cluster.ts";
import { eventReasons } from "#api/karmada-constants.ts";
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
import { defined } from "#std/defined.ts";
import { tellOfBinding } from "../binding-events.ts";
import { bindingScopeOf, bindingScopes } from "../binding-scope.ts";
import { mutate } from "../commit.ts";
import { evict } from "../failover/evict.ts";
import { preservedState } from "../failover/preserved-state.ts";
import type { FeatureGates } from "../feature-gates.ts";
import type { Templates } from "../templates.ts";
import { evictionTime } from "./decide.ts";

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

/** From this rate on, several bindings are moved at once: one after another would not reach it. */
const parallelFromRate = 50;
const parallelWorkers = 8;
/** What upstream does with a rate of 0. */
const stoppedCheckMilliseconds = 30 * 60_000;

export interface TaintManagerDeps {
  readonly templates: Templates;
  readonly gates: FeatureGates;
}

type Context = ControllerContext<TaintManagerOptions>;

export function taintManager(deps: TaintManagerDeps, options: TaintManagerOptions): Controller<TaintManagerOptions> {
  const workers = options.ratePerSecond >= parallelFromRate ? parallelWorkers : 1;
  return defineController<TaintManagerOptions>({
    name: "taint-manager",
    for: bindingScopes.map(({ kind }) => kind),
    changed: ({ metadata }, old) => metadata.generation !== old.metadata.generation,
    watches: [watches(Cluster, bindingsIn)],
    options,
    workers,
    async reconcile(key, context) {
      const binding = context.informers.for(bindingScopeOf(key.namespace).kind).get(key);
      if (binding === undefined || binding.metadata.deletionTimestamp !== undefined) return done;
      return settle(binding, workers, context, deps);
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
  return bindingScopes.flatMap(({ kind }) =>
    informers
      .for(kind)
      .list()
      .filter(({ spec: { clusters = [] } }) => clusters.some(({ name }) => name === metadata.name))
      .map(({ metadata: { namespace, name } }) => ({ kind, namespace, name })),
  );
}

async function settle(binding: Binding, workers: number, context: Context, deps: TaintManagerDeps): Promise<Result> {
  const { clock, options, signal } = context;
  const now = clock.now();
  const times = timesToLeave(binding, now, context);
  const due = times.filter(({ at }) => at <= now).map(({ cluster }) => cluster);
  if (due.length > 0) {
    if (options.ratePerSecond <= 0) return requeueAfter(stoppedCheckMilliseconds);
    await leave(binding, due, context, deps);
    await clock.sleep((1000 * workers) / options.ratePerSecond, signal);
  }
  const later = times.filter(({ at }) => at > now).map(({ at }) => at);
  return later.length === 0 ? done : requeueAfter(Math.max(1, Math.min(...later) - clock.now()));
}

interface Leaving {
  readonly cluster: string;
  readonly at: number;
}

/** The placement as it is now counts, not the one last scheduled by: a toleration just given is to hold. */
function timesToLeave({ spec }: Binding, now: number, { informers }: Context): readonly Leaving[] {
  const tolerations = spec.placement?.clusterTolerations ?? [];
  return (spec.clusters ?? []).flatMap(({ name }) => {
    const taints = informers.for(Cluster).get({ name })?.spec.taints ?? [];
    const at = evictionTime(taints, tolerations, now);
    return at === undefined ? [] : [{ cluster: name, at }];
  });
}

async function leave(
  binding: Binding,
  clusters: readonly string[],
  { client, events, options, signal }: Context,
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
      const task = { fromCluster, purgeMode, reason: "TaintUntolerated", producer: "TaintManager" };
      return evict(next, defined({ ...task, preservedLabelState: state }));
    }, current);
  };
  try {
    await mutate(client, kind, binding, change, { signal });
  } catch (error) {
    if (isApiError(error, "Conflict")) throw error;
    for (const cluster of clusters) {
      const message = `Evict from cluster ${cluster} failed.`;
      tellOfBinding(binding, { type: "Warning", reason: eventReasons.evictFailed, message }, { events, templates });
    }
    throw error;
  }
}
