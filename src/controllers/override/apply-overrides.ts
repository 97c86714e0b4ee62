// What override policies make of a manifest on its way to one cluster. Pure.
// Upstream: karmada pkg/util/overridemanager/overridemanager.go.
import type { Cluster } from "#api/cluster/cluster.ts";
import { eventReasons } from "#api/karmada-constants.ts";
import { clusterMatches } from "#api/policy/cluster-affinity.ts";
import type {
  ClusterOverridePolicy,
  OverridePolicy,
  Overriders,
  RuleWithCluster,
} from "#api/policy/override-policy.ts";
import { matchRanks, resourceMatchRank } from "#api/policy/resource-match.ts";
import { isKubeObject } from "#machinery/guards.ts";
import { type KubeObject, refKey } from "#machinery/object.ts";
import { type AppliedEntry, appliedText } from "./applied-text.ts";
import { overrideCommandArgs } from "./command-args.ts";
import { overrideField } from "./field.ts";
import { overrideImages } from "./image.ts";
import { overrideKeys } from "./labels-annotations.ts";
import { OverrideFailure } from "./override-failure.ts";
import { patchValue } from "./patch-value.ts";

export interface OverrideInput {
  /** Revised for the cluster, not yet overridden. Selectors are tested against this. */
  readonly manifest: KubeObject;
  readonly cluster: Cluster;
  /** Those of the manifest's namespace; others are ignored, and all are for a cluster-scoped manifest. */
  readonly overridePolicies: readonly OverridePolicy[];
  readonly clusterOverridePolicies: readonly ClusterOverridePolicy[];
}

export interface OverrideError {
  /** `OverridePolicy default/example`. */
  readonly policy: string;
  /** `spec.overrideRules[0].overriders.fieldOverrider[1]`. */
  readonly rule: string;
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

export interface OverrideResult {
  /** Good for nothing if there are errors. */
  readonly manifest: KubeObject;
  /** The texts of the Work's annotations applied-cluster-overrides and applied-overrides; undefined: none applied. */
  readonly applied: { readonly clusterOverrides: string | undefined; readonly overrides: string | undefined };
  /** One for each rule, up to the first that failed. */
  readonly events: readonly OverrideEvent[];
  /** At most one: later rules build on earlier ones, so the first failure ends it. */
  readonly errors: readonly OverrideError[];
}

/** Both kinds have one shape: an OverridePolicy has a namespace. */
type AnyOverridePolicy = OverridePolicy;

/** A rule that is meant for this manifest and cluster. */
interface ChosenRule {
  readonly policy: AnyOverridePolicy;
  /** Where in the policy it is: `spec.overrideRules[0]`, or `spec` for the older form. */
  readonly field: string;
  readonly overriders: Overriders;
}

/** Applies all rules that are meant for this manifest and cluster, in upstream's order. */
export function applyOverrides(input: OverrideInput): OverrideResult {
  const { cluster } = input;
  const events: OverrideEvent[] = [];
  const applied: ChosenRule[] = [];
  const errors: OverrideError[] = [];
  let manifest = input.manifest;
  for (const rule of chooseRules(input)) {
    const outcome = applyRule(manifest, rule, cluster.metadata.name);
    events.push(eventOf(rule, cluster.metadata.name, outcome.kind === "done"));
    if (outcome.kind === "failed") {
      errors.push(outcome.error);
      break;
    }
    manifest = outcome.manifest;
    applied.push(rule);
  }
  return {
    manifest,
    applied: {
      clusterOverrides: appliedText(applied.filter(({ policy }) => isClusterScoped(policy)).map(entryOf)),
      overrides: appliedText(applied.filter(({ policy }) => !isClusterScoped(policy)).map(entryOf)),
    },
    events,
    errors,
  };
}

/** Cluster policies first, then those of the namespace; among each the more particular policies last, so that they win. */
function chooseRules({ manifest, cluster, overridePolicies, clusterOverridePolicies }: OverrideInput): ChosenRule[] {
  const { namespace = "" } = manifest.metadata;
  const own = overridePolicies.filter((policy) => namespace !== "" && policy.metadata.namespace === namespace);
  return [...matchingPolicies(manifest, clusterOverridePolicies), ...matchingPolicies(manifest, own)].flatMap(
    (policy) => rulesOf(policy).filter(({ target }) => target === undefined || clusterMatches(target, cluster)),
  );
}

function matchingPolicies(manifest: KubeObject, policies: readonly AnyOverridePolicy[]): AnyOverridePolicy[] {
  const ranked = policies.map((policy) => {
    const { resourceSelectors = [] } = policy.spec;
    const rank = resourceSelectors.length === 0 ? matchRanks.all : resourceMatchRank(manifest, resourceSelectors);
    return { policy, rank };
  });
  return ranked
    .filter(({ rank }) => rank !== matchRanks.none)
    .sort((left, right) => left.rank - right.rank || (left.policy.metadata.name < right.policy.metadata.name ? -1 : 1))
    .map(({ policy }) => policy);
}

function rulesOf(policy: AnyOverridePolicy): (ChosenRule & { readonly target: RuleWithCluster["targetCluster"] })[] {
  const { overrideRules = [], overriders = {}, targetCluster } = policy.spec;
  if (overrideRules.length === 0) return [{ policy, field: "spec", overriders, target: targetCluster }];
  return overrideRules.map((rule, index) => ({
    policy,
    field: `spec.overrideRules[${index}]`,
    overriders: rule.overriders,
    target: rule.targetCluster,
  }));
}

type RuleOutcome =
  { readonly kind: "done"; readonly manifest: KubeObject } | { readonly kind: "failed"; readonly error: OverrideError };

function applyRule(manifest: KubeObject, rule: ChosenRule, cluster: string): RuleOutcome {
  let current = manifest;
  for (const { place, apply } of stepsOf(rule.overriders)) {
    try {
      const changed = apply(current);
      if (!isKubeObject(changed)) throw new OverrideFailure("what remains is no Kubernetes object");
      current = changed;
    } catch (error) {
      if (!(error instanceof OverrideFailure)) throw error;
      return { kind: "failed", error: errorOf(rule, place, cluster, error.message) };
    }
  }
  return { kind: "done", manifest: current };
}

interface Step {
  /** `imageOverrider[0]`. */
  readonly place: string;
  readonly apply: (manifest: KubeObject) => unknown;
}

/** Everything that a rule does, in the order in which it is done, whatever the order in the policy. */
function stepsOf(overriders: Overriders): Step[] {
  const steps = <T>(
    name: keyof Overriders,
    items: readonly T[] | undefined,
    apply: (manifest: KubeObject, item: T) => unknown,
  ): Step[] =>
    (items ?? []).map((item, index) => ({
      place: `${name}[${index}]`,
      apply: (manifest) => apply(manifest, item),
    }));
  return [
    ...steps("imageOverrider", overriders.imageOverrider, overrideImages),
    ...steps("commandOverrider", overriders.commandOverrider, (manifest, item) =>
      overrideCommandArgs(manifest, "command", item),
    ),
    ...steps("argsOverrider", overriders.argsOverrider, (manifest, item) =>
      overrideCommandArgs(manifest, "args", item),
    ),
    ...steps("labelsOverrider", overriders.labelsOverrider, (manifest, item) => overrideKeys(manifest, "labels", item)),
    ...steps("annotationsOverrider", overriders.annotationsOverrider, (manifest, item) =>
      overrideKeys(manifest, "annotations", item),
    ),
    ...steps("fieldOverrider", overriders.fieldOverrider, overrideField),
    ...steps("plaintext", overriders.plaintext, patchValue),
  ];
}

function errorOf(rule: ChosenRule, place: string, cluster: string, problem: string): OverrideError {
  const policy = `${rule.policy.kind} ${refKey(rule.policy.metadata)}`;
  const where = rule.field === "spec" ? `spec.overriders.${place}` : `${rule.field}.overriders.${place}`;
  return { policy, rule: where, cluster, message: `${policy}: ${where} for cluster ${cluster}: ${problem}` };
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

/** By what it is, not what it says: policies out of a list need not carry their kind. */
function isClusterScoped(policy: AnyOverridePolicy): boolean {
  return (policy.metadata.namespace ?? "") === "";
}
