// The objects that a simulated user writes. Each carries a stamp, unique in its plan: which write it is from.
import type { WorkloadRebalancer } from "#api/apps/workload-rebalancer.ts";
import { bindingName, executionNamespace, workName } from "#api/karmada-names.ts";
import { ConfigMap, Deployment } from "#api/kinds.ts";
import type { OverrideSpec } from "#api/policy/override-policy.ts";
import type { PropagationSpec } from "#api/policy/propagation-policy.ts";
import type { Draft } from "#client/client.ts";
import { fieldOf, isArray } from "#machinery/guards.ts";
import { apiVersionOf, type Kind, type KubeObject, type ObjectRef } from "#machinery/object.ts";
import type { Step } from "../plan.ts";
import { placementOf } from "./placements.ts";
import { Job, runIdPath } from "./jobs.ts";
import { jobNames, workloadNames } from "./system-plan.ts";

export const namespace = "default";
/** Says which write an object is from. It goes along to the members. */
export const stampAnnotation = "simulation/stamp";
/** What override policies put on objects: their own stamp. */
export const overrideAnnotation = "simulation/override";
/** On a Deployment or a job in a member: for how long it does not get ready, in milliseconds. It goes with this copy. */
export const brokenAnnotation = "simulation/broken-milliseconds";
/** The label under which stateful applications take their state along. */
export const stateLabel = "simulation/state";
/** Templates that have it are selected by a policy of their own, too, if no other names them. */
export const goldLabel = "tier";
/** The PriorityClass of what is urgent. */
export const urgentClass = { name: "urgent", value: 1_000 } as const;
/** The policy that selects by label. */
export const goldPolicy = "gold";

export function isWorkload(name: string): boolean {
  return workloadNames.includes(name);
}

export function isJob(name: string): boolean {
  return jobNames.includes(name);
}

export function kindOf(name: string): Kind {
  if (isJob(name)) return Job;
  return isWorkload(name) ? Deployment : ConfigMap;
}

/** The kinds of all templates. */
export const templateKinds: readonly Kind[] = [ConfigMap, Deployment, Job];

interface TemplateRef extends ObjectRef {
  readonly namespace: string;
}

export function refOf(name: string): TemplateRef {
  return { namespace, name };
}

/** The binding of a template. */
export function bindingRefOf(name: string): TemplateRef {
  return refOf(bindingName(kindOf(name).kind, name));
}

/** The Work of a template for a cluster. */
export function workRefOf(name: string, cluster: string): TemplateRef {
  return { namespace: executionNamespace(cluster), name: workName(kindOf(name).kind, name, namespace) };
}

export const policyRefOf = (name: string): TemplateRef => refOf(`${name}-pp`);
export const overrideRefOf = (name: string): TemplateRef => refOf(`${name}-op`);

/** A template, or an object of the same kind and name made in a member by hand. */
export function templateOf({ on: name, value = "", replicas = 1, words = [] }: Step): Draft<KubeObject> {
  const labels = words.includes("gold") ? { [goldLabel]: "gold" } : {};
  const metadata = { namespace, name, labels, annotations: { [stampAnnotation]: value } };
  if (!isWorkload(name)) return { metadata, ...contentOf(name, value) };
  const spec = { replicas, selector: { matchLabels: { app: name } }, template: podTemplateOf(name, value) };
  return { metadata, spec };
}

/** A merge patch to what the template holds. */
export function editOf({ on: name, value = "" }: Step): Readonly<Record<string, unknown>> {
  const metadata = { annotations: { [stampAnnotation]: value } };
  return isWorkload(name)
    ? { metadata, spec: { template: podTemplateOf(name, value) } }
    : { metadata, ...contentOf(name, value) };
}

/** A merge patch to what a copy holds: a ConfigMap gets something of its own, too. */
export function memberEditOf(step: Step): Readonly<Record<string, unknown>> {
  const { value = "" } = step;
  return kindOf(step.on) === ConfigMap ? { ...editOf(step), data: { value, own: value } } : editOf(step);
}

/** What a template without replicas holds. */
function contentOf(name: string, value: string): Readonly<Record<string, unknown>> {
  return isJob(name) ? { spec: { value } } : { data: { value } };
}

/** The value in what a template without replicas, or a copy of it, holds. */
export function contentIn(name: string, object: KubeObject): unknown {
  return fieldOf(object, isJob(name) ? "spec" : "data", "value");
}

/** A merge patch that has the pods mount a ConfigMap, or none. */
export function mountOf({ value = "", words: [config] = [] }: Step): Readonly<Record<string, unknown>> {
  const volumes = config === undefined ? null : [{ name: "config", configMap: { name: config } }];
  return { metadata: { annotations: { [stampAnnotation]: value } }, spec: { template: { spec: { volumes } } } };
}

/** Whether the pods of a template mount the ConfigMap. */
export function mounts(template: KubeObject, config: string): boolean {
  const volumes = fieldOf(template, "spec", "template", "spec", "volumes");
  return isArray(volumes) && volumes.some((volume) => fieldOf(volume, "configMap", "name") === config);
}

function podTemplateOf(name: string, value: string): Readonly<Record<string, unknown>> {
  return { metadata: { labels: { app: name } }, spec: { containers: [{ name: "app", image: `app:${value}` }] } };
}

/**
 * What a policy asks for. Its words: preserve, overwrite, never, stateful, immediate, urgent, deps, and those of its
 * placement. Jobs are stateful always.
 */
export function policySpecOf({ on: name, clusters = [], words = [] }: Step): PropagationSpec {
  const has = (word: string): boolean => words.includes(word);
  const isStateful = isJob(name) || (has("stateful") && isWorkload(name));
  if (isStateful) return statefulSpecOf(name, clusters, has("immediate") ? "Immediately" : "Directly");
  const application = { decisionConditions: { tolerationSeconds: 20 }, purgeMode: "Never" } as const;
  return {
    resourceSelectors: name === goldPolicy ? goldSelectors : [{ ...selectorOf(name), namespace }],
    placement: placementOf(clusters, isWorkload(name), words),
    ...(has("preserve") ? { preserveResourcesOnDeletion: true } : {}),
    ...(has("overwrite") ? { conflictResolution: "Overwrite" } : {}),
    ...(has("never") && isWorkload(name) ? { propagateDeps: true, failover: { application } } : {}),
    ...(has("deps") && isWorkload(name) ? { propagateDeps: true } : {}),
    ...(has("urgent") ? { schedulePriority: urgency } : {}),
  };
}

const urgency = { priorityClassSource: "KubePriorityClass", priorityClassName: urgentClass.name } as const;

/** In one of the clusters at a time; when it fails there it is purged before it starts elsewhere, and takes its state along. */
function statefulSpecOf(
  name: string,
  clusters: readonly string[],
  purgeMode: "Directly" | "Immediately",
): PropagationSpec {
  const jsonPath = isJob(name) ? runIdPath : "{ .resourceTemplateGeneration }";
  const rules = [{ aliasLabelName: stateLabel, jsonPath }];
  return {
    resourceSelectors: [{ ...selectorOf(name), namespace }],
    placement: {
      ...placementOf(clusters, true, []),
      spreadConstraints: [{ spreadByField: "cluster", minGroups: 1, maxGroups: 1 }],
    },
    propagateDeps: true,
    failover: {
      application: {
        decisionConditions: { tolerationSeconds: isJob(name) ? 5 : 10 },
        purgeMode,
        statePreservation: { rules },
      },
    },
  };
}

const goldSelectors = [ConfigMap, Deployment].map((kind) => ({
  ...gvkOf(kind),
  namespace,
  labelSelector: { matchLabels: { [goldLabel]: "gold" } },
}));

function selectorOf(name: string): { readonly apiVersion: string; readonly kind: string; readonly name: string } {
  return { ...gvkOf(kindOf(name)), name };
}

function gvkOf(kind: Kind): { readonly apiVersion: string; readonly kind: string } {
  return { apiVersion: apiVersionOf(kind), kind: kind.kind };
}

/** Puts the stamp of the override policy on what goes to some clusters. */
export function overrideSpecOf({ on: name, value = "", clusters = [] }: Step): OverrideSpec {
  const overriders = { annotationsOverrider: [{ operator: "add", value: { [overrideAnnotation]: value } }] } as const;
  return {
    resourceSelectors: [{ ...selectorOf(name), namespace }],
    overrideRules: [
      {
        targetCluster: { clusterNames: [...clusters] },
        overriders: { ...overriders, annotationsOverrider: [...overriders.annotationsOverrider] },
      },
    ],
  };
}

/** Asks for a workload to be scheduled anew; kept for a while, or for good. */
export function rebalancerOf({ on: name, value = "", milliseconds }: Step): Draft<WorkloadRebalancer> {
  const { apiVersion, kind } = gvkOf(kindOf(name));
  const ttl = milliseconds === undefined ? {} : { ttlSecondsAfterFinished: Math.floor(milliseconds / 1_000) };
  const annotations = { [stampAnnotation]: value };
  return {
    metadata: { name: `${name}-${value}`, annotations },
    spec: { workloads: [{ apiVersion, kind, ...refOf(name) }], ...ttl },
  };
}
