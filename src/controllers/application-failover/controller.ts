// Moves applications out of clusters in which they have been unhealthy for longer than their policy tolerates.
// Reads: bindings, Clusters.  Writes: spec.clusters, spec.gracefulEvictionTasks, the annotation that remembers since when.
// Decides in ./decide.ts.
// Upstream: karmada pkg/controllers/applicationfailover/rb_application_failover_controller.go and its twin.
import { karmadaAnnotations } from "#api/karmada-constants.ts";
import type { Binding } from "#api/work/binding.ts";
import type { Interpreter } from "#interpreter/interpreter.ts";
import { isApiError } from "#machinery/api-error.ts";
import { isObjectOf } from "#machinery/guards.ts";
import { type KubeObject, parseApiVersion } from "#machinery/object.ts";
import {
  type Controller,
  type ControllerContext,
  defineController,
  done,
  requeueAfter,
  type Result,
} from "#runtime/controller.ts";
import { defined } from "#std/defined.ts";
import { formatTime } from "#std/time.ts";
import { tellEvictionFailed } from "../binding-events.ts";
import { bindingScopeOf, bindingScopes } from "../binding-scope.ts";
import { readiness } from "../cluster-readiness.ts";
import { mutate } from "../commit.ts";
import type { EvictionMode } from "../eviction-mode.ts";
import { evict, type Eviction } from "../failover/evict.ts";
import { preservedState } from "../failover/preserved-state.ts";
import type { FeatureGates } from "../feature-gates.ts";
import type { Templates } from "../templates.ts";
import { judgeFailure, withRemembered } from "./decide.ts";

export interface ApplicationFailoverDeps {
  readonly templates: Templates;
  readonly interpreter: Interpreter;
  readonly gates: FeatureGates;
  readonly evictionMode: EvictionMode;
  /** For how long an application that was moved stays where it is. */
  readonly stabilizationSeconds: number;
}

const nothingRemembered = { since: new Map<string, number>(), started: new Set<string>() };

interface Shell extends ControllerContext {
  readonly deps: ApplicationFailoverDeps;
}

export function applicationFailoverController(deps: ApplicationFailoverDeps): Controller {
  return defineController({
    name: "applicationFailover",
    for: bindingScopes.map(({ kind }) => kind),
    changed: (binding, old) => concerns(binding) || concerns(old),
    options: {},
    async reconcile(key, context) {
      const binding = context.informers.for(bindingScopeOf(key.namespace).kind).get(key);
      if (binding === undefined || binding.metadata.deletionTimestamp !== undefined || !concerns(binding)) return done;
      return settle(binding, { ...context, deps });
    },
  });
}

/** Those that may fail over, and those that could: what is remembered of them goes. */
function concerns(object: KubeObject): boolean {
  const { kind } = bindingScopeOf(object.metadata.namespace);
  if (!isObjectOf(kind, object)) return false;
  const { annotations = {} } = object.metadata;
  const isRemembered = [karmadaAnnotations.unhealthySince, karmadaAnnotations.startedIn].some(
    (key) => annotations[key] !== undefined,
  );
  return isRemembered || object.spec.failover?.application !== undefined;
}

async function settle(cached: Binding, shell: Shell): Promise<Result> {
  const { client, clock, deps, events, signal } = shell;
  const { kind } = bindingScopeOf(cached.metadata.namespace);
  const isHeard = hearing(shell);
  let next: number | undefined;
  let due: readonly string[] = [];
  const change = (current: Binding): Binding => {
    if (!appliesTo(current, deps)) return withRemembered(current, nothingRemembered);
    const { stabilizationSeconds } = deps;
    const judgement = judgeFailure({ binding: current, isHeard, now: clock.now(), stabilizationSeconds });
    ({ next, due } = judgement);
    const tasks = due.map((cluster) => evictionFrom(current, cluster, shell));
    return withRemembered(tasks.reduce(evict, current), judgement);
  };
  try {
    await mutate(client, kind, cached, change, { signal });
  } catch (error) {
    const teller = { events, templates: deps.templates };
    if (!isApiError(error, "Conflict")) tellEvictionFailed(cached, due, error, teller);
    throw error;
  }
  return next === undefined ? done : requeueAfter(Math.max(1, next - clock.now()));
}

/** Only what has a health, and takes along what it depends on. */
function appliesTo({ spec, status }: Binding, { interpreter }: ApplicationFailoverDeps): boolean {
  if (spec.failover?.application === undefined || spec.propagateDeps !== true) return false;
  const kind = { ...parseApiVersion(spec.resource.apiVersion), kind: spec.resource.kind };
  return (status?.aggregatedStatus ?? []).length > 0 && interpreter.hooks(kind).has("interpretHealth");
}

function hearing({ informers, deps }: Shell): (cluster: string) => boolean {
  return deps.evictionMode === "compatible" ? () => true : readiness(informers);
}

function evictionFrom(binding: Binding, fromCluster: string, { clock, deps: { gates } }: Shell): Eviction {
  const { purgeMode = "Gracefully", gracePeriodSeconds, statePreservation } = binding.spec.failover?.application ?? {};
  const state = gates.StatefulFailoverInjection ? preservedState(binding, fromCluster, statePreservation) : undefined;
  const isGraceful = purgeMode === "Gracefully" || purgeMode === "Graciously";
  const scope = bindingScopeOf(binding.metadata.namespace).namespaced ? "" : "cluster-";
  return defined({
    fromCluster,
    creationTimestamp: formatTime(clock.now()),
    purgeMode,
    reason: "ApplicationFailure",
    producer: `${scope}resource-binding-application-failover-controller`,
    gracePeriodSeconds: isGraceful ? gracePeriodSeconds : undefined,
    suppressDeletion: purgeMode === "Never" ? true : undefined,
    preservedLabelState: state,
    clustersBeforeFailover: (binding.spec.clusters ?? []).map(({ name }) => name),
  });
}
