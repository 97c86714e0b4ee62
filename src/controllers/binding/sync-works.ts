// Brings the Works of a binding in line with it: one per target cluster, a few clusters at a time. A cluster that fails
// does not keep the others waiting. Upstream: karmada pkg/controllers/binding/common.go (ensureWork).
import { Cluster } from "#api/cluster/cluster.ts";
import { executionNamespace, workName } from "#api/karmada-names.ts";
import { ClusterOverridePolicy, OverridePolicy } from "#api/policy/override-policy.ts";
import type { Binding, TargetCluster } from "#api/work/binding.ts";
import { Work } from "#api/work/work.ts";
import type { Interpreter } from "#interpreter/interpreter.ts";
import { isApiError } from "#machinery/api-error.ts";
import { deepEqual } from "#machinery/equality.ts";
import { isRecord } from "#machinery/guards.ts";
import { type KubeObject, parseApiVersion, refKey } from "#machinery/object.ts";
import type { ControllerContext } from "#runtime/controller.ts";
import { forEachBounded } from "#std/bounded.ts";
import { conflictsMax, createOrFind } from "../commit.ts";
import type { FeatureGates } from "../feature-gates.ts";
import { applyOverrides, type OverrideResult } from "../override/apply-overrides.ts";
import type { RecentWrites } from "../recent-writes.ts";
import { buildWork, originOfBinding, type WorkInput } from "./build-work.ts";
import {
  conflictResolutionOf,
  divideCompletions,
  isDispatchingSuspended,
  isWorkload,
  preservedLabels,
  targetsOf,
} from "./decide.ts";

/** Works of one binding written at once. */
const writesAtOnce = 8;

export interface WorkWriter extends ControllerContext {
  readonly interpreter: Interpreter;
  readonly gates: FeatureGates;
  readonly workWrites: RecentWrites<Work>;
}

export interface SyncResult {
  readonly written: number;
  readonly errors: readonly unknown[];
}

/** Writes the Works that are missing or differ. */
export async function syncWorks(binding: Binding, template: KubeObject, writer: WorkWriter): Promise<SyncResult> {
  const { spec } = binding;
  const targets = targetsOf(spec);
  const render = renderer(binding, template, targets, writer);
  let written = 0;
  const errors = await forEachBounded(targets, writesAtOnce, async (target) => {
    const { input, events } = await render(target);
    if (!(await writeWork(input, writer))) return;
    written++;
    for (const { type, reason, message } of events) writer.events.event(template, type, reason, message);
  });
  return { written, errors };
}

interface Rendered {
  readonly input: WorkInput;
  readonly events: OverrideResult["events"];
}

/** What each target's Work is made of: the template, revised, divided, overridden. */
function renderer(
  binding: Binding,
  template: KubeObject,
  targets: readonly TargetCluster[],
  writer: WorkWriter,
): (target: TargetCluster) => Promise<Rendered> {
  const { spec } = binding;
  const completions = divideCompletions(template, spec, targets);
  const origin = originOfBinding(binding);
  const conflictResolution = conflictResolutionOf(template, spec);
  const revise = reviser(binding, template, writer);
  return async (target) => {
    const cluster = target.name;
    const revised = withCompletions(await revise(target.replicas ?? 0), completions, cluster);
    const { manifest, applied, events } = overridden(revised, template, cluster, writer);
    const labels = writer.gates.StatefulFailoverInjection ? preservedLabels(spec, targets, cluster) : {};
    const input: WorkInput = {
      cluster,
      manifest,
      origin,
      conflictResolution,
      appliedOverrides: applied.overrides,
      appliedClusterOverrides: applied.clusterOverrides,
      extraLabels: labels,
      suspendDispatching: isDispatchingSuspended(spec, cluster),
      preserveResourcesOnDeletion: spec.preserveResourcesOnDeletion ?? false,
    };
    return { input, events };
  };
}

/** Also for Duplicated: members get the scheduler's number, not the template's, or they would run ahead of it. */
function reviser(
  { spec }: Binding,
  template: KubeObject,
  { interpreter }: WorkWriter,
): (replicas: number) => Promise<KubeObject> {
  const kind = { ...parseApiVersion(template.apiVersion), kind: template.kind };
  if (!isWorkload(spec) || !interpreter.hooks(kind).has("reviseReplica")) return () => Promise.resolve(template);
  const byReplicas = new Map<number, Promise<KubeObject>>();
  return (replicas) => {
    const known = byReplicas.get(replicas) ?? interpreter.reviseReplica(template, replicas);
    byReplicas.set(replicas, known);
    return known;
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

function overridden(
  manifest: KubeObject,
  template: KubeObject,
  clusterName: string,
  { informers, events }: WorkWriter,
): OverrideResult {
  const cluster = informers.for(Cluster).get({ name: clusterName });
  if (cluster === undefined) throw new Error(`clusters.cluster.karmada.io "${clusterName}" not found`);
  const { namespace } = manifest.metadata;
  const result = applyOverrides({
    manifest,
    cluster,
    overridePolicies: namespace === undefined ? [] : informers.for(OverridePolicy).list(namespace),
    clusterOverridePolicies: informers.for(ClusterOverridePolicy).list(),
  });
  const [failure] = result.errors;
  if (failure === undefined) return result;
  for (const { type, reason, message } of result.events) events.event(template, type, reason, message);
  throw new Error(failure.message);
}

/** Whether the Work had to be written. Shared with the namespace controller, whose Works have another origin. */
export async function writeWork(
  input: WorkInput,
  { client, informers, signal, workWrites }: Pick<WorkWriter, "client" | "informers" | "signal" | "workWrites">,
): Promise<boolean> {
  const { kind, metadata } = input.manifest;
  const ref = {
    namespace: executionNamespace(input.cluster),
    name: workName(kind, metadata.name, metadata.namespace),
  };
  const key = refKey(ref);
  let existing = workWrites.newest(key, informers.for(Work).get(ref));
  if (existing === undefined) {
    const { object, created } = await createOrFind(client, Work, buildWork(input, undefined), signal);
    workWrites.remember(key, object);
    if (created) return true;
    existing = object;
  }
  for (let conflicts = 0; ; conflicts++) {
    if (existing.metadata.deletionTimestamp !== undefined) throw new Error(`work ${key} is being deleted`);
    const desired: Work = buildWork(input, existing);
    if (deepEqual(desired, existing)) return false;
    try {
      // Whole, not as a patch: what is null in a manifest must arrive as null.
      workWrites.remember(key, await client.update(Work, desired, { signal }));
      return true;
    } catch (error) {
      if (!isApiError(error, "Conflict") || conflicts === conflictsMax) throw error;
      workWrites.forget(key);
      existing = await client.get(Work, ref, { signal });
    }
  }
}
