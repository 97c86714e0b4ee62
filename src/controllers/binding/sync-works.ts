// Brings the Works of a binding in line with it: one per target cluster, a few clusters at a time. A cluster that fails
// does not keep the others waiting. Upstream: karmada pkg/controllers/binding/common.go (ensureWork).
import { Cluster } from "#api/cluster/cluster.ts";
import { eventReasons } from "#api/karmada-constants.ts";
import { ClusterOverridePolicy, OverridePolicy } from "#api/policy/override-policy.ts";
import type { Binding, TargetCluster } from "#api/work/binding.ts";
import type { Interpreter } from "#interpreter/interpreter.ts";
import { isRecord } from "#machinery/guards.ts";
import { type KubeObject, parseApiVersion } from "#machinery/object.ts";
import { forEachBounded } from "#std/bounded.ts";
import type { Failure } from "../failure-condition.ts";
import type { FeatureGates } from "../feature-gates.ts";
import { interpretFailure } from "../interpret-failures.ts";
import type { DocumentMemo } from "../override/document-memo.ts";
import { explainOverrides, type OverrideExplanation, type OverrideFailed } from "../override/explain-overrides.ts";
import { originOfBinding, type WorkInput } from "./build-work.ts";
import {
  conflictResolutionOf,
  divideCompletions,
  isDispatchingSuspended,
  isWorkload,
  preservedLabels,
  targetsOf,
} from "./decide.ts";
import { type WorkWriter, writeWork } from "./write-work.ts";

/** Works of one binding written at once. */
const writesAtOnce = 8;

export interface WorkSyncer extends WorkWriter {
  readonly interpreter: Interpreter;
  readonly gates: FeatureGates;
  readonly documents: DocumentMemo;
}

export interface SyncResult {
  readonly written: number;
  readonly errors: readonly unknown[];
  /** Override rules that could not be applied; each is an error, too. Those clusters' Works stay as they are. */
  readonly overrideFailures: readonly OverrideFailed[];
  /** Where the template could not be given its share of the replicas; each is an error, too. */
  readonly reviseFailures: readonly Failure[];
}

/** Writes the Works that are missing or differ. */
export async function syncWorks(binding: Binding, template: KubeObject, syncer: WorkSyncer): Promise<SyncResult> {
  const { spec } = binding;
  const targets = targetsOf(spec);
  const reviseFailures: Failure[] = [];
  const render = renderer(binding, template, targets, { ...syncer, reviseFailures });
  let written = 0;
  const overrideFailures: OverrideFailed[] = [];
  const errors = await forEachBounded(targets, writesAtOnce, async (target) => {
    const { input, explanation } = await render(target);
    const { events, failure } = explanation;
    if (failure === undefined && !(await writeWork(input, syncer))) return;
    for (const { type, reason, message } of events) syncer.events.event(template, type, reason, message);
    if (failure === undefined) {
      written++;
      return;
    }
    overrideFailures.push(failure);
    const { policyObject, message } = failure;
    syncer.events.event(policyObject, "Warning", eventReasons.applyOverridePolicyFailed, message);
    throw new Error(message);
  });
  return { written, errors, overrideFailures, reviseFailures };
}

interface Renderer extends WorkSyncer {
  readonly reviseFailures: Failure[];
}

interface Rendered {
  readonly input: WorkInput;
  readonly explanation: OverrideExplanation;
}

/** What each target's Work is made of: the template, revised, divided, overridden. */
function renderer(
  binding: Binding,
  template: KubeObject,
  targets: readonly TargetCluster[],
  syncer: Renderer,
): (target: TargetCluster) => Promise<Rendered> {
  const { spec } = binding;
  const completions = divideCompletions(template, spec, targets);
  const origin = originOfBinding(binding);
  const conflictResolution = conflictResolutionOf(template, spec);
  const revise = reviser(binding, template, syncer);
  return async (target) => {
    const cluster = target.name;
    const revised = withCompletions(await revise(target), completions, cluster);
    const explanation = overridden(revised, cluster, syncer);
    const { manifest, applied } = explanation;
    const preservedState = syncer.gates.StatefulFailoverInjection ? preservedLabels(spec, targets, cluster) : {};
    const input: WorkInput = {
      cluster,
      manifest,
      origin,
      conflictResolution,
      appliedOverrides: applied.overrides,
      appliedClusterOverrides: applied.clusterOverrides,
      preservedState,
      suspendDispatching: isDispatchingSuspended(spec, cluster),
      preserveResourcesOnDeletion: spec.preserveResourcesOnDeletion ?? false,
    };
    return { input, explanation };
  };
}

/**
 * Also for Duplicated: members get the scheduler's number, not the template's, or they would run ahead of it. What is made of
 * several kinds of pods goes whole wherever it goes, and has no number.
 */
function reviser(
  { spec }: Binding,
  template: KubeObject,
  { interpreter, reviseFailures }: Renderer,
): (target: TargetCluster) => Promise<KubeObject> {
  const kind = { ...parseApiVersion(template.apiVersion), kind: template.kind };
  const isNumbered = isWorkload(spec) && (spec.components ?? []).length === 0;
  if (!isNumbered || !interpreter.hooks(kind).has("reviseReplica")) return () => Promise.resolve(template);
  const byReplicas = new Map<number, Promise<KubeObject>>();
  return async ({ name, replicas = 0 }) => {
    const revised = byReplicas.get(replicas) ?? interpreter.reviseReplica(template, replicas);
    byReplicas.set(replicas, revised);
    try {
      return await revised;
    } catch (error) {
      reviseFailures.push(interpretFailure(name, error));
      throw error;
    }
  };
}

function withCompletions(
  manifest: KubeObject,
  completions: ReadonlyMap<string, number> | undefined,
  cluster: string,
): KubeObject {
  const spec = manifest["spec"];
  if (completions === undefined || !isRecord(spec)) return manifest;
  const share = completions.get(cluster);
  if (share === undefined) throw new Error(`no completions found for cluster ${cluster}`);
  return { ...manifest, spec: { ...spec, completions: share } };
}

function overridden(manifest: KubeObject, clusterName: string, syncer: WorkSyncer): OverrideExplanation {
  const { informers, documents } = syncer;
  const cluster = informers.for(Cluster).get({ name: clusterName });
  if (cluster === undefined) throw new Error(`clusters.cluster.karmada.io "${clusterName}" not found`);
  const { namespace } = manifest.metadata;
  const own = namespace === undefined ? [] : informers.for(OverridePolicy).list(namespace);
  return explainOverrides(manifest, [...informers.for(ClusterOverridePolicy).list(), ...own], cluster, documents);
}
