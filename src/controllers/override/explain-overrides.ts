// What override policies make of a manifest on its way to one cluster, and why: each change with the rule that made it. Pure.
// Upstream: karmada pkg/util/overridemanager/overridemanager.go.
import type { Cluster } from "#api/cluster/cluster.ts";
import { eventReasons } from "#api/karmada-constants.ts";
import type { FieldOverrider } from "#api/policy/override-policy.ts";
import { isKubeObject } from "#machinery/guards.ts";
import { type KubeObject, refKey } from "#machinery/object.ts";
import { type AppliedEntry, appliedText } from "./applied-text.ts";
import { type ChangedPath, changedPaths } from "./changed-paths.ts";
import { type AnyOverridePolicy, type ChosenRule, chooseRules, isClusterScoped } from "./choose-rules.ts";
import type { DocumentMemo } from "./document-memo.ts";
import { OverrideFailure } from "./override-failure.ts";
import { type Step, stepsOf } from "./steps.ts";

/** One place that a rule changed. A place can be changed again by a later rule. */
export interface OverrideChange extends ChangedPath {
  /** `OverridePolicy default/example`. */
  readonly policy: string;
  /** `spec.overrideRules[0].overriders.fieldOverrider[1]`. */
  readonly rule: string;
  /** Of a fieldOverrider: where in the document that the field holds. */
  readonly subPaths?: readonly string[];
}

export interface OverrideFailed {
  /** `OverridePolicy default/example`. */
  readonly policy: string;
  readonly policyObject: AnyOverridePolicy;
  /** Down to the operation: `spec.overrideRules[0].overriders.fieldOverrider[1].yaml[0]`. */
  readonly rule: string;
  /** The field that it is about; undefined where the overrider names none. */
  readonly path: string | undefined;
  readonly cluster: string;
  /** All of it in one sentence. */
  readonly message: string;
}

/** To be recorded on the template. */
export interface OverrideEvent {
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
}

export interface OverrideExplanation {
  /** The template itself if there is a failure: what a failing policy has done half is of no use to anybody. */
  readonly manifest: KubeObject;
  /** In the order in which they were made. */
  readonly changes: readonly OverrideChange[];
  /** The texts of the Work's annotations applied-cluster-overrides and applied-overrides; undefined: none applied. */
  readonly applied: { readonly clusterOverrides: string | undefined; readonly overrides: string | undefined };
  /** One for each rule, up to the first that failed. */
  readonly events: readonly OverrideEvent[];
  /** What could not be applied, if anything: later rules build on earlier ones, so the first failure ends it. */
  readonly failure: OverrideFailed | undefined;
}

/**
 * Applies all rules that are meant for the template (revised for the cluster, not yet overridden) in this cluster, in
 * upstream's order. Policies of both kinds may be given in any order; those of other namespaces do not count. With a
 * memo, what was done to the same document before is not done again.
 */
export function explainOverrides(
  template: KubeObject,
  policies: readonly AnyOverridePolicy[],
  cluster: Cluster,
  memo?: DocumentMemo,
): OverrideExplanation {
  const events: OverrideEvent[] = [];
  const applied: ChosenRule[] = [];
  const changes: OverrideChange[] = [];
  let manifest = template;
  for (const rule of chooseRules(template, policies, cluster)) {
    const outcome = applyRule(manifest, rule, cluster.metadata.name, memo);
    events.push(eventOf(rule, cluster.metadata.name, outcome.kind === "done"));
    if (outcome.kind === "failed") {
      const none = { clusterOverrides: undefined, overrides: undefined };
      return { manifest: template, changes: [], applied: none, events, failure: outcome.failure };
    }
    manifest = outcome.manifest;
    changes.push(...outcome.changes);
    applied.push(rule);
  }
  const texts = {
    clusterOverrides: appliedText(applied.filter(({ policy }) => isClusterScoped(policy)).map(entryOf)),
    overrides: appliedText(applied.filter(({ policy }) => !isClusterScoped(policy)).map(entryOf)),
  };
  return { manifest, changes, applied: texts, events, failure: undefined };
}

type RuleOutcome =
  | { readonly kind: "done"; readonly manifest: KubeObject; readonly changes: readonly OverrideChange[] }
  | { readonly kind: "failed"; readonly failure: OverrideFailed };

function applyRule(manifest: KubeObject, rule: ChosenRule, cluster: string, memo?: DocumentMemo): RuleOutcome {
  const changes: OverrideChange[] = [];
  let current = manifest;
  for (const step of stepsOf(rule.overriders, memo)) {
    try {
      const changed = step.apply(current);
      if (!isKubeObject(changed)) throw new OverrideFailure("what remains is no Kubernetes object");
      changes.push(...changesOf(current, changed, rule, step));
      current = changed;
    } catch (error) {
      if (!(error instanceof OverrideFailure)) throw error;
      return { kind: "failed", failure: failureOf(rule, step, cluster, error) };
    }
  }
  return { kind: "done", manifest: current, changes };
}

function changesOf(before: KubeObject, after: KubeObject, rule: ChosenRule, step: Step): readonly OverrideChange[] {
  const origin = { policy: policyText(rule.policy), rule: placeOf(rule, step.place) };
  const subPaths = step.field === undefined ? {} : { subPaths: subPathsOf(step.field) };
  return changedPaths(before, after).map((change) => ({ ...change, ...origin, ...subPaths }));
}

function subPathsOf({ json = [], yaml = [] }: FieldOverrider): readonly string[] {
  return [...yaml, ...json].map(({ subPath }) => subPath);
}

function failureOf(rule: ChosenRule, step: Step, cluster: string, cause: OverrideFailure): OverrideFailed {
  const policy = policyText(rule.policy);
  const { path, place } = step;
  const list = (step.field?.yaml ?? []).length > 0 ? "yaml" : "json";
  const where = placeOf(rule, cause.operation === undefined ? place : `${place}.${list}[${cause.operation}]`);
  const at = path === undefined ? "" : ` at ${path}`;
  const message = `${policy}: ${where}${at} for cluster ${cluster}: ${cause.message}`;
  return { policy, policyObject: rule.policy, rule: where, path, cluster, message };
}

function placeOf({ field }: ChosenRule, place: string): string {
  return `${field}.overriders.${place}`;
}

function policyText(policy: AnyOverridePolicy): string {
  return `${isClusterScoped(policy) ? "ClusterOverridePolicy" : "OverridePolicy"} ${refKey(policy.metadata)}`;
}

function eventOf({ policy }: ChosenRule, cluster: string, succeeded: boolean): OverrideEvent {
  const scope = isClusterScoped(policy) ? "cluster override policy" : "override policy";
  const head = `Apply ${scope}(${refKey(policy.metadata)}) for cluster(${cluster})`;
  return succeeded
    ? { type: "Normal", reason: eventReasons.applyOverridePolicySucceed, message: `${head} succeed.` }
    : { type: "Warning", reason: eventReasons.applyOverridePolicyFailed, message: `${head} failed.` };
}

function entryOf({ policy, overriders }: ChosenRule): AppliedEntry {
  return { policyName: policy.metadata.name, overriders };
}
