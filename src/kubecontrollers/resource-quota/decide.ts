// What the status of a ResourceQuota has to be, and which changes of objects it must be worked out again for. Pure.
// Upstream: kubernetes pkg/controller/resourcequota/{resource_quota_controller,replenishment_controller}.go.
import { addAmounts, type Amounts, amountsOf, amountTexts } from "#api/builtin/pod-resources.ts";
import type { ResourceQuota } from "#api/kinds.ts";
import { quotaEvaluator, type QuotaResource, resourceOfQuotaName, scopesOf } from "#api/quota/evaluator.ts";
import { deepEqual } from "#machinery/equality.ts";
import type { KubeObject } from "#machinery/object.ts";
import { zeroQuantity } from "#machinery/quantity.ts";

type Status = NonNullable<ResourceQuota["status"]>;

/** The resources whose objects count for what the quota limits. Names that nothing is known of are left out. */
export function resourcesOfQuota({ spec }: ResourceQuota): readonly QuotaResource[] {
  const resources = Object.keys(spec.hard ?? {}).map(resourceOfQuotaName);
  const byKey = new Map(resources.map((each) => [resourceKey(each), each]));
  return [...byKey.values()].filter(({ plural }) => plural !== "");
}

/** Whether objects of the resource count for what the quota limits. */
export function isLimitedBy(quota: ResourceQuota, resource: QuotaResource): boolean {
  return resourcesOfQuota(quota).some((each) => resourceKey(each) === resourceKey(resource));
}

/** Tells resources apart. */
export function resourceKey({ plural, group }: QuotaResource): string {
  return `${plural}.${group}`;
}

/** The objects of one resource in the quota's namespace. */
export interface Counted {
  readonly resource: QuotaResource;
  readonly objects: readonly KubeObject[];
}

/** The status; what could not be counted stays as it was. The present status itself where nothing is to change. */
export function quotaStatus(quota: ResourceQuota, counted: readonly Counted[], now: number): Status {
  const hard = amountsOf(quota.spec.hard);
  const before = amountsOf(quota.status?.used);
  const used = new Map([...before].filter(([name]) => hard.has(name)));
  for (const each of counted) {
    for (const [name, amount] of usageOf(quota, hard, each, now)) used.set(name, amount);
  }
  const isSame = isEqual(hard, amountsOf(quota.status?.hard)) && isEqual(used, before);
  if (isSame && quota.status?.hard !== undefined) return quota.status;
  return { hard: quota.spec.hard ?? {}, used: amountTexts(used) };
}

function usageOf(quota: ResourceQuota, hard: Amounts, { resource, objects }: Counted, now: number): Amounts {
  const evaluator = quotaEvaluator(resource);
  const names = [...hard.keys()].filter(evaluator.countsFor);
  const scopes = scopesOf(quota);
  const total = objects
    .filter((object) => scopes.every((scope) => evaluator.matches(scope, object)))
    .map((object) => evaluator.usage(object, now))
    .reduce(addAmounts, new Map());
  return new Map(names.map((name) => [name, total.get(name) ?? zeroQuantity]));
}

function isEqual(left: Amounts, right: Amounts): boolean {
  return left.size === right.size && [...left].every(([name, { nanos }]) => right.get(name)?.nanos === nanos);
}

/** Whether an object counts for something else than before. */
export function usageChanged(resource: QuotaResource, object: KubeObject, old: KubeObject, now: number): boolean {
  const { usage } = quotaEvaluator(resource);
  return !isEqual(usage(object, now), usage(old, now)) || object.metadata.uid !== old.metadata.uid;
}

/** Whether the quota itself asks for something else. */
export function quotaChanged({ spec }: ResourceQuota, old: ResourceQuota): boolean {
  return !deepEqual(spec, old.spec);
}
