// Takes eviction tasks off a binding once replacements are healthy, and tells of those that are held.
// Reads: bindings, Clusters.  Writes: spec.gracefulEvictionTasks, spec.clusters where an eviction is called off, the
// condition EvictionHeld.  Decides in ./decide.ts and ./replacement.ts.
// Upstream: karmada pkg/controllers/gracefuleviction/rb_graceful_eviction_controller.go and its twin.
import { Cluster } from "#api/cluster/cluster.ts";
import { conditionReasons, conditionTypes, eventReasons } from "#api/karmada-constants.ts";
import { placementNames } from "#api/policy/placement.ts";
import { isTolerated } from "#api/policy/taints.ts";
import type { Binding, BindingSpec, FailoverRecord } from "#api/work/binding.ts";
import type { InformerFactory } from "#client/informer.ts";
import { findCondition, isConditionTrue, setCondition } from "#machinery/conditions.ts";
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
import { formatTime, parseTime } from "#std/time.ts";
import { tellOfBinding } from "../binding-events.ts";
import { bindingScopeOf, bindingScopes, bindingsWhere } from "../binding-scope.ts";
import { isClusterReady } from "../cluster-readiness.ts";
import { mutate } from "../commit.ts";
import { failoverEvents, isFailingOver, recordFailovers } from "../failover/history.ts";
import type { Templates } from "../templates.ts";
import { type EvictionJudgement, type EvictionRules, judgeTasks } from "./decide.ts";
import type { Hold, MemberHealth } from "./replacement.ts";

export const evictionRuleDefaults: EvictionRules = {
  mode: "strict",
  timeoutSeconds: 600,
  settleSeconds: 10,
  stabilizationSeconds: 60,
};

interface Evictor extends ControllerContext<EvictionRules> {
  readonly templates: Templates;
}

export function gracefulEvictionController(templates: Templates, rules: EvictionRules): Controller<EvictionRules> {
  return defineController<EvictionRules>({
    name: "gracefulEviction",
    for: bindingScopes.map(({ kind }) => kind),
    watches: [watches(Cluster, bindingsLeaving)],
    options: rules,
    async reconcile(key, context) {
      const binding = context.informers.for(bindingScopeOf(key.namespace).kind).get(key);
      if (binding === undefined || binding.metadata.deletionTimestamp !== undefined) return done;
      if (!hasTasks(binding) && !isHeld(binding) && !isFailingOver(binding)) return done;
      return settle(binding, { ...context, templates });
    },
  });
}

function hasTasks({ spec }: Binding): boolean {
  return (spec.gracefulEvictionTasks ?? []).length > 0;
}

function isHeld({ status }: Binding): boolean {
  return isConditionTrue(status?.conditions, conditionTypes.bindingEvictionHeld);
}

/** A member that came back or went: what it holds, or was to take over, is judged again. */
function bindingsLeaving(
  cluster: Cluster,
  old: Cluster | undefined,
  { informers }: ControllerContext,
): readonly ReconcileKey[] {
  const same = old !== undefined && isClusterReady(old) === isClusterReady(cluster);
  if (same && deepEqual(old.spec.taints, cluster.spec.taints)) return [];
  return bindingsWhere(informers, hasTasks);
}

async function settle(cached: Binding, evictor: Evictor): Promise<Result> {
  const { client, clock, informers, options, signal } = evictor;
  const { kind } = bindingScopeOf(cached.metadata.namespace);
  const members = memberHealth(informers);
  const judged = (binding: Binding): EvictionJudgement =>
    judgeTasks({ binding, members, now: clock.now(), rules: options });
  let judgement = judged(cached);
  let binding: Binding | undefined = cached;
  if (judgement.tasks !== (cached.spec.gracefulEvictionTasks ?? [])) {
    // What ends at first sight has begun, too: it is remembered before its task has gone.
    binding = await report(cached, judgement.hold, evictor);
    const change = (current: Binding): Binding => {
      judgement = judged(current);
      return withTasks(current, judgement);
    };
    binding = binding && (await mutate(client, kind, binding, change, { signal }));
    if (binding === undefined) return done;
    tellChanges(binding, judgement, evictor);
  }
  await report(binding, judgement.hold, evictor);
  const { next } = judgement;
  return next === undefined ? done : requeueAfter(Math.max(1, next - clock.now()));
}

function withTasks(binding: Binding, { tasks, clusters, restored }: EvictionJudgement): Binding {
  const { gracefulEvictionTasks: before = [], ...rest } = binding.spec;
  if (tasks === before) return binding;
  const spec = restored.length === 0 ? rest : { ...rest, clusters };
  return { ...binding, spec: tasks.length === 0 ? spec : { ...spec, gracefulEvictionTasks: tasks } };
}

/**
 * The condition EvictionHeld: there as long as something is held, and gone with it. And the history of failovers. The
 * binding as it is now; undefined where it has gone.
 */
async function report(binding: Binding, hold: Hold | undefined, evictor: Evictor): Promise<Binding | undefined> {
  const { client, clock, signal } = evictor;
  const { kind } = bindingScopeOf(binding.metadata.namespace);
  let before: readonly FailoverRecord[] | undefined;
  const change = (current: Binding): Binding => {
    before = current.status?.failoverHistory;
    return withHold(withHistory(current, clock.now()), hold, clock.now());
  };
  if (change(binding) === binding) return binding;
  const written = await mutate(client, kind, binding, change, { signal, subresource: "status" });
  if (written === undefined) return undefined;
  for (const event of failoverEvents(before ?? [], written.status?.failoverHistory ?? [])) {
    tellOfBinding(written, event, evictor);
  }
  const told = findCondition(binding.status?.conditions, conditionTypes.bindingEvictionHeld);
  if (hold === undefined || (told?.status === "True" && told.message === hold.message)) return written;
  // That a copy waits for its replacement is the ordinary course of things, until it has taken too long.
  const type = hold.isOverdue === true ? "Warning" : "Normal";
  const message = `Eviction is held: ${hold.message}.`;
  tellOfBinding(written, { type, reason: eventReasons.evictionHeld, message }, evictor);
  return written;
}

function withHistory(binding: Binding, now: number): Binding {
  const failoverHistory = recordFailovers(binding, now);
  const before = binding.status?.failoverHistory ?? [];
  return failoverHistory === before || failoverHistory.length === 0
    ? binding
    : { ...binding, status: { ...binding.status, failoverHistory } };
}

function withHold(binding: Binding, hold: Hold | undefined, now: number): Binding {
  const { conditions } = binding.status ?? {};
  const type = conditionTypes.bindingEvictionHeld;
  if (hold === undefined && findCondition(conditions, type)?.status !== "True") return binding;
  const told =
    hold === undefined
      ? { type, status: "False" as const, reason: conditionReasons.noEvictionHeld, message: "" }
      : { type, status: "True" as const, reason: hold.reason, message: hold.message };
  const next = setCondition(conditions, { ...told, lastTransitionTime: formatTime(now) }, now);
  return next === conditions ? binding : { ...binding, status: { ...binding.status, conditions: next } };
}

function tellChanges(binding: Binding, { dropped, restored }: EvictionJudgement, evictor: Evictor): void {
  for (const cluster of dropped) {
    const message = `Evict from cluster ${cluster} succeed.`;
    tellOfBinding(binding, { type: "Normal", reason: eventReasons.evictSucceed, message }, evictor);
  }
  for (const cluster of restored) {
    const message = `Eviction from cluster ${cluster} is called off: it has recovered, and nothing has replaced it.`;
    tellOfBinding(binding, { type: "Normal", reason: eventReasons.evictionCancelled, message }, evictor);
  }
}

function memberHealth(informers: InformerFactory): MemberHealth {
  const find = (name: string): Cluster | undefined => informers.for(Cluster).get({ name });
  return {
    readySince(name) {
      const cluster = find(name);
      if (cluster === undefined || !isClusterReady(cluster)) return undefined;
      if (cluster.metadata.deletionTimestamp !== undefined) return undefined;
      return parseTime(findCondition(cluster.status?.conditions, conditionTypes.clusterReady)?.lastTransitionTime);
    },
    accepts(name, spec: BindingSpec) {
      const cluster = find(name);
      if (cluster === undefined || !isClusterReady(cluster)) return false;
      // The placement may have been edited since the resource was to leave there.
      const { placement = {} } = spec;
      if (cluster.metadata.deletionTimestamp !== undefined || !placementNames(placement, cluster)) return false;
      const { clusterTolerations: tolerations = [] } = placement;
      return (cluster.spec.taints ?? []).every(
        (taint) => taint.effect !== "NoExecute" || isTolerated(taint, tolerations),
      );
    },
  };
}
